/**
 * The last touch, when no law fires any more. The laws see a product as one set of factors; what is computed is best
 * done in pairs: those that others need too, and those that vary together, before the loop that does not concern them.
 */
import { type Tensor, type TensorOf, type TensorTable, volume } from "../../ir/tensor.js";
import { axesOf, dropOne, isEntangled, partsOf, widthOf } from "../factors.js";
import { isLifted } from "../maps.js";
import { onProduct, type Rule } from "../rule.js";
import { sparseOf } from "../sparse.js";

const isWithin = (a: Tensor, b: Tensor): boolean => a.axes.every((axis) => b.axes.includes(axis));

/** A square; or the narrowest two factors of which one has all axes of the other, if some axis is left out of both. */
function narrowestPair(factors: readonly Tensor[]): readonly [Tensor, Tensor] | null {
  const all = axesOf(factors).length;
  const own = factors.filter((f) => !isLifted(f) && !sparseOf(f));
  const twice = own.find((f, i) => own.indexOf(f) !== i);
  if (twice) return [twice, twice];
  own.sort((a, b) => volume(a.axes) - volume(b.axes) || a.id - b.id);
  for (const [i, b] of own.entries())
    for (const a of own.slice(0, i)) {
      if (isWithin(a, b) && b.axes.length < all) return [a, b];
    }
  return null;
}

/** `t` with two of its factors multiplied apart. */
function paired(table: TensorTable, t: TensorOf<"product">, pair: readonly [Tensor, Tensor]) {
  const parts = partsOf(t);
  const rest = pair.reduce(dropOne, parts.factors);
  const product = table.product({ factors: pair }, t.span);
  return table.product({ ...parts, factors: [...rest, product] }, t.span);
}

const known = onProduct(
  {
    name: "product at hand",
    law: "a b c = (a b) c where a b is computed",
    why: "what others need is not multiplied again",
  },
  (t, context) => {
    const { table } = context;
    const { factors } = partsOf(t);
    const summed = t.attrs.map !== null || t.attrs.over.length > 0;
    const whole = table.product({ factors });
    if (!summed && t.attrs.scale !== 1 && factors.length > 1 && context.computed(whole))
      return table.product({ factors: [whole], scale: t.attrs.scale }, t.span);
    if (factors.length < (summed ? 2 : 3) || isEntangled(partsOf(t))) return null;
    for (const [i, b] of factors.entries())
      for (const a of factors.slice(0, i)) {
        const wider = widthOf([a, b]) > Math.max(widthOf([a]), widthOf([b]));
        const product = table.product({ factors: [a, b] });
        if (!wider && context.computed(product)) return paired(table, t, [a, b]);
      }
    return null;
  },
);

const together = onProduct(
  {
    name: "multiply once",
    law: "xᵢ aⱼ bⱼ = xᵢ (a b)ⱼ, summed or not",
    why: "one multiplication less in the inner loop",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    const pair = parts.factors.length > 2 ? narrowestPair(parts.factors) : null;
    return pair && !isEntangled(parts) ? paired(table, t, pair) : null;
  },
);

export const regroup: readonly Rule[] = [known, together];
