/**
 * Recurrences by groups of graphs. Edges stay within a graph, so graphs need not wait for each other between levels: each
 * group can go through all levels by itself. Rows ascend within a level, so those of a group stand together.
 */
import type { Manifest } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { KernelFunction, Recurrence } from "./plan.js";
import { orderedSet } from "./stream.js";

export interface Groups {
  readonly count: number;
  readonly levels: number;
  /** What is done for each level, in order. */
  readonly steps: readonly { readonly call: KernelFunction; readonly frame: number }[];
  /** [levels][count + 1] places in the order where the rows of each group begin in a level. */
  readonly cuts: Int32Array;
  /** [count + 1] the first row of each group. */
  readonly first: Int32Array;
}

/** At most so many groups of about as many rows; null where levels are not all that a recurrence consists of. */
export function groupsOf(
  { starts, calls }: Recurrence,
  manifest: Manifest,
  { orders, starts: firstRows }: Assembled,
  most: number,
): Groups | null {
  const [name, found] = Object.entries(orders).find(([, o]) => o.level_start === starts) ?? [];
  const rows = name === undefined ? undefined : firstRows[orderedSet(manifest, name)];
  const steps = calls.flatMap((call) =>
    "kernel" in call && call.end === null ? [{ call: call.kernel.call, frame: call.frame }] : [],
  );
  if (!found || !rows || steps.length < calls.length) return null;
  const first = evenly(rows, most);
  const count = first.length - 1;
  const levels = starts.length - 1;
  const cuts = new Int32Array(levels * (count + 1));
  for (let level = 0; level < levels; level++) {
    let place = starts[level] as number;
    const end = starts[level + 1] as number;
    for (let group = 0; group <= count; group++) {
      while (place < end && (found.order[place] as number) < (first[group] as number)) place++;
      cuts[level * (count + 1) + group] = place;
    }
  }
  return { count, levels, steps, cuts, first };
}

/** First rows of groups of whole graphs, and the end. */
function evenly(firstRows: Int32Array, most: number): Int32Array {
  const rows = firstRows.at(-1) as number;
  const first = [0];
  for (const row of firstRows)
    if (row > (first.at(-1) as number) && row >= (rows * first.length) / most) first.push(row);
  return Int32Array.from(first);
}
