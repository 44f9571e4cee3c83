/** Values put together along an axis, and parts of one: `[a, b]`, `[i, f] = v`, and rows filled one by one. */
import { bug } from "../bug.js";
import type { Axis, Tensor } from "../ir/tensor.js";
import type { ExprOf } from "./expression-table.js";
import { total } from "./products.js";
import type { Scope } from "./scope.js";
import { coerce, relabel, spread, type Value, view } from "./values.js";

/** A concatenation is the sum of its parts, each padded with zeros to the whole axis. */
export function concat(expr: ExprOf<"concat">, scope: Scope): Value {
  const { table } = scope;
  const values = expr.parts.map((p) => scope.lower(p));
  const size = expr.type.shape.at(-1) ?? bug("a concatenation without an axis");
  const to = scope.fresh(expr, 0, "joined", size);
  const leading = leadingAxes(values, expr.type.shape.length - 1);
  let start = 0;
  const padded = values.map((value, i) => {
    const last = value.axes.at(-1);
    const from =
      last && (leading.includes(last) ? scope.fresh(expr, i + 1, "part", last.size) : last);
    const axes = from ? [...leading, from] : [];
    const tensor = coerce(table, relabel(table, value, axes).tensor, expr.type.dtype);
    const part = padTo(tensor, from ?? null, to, start, scope);
    start += from?.size ?? 1;
    return part;
  });
  return { tensor: total(table, padded, expr.span), axes: [...leading, to] };
}

/** The axes before the last, as the first part that has them all names them. */
function leadingAxes(values: readonly Value[], rank: number): readonly Axis[] {
  const named = values.find((v) => v.axes.length > rank);
  return named?.axes.slice(0, -1) ?? [];
}

/** y[start + i] = x[i], 0 elsewhere; without an axis, y[start] = x. */
function padTo(x: Tensor, from: Axis | null, to: Axis, start: number, { table }: Scope): Tensor {
  if (!from) return view(table, x, { kind: "place", to, at: start });
  const full = spread(table, x, [from]);
  if (from.size === to.size) return view(table, full, { kind: "rename", from, to });
  return view(table, full, { kind: "pad", from, to, start, step: 1 });
}

/** A part of the last axis. */
export function slice(expr: ExprOf<"slice">, scope: Scope): Value {
  const { table } = scope;
  const { tensor, axes } = scope.lower(expr.value);
  const from = axes.at(-1) ?? bug("a part of a scalar");
  const { start, length, scalar } = expr;
  const leading = axes.slice(0, -1);
  const has = tensor.axes.includes(from);
  if (scalar)
    return {
      tensor: has ? view(table, tensor, { kind: "pick", from, at: start }) : tensor,
      axes: leading,
    };
  if (length === from.size) return { tensor, axes };
  const to = scope.fresh(expr, 0, from.name, length);
  const how = { kind: "slice", from, to, start, step: 1 } as const;
  return { tensor: has ? view(table, tensor, how) : tensor, axes: [...leading, to] };
}

/** Rows of a new leading axis: the sum of the rows, each placed. */
export function stack(expr: ExprOf<"stack">, scope: Scope): Value {
  const { table } = scope;
  const rows = expr.rows.map((r) => scope.lower(r));
  const to = scope.fresh(expr, 0, "row", rows.length);
  const rest = rows.find((r) => r.axes.length === expr.type.shape.length - 1)?.axes ?? [];
  const placed = rows.map((row, at) => {
    const same = row.axes.length === 0 ? row : relabel(table, row, rest);
    return view(table, coerce(table, same.tensor, expr.type.dtype), { kind: "place", to, at });
  });
  return { tensor: total(table, placed, expr.span), axes: [to, ...rest] };
}

/** A scalar literal given a shape: it has none of its axes. */
export function fill(expr: ExprOf<"fill">, scope: Scope): Value {
  const { tensor } = scope.lower(expr.value);
  const axes = expr.type.shape.map((size, i) => scope.fresh(expr, i, `d${i}`, size));
  return { tensor: coerce(scope.table, tensor, expr.type.dtype), axes };
}
