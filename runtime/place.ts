/**
 * Where buffers lie: first fit by size on lifetimes (LOWERING, Scheduling, 7). Two buffers may share words unless some
 * program needs both at once.
 */
import type { ManifestBuffer } from "./artifact.js";

/** Bytes, rounded up so that what follows is aligned for SIMD. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16;

type Lives = ManifestBuffer["lives"];

/** Whether some program needs both at the same step. */
export function overlap(a: Lives, b: Lives): boolean {
  for (const program in a) {
    const [x, y] = [a[program], b[program]];
    if (x && y && x[0] <= y[1] && y[0] <= x[1]) return true;
  }
  return false;
}

/**
 * Offsets in bytes for buffers of the given sizes, and the bytes they take together.
 * Largest first, each at the lowest place where nothing lies that lives when it does.
 */
export function place(
  sizes: readonly number[],
  lives: readonly Lives[],
): { offsets: number[]; bytes: number } {
  const offsets = sizes.map(() => 0);
  const placed: number[] = [];
  let bytes = 0;
  const bySize = [...sizes.keys()].sort(
    (a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b,
  );
  for (const i of bySize) {
    const size = aligned(sizes[i] as number);
    let at = 0;
    for (const other of placed) {
      const from = offsets[other] as number;
      if (!overlap(lives[i] as Lives, lives[other] as Lives)) continue;
      if (at + size <= from) break;
      at = Math.max(at, from + aligned(sizes[other] as number));
    }
    offsets[i] = at;
    bytes = Math.max(bytes, at + size);
    const next = placed.findIndex((other) => (offsets[other] as number) > at);
    placed.splice(next < 0 ? placed.length : next, 0, i);
  }
  return { offsets, bytes };
}
