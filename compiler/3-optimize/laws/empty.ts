/**
 * Groups of nothing. `sum(x, empty: 0)` asks for what a sum gives anyway, as do recurrences that begin with zeros.
 */
import type { RowMap } from "../../ir/space.js";
import type { Tensor } from "../../ir/tensor.js";
import { onMap, type Rule } from "../rule.js";

const isConst = (t: Tensor | undefined, value: number): boolean =>
  t?.op === "const" && t.attrs.value === value;

/** The map whose elements `t` asks for: `count > 0`. */
function anyAlong(t: Tensor | undefined): RowMap | null {
  if (t?.op !== "map" || t.attrs.f !== "gt" || !isConst(t.inputs[1], 0)) return null;
  const [n] = t.inputs;
  const count = n?.op === "map" && n.attrs.f === "to_f32" ? n.inputs[0] : n;
  return count?.op === "fact" && count.attrs.fact === "count" ? count.attrs.map : null;
}

const emptySum = onMap(
  ["select"],
  {
    name: "empty sum",
    law: "select(count(m) > 0, Σ_m x, 0) = Σ_m x",
    why: "of nothing a sum is 0 by itself",
  },
  (t) => {
    const [condition, sum, other] = t.inputs;
    const map = anyAlong(condition);
    if (!map || sum?.op !== "product" || sum.attrs.map !== map || !isConst(other, 0)) return null;
    return sum.axes.length === t.axes.length ? sum : null;
  },
);

export const empties: readonly Rule[] = [emptySum];
