/** Reductions and the maps that they run along. */
import { bug } from "../bug.js";
import type { RowMap } from "../ir/space.js";
import type { Tensor } from "../ir/tensor.js";
import { overOf } from "./cost.js";

/** Whether a tensor reduces rows of a finer space. */
export const isAlongMap = (t: Tensor): boolean =>
  t.op === "winner"
    ? isAlongMap(t.inputs[0])
    : (t.op === "product" || t.op === "lse" || t.op === "extreme") && t.attrs.map !== null;

/** Whether a tensor sums, compares or searches: over rows or within one. */
export const isReduction = (t: Tensor): boolean =>
  isAlongMap(t) || overOf(t).length > 0 || t.op === "winner";

/** The map that a reduction runs along. */
export function mapOf(t: Tensor): RowMap {
  if (t.op === "winner") return mapOf(t.inputs[0]);
  if (t.op !== "product" && t.op !== "lse" && t.op !== "extreme") return bug(`${t.op} has no map`);
  return t.attrs.map ?? bug(`${t.op} within the row`);
}
