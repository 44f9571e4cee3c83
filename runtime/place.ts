/**
 * Where the structures, buffers and frames of a batch lie. Buffers that pass share memory by first fit on lifetimes
 * (LOWERING, Scheduling, 7): two may share words unless some program needs both at once.
 */
import {
  type Lives,
  livesOf,
  type Manifest,
  type ManifestBuffer,
  type SpaceName,
} from "./artifact.js";
import { aligned, frameBytes } from "./frames.js";

type Rows = Readonly<Record<SpaceName, number>>;

/** Addresses in bytes. */
export interface Places {
  readonly structures: readonly number[];
  readonly buffers: readonly number[];
  readonly frames: number;
  readonly scratch: number;
  readonly structureBytes: number;
  readonly end: number;
}

export const bytesOf = ({ width, space }: ManifestBuffer, rows: Rows): number =>
  4 * width * (space === "batch" ? 1 : (rows[space] ?? 0));

/** Whether a buffer is kept and has one size for all batches. */
export const isFixed = ({ life, space }: ManifestBuffer): boolean =>
  life === "kept" && space === "batch";

/** Whether some program needs both at the same step. */
export const overlap = (a: Lives, b: Lives): boolean =>
  Object.entries(a).some(([program, [from, to]]) => {
    const other = b[program];
    return other && from <= other[1] && other[0] <= to;
  });

/**
 * Offsets in bytes for buffers of the given sizes, and the bytes they take together.
 * Largest first, each at the lowest place where nothing lies that lives when it does.
 */
export function place(
  sizes: readonly number[],
  lives: readonly Lives[],
): { offsets: number[]; bytes: number } {
  const offsets = sizes.map(() => 0);
  const ends = sizes.map(() => 0);
  const placed: number[] = [];
  for (const i of [...sizes.keys()].sort((a, b) => (sizes[b] as number) - (sizes[a] as number))) {
    const size = aligned(sizes[i] as number);
    let at = 0;
    for (const other of placed) {
      if (!overlap(lives[i] as Lives, lives[other] as Lives)) continue;
      if (at + size <= (offsets[other] as number)) break;
      at = Math.max(at, ends[other] as number);
    }
    offsets[i] = at;
    ends[i] = at + size;
    const next = placed.findIndex((other) => (offsets[other] as number) > at);
    placed.splice(next < 0 ? placed.length : next, 0, i);
  }
  return { offsets, bytes: Math.max(0, ...ends) };
}

/** Lays out a batch of so many rows, and structures of so many words, from `base` on; `fixed` buffers lie elsewhere. */
export function layOut(
  manifest: Manifest,
  base: number,
  rows: Rows,
  structureWords: readonly number[],
  fixed: ReadonlyMap<number, number>,
): Places {
  let end = base;
  const take = (bytes: number) => {
    end += aligned(bytes);
    return end - aligned(bytes);
  };
  const structures = structureWords.map((words) => take(4 * words));
  const structureBytes = end - base;
  const buffers = manifest.buffers.map(
    (buffer, i) => fixed.get(i) ?? (buffer.life === "kept" ? take(bytesOf(buffer, rows)) : -1),
  );
  const frames = take(frameBytes(Object.values(manifest.programs).flat()));
  const scratch = take(manifest.scratchBytes);
  const passing = [...buffers.keys()].filter((i) => (buffers[i] as number) < 0);
  const sizes = passing.map((i) => bytesOf(manifest.buffers[i] as ManifestBuffer, rows));
  const lives = livesOf(manifest);
  const { offsets, bytes } = place(
    sizes,
    passing.map((i) => lives[i] as Lives),
  );
  passing.forEach((i, k) => {
    buffers[i] = end + (offsets[k] as number);
  });
  return { structures, buffers, frames, scratch, structureBytes, end: end + bytes };
}
