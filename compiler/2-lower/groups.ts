/**
 * Sums, means, variances and extremes over a group: axes of one row, or the rows that a map brings together.
 *
 * Rows that `where` drops are replaced before anything is computed of them, so that no NaN of theirs gets out. Of
 * nothing, an extreme is infinite and all else 0.
 */
import type { Span } from "../../grammar/source.js";
import type { Reducer } from "../ir/model.js";
import type { RowMap } from "../ir/space.js";
import { type Axis, type DType, type Tensor, type TensorTable, volume } from "../ir/tensor.js";
import { difference, multiply, quotient } from "./products.js";
import { coerce, constantLike, lift, spread, together } from "./values.js";

export interface Group {
  readonly table: TensorTable;
  readonly over: readonly Axis[];
  readonly map: RowMap | null;
  /** Which rows of `map.from` count; null for all. */
  readonly where: Tensor | null;
  readonly span: Span | null;
}

/** `x` where it counts, else `other`. */
export function kept(group: Group, x: Tensor, other: number): Tensor {
  const { table, where, span } = group;
  if (!where) return x;
  const [condition, value] = together(table, [where, x]);
  if (!condition || !value) return x;
  return table.map("select", [condition, value, constantLike(table, value, other)], span);
}

/** How many rows or positions count, as f32. */
export function size({ table, over, map, where, span }: Group): Tensor {
  if (!map) return table.constant(volume(over));
  if (where) return multiply(table, { factors: [where], map }, span);
  return coerce(table, table.fact("count", map.to, map), "f32");
}

/** The sum of what counts. */
export function sum(group: Group, x: Tensor): Tensor {
  const { table, over, map, span } = group;
  return multiply(table, { factors: [kept(group, x, 0)], over, map }, span);
}

/** Sum by number; 0 of nothing. */
export function mean(group: Group, x: Tensor): Tensor {
  const { table, over, map, span } = group;
  if (!map) return multiply(table, { factors: [x], over, scale: 1 / volume(over) }, span);
  return quotient(table, sum(group, x), atLeastOne(group), span);
}

function atLeastOne(group: Group): Tensor {
  const n = size(group);
  return group.table.map("max", [n, constantLike(group.table, n, 1)], group.span);
}

/** Mean of the squares of the distances from the mean: two passes, sound for large means. */
function variance(group: Group, x: Tensor): Tensor {
  const { table, map, span } = group;
  const value = coerce(table, x, "f32");
  const middle = mean(group, value);
  const near = difference(table, value, map ? table.pull(middle, map) : middle, span);
  const distance = kept(group, near, 0);
  const square = multiply(table, { factors: [distance, distance] }, span);
  if (!map) return mean(group, square);
  return quotient(table, sum({ ...group, where: null }, square), atLeastOne(group), span);
}

/** Integers are compared as f32, as they are summed. */
function extreme(group: Group, x: Tensor, which: "max" | "min"): Tensor {
  const { table, over, map, span } = group;
  const value = coerce(table, x, "f32");
  if (!map) return table.extreme(spread(table, value, over), which, over, null, span);
  const worst = which === "max" ? -Infinity : Infinity;
  return table.extreme(lift(table, kept(group, value, worst), map.from), which, [], map, span);
}

/** `x`, or `empty` where nothing counts. */
export function orElse(group: Group, x: Tensor, empty: Tensor): Tensor {
  const { table, map, span } = group;
  const n = size(group);
  const some = table.map("gt", [n, constantLike(table, n, 0)], span);
  const args = [some, x, coerce(table, empty, x.dtype)];
  return table.map(
    "select",
    map ? args.map((t) => lift(table, t, map.to)) : together(table, args),
    span,
  );
}

const reducers: Readonly<Record<Reducer, (group: Group, x: Tensor) => Tensor>> = {
  sum,
  mean,
  var: variance,
  max: (group, x) => extreme(group, x, "max"),
  min: (group, x) => extreme(group, x, "min"),
  count: size,
};

/** The reducer's value for every group, as `dtype`. */
export const reduce = (reducer: Reducer, group: Group, x: Tensor, dtype: DType): Tensor =>
  coerce(group.table, reducers[reducer](group, x), dtype);
