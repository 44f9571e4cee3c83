/**
 * Philox4x32-10, the one source of random bits (ARCHITECTURE, idea 10; Salmon et al. 2011, "Parallel random numbers:
 * as easy as 1, 2, 3"). A draw is a pure function of where it stands, so the backward pass draws again what the
 * forward pass drew, and every backend draws the same.
 *
 * counter = (row, floor(column / 4), site, step), key = (seed mod 2^32, floor(seed / 2^32)); the draw is word
 * column mod 4 of the result, its upper 24 bits taken as a fraction: exact in f32, in [0, 1).
 */

type Four = readonly [number, number, number, number];

const multiplier = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;

/** The upper and the lower word of a * b, by halves of 16 bits. */
function multiply(a: number, b: number): readonly [high: number, low: number] {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = ah * bl + Math.floor((al * bl) / 65536);
  const cross = al * bh + (middle % 65536);
  const high = ah * bh + Math.floor(middle / 65536) + Math.floor(cross / 65536);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}

/** Four words of 32 bits out of a counter of four and a key of two. */
export function philox4x32(counter: Four, key: readonly [number, number]): Four {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [h0, l0] = multiply(multiplier[0], c0);
    const [h1, l1] = multiply(multiplier[1], c2);
    [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    k0 = (k0 + weyl[0]) >>> 0;
    k1 = (k1 + weyl[1]) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** What a draw depends on besides its place. */
export interface Source {
  readonly seed: number;
  readonly step: number;
  readonly site: number;
}

/** The draw in [0, 1) for one position (`column`, row-major) of one row. */
export function uniformAt({ seed, step, site }: Source, row: number, column: number): number {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  const words = philox4x32([row, column >>> 2, site, step], key);
  return ((words[column & 3] ?? 0) >>> 8) * 2 ** -24;
}
