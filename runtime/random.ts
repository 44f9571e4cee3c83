/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011), the generator of the kernels. A stream is keyed by a
 * seed and a name and yields the same numbers everywhere.
 */
import { seedWords } from "./artifact.js";

/**
 * High word of the 64-bit product of two 32-bit words, by halves: no step leaves 32 bits. One name a line, here and below:
 * first weights are drawn in code that is still interpreted, where taking an array apart costs more than the product.
 */
function highWord(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const u = ((Math.imul(a0, b0) >>> 16) + Math.imul(a1, b0)) >>> 0;
  const v = ((u & 0xffff) + Math.imul(a0, b1)) >>> 0;
  return (Math.imul(a1, b1) + (u >>> 16) + (v >>> 16)) >>> 0;
}

/** Ten rounds on a counter of four words, in place, under a key of two. */
export function philox(words: Uint32Array, key0: number, key1: number): Uint32Array {
  let c0 = words[0] as number;
  let c1 = words[1] as number;
  let c2 = words[2] as number;
  let c3 = words[3] as number;
  for (let round = 0; round < 10; round++) {
    const next0 = (highWord(0xcd9e8d57, c2) ^ c1 ^ key0) >>> 0;
    const next2 = (highWord(0xd2511f53, c0) ^ c3 ^ key1) >>> 0;
    c1 = Math.imul(0xcd9e8d57, c2);
    c3 = Math.imul(0xd2511f53, c0);
    c0 = next0;
    c2 = next2;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
  return words;
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
  const block = new Uint32Array(4);
  let count = 0;
  return () => {
    if (count % 4 === 0) {
      block[0] = count / 4;
      block[1] = site;
      block[2] = name.length;
      block[3] = 0;
      philox(block, low, high);
    }
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
