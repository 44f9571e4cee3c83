/**
 * The machine that bounds are for. A kernel cannot be faster than its operations at the peak of one core, nor than its
 * bytes as caches give them, nor than what does not fit into the caches once from memory.
 */
import type { Formula, Sizes } from "../formula.js";

export interface Machine {
  /** GFLOP/s: additions and multiplications on vectors of four. */
  readonly flops: number;
  /** Nanoseconds for `exp` and other functions of a number, in vectors. */
  readonly functions: number;
  /** GB/s, from caches and from memory. */
  readonly cached: number;
  readonly memory: number;
  /** MB that the caches hold. */
  readonly cache: number;
}

/**
 * One core of an AMD EPYC Genoa (Zen 4) at 3.65 GHz, Node 20: 16 operations a cycle, reads from the first cache with four
 * sums at once, reads from memory, and the third cache as its size. Measured with WebAssembly SIMD.
 */
export const documented: Machine = {
  flops: 58.6,
  functions: 0.76,
  cached: 78,
  memory: 24,
  cache: 32,
};

export interface Bytes {
  readonly read: Formula;
  readonly written: Formula;
  /** Each byte that is touched, once. */
  readonly touched: (sizes: Sizes) => number;
}

export interface Bounded extends Bytes {
  readonly flops: Formula;
  readonly functions: Formula;
}

/** What keeps a kernel from being faster. */
export type Bound = "compute" | "memory" | "nothing";

/** Nanoseconds of the operations alone. */
export const computeTime = ({ flops, functions }: Bounded, machine: Machine): Formula =>
  flops.times(1 / machine.flops).plus(functions.times(machine.functions));

/** Nanoseconds of all bytes, as caches give them. */
export const cachedTime = ({ read, written }: Bytes, machine: Machine): Formula =>
  read.plus(written).times(1 / machine.cached);

/** Which bound holds, and when: for all sizes, or once a batch is so large that what is read once for all does not count. */
export type BoundFor = `${"compute" | "memory"} ${"always" | "at large"}` | "by sizes" | "nothing";

export function boundOf(work: Bounded, machine: Machine): BoundFor {
  const [compute, memory] = [computeTime(work, machine), cachedTime(work, machine)];
  if (compute.isZero && memory.isZero) return "nothing";
  if (compute.covers(memory)) return "compute always";
  if (memory.covers(compute)) return "memory always";
  const [grown, bytes] = [compute.growing, memory.growing];
  if (grown.covers(bytes)) return "compute at large";
  return bytes.covers(grown) ? "memory at large" : "by sizes";
}

/** The bound in nanoseconds, and which it is. */
export function boundAt(
  work: Bounded,
  machine: Machine,
  sizes: Sizes,
): { readonly bound: Bound; readonly ns: number } {
  const compute = computeTime(work, machine).at(sizes);
  const fromMemory = (work.touched(sizes) - machine.cache * 1e6) / machine.memory;
  const memory = Math.max(cachedTime(work, machine).at(sizes), fromMemory);
  if (compute === 0 && memory === 0) return { bound: "nothing", ns: 0 };
  return compute >= memory ? { bound: "compute", ns: compute } : { bound: "memory", ns: memory };
}
