/** `left @ right`: the sum over the last axis of the left and the first of the right. */
import { bug } from "../bug.js";
import { union } from "../ir/tensor.js";
import type { ExprOf } from "./expression-table.js";
import { multiply } from "./products.js";
import type { Scope } from "./scope.js";
import { relabel, type Value } from "./values.js";

export function contract(expr: ExprOf<"contract">, scope: Scope): Value {
  const { table } = scope;
  const left = scope.lower(expr.left);
  const right = scope.lower(expr.right);
  const shared = left.axes.at(-1) ?? bug("@ of a scalar");
  const taken = union(left.axes, left.tensor.axes);
  // An axis of the right that the left has too (`W @ W`) is another axis of the result.
  const rest = right.axes
    .slice(1)
    .map((a, i) => (taken.includes(a) ? scope.fresh(expr, i, a.name, a.size) : a));
  const other = relabel(table, right, [shared, ...rest]);
  const factors = [left.tensor, other.tensor];
  const tensor = multiply(table, { factors, over: [shared] }, expr.span);
  return { tensor, axes: [...left.axes.slice(0, -1), ...rest] };
}
