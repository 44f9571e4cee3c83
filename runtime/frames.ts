/** Frames: the blocks of i32 words by which kernels find everything (`Slot`), and how much room they take. */
import { type Arena, chunkRows, kernelsOf, type Slot, type Step } from "./artifact.js";
import type { Places } from "./place.js";

/** Bytes, rounded up to lines of the caches: a row of 16 numbers that is gathered lies in one, not in two. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Everything a slot can name. */
export interface Addresses extends Places {
  readonly control: number;
  readonly arenas: Readonly<Partial<Record<Arena, number>>>;
}

/** Bytes that the frames of all steps take. */
export const frameBytes = (steps: readonly Step[]): number =>
  kernelsOf(steps).reduce((sum, { slots }) => sum + aligned(slots.length * 4), 0);

/** The word that a slot holds. */
export function wordOf(slot: Slot, at: Addresses, rows: (space: string) => number): number {
  if ("buffer" in slot) return at.buffers[slot.buffer] as number;
  if ("structure" in slot) return at.structures[slot.structure] as number;
  if ("rows" in slot) return rows(slot.rows);
  if ("chunkRows" in slot) return chunkRows(rows(slot.chunkRows));
  if ("arena" in slot) return (at.arenas[slot.arena] as number) + slot.offset * 4;
  return "control" in slot ? at.control : slot.constant;
}
