/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011), the generator of the kernels. A stream is keyed by a
 * seed and a name and yields the same numbers everywhere.
 */
import { seedWords } from "./artifact.js";

/** High and low word of the 64-bit product of two 32-bit words, by halves of `a`. */
function multiply(a: number, b: number): readonly [number, number] {
  const low = (a & 0xffff) * b;
  const high = (a >>> 16) * b + Math.floor(low / 0x10000);
  return [Math.floor(high / 0x10000) >>> 0, Math.imul(a, b) >>> 0];
}

/** Ten rounds on one counter of four words under a key of two. */
export function philox(counter: readonly number[], key0: number, key1: number): number[] {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ key0) >>> 0, low1, (high0 ^ c3 ^ key1) >>> 0, low0];
    key0 = (key0 + 0x9e3779b9) >>> 0;
    key1 = (key1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** FNV-1a of the UTF-16 units of a name. */
function hash(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** An endless stream of uniform numbers in [0, 1) with 24 bits each, keyed by seed and name. */
export function uniforms(seed: number, name: string): () => number {
  const [low, high] = seedWords(seed);
  const site = hash(name);
  let block: number[] = [];
  let count = 0;
  return () => {
    if (count % 4 === 0) block = philox([count / 4, site, name.length, 0], low, high);
    return ((block[count++ % 4] as number) >>> 8) / 0x1000000;
  };
}

/** Standard normal numbers (Box-Muller) from the same stream. */
export function normals(seed: number, name: string): () => number {
  const next = uniforms(seed, name);
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** 0..n-1 in an order that seed and name alone decide (Fisher-Yates). */
export function shuffled(n: number, seed: number, name: string): number[] {
  const next = uniforms(seed, name);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
