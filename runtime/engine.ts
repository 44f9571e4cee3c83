/**
 * One instance of a compiled module. Comes in: the manifest and assembled batches. Goes out: programs run, numbers in
 * memory. From address 0: the module's constants, the control block, arenas and what else does not depend on a batch; then
 * the region of the batch that is bound. The same batch again writes and allocates nothing.
 */
import {
  type Arena,
  type Manifest,
  type ManifestStructure,
  type ProgramName,
  seedWords,
} from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { fail } from "./errors.js";
import { writeInput } from "./fields.js";
import { aligned } from "./frames.js";
import { Memory } from "./memory.js";
import { bytesOf, isFixed, layOut, type Places } from "./place.js";
import { type Kernel, type KernelFunction, Plan } from "./plan.js";
import { type Made, type Maker, type Makers, makers } from "./structures.js";
import type { Threads } from "./threads.js";

/** What only some models need. */
export interface EngineParts {
  readonly threads?: Threads | undefined;
  readonly moreMakers?: Makers;
}

export class Engine {
  readonly manifest: Manifest;
  readonly memory: Memory;
  readonly #kernels = new Map<string, Kernel>();
  readonly #arenas: Partial<Record<Arena, number>> = {};
  readonly #control: number;
  readonly #threads: Threads | undefined;
  readonly #makers: Makers;
  /** Buffers that do not depend on a batch, and where the region of the batch begins. */
  readonly #fixed = new Map<number, number>();
  #base: number;
  #places: Places | null = null;
  /** How many rows of each space, and words of each structure, there is room for. */
  #capacity: Record<string, number> = {};
  #bound: Assembled | null = null;
  /** Of each structure of the bound batch. */
  #structureWords: readonly number[] = [];
  /** Structures of the bound batch that lie in memory; each is written when a program first reads it. */
  readonly #written = new Set<number>();
  #plans: Partial<Record<ProgramName, Plan>> = {};
  /** Where the frames of the next plan go. */
  #frames = 0;
  #packed = false;
  /** Whether `bind_more` has been run on the bound batch. */
  #boundMore = false;
  /** Changes with all that overwrites what a program has left in memory. */
  uses = 0;

  /** @throws GN5001 when the module does not fit its own description. */
  constructor(
    manifest: Manifest,
    module: WebAssembly.Module,
    { threads, moreMakers }: EngineParts,
  ) {
    this.manifest = manifest;
    this.#makers = { ...makers, ...moreMakers };
    this.#threads = threads;
    this.#control = aligned(manifest.reservedBytes);
    this.#base = aligned(this.#control + 16);
    this.#take("parameters");
    this.#take("states");
    manifest.buffers.forEach((buffer, i) => {
      if (!isFixed(buffer)) return;
      this.#fixed.set(i, this.#base);
      this.#base += aligned(bytesOf(buffer, {}));
    });
    this.memory = new Memory(this.#base, threads?.share);
    try {
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory.object } });
      for (const [name, kernel] of Object.entries(exports as Record<string, KernelFunction>))
        this.#kernels.set(name, {
          call: threads?.spread(name, kernel) ?? kernel,
          watched: 200,
          rows: 256,
        });
    } catch (cause) {
      fail("GN5001", "the module does not fit this runtime; recompile with gnc", cause);
    }
  }

  /** Bytes in use. `peak` is all the memory of this instance. */
  get usage() {
    const { structureBytes = 0, end = this.#base } = this.#places ?? {};
    return {
      parameters: this.manifest.parameterWords * 4,
      training: this.#base - (this.#arenas.gradients ?? this.#base),
      structures: structureBytes,
      buffers: end - this.#base - structureBytes,
      peak: this.memory.bytes,
    };
  }

  /** Words of an arena, as a view that holds until memory grows. */
  arena(name: Arena): Float32Array {
    const at = (this.#arenas[name] as number) / 4;
    return this.memory.f32.subarray(at, at + this.#words(name));
  }

  #words(name: Arena): number {
    const { parameterWords, stateWords, settingsWords } = this.manifest;
    return name === "settings"
      ? settingsWords
      : name.endsWith("states")
        ? stateWords
        : parameterWords;
  }

  #take(name: Arena): void {
    this.#arenas[name] = this.#base;
    this.#base += aligned(this.#words(name) * 4);
  }

  /** Makes room for the arenas of gradients and of training. The region of the batch moves behind them. */
  reserve(names: readonly Arena[]): void {
    for (const name of names) {
      if (this.#arenas[name] !== undefined) continue;
      this.memory.grow(this.#base + this.#words(name) * 4);
      this.#places = this.#bound = null;
      this.#take(name);
      this.arena(name).fill(0);
      this.parametersChanged();
    }
  }

  /** To be called when parameters or states have new values: before the next program they are packed. */
  parametersChanged(): void {
    this.#packed = false;
    this.uses++;
    if (this.#arenas.next_states) this.arena("next_states").set(this.arena("states"));
  }

  control(seed: number, step: number): void {
    this.memory.i32.set([...seedWords(seed), step], this.#control / 4);
  }

  isBound(batch: Assembled): boolean {
    return this.#bound === batch;
  }

  /** Makes room for a batch and writes its inputs. @throws GN5043 when there is not enough memory. */
  bind(batch: Assembled): void {
    const { manifest } = this;
    const same = sameEdges(this.#bound, batch);
    this.#bound = null;
    if (!same) this.#plans = {};
    const words = manifest.structures.map(({ of }, i) => {
      if (same && !of.startsWith("nonzeros:")) return this.#structureWords[i] as number;
      this.#written.delete(i);
      return this.#made(i, batch)[0];
    });
    this.#structureWords = words;
    const { frames } = this.#makeRoom(batch.rows, words);
    if (!same) this.#frames = frames;
    for (const i of manifest.inputs.keys()) writeInput(this, batch, i);
    this.#bound = batch;
    this.#boundMore = false;
    this.uses++;
    if (manifest.programs.bind) this.#planOf("bind").run();
  }

  /** Address of a buffer, in words. */
  wordOf(buffer: number): number {
    return (this.#places?.buffers[buffer] as number) / 4;
  }

  /** @throws GN5004 when the artifact lacks one of the programs. */
  needs(...programs: ProgramName[]): void {
    for (const name of programs)
      if (!this.manifest.programs[name])
        fail(
          "GN5004",
          `${this.manifest.model} has no program \`${name}\`; declare a loss for \`train\`, compile with --gradients all for \`pullback\``,
        );
  }

  /** Runs a program on the bound batch. */
  run(name: ProgramName): void {
    this.prepared(name).run();
  }

  /** The plan of a program, after `prepare` where parameters have changed. */
  prepared(name: ProgramName): Plan {
    this.uses++;
    if (!this.#packed && this.manifest.programs.prepare) this.#planOf("prepare").run();
    this.#packed = true;
    if (name !== "infer" && !this.#boundMore) {
      if (this.manifest.programs.bind_more) this.#planOf("bind_more").run();
      this.#boundMore = true;
    }
    return this.#planOf(name);
  }

  #made(structure: number, batch: Assembled): Made {
    const { kind, of } = this.manifest.structures[structure] as ManifestStructure;
    return (this.#makers[kind] as Maker)(this.manifest, of, batch);
  }

  #planOf(name: ProgramName): Plan {
    const plan = this.#plans[name] ?? this.#makePlan(name);
    for (const i of plan.structures) {
      if (this.#written.has(i)) continue;
      const out = this.memory.i32.subarray((this.#places?.structures[i] as number) / 4);
      this.#made(i, this.#bound as Assembled)[1](out);
      this.#written.add(i);
    }
    return plan;
  }

  #makePlan(name: ProgramName): Plan {
    const addresses = {
      ...(this.#places as Places),
      control: this.#control,
      arenas: this.#arenas,
    };
    const plan = new Plan(
      this.manifest,
      name,
      this.#bound as Assembled,
      addresses,
      this.#kernels,
      this.memory.i32,
      this.#frames,
    );
    this.#threads?.adopt(plan, this.manifest, this.#bound as Assembled);
    this.#plans[name] = plan;
    this.#frames = plan.end;
    return plan;
  }

  /** Room for at least so many rows, and words of structures; what has outgrown its room gets some headroom. */
  #makeRoom(rows: Readonly<Record<string, number>>, structureWords: readonly number[]): Places {
    const wanted: Record<string, number> = Object.assign({}, rows, structureWords);
    const had = this.#capacity;
    const grown = Object.keys(wanted).filter((key) => (wanted[key] as number) > (had[key] ?? -1));
    if (this.#places && !grown.length) return this.#places;
    const capacity = { ...had };
    for (const key of grown)
      capacity[key] = Math.ceil((wanted[key] as number) * (key in had ? 1.125 : 1));
    const words = structureWords.map((_, i) => capacity[i] as number);
    const places = layOut(this.manifest, this.#base, capacity, words, this.#fixed);
    this.memory.grow(places.end);
    this.#capacity = capacity;
    this.#places = places;
    return places;
  }
}

/** Whether a batch has the very edges, graph by graph, and the same number of rows everywhere. */
const sameEdges = (a: Assembled | null, b: Assembled): boolean =>
  a?.graphs.length === b.graphs.length &&
  b.graphs.every((graph, g) =>
    (["rows", "edges"] as const).every((part) =>
      Object.keys(graph[part]).every((name) => a.graphs[g]?.[part][name] === graph[part][name]),
    ),
  );
