/**
 * What one core of this machine does in WebAssembly: multiplications and additions on registers, reads from the first cache
 * and from memory, in four streams. It takes about half a second; the best of many short samples.
 */
import { documented, type Machine } from "../../compiler/explain/cost/machine.js";

const chains = 6;
const unrolled = 4;
const each = (n: number, text: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => text(i)).join("\n");

/** Six chains of multiplications and six of additions, independent of each other: as many as their latency wants. */
const step = `
  ${each(chains, (i) => `(local.set $m${i} (f32x4.mul (local.get $m${i}) (local.get $one)))`)}
  ${each(chains, (i) => `(local.set $a${i} (f32x4.add (local.get $a${i}) (local.get $one)))`)}`;
const sumOf = (names: readonly string[]): string =>
  names.map((n) => `(local.get $${n})`).reduce((a, b) => `(f32x4.add ${a} ${b})`);
const all = Array.from({ length: chains }, (_, i) => [`m${i}`, `a${i}`]).flat();

const kilobyte = 1024;
const large = 64 * kilobyte * kilobyte;

/** Reads up to an address with four sums at once, from places so many bytes apart. */
const reading = (name: string, apart: number): string => `
  (func (export "${name}") (param $bytes i32) (param $turns i32) (result f32)
    (local $at i32)
    ${each(4, (i) => `(local $sum${i} v128)`)}
    (loop $again
      (local.set $at (i32.const 0))
      (loop $next
        ${each(4, (i) => `(local.set $sum${i} (f32x4.add (local.get $sum${i}) (v128.load offset=${i * apart} (local.get $at))))`)}
        (local.set $at (i32.add (local.get $at) (i32.const ${apart === 16 ? 64 : 16})))
        (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (f32x4.extract_lane 0 ${sumOf(["sum0", "sum1", "sum2", "sum3"])}))`;

const text = `(module
  (memory (export "memory") 1 65536)
  (func (export "flops") (param $turns i32) (result f32)
    (local $one v128)
    ${each(chains, (i) => `(local $m${i} v128) (local $a${i} v128)`)}
    (local.set $one (f32x4.splat (f32.const 1)))
    (loop $again
      ${each(unrolled, () => step)}
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (f32x4.extract_lane 0 ${sumOf(all)}))
  ${reading("near", 16)}
  ${reading("far", large / 4)})`;

/** Bounds of this machine; caches as documented, functions in proportion to the peak. */
export async function measureMachine(): Promise<Machine> {
  const { flops, near, far, memory } = await instance();
  const turns = 20_000;
  const perCall = turns * unrolled * chains * 2 * 4;
  const peak = round(perCall / (await best(() => flops(turns))) / 1e6);
  const small = 16 * kilobyte;
  const cached = round((small * 200) / (await best(() => near(small, 200))) / 1e6);
  memory.grow(large / 65536);
  new Uint8Array(memory.buffer).fill(1);
  const slow = round(large / (await best(() => far(large / 4, 1), 12)) / 1e6);
  const functions = round((documented.functions * documented.flops) / peak);
  return { flops: peak, functions, cached, memory: slow, cache: documented.cache };
}

const round = (n: number): number => Number(n.toPrecision(3));

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly flops: (turns: number) => number;
  /** One stream, and four that are far apart. */
  readonly near: (bytes: number, turns: number) => number;
  readonly far: (bytes: number, turns: number) => number;
}

async function instance(): Promise<Exports> {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.MVP | binaryen.Features.SIMD128);
    const made = await WebAssembly.instantiate(new Uint8Array(module.emitBinary()));
    return made.instance.exports as unknown as Exports;
  } finally {
    module.dispose();
  }
}

/** Milliseconds of the fastest of some calls, after a warm-up and a pause in which better code arrives. */
async function best(run: () => unknown, samples = 40): Promise<number> {
  for (const end = performance.now() + 10; performance.now() < end; ) run();
  await new Promise((resolve) => setTimeout(resolve, 20));
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < samples; i++) {
    const from = performance.now();
    run();
    least = Math.min(least, performance.now() - from);
  }
  return least;
}
