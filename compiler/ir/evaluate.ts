/**
 * The meaning of the tensor IR in plain float64 loops: constant folding and the oracle of all tests.
 *
 * Slow and simple on purpose. Nothing is rounded to f32; a value lies as rows, then `tensor.axes`, row-major.
 */
import { bug } from "../bug.js";
import { blank, type Context, type Evaluation, type Values, valuesOf } from "./evaluate.context.js";
import { meaning } from "./evaluate.ops.js";
import { insideOf, outerPostorder } from "./recur.js";
import { apply, type Tensor, type TensorOf } from "./tensor.js";

export type { Evaluation } from "./evaluate.context.js";

/** The values of the roots for one batch. */
export function evaluate(roots: readonly Tensor[], data: Evaluation): readonly Float64Array[] {
  const context: Context = { data, values: new Map(), solutions: new Map() };
  for (const t of outerPostorder(roots)) {
    if (t.op === "recur") context.solutions.set(t, solve(t, context));
    else context.values.set(t, apply(meaning, t, context));
  }
  return roots.map((t) => valuesOf(t, context));
}

/**
 * u = b(u): from u = 0 on, u is replaced by b(u) until nothing changes any more.
 *
 * Every pass settles at least the next level, since a level reads only levels before it; so the number of rows
 * bounds the passes, and what was wrong in rows not yet reached is gone at the end. Several unknowns that read each
 * other on the same row settle one after the other, hence their sum.
 */
function solve(t: TensorOf<"recur">, context: Context): readonly Values[] {
  const { unknowns } = t.attrs;
  const inside = insideOf(t);
  let passes = 2 + unknowns.reduce((n, u) => n + context.data.rows(u.space), 0);
  for (const u of unknowns) context.values.set(u, blank(u, context));
  for (;;) {
    for (const x of inside) context.values.set(x, apply(meaning, x, context));
    const bodies = t.inputs.map((b) => valuesOf(b, context));
    const settled = unknowns.every((u, i) => same(valuesOf(u, context), bodies[i]));
    if (settled) return bodies;
    if (passes-- === 0) bug("a recurrence without a solution");
    for (const [i, u] of unknowns.entries()) {
      context.values.set(u, bodies[i] ?? bug("unknown without body"));
    }
  }
}

const same = (a: Values, b: Values | undefined): boolean =>
  b !== undefined && a.length === b.length && a.every((v, i) => Object.is(v, b[i]));
