/** Functions along the last axis of every row: softmax, argmax, norm, one-hot, and what only changes the shape. */
import { bug } from "../bug.js";
import type { Axis } from "../ir/tensor.js";
import type { ExprOf } from "./expression-table.js";
import { difference, multiply } from "./products.js";
import type { Scope } from "./scope.js";
import { coerce, spread, together, type Value } from "./values.js";

type Rowwise = ExprOf<"rowwise">;
type Rule = (value: Value, expr: Rowwise, scope: Scope) => Value;

const last = (value: Value): Axis => value.axes.at(-1) ?? bug("a scalar has no last axis");

/** x - L, L the log of the sum of the exponentials. */
const logSoftmax: Rule = (value, { span }, { table }) => {
  const x = spread(table, coerce(table, value.tensor, "f32"), [last(value)]);
  const log = table.lse(x, [last(value)], null, span);
  return { tensor: difference(table, x, log, span), axes: value.axes };
};

const softmax: Rule = (value, expr, scope) => {
  const { tensor, axes } = logSoftmax(value, expr, scope);
  return { tensor: scope.table.map("exp", [tensor], expr.span), axes };
};

const argmax: Rule = (value, { span }, { table }) => ({
  tensor: table.argmax(spread(table, value.tensor, [last(value)]), last(value), span),
  axes: value.axes.slice(0, -1),
});

/** The root of the sum of squares; its derivative is 0 at 0, as that of sqrt is. */
const norm: Rule = (value, { type, span }, { table }) => {
  const over = value.axes.slice(type.shape.length);
  const square = multiply(table, { factors: [value.tensor, value.tensor], over }, span);
  return {
    tensor: table.map("sqrt", [square], span),
    axes: value.axes.slice(0, type.shape.length),
  };
};

const oneHot: Rule = (value, expr, scope) => {
  const { table } = scope;
  const size = expr.type.shape.at(-1) ?? bug("one_hot without an axis");
  const axis = scope.fresh(expr, 0, "class", size);
  const index = coerce(table, value.tensor, "i32");
  const places = together(table, [index, table.iota(axis, index.space)]);
  const hit = table.map("eq", places, expr.span);
  return { tensor: coerce(table, hit, expr.type.dtype), axes: [...value.axes, axis] };
};

const flatten: Rule = (value, expr, scope) => {
  const { table } = scope;
  if (value.axes.length === 1) return value;
  const size = expr.type.shape[0] ?? 1;
  const to = scope.fresh(expr, 0, "flat", size);
  if (value.axes.length === 0) return { tensor: value.tensor, axes: [to] };
  const full = spread(table, value.tensor, value.axes);
  const tensor = table.view(full, { kind: "merge", from: value.axes, to }, expr.span);
  return { tensor, axes: [to] };
};

const stop: Rule = ({ tensor, axes }, _, { table }) => ({ tensor: table.stop(tensor), axes });

const rules: Readonly<Record<Rowwise["f"], Rule>> = {
  softmax,
  log_softmax: logSoftmax,
  argmax,
  norm,
  one_hot: oneHot,
  flatten,
  stop,
};

export const rowwise = (expr: Rowwise, scope: Scope): Value =>
  rules[expr.f](scope.lower(expr.value), expr, scope);
