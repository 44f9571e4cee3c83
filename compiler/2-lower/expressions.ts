/** How every kind of expression lowers: one row for each, worked out in the file of its theme. */
import type { Expr } from "../ir/model.js";
import { unitSpace } from "../ir/space.js";
import type { Tensor } from "../ir/tensor.js";
import { aggregate, count, each, groupSoftmax, reduceAxes } from "./aggregations.js";
import { contract } from "./contraction.js";
import { draw } from "./draws.js";
import { applyTo, type ForEachExpr } from "./expression-table.js";
import { at } from "./indexing.js";
import { concat, fill, slice, stack } from "./joining.js";
import { pointwise } from "./pointwise.js";
import { rowwise } from "./rowwise.js";
import type { Scope } from "./scope.js";
import { aligned, type Value } from "./values.js";

const scalar = (tensor: Tensor): Value => ({ tensor, axes: [] });

const rules: ForEachExpr<[scope: Scope], Value> = {
  literal: ({ value, type }, { table }) =>
    scalar(table.constant(Number(value), unitSpace, [], type.dtype)),
  binder: ({ binder }, scope) => scalar(scope.table.iota(scope.axisOf(binder), unitSpace)),
  field: ({ field }, scope) => scope.mode.read(field),
  parameter: ({ parameter }, scope) => scope.mode.read(parameter),
  pull: ({ map, value, span }, scope) => {
    const { tensor, axes } = scope.on(map.to).lower(value);
    const far = tensor.space !== unitSpace;
    return { tensor: far ? scope.table.pull(tensor, map, [], span) : tensor, axes };
  },
  index: (_, { table, space }) => scalar(table.fact("index", space)),
  offset: (_, { table, space }) => scalar(table.fact("offset", space)),
  count,
  pointwise: ({ f, args, type, span }, scope) => {
    const { tensors, axes } = aligned(
      scope.table,
      args.map((a) => scope.lower(a)),
    );
    return { tensor: pointwise(f, tensors, { table: scope.table, type, span }), axes };
  },
  contract,
  at,
  each,
  reduce: reduceAxes,
  aggregate,
  group_softmax: groupSoftmax,
  rowwise,
  concat,
  slice,
  stack,
  draw,
  fill,
  training: (_, { table, mode }) =>
    scalar(table.constant(mode.training ? 1 : 0, unitSpace, [], "bool")),
  step: (_, { table }) => scalar(table.fact("step", unitSpace)),
};

/** The value of an expression, read in `scope`. */
export const lowerExpression = (expr: Expr, scope: Scope): Value => applyTo(rules, expr, scope);
