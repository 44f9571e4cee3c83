/**
 * `value[i, t + 1, word]`: leading axes read at integers.
 *
 * An index that is affine in binders is a view (a pick, a slice, a split, or only a name for the axis); one that comes
 * from data is a lookup, a `pull` by slot. All lookups of one reading are one pull.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { Expr } from "../ir/model.js";
import { allOf, type Space, unitSpace } from "../ir/space.js";
import type { Axis, Slot, Tensor, TensorTable } from "../ir/tensor.js";
import { affine, type Strided, strided } from "./affine.js";
import type { ExprOf } from "./expression-table.js";
import type { Scope } from "./scope.js";
import { coerce, lift, type Value, view } from "./values.js";

interface Reading {
  readonly axis: Axis;
  readonly index: Expr;
}

/** Indices of indices are indices: `x[i][j]` is `x[i, j]`. */
function whole(expr: ExprOf<"at">): { readonly value: Expr; readonly indices: readonly Expr[] } {
  if (expr.value.kind !== "at") return expr;
  const inner = whole(expr.value);
  return { value: inner.value, indices: [...inner.indices, ...expr.indices] };
}

export function at(expr: ExprOf<"at">, scope: Scope): Value {
  const { value, indices } = whole(expr);
  const base = scope.lower(value);
  const readings = indices.map((index, i) => ({
    axis: base.axes[i] ?? bug("more indices than axes"),
    index,
  }));
  let tensor = base.tensor;
  const lookups: Reading[] = [];
  for (const reading of readings.filter((r) => base.tensor.axes.includes(r.axis))) {
    const seen = byView(tensor, reading, scope);
    if (seen) tensor = seen;
    else lookups.push(reading);
  }
  const slots = lookups.map(({ axis, index }) => ({ axis, index: integer(index, scope) }));
  return {
    tensor: lookup(scope.table, tensor, slots, expr.span),
    axes: base.axes.slice(indices.length),
  };
}

/** The index as an integer tensor. */
const integer = (index: Expr, scope: Scope): Tensor =>
  coerce(scope.table, scope.lower(index).tensor, "i32");

/** The reading as a view, unless it depends on data or meets an axis that the value has already. */
function byView(t: Tensor, { axis, index }: Reading, scope: Scope): Tensor | null {
  const form = affine(index);
  if (!form) return null;
  if (form.terms.size === 0)
    return view(scope.table, t, { kind: "pick", from: axis, at: form.constant });
  const run = strided(form);
  const to = run?.binders.map((b) => scope.axisOf(b)) ?? [];
  if (!run || to.some((a) => t.axes.includes(a))) return null;
  return walk(t, { axis, index }, run, to, scope);
}

/** x[start + step * (row-major position of `to`)] */
function walk(
  t: Tensor,
  { axis: from, index }: Reading,
  { start, step }: Strided,
  to: readonly Axis[],
  scope: Scope,
): Tensor {
  const { table } = scope;
  const size = to.reduce((n, a) => n * a.size, 1);
  const exact = start === 0 && step === 1 && size === from.size;
  const [only] = to;
  if (only && to.length === 1) {
    const how = { from, to: only };
    return view(
      table,
      t,
      exact ? { kind: "rename", ...how } : { kind: "slice", ...how, start, step },
    );
  }
  if (exact) return view(table, t, { kind: "split", from, to });
  const part = scope.fresh(index, 0, from.name, size);
  const sliced = view(table, t, { kind: "slice", from, to: part, start, step });
  return view(table, sliced, { kind: "split", from: part, to });
}

/** `t` at integers, row by row: from a parameter, along the map it is pulled by already, or on its own row. */
function lookup(table: TensorTable, t: Tensor, slots: readonly Slot[], span: Span): Tensor {
  if (slots.length === 0) return t;
  const space: Space =
    [t, ...slots.map((s) => s.index)].find((x) => x.space !== unitSpace)?.space ?? unitSpace;
  const onSpace = slots.map((s) => ({ axis: s.axis, index: lift(table, s.index, space) }));
  if (t.space === unitSpace && space !== unitSpace)
    return table.pull(t, allOf(space), onSpace, span);
  const source = t.op === "pull" && t.attrs.slots.length === 0 ? t.inputs[0] : undefined;
  if (t.op === "pull" && source) return table.pull(source, t.attrs.map, onSpace, span);
  return table.pull(t, null, onSpace, span);
}
