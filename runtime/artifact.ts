/**
 * The artifact format: what a compiled `.wasm` says about itself in its custom section `gn.model` (JSON, UTF-8).
 *
 * Owned by the runtime; the compiler writes it, the runtime reads it, nothing else ties the two. The module imports
 * one memory `env.memory` and exports one function per kernel: `(frame: i32, begin: i32, end: i32, scratch: i32) => void`.
 * A frame is a block of i32 words in that memory, one per slot of the step that calls the kernel. All addresses are in
 * bytes, all sizes in words of 4 bytes unless they say otherwise. Weights may follow in `gn.weights` (safetensors bytes).
 */

export const artifactVersion = 3;
export const modelSection = "gn.model";
export const weightsSection = "gn.weights";

export type DType = "f32" | "i32" | "bool";

/**
 * A space by name: a node set, a relation, `global` (one row per graph), `batch` (one row), or the stored non-zeros of a
 * sparse input, `nonzeros:paper.x`.
 */
export type SpaceName = string;

export type ManifestLayout =
  | { readonly kind: "set"; readonly size: number | null }
  | { readonly kind: "seq"; readonly max: number | null }
  | { readonly kind: "grid"; readonly extents: readonly number[] };

export type ManifestTopology =
  | { readonly kind: "sparse"; readonly symmetric: boolean; readonly selfLoops: boolean }
  | { readonly kind: "tree" }
  | { readonly kind: "dag" }
  | { readonly kind: "complete"; readonly strict: boolean }
  | { readonly kind: "causal"; readonly strict: boolean }
  | { readonly kind: "chain"; readonly reverse: boolean }
  | { readonly kind: "self" }
  | {
      readonly kind: "window";
      readonly taps: readonly number[];
      readonly stride: readonly number[];
      readonly dilation: readonly number[];
      readonly pad: readonly number[];
    };

export interface ManifestSet {
  readonly name: string;
  readonly layout: ManifestLayout;
  /** Whether nothing depends on how its nodes are numbered, so that the runtime may number them anew. */
  readonly free?: true;
}

export interface ManifestRelation {
  readonly name: string;
  /** Whether its edges come with the data. */
  readonly given: boolean;
  readonly topology: ManifestTopology;
  readonly senders: string;
  readonly receivers: string;
}

export interface ManifestInput {
  /** Name within its space: `x` of `paper.x`. */
  readonly name: string;
  readonly space: SpaceName;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Integers: allowed values are low..high; null ends are unbounded. Null for f32 and bool. */
  readonly range: { readonly low: number | null; readonly high: number | null } | null;
  readonly sparse: boolean;
  /** Whether `run` needs it; else only losses and metrics do. */
  readonly neededToRun: boolean;
  /** The buffer it is written to (row-major, bool and i32 as i32); of a sparse input its stored values. Null: no program reads it. */
  readonly buffer: number | null;
}

export interface ManifestOutput {
  readonly name: string;
  readonly space: SpaceName;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Integers `index[N]`: the bound; for labels in types. */
  readonly range: { readonly low: number | null; readonly high: number | null } | null;
  readonly buffer: number;
}

export type ManifestInitializer =
  | { readonly kind: "glorot" | "he"; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "orthogonal" }
  | { readonly kind: "constant"; readonly value: number };

/** A parameter or a state; `offset` in words from the start of its arena (the same in the arenas of gradients and moments). */
export interface ManifestParameter {
  readonly path: string;
  readonly shape: readonly number[];
  /** Leading axes that make a family of instances (`let f[K]`): initialised, and split by name in weights files, one by one. */
  readonly families: number;
  /**
   * For each of these axes, how many parts of `path` stand before its index in a weights file: `f.hidden.W` of `let f[K]`
   * is 1, and so `f.0.hidden.W`, ... Absent: before the last part.
   */
  readonly familyAt?: readonly number[];
  readonly offset: number;
  readonly init: ManifestInitializer;
}

export interface ManifestOptimizer {
  readonly kind: "sgd" | "adam" | "adamw";
  /** Stretches of the parameter arena that it serves: [first word, words]. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Where the program `schedule` writes its hyperparameters, in the order of `hyperparameters`. */
  readonly settings: number;
  /** Whether its kernels clip; if false, a trainer that asks for `clip` is told so. Absent: they do. */
  readonly clips?: boolean;
}

/** The order of the f32 words an optimizer kernel reads. `clip` 0 means none. */
export const hyperparameters = [
  "lr",
  "momentum",
  "nesterov",
  "beta1",
  "beta2",
  "eps",
  "weight_decay",
  "clip",
] as const;
export type Hyperparameter = (typeof hyperparameters)[number];

export interface ManifestBuffer {
  /** What it holds, for `gnc explain --memory`: `h`, `cites/alpha (stored: ..)`. Empty for a sum that passes. */
  readonly name: string;
  /** It has `width` words for each row of `space`. */
  readonly space: SpaceName;
  readonly width: number;
  /**
   * `kept`: lives as long as the batch or the model (inputs, cotangents, packed weights, results of bind and prepare);
   * `passing`: lives within each program from the first to the last step that touches it, may share memory otherwise;
   * `read`: the same, but to the end of the program, after which the host reads it.
   */
  readonly life: "kept" | "passing" | "read";
}

/** An i32 array that the runtime makes from the graphs of a batch. Rows are numbered over the whole batch. */
export type StructureKind =
  /** Of a relation, edges receiver-major: [receivers + 1] */
  | "receiver_start"
  /** [edges]: sender row; receiver row */
  | "senders"
  | "receivers"
  /** Of a relation, from the other end: [senders + 1]; [edges] edge number; [edges] receiver row */
  | "sender_start"
  | "edge_of"
  | "receiver_of"
  /** Of a relation whose edges are intervals: [receivers] the first sender; [senders] the first receiver */
  | "first_sender"
  | "first_receiver"
  /** Of a window: [edges] the tap */
  | "offset"
  /** Of any space: [rows] the graph; [graphs + 1] first row of each graph */
  | "graph_of"
  | "graph_start"
  /** Of a node set: [rows] place in the own graph */
  | "index"
  /**
   * Of non-zeros: [rows + 1]; [nonzeros] column; [nonzeros] row; by column: [columns + 1], [nonzeros] number of the
   * non-zero, its row, and its value as the bits of an f32
   */
  | "row_start"
  | "columns"
  | "rows"
  | "column_start"
  | "nonzero_of"
  | "row_of"
  | "value_of"
  /** Of a recurrence: [rows] rows in level order; [levels + 1] first place of each level */
  | "order"
  | "level_start";

export interface ManifestStructure {
  readonly kind: StructureKind;
  /** The relation, set, non-zeros; of `order` and `level_start` the name of the recurrence order, `index(word)`, `index(word, reverse)`, `levels(up)`, `levels(up, reverse)`. */
  readonly of: string;
}

/** What one word of a frame holds. */
export type Slot =
  | { readonly buffer: number }
  | { readonly structure: number }
  /** Number of rows of a space. */
  | { readonly rows: SpaceName }
  /** Rows per chunk of a space (see the function). */
  | { readonly chunkRows: SpaceName }
  /** Address of the parameter / gradient / first moment / second moment / state arena, plus `offset` words. */
  | { readonly arena: Arena; readonly offset: number }
  /** Address of the control block: [seed low, seed high, step] as i32. `step` counts the steps done: 0 in the first. */
  | { readonly control: true }
  | { readonly constant: number };

/** The first two words of the control block: a seed is a whole number from 0 to 2^53. */
export const seedWords = (seed: number): readonly [low: number, high: number] => [
  seed >>> 0,
  Math.floor(seed / 0x100000000) >>> 0,
];

export type Arena =
  | "parameters"
  | "gradients"
  | "moment1"
  | "moment2"
  | "states"
  | "next_states"
  | "settings";

/** Over what `begin..end` runs. */
export type Domain =
  | { readonly over: "rows"; readonly space: SpaceName }
  | { readonly over: "chunks"; readonly space: SpaceName }
  /** The rows of the current level; `structure` is the `order` list, begin and end are places in it. */
  | { readonly over: "level"; readonly structure: number }
  | { readonly over: "count"; readonly count: number };

export type Step =
  | { readonly kernel: string; readonly domain: Domain; readonly slots: readonly Slot[] }
  /** A recurrence: all steps for level 0, then for level 1, ... `starts` is the `level_start` structure. */
  | { readonly levels: number; readonly order: string; readonly steps: readonly Step[] };

/**
 * `prepare`: parameters changed (packs weights); `bind`: graphs changed; `bind_more`: they changed, and another program
 * than `infer` is about to run; `infer`: inputs to outputs; `evaluate`: inputs to loss and metrics; `train`: to loss,
 * metrics and gradients, and next states; `schedule`: step to hyperparameters; `update`: gradients to parameters;
 * `pullback`: cotangents of outputs to gradients of parameters and inputs.
 */
export type ProgramName =
  | "prepare"
  | "bind"
  | "bind_more"
  | "infer"
  | "evaluate"
  | "train"
  | "schedule"
  | "update"
  | "pullback";

/** A step as it is written: each slot is a character. */
export type WrittenStep =
  | { readonly kernel: string; readonly domain: Domain; readonly slots: string }
  | { readonly levels: number; readonly order: string; readonly steps: readonly WrittenStep[] };

/** The code of the character of slot 0: the first that JSON does not escape. */
export const firstMark = 35;

/** Records of equal fields, as a column for each field. */
export type Columns<T> = { readonly [K in keyof T]: readonly T[K][] };

/** What the section holds in columns. */
export const tables = ["inputs", "outputs", "parameters", "structures", "buffers"] as const;
type Table = (typeof tables)[number];

/**
 * The manifest as the section holds it. Slots are numbered: first the buffers, then the structures, then `slots`; in
 * steps they are characters, from `firstMark` on.
 */
export type Description = Omit<Manifest, Table | "programs"> & {
  readonly [K in Table]: Columns<Manifest[K][number]>;
} & {
  readonly slots: readonly Slot[];
  readonly programs: Readonly<Partial<Record<ProgramName, readonly WrittenStep[]>>>;
};

export interface Manifest {
  readonly version: typeof artifactVersion;
  /** `gnc 0.1.0` */
  readonly compiler: string;
  readonly model: string;
  readonly doc: string | null;
  readonly sets: readonly ManifestSet[];
  readonly relations: readonly ManifestRelation[];
  readonly inputs: readonly ManifestInput[];
  readonly outputs: readonly ManifestOutput[];
  readonly parameters: readonly ManifestParameter[];
  readonly parameterWords: number;
  readonly states: readonly ManifestParameter[];
  readonly stateWords: number;
  readonly optimizers: readonly ManifestOptimizer[];
  readonly settingsWords: number;
  /** Buffer of one f32 word with the summed loss, per program that computes it. */
  readonly loss: Readonly<Partial<Record<"evaluate" | "train", number>>>;
  /** Per metric the buffers (one f32 word each) of its total and of its count of rows. */
  readonly metrics: readonly {
    readonly name: string;
    readonly buffers: Readonly<
      Partial<Record<"evaluate" | "train", { readonly total: number; readonly rows: number }>>
    >;
  }[];
  /** Buffers of the program `pullback`: cotangents in (per output), gradients out (per input). Parameter gradients go to the gradient arena. */
  readonly pullback: {
    readonly cotangents: readonly { readonly output: string; readonly buffer: number }[];
    readonly inputs: readonly { readonly path: string; readonly buffer: number }[];
  } | null;
  readonly buffers: readonly ManifestBuffer[];
  readonly structures: readonly ManifestStructure[];
  readonly programs: Readonly<Partial<Record<ProgramName, readonly Step[]>>>;
  /** Bytes at the start of memory that the module uses itself: constants. The control block and arenas come after. */
  readonly reservedBytes: number;
  /** The largest scratch any kernel wants. */
  readonly scratchBytes: number;
}

/** Of a buffer the first and the last step of each program that needs it. */
export type Lives = Record<string, [first: number, last: number]>;

/** The kernels of steps, with those of recurrences. */
export const kernelsOf = (steps: readonly Step[]): readonly Extract<Step, { kernel: string }>[] =>
  steps.flatMap((step) => ("steps" in step ? kernelsOf(step.steps) : [step]));

/** The lifetimes of buffers that pass; those read afterwards live to the end. A recurrence counts as one step. */
export function livesOf({ buffers, programs }: Manifest): Lives[] {
  const lives = buffers.map((): Lives => ({}));
  for (const [program, steps] of Object.entries(programs))
    for (const [i, step] of steps.entries())
      for (const slot of kernelsOf([step]).flatMap(({ slots }) => slots)) {
        if (!("buffer" in slot)) continue;
        const { [slot.buffer]: life = {} } = lives;
        const end = buffers[slot.buffer]?.life === "read" ? Infinity : i;
        life[program] = [life[program]?.[0] ?? i, end];
      }
  return lives;
}

/**
 * Rows per chunk, whatever it is run by: of no more than 256 rows one, else an even number of chunks, so that two threads get
 * the same share: at most 16, of some 256 rows at least.
 */
export function chunkRows(rows: number): number {
  const chunks = 2 * Math.min(8, Math.ceil(rows / 512));
  return rows > 256 ? Math.ceil(rows / chunks / 8) * 8 : 256;
}
