/**
 * The normal form of products: no product inside a product, and nothing in a sum over axes that does not have them.
 */
import { type Axis, type Tensor, union } from "../../ir/tensor.js";
import { axesOf, isRowProduct, meet, type Parts, partsOf, productOf } from "../factors.js";
import { onProduct, type Rule } from "../rule.js";
import { isExclusive, unfoldFactors } from "../unfold.js";

const single = onProduct({ name: "one factor", law: "Π x = x", why: "nothing to do" }, (t) => {
  const { over, scale } = t.attrs;
  const isAlone = isRowProduct(t) && t.inputs.length === 1;
  return isAlone && over.length === 0 && scale === 1 ? (t.inputs[0] ?? null) : null;
});

const nested = onProduct(
  { name: "product of products", law: "(a b) c = a b c", why: "every law sees every factor" },
  (t, { table }) => {
    const pointwise = (f: Tensor): boolean =>
      f.op === "product" && isRowProduct(f) && f.attrs.over.length === 0;
    const flat = unfoldFactors(table, partsOf(t), pointwise);
    return flat && table.product(flat, t.span);
  },
);

/** Only where nobody else reads the inner sum: it would be summed twice. */
const sumOfSums = onProduct(
  { name: "sum of sums", law: "Σₐ Σᵢ x = Σₐᵢ x", why: "one pass instead of two" },
  (t, context) => {
    const [only] = t.inputs;
    if (!only || t.inputs.length > 1 || !isExclusive(only, context)) return null;
    const { table } = context;
    if (isRowProduct(only)) {
      const flat = unfoldFactors(table, partsOf(t), (f) => f === only);
      return flat && table.product(flat, t.span);
    }
    if (only.op !== "product" || t.attrs.map || meet(only.attrs.slots, t.attrs.over)) return null;
    const inner = partsOf(only);
    const over = union(inner.over, t.attrs.over);
    return table.product({ ...inner, over, scale: inner.scale * t.attrs.scale }, t.span);
  },
);

/** Sets of factors that no bound axis ties together. */
function components({ factors, over }: Parts): readonly (readonly Tensor[])[] {
  let groups: (readonly Tensor[])[] = [];
  for (const f of factors) {
    const bound = over.filter((a) => f.axes.includes(a));
    const tied = groups.filter((g) => g.some((other) => meet(other.axes, bound)));
    groups = [...groups.filter((g) => !tied.includes(g)), [...tied.flat(), f]];
  }
  return groups;
}

const within = (over: readonly Axis[], factors: readonly Tensor[]): readonly Axis[] =>
  over.filter((a) => axesOf(factors).includes(a));

const apart = onProduct(
  {
    name: "factor leaves the axis sum",
    law: "Σᵢ c xᵢ = c Σᵢ xᵢ",
    why: "the sum is the same for all who scale it, and is done once",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    if (!isRowProduct(t) || parts.over.length === 0) return null;
    const groups = components(parts);
    if (groups.length === 1) return null;
    const summed = groups.flatMap((g) => {
      const over = within(parts.over, g);
      return over.length > 0 ? [productOf(table, { factors: g, over }, t.span)] : g;
    });
    return table.product({ factors: summed, scale: parts.scale }, t.span);
  },
);

export const products: readonly Rule[] = [single, nested, sumOfSums, apart];
