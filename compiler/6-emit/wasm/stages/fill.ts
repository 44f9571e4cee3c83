/**
 * Computes what is kept of the elements of a block: values of many positions element by element, others of four
 * elements at once.
 */
import type { Tensor } from "../../../ir/tensor.js";
import type { StageContext } from "./context.js";
import { fillDraws } from "./draws.js";
import type { Elements, List } from "./elements.js";
import { fillFour } from "./four.js";
import { writeRow } from "./map.js";
import { isNarrow } from "./stash.js";

/** `each` writes a loop over the elements of the list. */
export function fill(
  tensors: readonly Tensor[],
  each: Elements,
  list: List,
  c: StageContext,
): void {
  const narrow = (t: Tensor | undefined): boolean => t !== undefined && isNarrow(t, c.e);
  const draws = tensors.filter((t) => t.op === "random");
  for (const t of draws) fillDraws(t, list.numbers, list.count, c);
  const others = tensors.filter((t) => t.op !== "random");
  for (const group of groups(others, narrow)) {
    if (narrow(group[0])) fillFour(group, list, c);
    else
      each((element) => {
        for (const t of group) writeRow(t, element, c);
      });
  }
}

/** Runs of narrow tensors and of others: each may read what is before it. */
function groups(
  tensors: readonly Tensor[],
  isNarrow: (t: Tensor | undefined) => boolean,
): readonly (readonly Tensor[])[] {
  const all: Tensor[][] = [];
  for (const t of tensors) {
    const last = all.at(-1);
    if (last && isNarrow(last[0]) === isNarrow(t)) last.push(t);
    else all.push([t]);
  }
  return all;
}
