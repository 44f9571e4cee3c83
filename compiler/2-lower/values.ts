/**
 * What an expression lowers to, and how two such values are brought together.
 *
 * A value is a tensor and its feature axes in positional order. Three liberties keep the tensors small:
 * - a value that is the same on every row may still stand on the unit space; `lift` brings it to the rows that read it;
 * - a value that is constant along a feature axis may lack that axis; `spread` puts it in;
 * - besides its feature axes a tensor may have those of the binders in scope.
 */
import { bug } from "../bug.js";
import { allOf, type Space, unitSpace } from "../ir/space.js";
import {
  type Axis,
  type DType,
  slotsOf,
  type Tensor,
  type TensorTable,
  union,
  type View,
  without,
} from "../ir/tensor.js";

export interface Value {
  readonly tensor: Tensor;
  /** Feature axes, outermost first, all different. */
  readonly axes: readonly Axis[];
}

/** A unit value on the rows of `space`; any other value must stand there already. */
export function lift(table: TensorTable, t: Tensor, space: Space): Tensor {
  if (t.space === space) return t;
  if (t.space !== unitSpace) bug(`a value of ${t.space.name} is read on ${space.name}`);
  if (t.op === "const") return table.constant(t.attrs.value, space, t.axes, t.dtype);
  if (t.op === "iota") return table.iota(t.attrs.axis, space);
  return table.pull(t, allOf(space));
}

/** The tensors on one space: the unit space if all stand there, else the one that the others are lifted to. */
export function together(table: TensorTable, tensors: readonly Tensor[]): readonly Tensor[] {
  const space = tensors.find((t) => t.space !== unitSpace)?.space ?? unitSpace;
  return tensors.map((t) => lift(table, t, space));
}

/** A constant of one value along `axes`. */
export const constantLike = (table: TensorTable, t: Tensor, value: number): Tensor =>
  table.constant(value, t.space, [], t.dtype);

/** The tensor with every one of `axes`: it is repeated along those that it lacks. */
export function spread(table: TensorTable, t: Tensor, axes: readonly Axis[]): Tensor {
  const missing = without(axes, t.axes);
  if (missing.length === 0) return t;
  if (t.op === "const")
    return table.constant(t.attrs.value, t.space, union(t.axes, missing), t.dtype);
  const neutral = table.constant(t.dtype === "f32" ? 1 : 0, t.space, missing, t.dtype);
  if (t.dtype === "f32") return table.product({ factors: [t, neutral] }, t.span);
  return table.map(t.dtype === "i32" ? "add" : "or", [t, neutral], t.span);
}

/** The value of a tensor as another element type: a bool is 0 or 1. */
export function coerce(table: TensorTable, t: Tensor, dtype: DType): Tensor {
  if (t.dtype === dtype) return t;
  if (t.op === "const") return table.constant(t.attrs.value, t.space, t.axes, dtype);
  if (dtype === "bool") return table.map("ne", [t, constantLike(table, t, 0)], t.span);
  return table.map(dtype === "f32" ? "to_f32" : "to_i32", [t], t.span);
}

/** A view, made under a pull where it can be: once per row of the coarser space. */
export function view(table: TensorTable, t: Tensor, how: View): Tensor {
  const x = t.op === "pull" ? t.inputs[0] : undefined;
  if (t.op !== "pull" || !x) return table.view(t, how, t.span);
  const slots = slotsOf(t);
  const read = union(
    slots.map((s) => s.axis),
    ...slots.map((s) => s.index.axes),
  );
  const made = "to" in how ? [how.to].flat() : [];
  const touched = [...("from" in how ? [how.from].flat() : []), ...made];
  const free = touched.every((a) => !read.includes(a)) && made.every((a) => !x.axes.includes(a));
  if (!free) return table.view(t, how, t.span);
  return table.pull(view(table, x, how), t.attrs.map, slots, t.span);
}

/** The same value with its feature axes exchanged one for one, all at once. */
export function relabel(table: TensorTable, value: Value, axes: readonly Axis[]): Value {
  let tensor = value.tensor;
  let moves = value.axes.flatMap((from, i) => {
    const to = axes[i] ?? bug("relabelled to fewer axes");
    return from === to || !tensor.axes.includes(from) ? [] : [{ from, to }];
  });
  while (moves.length > 0) {
    const next = moves.find((m) => !tensor.axes.includes(m.to));
    const [first] = moves;
    if (next) {
      tensor = view(table, tensor, { kind: "rename", from: next.from, to: next.to });
      moves = moves.filter((m) => m !== next);
    } else if (first) {
      // Axes that change places: park one.
      const parked = table.axis(first.from.name, first.from.size, first.from.span);
      if (!moves.some((m) => m.from === first.to)) bug(`axis ${first.to.name} is taken`);
      tensor = view(table, tensor, { kind: "rename", from: first.from, to: parked });
      moves = moves.map((m) => (m === first ? { from: parked, to: m.to } : m));
    }
  }
  return { tensor, axes };
}

/** Values of equal shape or scalars, on one space and with the same axes. */
export function aligned(
  table: TensorTable,
  values: readonly Value[],
): { readonly tensors: readonly Tensor[]; readonly axes: readonly Axis[] } {
  const present = (v: Value): number => v.axes.filter((a) => v.tensor.axes.includes(a)).length;
  const base = values.reduce((best, v) => {
    if (v.axes.length !== best.axes.length) return v.axes.length > best.axes.length ? v : best;
    return present(v) > present(best) ? v : best;
  });
  const tensors = values.map((v) =>
    v.axes.length === 0 ? v.tensor : relabel(table, v, base.axes).tensor,
  );
  return { tensors: together(table, tensors), axes: base.axes };
}
