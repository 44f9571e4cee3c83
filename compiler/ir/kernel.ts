/**
 * Kernels: what `5-schedule` makes and `6-emit` turns into code.
 *
 * A kernel runs its stages, in order, on one tile of rows of its domain after another. A stage computes one or more
 * stored tensors for the rows of the tile. The expression of a stage is the tensor graph itself: a tensor's definition
 * is evaluated in place, down to tensors that are stored (in a buffer, or in scratch of this tile) and to leaves.
 */
import type { Arena, ProgramName, StructureKind } from "../../runtime/artifact.js";
import type { Optimizer, Parameter, RecurrenceOrder, State } from "./model.js";
import type { Nonzeros, RowMap, Space } from "./space.js";
import { type Axis, type DType, type Tensor, volume } from "./tensor.js";

/** Memory for a tensor: `rows(space)` x the volume of `layout`, row-major, not padded. Bool and i32 take a word. */
export interface Buffer {
  readonly id: number;
  readonly name: string;
  readonly space: Space;
  readonly layout: readonly Axis[];
  readonly dtype: DType;
  readonly place: Place;
}

export type Place =
  /** Its own stretch of the arena; `rows` says how many rows where it is not the rows of the space. */
  | { readonly kind: "buffer" }
  /** A stretch of an arena that holds all parameters, gradients or states. */
  | {
      readonly kind: "arena";
      readonly arena: "parameters" | "gradients" | "states" | "next_states" | "settings";
      readonly offset: number;
    }
  /** Words in the scratch of the tile, from `offset` on; a row of the tile after another. */
  | { readonly kind: "scratch"; readonly offset: number }
  /** One partial result per chunk of rows of `of` (at most 16), combined in order afterwards. */
  | { readonly kind: "partials"; readonly of: Space }
  /**
   * Matrices, one for each position of `stack`, in panels of w columns (`panelWidth`), zero-padded:
   * [stack][ceil(columns / w)][rows][w].
   */
  | {
      readonly kind: "panels";
      readonly stack: readonly Axis[];
      readonly rows: readonly Axis[];
      readonly columns: readonly Axis[];
    };

/** Columns that a panel of a matrix has: one where so few are multiplied as inner products along the rows. */
export const panelWidth = (columns: number): number => (columns < 4 ? 1 : 8);

/** Panels of a stack of matrices, and the words they take. */
export function panelsIn({ stack, rows, columns }: Place & { readonly kind: "panels" }): {
  readonly count: number;
  readonly words: number;
} {
  const width = panelWidth(volume(columns));
  const count = volume(stack) * Math.ceil(volume(columns) / width);
  return { count, words: width * count * volume(rows) };
}

/** Over what a kernel's begin..end runs. */
export type KernelDomain =
  | { readonly over: "rows"; readonly space: Space }
  /** Chunks of rows (see `Slot.chunkRows`): the stages run over the rows of each chunk and add to partials. */
  | { readonly over: "chunks"; readonly space: Space }
  /** The rows of one level of a recurrence, through its row list. */
  | { readonly over: "level"; readonly space: Space; readonly order: RecurrenceOrder }
  | { readonly over: "count"; readonly count: number };

/** What a kernel does to the rows of a tile, one after another. */
export type Stage =
  /** Pointwise: `target`'s definition, evaluated in place for every position of its layout. */
  | { readonly kind: "map"; readonly target: Tensor }
  /** A reduction over axes within the row: `product` with `over`, `lse`, `extreme`, `argmax`, `winner` over axes. */
  | { readonly kind: "reduce"; readonly target: Tensor }
  /**
   * Reductions along one map, for each row over its elements in order; targets share the loop and its loads. A target
   * on `map.from` is a field of the elements themselves: it is written once for each element of the rows, in a buffer.
   */
  | { readonly kind: "walk"; readonly map: RowMap; readonly targets: readonly Tensor[] }
  /**
   * softmax(s) by a map, and the weighted sums of it: lse, then exp(s - lse) times the rest, in three phases on blocks of
   * elements. `logits` is the argument of `lse`; `sums` are products along the same map that contain exp(logits - pull(lse)).
   */
  | {
      readonly kind: "softmax";
      readonly map: RowMap;
      readonly lse: Tensor;
      readonly sums: readonly Tensor[];
    }
  /**
   * Rows times packed parameters: a `product` whose factors are `left` (of the row) and the matrix that `panels` holds;
   * the scale of the target applies. `left` is stored as [free.., stack.., over..] and the target as [free.., stack..,
   * columns..]. A row of the tile counts as volume(free) rows of the product; each position of `stack` has a matrix of
   * its own.
   */
  | {
      readonly kind: "product";
      readonly target: Tensor;
      readonly left: Tensor;
      readonly panels: Buffer;
      readonly stack: readonly Axis[];
      /** Summed axes, in the order of the rows of the panels; the others of the target, in the order of the columns. */
      readonly over: readonly Axis[];
      readonly columns: readonly Axis[];
    }
  /**
   * Sum over the rows of a chunk of left x right times the scale of the target, added to the partials of `target`. Axes
   * that both have are summed (`over`) or kept (`stack`), and lead in both: [over.., stack.., own..]. The partials lie as
   * [stack.., own of left.., own of right..], or those of right first. On the batch it is the whole sum, in a buffer.
   */
  | {
      readonly kind: "outer";
      readonly target: Tensor;
      readonly left: Tensor;
      readonly right: Tensor;
      readonly over: readonly Axis[];
      readonly stack: readonly Axis[];
    }
  /** A product with slots: adds each element of the walk to the position its indices name. The target row is zeroed first. */
  | { readonly kind: "collect"; readonly target: Tensor; readonly map: RowMap }
  /** dW of sparse features: for each column of the axis, over its non-zeros: the product with `target`'s other factors. Domain: count. */
  | { readonly kind: "columns"; readonly target: Tensor; readonly shortlist: Shortlist | null }
  /** Writes a shortlist, column by column. Domain: count of columns. */
  | { readonly kind: "shortlist"; readonly shortlist: Shortlist }
  /** Writes a tensor on the batch as panels. Domain: count of panels. */
  | { readonly kind: "pack"; readonly source: Tensor; readonly panels: Buffer }
  /** Adds up the partials of the chunks of `of`, in order. Domain: count of shares of the elements. */
  | {
      readonly kind: "combine";
      readonly target: Tensor;
      readonly partials: Buffer;
      readonly of: Space;
    }
  /**
   * One step of an optimizer on the words of the arenas from `first` on. Domain: count of vectors of four words. Its hyperparameters
   * lie in the arena of settings from word `settings` on, in the order of `hyperparameters` in the artifact format.
   */
  | {
      readonly kind: "optimizer";
      readonly optimizer: "sgd" | "adam" | "adamw";
      readonly clipped: boolean;
      readonly first: number;
      readonly settings: number;
    }
  /**
   * Sum of squares of gradients for clipping by norm, in fixed chunks, and the scale min(1, clip / norm) that follows
   * from it: written to the word of the settings after the hyperparameters, `settings + 8`. Domain: count 1.
   */
  | {
      readonly kind: "norm";
      readonly ranges: readonly (readonly [number, number])[];
      readonly settings: number;
    };

/**
 * Of the non-zeros of each column those whose rows a mask holds for, so that a sum over a column meets them alone. They
 * stand first in the run of the column.
 */
export interface Shortlist {
  readonly mask: Tensor;
  readonly of: Nonzeros;
  /** Of each non-zero its row; those behind the count of a column mean nothing. */
  readonly rows: Buffer;
  readonly values: Buffer;
  /** [columns] how many there are. */
  readonly counts: Buffer;
}

export const buffersOfList = ({ rows, values, counts }: Shortlist): readonly Buffer[] => [
  rows,
  values,
  counts,
];

/** The rows that a kernel runs over, those of a mask, and the targets that it sets to 0 in all others. */
export interface Needed {
  readonly mask: Tensor;
  readonly zeroed: readonly Tensor[];
}

export interface Kernel {
  /** Unique within its program; equal code is shared afterwards. */
  readonly name: string;
  readonly domain: KernelDomain;
  /** Over rows or chunks: which of them are needed; absent: all. */
  readonly needed?: Needed;
  /** Rows per tile. */
  readonly tile: number;
  readonly stages: readonly Stage[];
  /** Where each stored tensor lives that a stage reads or writes. */
  readonly stored: ReadonlyMap<Tensor, Buffer>;
  /** Words of scratch for a tile. */
  readonly scratch: number;
}

/** A kernel, or the kernels of a recurrence that run level by level. */
export type ScheduledStep =
  | { readonly kind: "kernel"; readonly kernel: Kernel }
  | {
      readonly kind: "levels";
      readonly order: RecurrenceOrder;
      readonly steps: readonly ScheduledStep[];
    };

export interface ScheduledProgram {
  readonly steps: readonly ScheduledStep[];
}

/** All programs, in the order in which an artifact lists them. */
export const programNames: readonly ProgramName[] = [
  "prepare",
  "bind",
  "bind_more",
  "infer",
  "evaluate",
  "train",
  "schedule",
  "update",
  "pullback",
];

/** Everything the emitter and the packer need. */
export interface Schedule {
  readonly programs: Readonly<Partial<Record<ProgramName, ScheduledProgram>>>;
  /** All that take memory of their own: places `buffer`, `partials` and `panels`. */
  readonly buffers: readonly Buffer[];
  readonly arenas: Arenas;
  readonly ends: Ends;
}

/** What lies where in the arenas; offsets and sizes in words. */
export interface Arenas {
  readonly parameters: readonly { readonly parameter: Parameter; readonly offset: number }[];
  readonly parameterWords: number;
  readonly states: readonly { readonly state: State; readonly offset: number }[];
  readonly stateWords: number;
  readonly optimizers: readonly {
    readonly optimizer: Optimizer;
    readonly ranges: readonly (readonly [first: number, words: number])[];
    readonly settings: number;
  }[];
  readonly settingsWords: number;
}

/** Where what enters and leaves the programs lies. */
export interface Ends {
  /** By path, as far as any program reads them; cotangents included. */
  readonly inputs: ReadonlyMap<string, Buffer>;
  readonly outputs: ReadonlyMap<string, Buffer>;
  readonly loss: Readonly<Partial<Record<"evaluate" | "train", Buffer>>>;
  readonly metrics: ReadonlyMap<string, Partial<Record<"evaluate" | "train", MetricBuffers>>>;
  /** Gradients of inputs by path; null when there is no such program. */
  readonly inputGradients: ReadonlyMap<string, Buffer> | null;
}

export interface MetricBuffers {
  readonly total: Buffer;
  readonly rows: Buffer;
}

/** What one word of a kernel's frame holds, in the compiler's terms; `pack.ts` writes it as a `Slot` of the artifact. */
export type KernelSlot =
  | { readonly kind: "buffer"; readonly buffer: Buffer }
  | {
      readonly kind: "structure";
      readonly structure: StructureKind;
      readonly of: Space | RecurrenceOrder;
    }
  | { readonly kind: "rows"; readonly space: Space }
  | { readonly kind: "chunkRows"; readonly space: Space }
  | { readonly kind: "arena"; readonly arena: Arena; readonly offset: number }
  | { readonly kind: "control" }
  /** A number that kernels of otherwise equal code differ in. */
  | { readonly kind: "constant"; readonly value: number };

/** A kernel as code: the exported function that runs it, and what its frame holds. Kernels of equal code share a function. */
export interface EmittedKernel {
  readonly kernel: Kernel;
  readonly function: string;
  readonly slots: readonly KernelSlot[];
}

/** All kernels of a model as one module. `reservedBytes` of memory, from 0, hold its constants. */
export interface EmittedModule {
  readonly wasm: Uint8Array;
  readonly kernels: readonly EmittedKernel[];
  readonly reservedBytes: number;
  /** Bytes of scratch that the most wanting kernel needs. */
  readonly scratchBytes: number;
}
