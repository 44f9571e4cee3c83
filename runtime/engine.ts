/**
 * One instance of a compiled module with its one memory. Comes in: the manifest and assembled batches. Goes out: programs
 * run, numbers in memory. From address 0: the module's constants, the control block, arenas and what else does not depend
 * on a batch; then the region of the batch that is bound. The same batch again writes and allocates nothing.
 */
import {
  type Arena,
  type DType,
  type Manifest,
  type ManifestBuffer,
  type ProgramName,
  type Size,
  type SpaceName,
  seedWords,
} from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { fail } from "./errors.js";
import { isSparse } from "./graph.js";
import { aligned, place } from "./place.js";
import { type Addresses, frameBytes, type Kernel, type KernelFunction, Plan } from "./plan.js";
import { volume } from "./safetensors.js";
import { capacityOf, structureWords, writeSparseValues, writeStructure } from "./structures.js";

/** Numbers of a batch as they come out: f32, integers, and booleans as 0 and 1. */
export type OutputArray = Float32Array | Int32Array | Uint8Array;

type Rows = Readonly<Record<SpaceName, number>>;

const advice: Partial<Record<ProgramName, string>> = {
  evaluate: "declare a loss or a metric",
  train: "declare a loss and an optimizer, and compile with training",
  pullback: "compile with its pullback",
};

const pageBytes = 65536;

const wordsOf = (size: Size, rows: Rows): number =>
  size.reduce(
    (sum, { times, spaces }) => sum + spaces.reduce((n, space) => n * (rows[space] ?? 0), times),
    0,
  );

const isFixed = ({ life, words }: ManifestBuffer): boolean =>
  life === "kept" && words.every(({ spaces }) => spaces.every((space) => space === "batch"));

export class Engine {
  readonly manifest: Manifest;
  readonly memory: WebAssembly.Memory;
  f32 = new Float32Array();
  i32 = new Int32Array();
  readonly #kernels = new Map<string, Kernel>();
  readonly #arenas: Partial<Record<Arena, number>> = {};
  /** Addresses that do not depend on a batch; where the region of the batch begins. */
  readonly #control: number;
  readonly #fixed = new Map<number, number>();
  #base: number;
  #layout: Addresses | null = null;
  #capacity: Record<string, number> = {};
  #bytes = { structures: 0, buffers: 0 };
  #bound: Assembled | null = null;
  #plans: Partial<Record<ProgramName, Plan>> = {};
  #packed = false;
  #gradientsOf: ProgramName | null = null;

  /** @throws GN5001 when the module does not fit its own description. */
  constructor(manifest: Manifest, module: WebAssembly.Module) {
    this.manifest = manifest;
    this.#control = aligned(manifest.reservedBytes);
    const parameters = this.#control + 16;
    this.#arenas.parameters = parameters;
    this.#arenas.states = parameters + aligned(manifest.parameterWords * 4);
    this.#base = this.#arenas.states + aligned(manifest.stateWords * 4);
    manifest.buffers.forEach((buffer, i) => {
      if (!isFixed(buffer)) return;
      this.#fixed.set(i, this.#base);
      this.#base += aligned(wordsOf(buffer.words, { batch: 1 }) * 4);
    });
    this.memory = new WebAssembly.Memory({
      initial: Math.ceil((this.#base + 64) / pageBytes),
      maximum: 65536,
    });
    this.#refresh();
    try {
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
      for (const [name, value] of Object.entries(exports))
        if (typeof value === "function")
          this.#kernels.set(name, { call: value as KernelFunction, watched: 200, rows: 256 });
    } catch (cause) {
      fail("GN5001", "the module does not fit this runtime; recompile it with gnc", cause);
    }
  }

  /** Bytes in use. `total` is all the memory of this instance, its peak. */
  get usage() {
    const { manifest } = this;
    const parameters = manifest.parameterWords * 4;
    const training = this.#arenas.gradients === undefined ? 0 : this.#base - this.#arenas.gradients;
    return { parameters, training, ...this.#bytes, total: this.memory.buffer.byteLength };
  }

  /** Words of an arena, as a view that holds until memory grows. */
  arena(name: Arena): Float32Array {
    const { parameterWords, stateWords, settingsWords } = this.manifest;
    const words =
      name === "settings" ? settingsWords : name.endsWith("states") ? stateWords : parameterWords;
    const at = (this.#arenas[name] ?? fail("GN5001", `no arena ${name}`)) / 4;
    return this.f32.subarray(at, at + words);
  }

  /** Makes room for the arenas of gradients, and of training. The region of the batch moves behind them. */
  reserve(names: readonly Arena[]): void {
    const { optimizers, parameterWords, stateWords, settingsWords } = this.manifest;
    for (const name of names) {
      if (this.#arenas[name] !== undefined) continue;
      const unused = name === "moment2" && optimizers.every(({ kind }) => kind === "sgd");
      const words =
        name === "settings" ? settingsWords : name === "next_states" ? stateWords : parameterWords;
      const bytes = unused ? 0 : aligned(words * 4);
      this.#layout = this.#bound = null;
      this.#grow(this.#base + bytes);
      this.#arenas[name] = this.#base;
      this.f32.fill(0, this.#base / 4, (this.#base + bytes) / 4);
      this.#base += bytes;
    }
    if (names.includes("next_states")) this.arena("next_states").set(this.arena("states"));
  }

  /** To be called when parameters have new values: they are packed again before the next program. */
  parametersChanged(): void {
    this.#packed = false;
    if (this.#arenas.next_states !== undefined) this.arena("next_states").set(this.arena("states"));
  }

  control(seed: number, step: number): void {
    this.i32.set([...seedWords(seed).map((word) => word | 0), step], this.#control / 4);
  }

  isBound(batch: Assembled): boolean {
    return this.#bound === batch;
  }

  /** Writes structures and inputs of a batch. @throws GN5043 when there is not enough memory. */
  bind(batch: Assembled): void {
    const { manifest } = this;
    const before = this.#bound;
    this.#bound = null;
    const same = !!before && sameEdges(before, batch);
    const need = capacityOf(batch);
    if (
      !this.#layout ||
      Object.keys(need).some((key) => (need[key] as number) > (this.#capacity[key] ?? 0))
    )
      this.#lay(need);
    if (!same) this.#plans = {};
    const { structures } = this.#layout as unknown as Addresses;
    manifest.structures.forEach((structure, i) => {
      if (same && !structure.of.startsWith("nonzeros:")) return;
      const at = (structures[i] as number) / 4;
      const words = structureWords(manifest, structure, need);
      writeStructure(manifest, structure, batch, this.i32.subarray(at, at + words));
    });
    manifest.inputs.forEach((input, i) => {
      if (input.buffer === null) return;
      const fields = batch.graphs.map((graph) => graph.fields[i] ?? null);
      if (input.sparse)
        writeSparseValues(input.space, i, batch, this.f32.subarray(this.address(input.buffer) / 4));
      else
        this.write(
          batch,
          input.space,
          input.dtype,
          volume(input.shape),
          input.buffer,
          fields.map((f) => (f && !isSparse(f) ? f : null)),
        );
    });
    this.#bound = batch;
    this.#gradientsOf = null;
    if (manifest.programs.bind) this.#execute("bind");
  }

  /** Address of a buffer in the region of the bound batch. */
  address(buffer: number): number {
    return this.#fixed.get(buffer) ?? (this.#layout?.buffers[buffer] as number);
  }

  /** Writes one field: per graph its values in the user's order (null: leave what is there). */
  write(
    batch: Assembled,
    space: SpaceName,
    dtype: DType,
    width: number,
    buffer: number,
    values: readonly (ArrayLike<number> | null)[],
  ): void {
    const view = dtype === "f32" ? this.f32 : this.i32;
    values.forEach((field, g) => {
      if (!field) return;
      const at = this.address(buffer) / 4 + (batch.starts[space]?.[g] ?? 0) * width;
      const origin = batch.graphs[g]?.edges[space]?.origin;
      if (!origin) view.set(field, at);
      origin?.forEach((from, e) => {
        for (let j = 0; j < width; j++)
          view[at + e * width + j] = from < 0 ? 0 : (field[from * width + j] as number);
      });
    });
  }

  /** One field of graph `g`, copied, edges in the user's order without added self-loops. */
  read(
    batch: Assembled,
    g: number,
    space: SpaceName,
    dtype: DType,
    width: number,
    buffer: number,
  ): OutputArray {
    const start = batch.starts[space];
    const [from, to] = start ? [start[g] as number, start[g + 1] as number] : [0, 1];
    const at = this.address(buffer) / 4;
    const view = dtype === "f32" ? this.f32 : this.i32;
    const values = view.slice(at + from * width, at + to * width);
    const edges = batch.graphs[g]?.edges[space];
    const ordered = edges?.origin ? view.slice(0, edges.given * width) : values;
    edges?.origin?.forEach((place, e) => {
      if (place >= 0) ordered.set(values.subarray(e * width, (e + 1) * width), place * width);
    });
    return dtype === "bool" ? Uint8Array.from(ordered) : ordered;
  }

  /** @throws GN5004 when the artifact lacks one of the programs. */
  needs(...programs: ProgramName[]): void {
    for (const name of programs)
      if (!this.manifest.programs[name])
        fail(
          "GN5004",
          `${this.manifest.model} has no program \`${name}\`: ${advice[name] ?? "recompile it with gnc"}`,
        );
  }

  /** Runs a program on the bound batch, after `prepare` where parameters have changed. */
  run(name: ProgramName): void {
    if (!this.#packed && this.manifest.programs.prepare) this.#execute("prepare");
    this.#packed = true;
    if ((name === "train" || name === "pullback") && this.#gradientsOf !== name) {
      this.arena("gradients").fill(0);
      this.#gradientsOf = name;
    }
    this.#execute(name);
  }

  #execute(name: ProgramName): void {
    let plan = this.#plans[name];
    if (!plan) {
      plan = new Plan(
        this.manifest,
        name,
        this.#bound as Assembled,
        this.#layout as Addresses,
        this.#kernels,
        this.i32,
      );
      this.#plans[name] = plan;
    }
    plan.run();
  }

  /** Lays the region of the batch out for at least `need` rows; what has outgrown its room gets some headroom. */
  #lay(need: Record<string, number>): void {
    const { manifest } = this;
    for (const [key, rows] of Object.entries(need)) {
      const had = this.#capacity[key];
      if (had === undefined || had < rows)
        this.#capacity[key] = had === undefined ? rows : Math.ceil(rows * 1.125);
    }
    let at = this.#base;
    const take = (bytes: number) => {
      at += aligned(bytes);
      return at - aligned(bytes);
    };
    const structures = manifest.structures.map((s) =>
      take(structureWords(manifest, s, this.#capacity) * 4),
    );
    this.#bytes.structures = at - this.#base;
    const sizes = manifest.buffers.map(({ words }) => wordsOf(words, this.#capacity) * 4);
    const buffers = manifest.buffers.map(
      ({ life }, i) => this.#fixed.get(i) ?? (life === "kept" ? take(sizes[i] as number) : 0),
    );
    const frames = take(frameBytes(manifest));
    const scratch = take(manifest.scratchBytes);
    const passing = [...manifest.buffers.keys()].filter(
      (i) => manifest.buffers[i]?.life === "passing",
    );
    const lives = readLives(manifest);
    const { offsets, bytes } = place(
      passing.map((i) => sizes[i] as number),
      passing.map((i) => lives[i] ?? {}),
    );
    passing.forEach((i, k) => {
      buffers[i] = at + (offsets[k] as number);
    });
    this.#layout = null;
    this.#plans = {};
    this.#bytes.buffers = at + bytes - this.#base - this.#bytes.structures;
    this.#grow(at + bytes);
    this.#layout = {
      structures,
      buffers,
      frames,
      scratch,
      arenas: this.#arenas,
      control: this.#control,
    };
  }

  /** Makes memory reach `bytes`, with headroom where it can, and slack for vector loads at the very end. */
  #grow(bytes: number): void {
    const have = this.memory.buffer.byteLength / pageBytes;
    const need = Math.ceil((bytes + 64) / pageBytes);
    if (need <= have) return;
    const roomy = Math.min(65536, Math.max(need, Math.ceil(have * 1.25)));
    for (const pages of [roomy, need])
      try {
        this.memory.grow(pages - have);
        this.#refresh();
        return;
      } catch (cause) {
        if (pages === need)
          fail(
            "GN5043",
            `this batch needs ${Math.ceil(bytes / 2 ** 20)} MiB, more than there is; use smaller batches`,
            cause,
          );
      }
  }

  #refresh(): void {
    this.f32 = new Float32Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
  }
}

/** Whether a batch has the very edges, graph by graph, and the same number of rows everywhere. */
function sameEdges(a: Assembled, b: Assembled): boolean {
  return (
    a.graphs.length === b.graphs.length &&
    a.graphs.every((graph, g) => {
      const other = b.graphs[g];
      return (
        Object.entries(graph.rows).every(([space, rows]) => other?.rows[space] === rows) &&
        Object.entries(graph.edges).every(([name, edges]) => other?.edges[name] === edges)
      );
    })
  );
}

/** Lifetimes, such that what is read after a program lives to its end, and what is written before it from its beginning. */
function readLives(manifest: Manifest): Record<string, [number, number]>[] {
  const lives = manifest.buffers.map(({ lives }) =>
    Object.fromEntries(
      Object.entries(lives).map(([name, [from, to]]) => [name, [from, to] as [number, number]]),
    ),
  );
  const stretch = (buffer: number | undefined, end: 0 | 1) => {
    for (const span of Object.values(lives[buffer ?? -1] ?? {})) span[end] = end ? Infinity : -1;
  };
  for (const { buffer } of manifest.outputs) stretch(buffer, 1);
  for (const buffer of Object.values(manifest.loss)) stretch(buffer, 1);
  for (const { buffers } of manifest.metrics)
    for (const both of Object.values(buffers))
      for (const buffer of Object.values(both)) stretch(buffer, 1);
  for (const { buffer } of manifest.pullback?.inputs ?? []) stretch(buffer, 1);
  for (const { buffer } of manifest.pullback?.cotangents ?? []) stretch(buffer, 0);
  return lives;
}
