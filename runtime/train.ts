/**
 * Training: steps, evaluation, epochs over shuffled minibatches, checkpoints. Everything that decides the next bit is in
 * the checkpoint: weights, states, moments, step, seed and the place within the epoch.
 */
import { type Hyperparameter, hyperparameters, type Manifest } from "./artifact.js";
import type { Batch } from "./batch.js";
import { type Progress, readCheckpoint, type Sums, writeCheckpoint } from "./checkpoint.js";
import type { Engine } from "./engine.js";
import { fail, suggest } from "./errors.js";
import type { Check, Used } from "./model.js";
import { shuffled } from "./random.js";
import type {
  AnyModel,
  Epoch,
  FitOptions,
  ModelTypes,
  Override,
  Scores,
  StepResult,
  TrainerOptions,
} from "./types.js";
import { runOnZeros } from "./zeros.js";

type Program = "train" | "evaluate";

/** Gives graphs or a batch to the engine, checked for the program. */
export type Use = (input: unknown, program: Program, check?: Check) => Used;

export class Trainer<T extends ModelTypes = AnyModel> {
  readonly #manifest: Manifest;
  readonly #engine: () => Engine;
  readonly #use: Use;
  readonly #finite: boolean;
  readonly #overrides: readonly (readonly [number, Override])[];
  #progress: Progress;

  /** Trainers are made by `model.trainer`. */
  constructor(
    engine: () => Engine,
    use: Use,
    { seed, checkFinite, ...overrides }: TrainerOptions & { seed: number; checkFinite: boolean },
  ) {
    this.#manifest = engine().manifest;
    this.#engine = engine;
    this.#use = (input, program) => use(input, program, checkLabels);
    this.#finite = checkFinite;
    this.#overrides = Object.entries(overrides).map(([name, value]) => {
      const place = hyperparameters.indexOf(name as Hyperparameter);
      if (place < 0)
        fail("GN5040", `a trainer has no option ${name}${suggest(name, hyperparameters)}`);
      if (name === "clip" && this.#manifest.optimizers.some(({ clips }) => clips === false))
        fail(
          "GN5040",
          "the model was compiled without `clip`: give it to its optimizer, and compile again",
        );
      if (typeof value === "function") return [place, value];
      if (!Number.isFinite(Number(value)))
        fail("GN5040", `${name} must be a number, but is ${value}`);
      return [place, Number(value)];
    });
    this.#progress = { step: 0, epoch: 0, position: 0, seed, ...this.#noSums() };
    engine().reserve(["gradients", "moment1", "moment2", "next_states", "settings"]);
    for (const moment of ["moment1", "moment2"] as const) engine().arena(moment).fill(0);
  }

  /** Steps done so far. */
  get steps(): number {
    return this.#progress.step;
  }

  /** Epochs that `fit` has done so far. */
  get epochs(): number {
    return this.#progress.epoch;
  }

  /**
   * One training step: loss and gradients of the graphs, then new parameters and states.
   * @returns Loss and metrics as they were before the update.
   * @throws GN5010 to GN5024 when a graph does not fit; GN5041 for a loss that is not finite, if the model was loaded with
   *   `checkFinite`; parameters are as before then.
   */
  step(graphs: Batch<T> | T["labelled"] | readonly T["labelled"][]): StepResult<T["metrics"]> {
    const { engine, batch } = this.#use(graphs, "train");
    const sums = this.#step(engine, batch.size);
    return { ...this.#scores(sums), step: this.#progress.step };
  }

  /**
   * Loss and metrics without training. Metrics of several batches are exact; their losses are weighted by graphs.
   * @param options.batchSize Graphs at a time; default: all.
   */
  evaluate(
    graphs: Batch<T> | T["labelled"] | readonly T["labelled"][],
    options: { readonly batchSize?: number } = {},
  ): Scores<T["metrics"]> {
    const sums = this.#noSums();
    const parts = Array.isArray(graphs)
      ? cut(graphs, options.batchSize ?? graphs.length)
      : [graphs];
    for (const part of parts) this.#evaluate(sums, part);
    return this.#scores(sums);
  }

  /**
   * Trains epoch after epoch: `for await (const { epoch, loss } of trainer.fit(graphs, { epochs: 200 }))`. Gives way to
   * the event loop about every 16 ms, and may be left or aborted between any two steps. To go on within an epoch, give the
   * same data, `batchSize` and `shuffle`.
   */
  async *fit(
    data: readonly T["labelled"][],
    options: FitOptions<T["labelled"], T["metrics"]>,
  ): AsyncGenerator<Epoch<T["metrics"]>, void, undefined> {
    const { epochs, batchSize = 32, shuffle = true, validation, signal, onStep } = options;
    const again = keeper();
    const progress = () => this.#progress;
    while (progress().epoch < epochs) {
      const from = performance.now();
      const mixed = shuffle && data.length > batchSize;
      const order = mixed
        ? shuffled(data.length, progress().seed, `epoch ${progress().epoch}`)
        : [...data.keys()];
      const parts = cut(order, batchSize);
      await pause();
      for (let paused = performance.now(); progress().position < parts.length; ) {
        signal?.throwIfAborted();
        const part = (parts[progress().position] as number[]).map((i) => data[i]);
        const { engine, batch } = again(part, (input) => this.#use(input, "train"));
        add(progress(), this.#step(engine, batch.size));
        const position = ++progress().position;
        const { epoch, step } = progress();
        onStep?.({
          ...this.#scores(progress()),
          epoch: epoch + 1,
          step,
          position,
          of: parts.length,
        });
        if (performance.now() - paused < 16) continue;
        await pause();
        paused = performance.now();
      }
      const scores = this.#scores(progress());
      Object.assign(progress(), this.#noSums(), { position: 0, epoch: progress().epoch + 1 });
      const held = this.#noSums();
      for (const part of cut(validation ?? [], batchSize))
        this.#evaluate(held, part, (input) =>
          again(input, (given) => this.#use(given, "evaluate")),
        );
      yield {
        epoch: progress().epoch,
        step: progress().step,
        ...scores,
        ...(validation ? { validation: this.#scores(held) } : {}),
        seconds: (performance.now() - from) / 1000,
      };
    }
  }

  /** Weights, moments and the place of training as a safetensors file, which is a weights file as well. */
  checkpoint(): Uint8Array {
    return writeCheckpoint(this.#engine(), this.#progress);
  }

  /**
   * Goes back to a checkpoint: what follows has the same bits as what followed then.
   * @throws GN5030 to GN5035 when it is none, or of another model; nothing is changed then.
   */
  restore(checkpoint: Uint8Array | ArrayBuffer): void {
    this.#progress = readCheckpoint(this.#engine(), checkpoint);
  }

  #step(engine: Engine, graphs: number): Sums {
    const progress = this.#progress;
    engine.control(progress.seed, progress.step);
    runOnZeros(engine, "train");
    const sums = this.#read(engine, "train", graphs);
    if (this.#finite && !Number.isFinite(sums.loss))
      fail("GN5041", `the loss is ${sums.loss / graphs} in step ${progress.step}`);
    engine.arena("states").set(engine.arena("next_states"));
    if (this.#manifest.programs.schedule) engine.run("schedule");
    const settings = engine.arena("settings");
    for (const optimizer of this.#manifest.optimizers)
      for (const [place, value] of this.#overrides)
        settings[optimizer.settings + place] =
          typeof value === "number" ? value : value(progress.step);
    engine.run("update");
    engine.parametersChanged();
    progress.step++;
    return sums;
  }

  #evaluate(
    sums: Sums,
    graphs: unknown,
    use = (input: unknown) => this.#use(input, "evaluate"),
  ): void {
    const { engine, batch } = use(graphs);
    engine.control(this.#progress.seed, this.#progress.step);
    engine.run("evaluate");
    add(sums, this.#read(engine, "evaluate", batch.size));
  }

  #read(engine: Engine, program: Program, graphs: number): Sums {
    const { loss, metrics } = this.#manifest;
    const word = (buffer: number | undefined) =>
      buffer === undefined ? 0 : (engine.memory.f32[engine.wordOf(buffer)] as number);
    return {
      graphs,
      loss: word(loss[program]) * graphs,
      metrics: metrics.map(({ buffers }) => [
        word(buffers[program]?.total),
        word(buffers[program]?.rows),
      ]),
    };
  }

  #scores({ graphs, loss, metrics }: Sums): Scores<T["metrics"]> {
    const named = this.#manifest.metrics.map(({ name }, i) => {
      const [total, rows] = metrics[i] as [number, number];
      return [name, rows ? total / rows : 0];
    });
    return { loss: graphs ? loss / graphs : 0, metrics: Object.fromEntries(named) };
  }

  #noSums(): Sums {
    return { graphs: 0, loss: 0, metrics: this.#manifest.metrics.map(() => [0, 0]) };
  }
}

/** Losses and metrics need every input. */
const checkLabels: Check = ({ graphs }, { manifest }) =>
  manifest.inputs.forEach(({ space, name, buffer }, i) => {
    const without = buffer === null ? -1 : graphs.findIndex((graph) => !graph.fields[i]);
    if (without >= 0)
      fail(
        "GN5010",
        `${graphs.length > 1 ? `graphs[${without}].` : ""}${space}.${name} is missing; losses and metrics need it`,
      );
  });

function add(sums: Sums, more: Sums): void {
  sums.graphs += more.graphs;
  sums.loss += more.loss;
  more.metrics.forEach(([total, rows], i) => {
    const sum = sums.metrics[i] as [number, number];
    sum[0] += total;
    sum[1] += rows;
  });
}

/** Consecutive parts of at most `size`. */
const cut = <E>(list: readonly E[], size: number): E[][] =>
  Array.from({ length: Math.ceil(list.length / size) || 0 }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );

/** Uses the batch of the last call again when it was made of the very same graphs. */
function keeper() {
  let last: { graphs: readonly unknown[]; batch: Batch } | null = null;
  return (graphs: unknown, use: (input: unknown) => ReturnType<Use>) => {
    const list = graphs as readonly unknown[];
    const same =
      last && last.graphs.length === list.length && list.every((g, i) => g === last?.graphs[i]);
    const used = use(same && last ? last.batch : list);
    last = { graphs: list, batch: used.batch };
    return used;
  };
}

/** Lets the event loop turn once; without the delay that browsers give to nested timers. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
