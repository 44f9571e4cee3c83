/**
 * The last touch, when no law fires any more: in a sum of three factors or more, those that vary together are
 * multiplied before the loop that does not concern them, and shared by all sums that have them.
 */
import { type Tensor, volume } from "../../ir/tensor.js";
import { axesOf, isEntangled, partsOf } from "../factors.js";
import { isLifted } from "../maps.js";
import { onProduct, type Rule } from "../rule.js";

const isWithin = (a: Tensor, b: Tensor): boolean => a.axes.every((axis) => b.axes.includes(axis));

/** The narrowest two factors of which one has all axes of the other, if some axis is left out of both. */
function narrowestPair(factors: readonly Tensor[]): readonly [Tensor, Tensor] | null {
  const all = axesOf(factors).length;
  const own = factors.filter((f) => !isLifted(f));
  own.sort((a, b) => volume(a.axes) - volume(b.axes) || a.id - b.id);
  for (const [i, b] of own.entries())
    for (const a of own.slice(0, i)) {
      if (isWithin(a, b) && b.axes.length < all) return [a, b];
    }
  return null;
}

const together = onProduct(
  {
    name: "multiply once",
    law: "Σᵢⱼ xᵢ aⱼ bⱼ = Σᵢⱼ xᵢ (a b)ⱼ",
    why: "one multiplication less in the inner loop",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    const summed = parts.over.length > 0 || parts.map !== null;
    const pair = summed && parts.factors.length > 2 ? narrowestPair(parts.factors) : null;
    if (!pair || isEntangled(parts)) return null;
    const rest = [...parts.factors];
    for (const f of pair) rest.splice(rest.indexOf(f), 1);
    const product = table.product({ factors: pair }, t.span);
    return table.product({ ...parts, factors: [...rest, product] }, t.span);
  },
);

export const regroup: readonly Rule[] = [together];
