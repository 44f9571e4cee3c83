/**
 * Terms of a sum that are multiples of one value, by numbers or by narrower factors, are one:
 *
 *     x + ε x  =  (1 + ε) x
 *
 * One pass over x, and what follows sees one factor where it saw a sum.
 */
import { type Tensor, type TensorTable, volume } from "../../ir/tensor.js";
import { dropOne, isRowProduct, partsOf, productOf } from "../factors.js";
import { type Context, onMap, type Rule } from "../rule.js";

/** A value and what it is multiplied by: other factors, fewer numbers than it has, and a number. */
interface Multiple {
  readonly of: Tensor;
  readonly by: readonly Tensor[];
  readonly scale: number;
}

/** The value that a term may be a multiple of: itself, or the first factor with all its axes. */
function valueIn(t: Tensor): Tensor {
  if (t.op !== "product" || !isRowProduct(t) || t.attrs.over.length > 0) return t;
  return t.inputs.find((f) => f.axes.length === t.axes.length) ?? t;
}

function multipleOf(t: Tensor, context: Context): Multiple {
  const whole: Multiple = { of: t, by: [], scale: 1 };
  const of = valueIn(t);
  if (of === t || t.op !== "product" || context.isShared(t)) return whole;
  const { factors, scale } = partsOf(t);
  const by = dropOne(factors, of);
  return by.every((f) => volume(f.axes) < volume(t.axes)) ? { of, by, scale } : whole;
}

/** Beyond that many terms a sum is taken as it is written: long chains come from unrolled loops. */
const mostTerms = 8;

/** The terms of a sum, through sums that nobody else reads, as far as they are few. */
export function termsOf(t: Tensor, context: Context): readonly Tensor[] {
  let terms: readonly Tensor[] = [t];
  for (let i = 0; i < terms.length && terms.length < mostTerms; ) {
    const x = terms[i];
    if (x?.op === "map" && x.attrs.f === "add" && !context.isShared(x))
      terms = [...terms.slice(0, i), ...x.inputs, ...terms.slice(i + 1)];
    else i++;
  }
  return terms;
}

function factorOf({ of, by, scale }: Multiple, table: TensorTable): Tensor {
  return by.length === 0
    ? table.constant(scale, of.space)
    : productOf(table, { factors: by, scale }, of.span);
}

const like = onMap(
  ["add"],
  {
    name: "like terms",
    law: "a x + b x = (a + b) x",
    why: "x is read and multiplied once",
  },
  (t, context) => {
    const { table } = context;
    if (t.dtype !== "f32") return null;
    const terms = t.inputs.flatMap((x) => termsOf(x, context));
    const values = terms.map((x) => valueIn(x));
    if (new Set(values).size === values.length) return null;
    const multiples = terms.map((x) => multipleOf(x, context));
    for (const [i, a] of multiples.entries())
      for (const [j, b] of multiples.slice(0, i).entries()) {
        if (a.of !== b.of || a.of.axes.length < t.axes.length) continue;
        const both = table.map("add", [factorOf(a, table), factorOf(b, table)], t.span);
        const one = table.product({ factors: [both, a.of] }, t.span);
        const rest = terms.filter((_, k) => k !== i && k !== j);
        return rest.reduce((x, y) => table.map("add", [x, y], t.span), one);
      }
    return null;
  },
);

export const likeTerms: readonly Rule[] = [like];
