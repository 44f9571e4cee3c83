/**
 * A one-hot vector picks: contracted with a table it is a lookup, summed over rows it is a push by slot.
 *
 *     Σ_c [i = c] W_c  =  W_i              Σₑ [iₑ = c] xₑ  =  Σₑ xₑ pushed to the slot iₑ
 *
 * An index outside of the axis gives 0 on both sides.
 */
import type { Axis, Tensor, TensorTable } from "../../ir/tensor.js";
import { axesOf, isEntangled, meet, type Parts, partsOf } from "../factors.js";
import { onProduct, type Rule } from "../rule.js";

interface OneHot {
  readonly axis: Axis;
  readonly index: Tensor;
}

/** `to_f32(i == c)`, c running over an axis; perhaps gathered. */
function oneHotOf(t: Tensor, table: TensorTable): OneHot | null {
  if (t.op === "pull" && t.attrs.slots.length === 0) {
    const inner = t.inputs[0] && oneHotOf(t.inputs[0], table);
    return inner ? { ...inner, index: table.pull(inner.index, t.attrs.map, [], t.span) } : null;
  }
  const hit = t.op === "map" && t.attrs.f === "to_f32" ? t.inputs[0] : null;
  if (hit?.op !== "map" || hit.attrs.f !== "eq") return null;
  const [a, b] = hit.inputs;
  const [place, index] = a?.op === "iota" ? [a, b] : [b, a];
  if (place?.op !== "iota" || !index || index.dtype !== "i32") return null;
  const { axis } = place.attrs;
  return index.axes.includes(axis) ? null : { axis, index };
}

/** The factors at the place that the index names. */
const at = (
  table: TensorTable,
  factors: readonly Tensor[],
  { axis, index }: OneHot,
): readonly Tensor[] =>
  factors.map((f) => (f.axes.includes(axis) ? table.pull(f, null, [{ axis, index }], f.span) : f));

function applied(parts: Parts, f: Tensor, hot: OneHot, table: TensorTable): Parts | null {
  const { axis, index } = hot;
  const others = parts.factors.filter((g) => g !== f);
  if (others.length !== parts.factors.length - 1) return null;
  if (meet(index.axes, axesOf(others)) && index.axes.some((a) => !parts.over.includes(a)))
    return null;
  const factors = at(table, others, hot);
  if (parts.over.includes(axis))
    return others.some((g) => g.axes.includes(axis))
      ? { ...parts, factors, over: parts.over.filter((a) => a !== axis) }
      : null;
  if (!parts.map || index.axes.length > 0) return null;
  const one = table.constant(1, f.space);
  const slots = [...parts.slots, { axis, index }];
  return { ...parts, factors: factors.length > 0 ? factors : [one], slots };
}

const pick = onProduct(
  {
    name: "one-hot",
    law: "Σ_c [i = c] W_c = W_i",
    why: "a row is read instead of a whole table multiplied",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    for (const f of parts.factors) {
      const hot = oneHotOf(f, table);
      const made = hot && applied(parts, f, hot, table);
      if (made) return table.product(made, t.span);
    }
    return null;
  },
);

export const oneHots: readonly Rule[] = [pick];
