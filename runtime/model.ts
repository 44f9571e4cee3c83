/**
 * A compiled model that is ready to run: what a TypeScript user holds. Comes in: graphs as objects of typed arrays. Goes
 * out: outputs by space and name, gradients, trainers. Every method checks all it is given before it writes anything.
 */
import type { Manifest, ProgramName } from "./artifact.js";
import { type Assembled, assemble } from "./assemble.js";
import { Batch } from "./batch.js";
import { Engine, type EngineParts } from "./engine.js";
import { fail } from "./errors.js";
import { group, readField } from "./fields.js";
import { type CheckedGraph, GraphReader, type Topologies } from "./graph.js";
import type { Level } from "./stream.js";
import type { Trainer } from "./train.js";
import type {
  AnyModel,
  IntoOptions,
  MemoryUse,
  ModelTypes,
  Pullback,
  RunOptions,
  Signature,
  TrainerOptions,
} from "./types.js";
import { Weights } from "./weights.js";

/** What only some models need, and `load` fetches with those. */
export type Parts = Topologies &
  EngineParts &
  typeof import("./gradients.js") &
  Partial<typeof import("./more-structures.js")> &
  Partial<typeof import("./shared-inputs.js")> &
  Partial<typeof import("./stream.js")> & {
    readonly renumber?: (graph: CheckedGraph) => CheckedGraph;
  };

/** What is asked of the graphs of a batch before they are bound. */
export type Check = (contents: Assembled, engine: Engine) => void;

/** A batch that is bound. */
export interface Used {
  readonly engine: Engine;
  readonly batch: Batch;
  readonly contents: Assembled;
}

/** Outputs of a graph as `into` may bring them: whatever a caller holds. */
type Outputs = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | undefined;

export interface ModelOptions {
  readonly seed: number;
  readonly checkFinite: boolean;
}

export class Model<T extends ModelTypes = AnyModel> {
  /** Parameters and states: `get`, `set`, `entries`, `load`, `save`. */
  readonly weights: Weights<T["parameters"]>;
  readonly #manifest: Manifest;
  readonly #options: ModelOptions;
  readonly #reader: GraphReader;
  readonly #parts: Parts;
  #engine: Engine | null;

  /** Models are made by `load`. */
  constructor(
    manifest: Manifest,
    module: WebAssembly.Module,
    options: ModelOptions,
    parts: Partial<Parts>,
  ) {
    // Those are there that the artifact can use.
    this.#parts = parts as Parts;
    this.#manifest = manifest;
    this.#options = options;
    this.#reader = new GraphReader(manifest, options.checkFinite, this.#parts);
    this.#engine = new Engine(manifest, module, parts);
    this.weights = new Weights(() => this.#alive(), options.checkFinite);
    this.#engine.control(options.seed, 0);
  }

  /** Spaces, inputs, outputs and parameters with their shapes and types. */
  get signature(): Signature {
    return this.#manifest;
  }

  get memory(): MemoryUse {
    return this.#alive().usage;
  }

  /**
   * Computes the outputs of one graph, of several, or of a batch. Node and edge outputs are row-major, one row per node or
   * edge in the order they were given; those on `global` have one row; booleans are 0 and 1. Ends of edges are sorted when
   * their arrays are first met: to change edges give new arrays, do not write into the old ones.
   *
   * @example model.run({ paper: { x }, cites: { senders, receivers } }).paper.logits
   * @example outputs = model.run(batch, { into: outputs }) // every frame
   * @throws GN5010 to GN5024 when a graph does not fit the model, GN5043 when it does not fit into memory.
   */
  run<Outputs>(batch: Batch<T, Outputs>, options?: IntoOptions<Outputs>): Outputs;
  run(graphs: readonly T["graph"][], options?: IntoOptions<T["outputs"][]>): T["outputs"][];
  run(graph: T["graph"], options?: IntoOptions<T["outputs"]>): T["outputs"];
  run(input: unknown, options?: IntoOptions<unknown>): unknown {
    const { engine, batch, contents } = this.#ready(input, options);
    engine.run("infer");
    const into = (batch.single ? [options?.into] : options?.into) as Outputs[] | undefined;
    const outputs = contents.graphs.map((_, g) =>
      group(
        this.#manifest.outputs.map((output) => [
          output.space,
          output.name,
          readField(
            engine,
            contents,
            g,
            output,
            engine.wordOf(output.buffer),
            into?.[g]?.[output.space]?.[output.name],
          ),
        ]),
      ),
    );
    return batch.single ? outputs[0] : outputs;
  }

  /**
   * Computes the outputs of the model's recurrence level by level, and stops where the reader does: a sequence that writes
   * itself gives one token after another, `for (const { outputs } of model.stream(graph))`. Rows of a level are as `run`
   * gives them. Until it ends the model must not be used for anything else.
   * @throws What `run` throws; GN5006 when no output is computed by a recurrence, GN5007 when the model was used meanwhile.
   */
  stream<Outputs>(
    batch: Batch<T, readonly Outputs[]>,
    options?: RunOptions,
  ): Generator<Level<Outputs>[], void, undefined>;
  stream<Outputs>(
    batch: Batch<T, Outputs>,
    options?: RunOptions,
  ): Generator<Level<Outputs>, void, undefined>;
  stream(
    graphs: readonly T["graph"][],
    options?: RunOptions,
  ): Generator<Level<T["outputs"]>[], void, undefined>;
  stream(graph: T["graph"], options?: RunOptions): Generator<Level<T["outputs"]>, void, undefined>;
  *stream(input: unknown, options?: RunOptions): Generator<unknown, void, undefined> {
    yield* this.#parts.streamLevels?.(this.#ready(input, options)) ??
      fail(
        "GN5006",
        `no output of ${this.#manifest.model} is computed by a recurrence: use \`run\``,
      );
  }

  /**
   * Checks graphs and lays them out, for `run`, `pullback` and training to use again and again.
   * @throws GN5010 to GN5024, GN5043, like `run`.
   */
  batch(graphs: readonly T["graph"][]): Batch<T, T["outputs"][]>;
  batch(graph: T["graph"]): Batch<T, T["outputs"]>;
  batch(input: unknown): Batch<T, unknown> {
    return this.#use(input).batch as unknown as Batch<T>;
  }

  /**
   * Gradients of sum(output * cotangent) with respect to every parameter and every f32 input.
   * @param cotangents By space and name, each in the shape of its output; those left out are 0. Of an array of graphs, an
   *   array.
   * @throws GN5004 when the artifact was compiled without it; GN5011, GN5013 when cotangents do not fit.
   */
  pullback(
    graphs: Batch<T, T["outputs"][]> | readonly T["graph"][],
    cotangents: readonly T["cotangents"][],
  ): Pullback<T, T["gradients"][]>;
  pullback(
    graph: Batch<T, T["outputs"]> | T["graph"],
    cotangents: T["cotangents"],
  ): Pullback<T, T["gradients"]>;
  pullback(input: unknown, cotangents: unknown): Pullback<T, unknown> {
    this.#alive().needs("pullback");
    const use = (check: Check) => this.#use(input, "pullback", check);
    return this.#parts.pullBack(use, cotangents, this.#options.seed) as Pullback<T, unknown>;
  }

  /**
   * Prepares training with the optimizers that the model declares: fresh moments, step 0. A model has one trainer at a
   * time; a new one takes over.
   * @throws GN5004 when the artifact was compiled without training; GN5040 for an option that is none.
   */
  trainer(options: TrainerOptions = {}): Trainer<T> {
    this.#alive().needs("train", "update");
    return new this.#parts.Trainer<T>(
      () => this.#alive(),
      (...asked) => this.#use(...asked),
      { ...this.#options, ...options },
    );
  }

  /** Gives the memory back and ends the threads. Whatever is done with the model afterwards throws GN5005. */
  dispose(): void {
    this.#engine = null;
    this.#parts.threads?.end();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): Engine {
    return (
      this.#engine ??
      fail("GN5005", `this ${this.#manifest.model} has been disposed of; load it again`)
    );
  }

  /** The input as the bound batch, all set for `infer`. */
  #ready(input: unknown, { seed = this.#options.seed }: RunOptions = {}): Used {
    const used = this.#use(input, "infer");
    used.engine.control(seed, 0);
    return used;
  }

  /** The input as the bound batch, after `check`. */
  #use(input: unknown, program?: ProgramName, check?: Check): Used {
    const engine = this.#alive();
    if (program) engine.needs(program);
    const batch = input instanceof Batch ? input : this.#read(input);
    if (batch.owner !== this) fail("GN5042", "this batch was made by another model");
    const contents = batch.contents((given) => engine.isBound(given));
    check?.(contents, engine);
    if (!engine.isBound(contents)) engine.bind(contents);
    return { engine, batch, contents };
  }

  #read(input: unknown): Batch {
    const single = !Array.isArray(input);
    const graphs: readonly unknown[] = single ? [input] : [...input];
    return new Batch(this, graphs.length, single, () => {
      const at = (g: number) => (single ? "" : `graphs[${g}].`);
      return assemble(
        this.#manifest,
        graphs.map((graph, g) => {
          const read = this.#reader.read(graph, at(g));
          return this.#parts.renumber?.(read) ?? read;
        }),
        this.#parts,
      );
    });
  }
}
