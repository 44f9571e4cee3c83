/**
 * Runs kernels made by hand: lays out memory, fills structures and leaves, calls the module as the runtime would, and
 * compares stored tensors with what the evaluator says.
 */
import { type EmitOptions, emit } from "../../../compiler/6-emit/wasm/emit.js";
import { evaluate } from "../../../compiler/ir/evaluate.js";
import {
  type Buffer,
  type EmittedKernel,
  type EmittedModule,
  type Kernel,
  type KernelSlot,
  type Place,
  panelsIn,
  type Stage,
} from "../../../compiler/ir/kernel.js";
import { type Axis, type Tensor, volume } from "../../../compiler/ir/tensor.js";
import { chunkRows } from "../../../runtime/artifact.js";
import { found, generator, seed, type World } from "./world.js";

type Structure = Extract<KernelSlot, { kind: "structure" }>;

export type Split = "whole" | "single" | "halves";

export interface KernelParts {
  readonly domain: Kernel["domain"];
  readonly stages: readonly Stage[];
  readonly tile?: number;
  readonly scratch?: number;
}

export class Machine {
  readonly world: World;
  /** Of memory, 64 KB each. */
  pages = 256;
  /** Words of each arena. */
  arenaWords = 8192;
  /** Training steps before this one. */
  stepsDone: number = seed.step;
  readonly stored = new Map<Tensor, Buffer>();
  readonly leaves = new Map<Tensor, Float64Array>();
  readonly #random: () => number;
  readonly #addresses = new Map<string, number>();
  readonly #buffers = new Map<number, number>();
  #memory = new WebAssembly.Memory({ initial: 64 });
  #top = 0;
  #nextBuffer = 1;

  constructor(world: World, seedOfValues = 1) {
    this.world = world;
    this.#random = generator(seedOfValues);
  }

  /** Gives a tensor a place; leaves get values as well. */
  store(
    t: Tensor,
    options: {
      readonly layout?: readonly Axis[];
      readonly place?: Place;
      readonly value?: (i: number) => number;
    } = {},
  ): Buffer {
    const layout = options.layout ?? ("layout" in t.attrs ? t.attrs.layout : t.axes);
    const place: Place = options.place ?? { kind: "buffer" };
    const id = this.#nextBuffer++;
    const buffer: Buffer = {
      id,
      name: t.label ?? `t${t.id}`,
      space: t.space,
      layout,
      dtype: t.dtype,
      place,
    };
    this.stored.set(t, buffer);
    if (t.op === "input" || t.op === "param" || t.op === "state") {
      const make = options.value ?? ((): number => this.#value(t));
      const size = this.world.rows(t.space) * volume(t.axes);
      this.leaves.set(
        t,
        Float64Array.from({ length: size }, (_, i) => Math.fround(make(i))),
      );
    }
    return buffer;
  }

  buffer(parts: Omit<Buffer, "id">): Buffer {
    return { ...parts, id: this.#nextBuffer++ };
  }

  kernel({ domain, stages, tile = 4, scratch = 0 }: KernelParts): Kernel {
    return { name: "test", domain, stages, tile, scratch, stored: this.stored };
  }

  /** Runs kernels one after another over their whole domains. */
  async run(
    kernels: readonly Kernel[],
    split: Split = "whole",
    options: EmitOptions = {},
  ): Promise<EmittedModule> {
    const module = await emit(kernels, options);
    this.start(module);
    const functions = this.instantiate(module);
    for (const k of module.kernels) this.call(found(functions[k.function]), k, module, split);
    return module;
  }

  /** Fresh memory with all leaves. */
  start(module: EmittedModule): void {
    this.#memory = new WebAssembly.Memory({ initial: this.pages });
    this.#top = module.reservedBytes;
    this.#addresses.clear();
    this.#buffers.clear();
    for (const [t, values] of this.leaves) this.write(t, values);
  }

  instantiate(module: EmittedModule): Record<string, KernelFunction> {
    const compiled = new WebAssembly.Module(new Uint8Array(module.wasm));
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    return instance.exports as Record<string, KernelFunction>;
  }

  call(run: KernelFunction, emitted: EmittedKernel, module: EmittedModule, split: Split): void {
    this.prepare(run, emitted, module, split)();
  }

  /** Fills the frame of a kernel; what comes back runs it. */
  prepare(
    run: KernelFunction,
    emitted: EmittedKernel,
    module: EmittedModule,
    split: Split = "whole",
  ): () => void {
    const words = Int32Array.from(emitted.slots, (s) => this.#slot(s));
    const frame = this.#allocate(4 * words.length + 4);
    new Int32Array(this.#memory.buffer, frame, words.length).set(words);
    const scratch = this.#allocate(module.scratchBytes + 4);
    const parts = ranges(this.count(emitted.kernel), split);
    return () => {
      for (const [begin, end] of parts) run(frame, begin, end, scratch);
    };
  }

  count({ domain }: Kernel): number {
    if (domain.over === "count") return domain.count;
    const rows = domain.over === "level" ? this.world.order.length : this.world.rows(domain.space);
    return domain.over === "chunks" ? Math.ceil(rows / chunkRows(rows)) : rows;
  }

  /** The stored values, rows then axes by id. */
  read(t: Tensor): Float64Array {
    const buffer = found(this.stored.get(t));
    const words = this.#words(t, buffer);
    const order = placesOf(t, buffer.layout);
    return Float64Array.from(words, (_, i) =>
      Number(words[i - (i % order.length) + (order[i % order.length] ?? 0)]),
    );
  }

  write(t: Tensor, values: ArrayLike<number>): void {
    const buffer = found(this.stored.get(t));
    const words = this.#words(t, buffer);
    const order = placesOf(t, buffer.layout);
    for (let i = 0; i < words.length; i++) {
      words[i - (i % order.length) + (order[i % order.length] ?? 0)] = Number(values[i]);
    }
  }

  /** What the evaluator says. */
  expected(t: Tensor): Float64Array {
    const by = (op: Tensor["op"]): ReadonlyMap<string, ArrayLike<number>> =>
      new Map(
        [...this.leaves].flatMap(([leaf, values]) =>
          leaf.op === op && "path" in leaf.attrs
            ? [[leaf.attrs.path, this.#inLayout(leaf, values)]]
            : [],
        ),
      );
    const data = this.world.evaluation({
      inputs: by("input"),
      params: by("param"),
      states: by("state"),
    });
    return found(evaluate([t], data)[0]);
  }

  /** A leaf's values as the evaluator wants them: in the order of its layout. */
  #inLayout(t: Tensor, values: Float64Array): Float64Array {
    const layout = "layout" in t.attrs ? t.attrs.layout : t.axes;
    const order = placesOf(t, layout);
    const result = new Float64Array(values.length);
    values.forEach((v, i) => {
      result[i - (i % order.length) + (order[i % order.length] ?? 0)] = v;
    });
    return result;
  }

  /** Every stored target agrees with the evaluator, relative to the largest value. */
  check(targets: readonly Tensor[], tolerance = 2e-6): void {
    for (const t of targets) expectClose(this.read(t), this.expected(t), tolerance);
  }

  /** Bytes of a stored tensor. */
  bits(t: Tensor): Int32Array {
    const words = this.#words(t, found(this.stored.get(t)));
    return new Int32Array(words.buffer, words.byteOffset, words.length).slice();
  }

  floats(buffer: Buffer, words: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#bufferAddress(buffer), words);
  }

  arena(name: string): Float32Array {
    return new Float32Array(
      this.#memory.buffer,
      this.#named(name, 4 * this.arenaWords),
      this.arenaWords,
    );
  }

  #value(t: Tensor): number {
    if (t.dtype === "f32") return this.#random() * 2 - 1;
    if (t.dtype === "bool") return this.#random() < 0.5 ? 1 : 0;
    return Math.floor(this.#random() * 7);
  }

  #words(t: Tensor, buffer: Buffer): Float32Array | Int32Array {
    const address =
      buffer.place.kind === "arena"
        ? this.#named(buffer.place.arena, 4 * this.arenaWords) + 4 * buffer.place.offset
        : this.#bufferAddress(buffer);
    const count = this.world.rows(t.space) * volume(buffer.layout);
    return t.dtype === "f32"
      ? new Float32Array(this.#memory.buffer, address, count)
      : new Int32Array(this.#memory.buffer, address, count);
  }

  #bufferAddress(buffer: Buffer): number {
    const known = this.#buffers.get(buffer.id);
    if (known !== undefined) return known;
    const address = this.#allocate(4 * wordsOf(buffer, this.world) + 16);
    this.#buffers.set(buffer.id, address);
    new Float32Array(this.#memory.buffer, address, wordsOf(buffer, this.world) + 4).fill(
      Number.NaN,
    );
    return address;
  }

  #slot(slot: KernelSlot): number {
    switch (slot.kind) {
      case "buffer":
        return this.#bufferAddress(slot.buffer);
      case "structure":
        return this.#structure(slot);
      case "rows":
        return this.world.rows(slot.space);
      case "chunkRows":
        return chunkRows(this.world.rows(slot.space));
      case "arena":
        return this.#named(slot.arena, 4 * this.arenaWords) + 4 * slot.offset;
      case "control": {
        const address = this.#named("control", 12);
        const { low, high } = seed;
        new Int32Array(this.#memory.buffer, address, 3).set([low, high, this.stepsDone]);
        return address;
      }
      case "constant":
        return slot.value;
    }
  }

  #structure(slot: Structure): number {
    const values =
      slot.structure === "value_of"
        ? this.#valuesByColumn(slot.of)
        : this.world.structure(slot.structure, slot.of);
    const address = this.#allocate(4 * values.length + 4);
    new Int32Array(this.#memory.buffer, address, values.length).set(values);
    return address;
  }

  /** The bits of the values of a sparse input. */
  #valuesByColumn(of: Structure["of"]): Int32Array {
    const [, values] = found([...this.leaves].find(([t]) => t.op === "input" && t.space === of));
    const order = this.world.structure("nonzero_of", of);
    return new Int32Array(Float32Array.from(order, (k) => values[k] ?? 0).buffer);
  }

  #named(name: string, bytes: number): number {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const address = this.#allocate(bytes);
    this.#addresses.set(name, address);
    return address;
  }

  #allocate(bytes: number): number {
    const address = Math.ceil(this.#top / 64) * 64;
    this.#top = address + bytes;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) throw new Error("the test wants more memory");
    return address;
  }
}

export type KernelFunction = (frame: number, begin: number, end: number, scratch: number) => void;

function wordsOf({ place, layout, space }: Buffer, world: World): number {
  if (place.kind === "panels") return panelsIn(place).words;
  const rows = place.kind === "partials" ? 16 : world.rows(space);
  return rows * volume(layout);
}

/** For every position in the order of the axes, its place in a layout. */
function placesOf(t: Tensor, layout: readonly Axis[]): readonly number[] {
  let places = [0];
  for (const axis of t.axes) {
    const stride = volume(layout.slice(layout.indexOf(axis) + 1));
    places = places.flatMap((p) => Array.from({ length: axis.size }, (_, i) => p + i * stride));
  }
  return places;
}

function ranges(count: number, split: Split): readonly (readonly [number, number])[] {
  if (split === "single") return Array.from({ length: count }, (_, i) => [i, i + 1] as const);
  if (split === "whole") return [[0, count]];
  const half = Math.floor(count / 2);
  return [
    [half, count],
    [0, half],
  ];
}

export function expectClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
): void {
  if (got.length !== want.length) throw new Error(`${got.length} numbers for ${want.length}`);
  const finite = Array.from(want).filter(Number.isFinite);
  const scale = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [Number(got[i]), Number(want[i])];
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const error = Math.abs(a - b) / scale;
    if (!(error <= tolerance)) throw new Error(`at ${i}: ${a} for ${b} (${error})`);
  }
}
