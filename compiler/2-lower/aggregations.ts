/** Aggregations over rows (`sum(e where w, empty: z) by g`), softmax over a group, and reductions over bound axes. */
import type { Expr } from "../ir/model.js";
import type { RowMap } from "../ir/space.js";
import type { Tensor } from "../ir/tensor.js";
import type { ExprOf } from "./expression-table.js";
import { type Group, kept, orElse, reduce } from "./groups.js";
import { difference } from "./products.js";
import type { Scope } from "./scope.js";
import { constantLike, lift, relabel, type Value } from "./values.js";

/** The rows that `where` keeps; a `where` that keeps all is none. */
export function groupBy(map: RowMap, where: Expr | null, scope: Scope, span: Expr["span"]): Group {
  const condition = where && scope.on(map.from).lower(where).tensor;
  const always = condition?.op === "const" && condition.attrs.value !== 0;
  return { table: scope.table, over: [], map, where: always ? null : condition, span };
}

export function aggregate(expr: ExprOf<"aggregate">, scope: Scope): Value {
  const group = groupBy(expr.map, expr.where, scope, expr.span);
  const body = scope.on(expr.map.from).lower(expr.body);
  const axes = expr.reducer === "count" ? [] : body.axes;
  const tensor = reduce(expr.reducer, group, body.tensor, expr.type.dtype);
  const empty = emptyOf(expr, axes, scope);
  return { tensor: empty ? orElse(group, tensor, empty) : tensor, axes };
}

/** What a group of nothing gives, where the reduction does not say 0 by itself. */
function emptyOf(expr: ExprOf<"aggregate">, axes: Value["axes"], scope: Scope): Tensor | null {
  const { table } = scope;
  const infinite = expr.reducer === "max" || expr.reducer === "min";
  if (!expr.empty) return infinite ? table.constant(0, expr.map.to) : null;
  const empty = scope.lower(expr.empty);
  return empty.axes.length === 0 ? empty.tensor : relabel(table, empty, axes).tensor;
}

/** exp(s - L), L the log of the sum of the exponentials in the group. Where nothing is kept, L counts as 0. */
export function groupSoftmax(expr: ExprOf<"group_softmax">, scope: Scope): Value {
  const { table } = scope;
  const group = groupBy(expr.map, expr.where, scope, expr.span);
  const body = scope.on(expr.map.from).lower(expr.body);
  const score = lift(table, kept(group, body.tensor, -Infinity), expr.map.from);
  const log = table.lse(score, [], expr.map, expr.span);
  const shift = table.pull(group.where ? finite(log, group) : log, expr.map);
  const tensor = table.map("exp", [difference(table, score, shift, expr.span)], expr.span);
  return { tensor, axes: body.axes };
}

/** -inf minus -inf is no number: the logarithm of an empty sum is taken for 0. */
function finite(log: Tensor, { table, span }: Group): Tensor {
  const some = table.map("gt", [log, constantLike(table, log, -Infinity)], span);
  return table.map("select", [some, log, constantLike(table, log, 0)], span);
}

/** `sum[h](body)` */
export function reduceAxes(expr: ExprOf<"reduce">, scope: Scope): Value {
  const body = scope.lower(expr.body);
  const over = expr.binders.map((b) => scope.axisOf(b));
  const group: Group = { table: scope.table, over, map: null, where: null, span: expr.span };
  const axes = expr.reducer === "count" ? [] : body.axes;
  return { tensor: reduce(expr.reducer, group, body.tensor, expr.type.dtype), axes };
}

/** Number of rows in the group one stands on. */
export function count({ map }: ExprOf<"count">, scope: Scope): Value {
  return { tensor: scope.table.fact("count", map.to, map), axes: [] };
}

/** `z[h] = body`: from here on the binders are feature axes. */
export function each(expr: ExprOf<"each">, scope: Scope): Value {
  const body = scope.lower(expr.body);
  return { tensor: body.tensor, axes: [...expr.binders.map((b) => scope.axisOf(b)), ...body.axes] };
}
