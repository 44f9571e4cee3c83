/**
 * Products as sets of factors: taken apart, looked into, put together.
 *
 * A *row product* has neither map nor slots: it stays on its row. Only such a one can be unfolded into what reads it.
 */
import type { RowMap } from "../ir/space.js";
import {
  type Axis,
  factorsOf,
  type Slot,
  slotsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
  volume,
  without,
} from "../ir/tensor.js";
import type { Context } from "./rule.js";

export interface Parts {
  readonly factors: readonly Tensor[];
  readonly over: readonly Axis[];
  readonly map: RowMap | null;
  readonly slots: readonly Slot[];
  readonly scale: number;
}

export const partsOf = (t: TensorOf<"product">): Parts => ({
  ...t.attrs,
  factors: factorsOf(t),
  slots: slotsOf(t),
});

export const isRowProduct = (t: Tensor): boolean =>
  t.op === "product" && t.attrs.map === null && t.attrs.slots.length === 0;

export const axesOf = (tensors: readonly Tensor[]): readonly Axis[] =>
  union(...tensors.map((t) => t.axes));

/** Numbers in a row of the product of these factors, summed over `over`. */
export const widthOf = (factors: readonly Tensor[], over: readonly Axis[] = []): number =>
  volume(without(axesOf(factors), over));

export const meet = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.some((axis) => b.includes(axis));

/** Whether a slot's axis or index is entangled with the axes of the factors: such products are left alone. */
export function isEntangled({ factors, over, slots }: Parts): boolean {
  const own = [...axesOf(factors), ...over];
  return slots.some((s) => own.includes(s.axis) || s.index.axes.length > 0);
}

/** A product; one factor alone, not summed and not scaled, is itself. */
export function productOf(
  table: TensorTable,
  parts: Partial<Parts> & Pick<Parts, "factors">,
  span: Tensor["span"],
): Tensor {
  const { factors, over = [], map = null, slots = [], scale = 1 } = parts;
  const [only] = factors;
  const plain = factors.length === 1 && !map && slots.length === 0 && scale === 1;
  if (only && plain && !meet(only.axes, over) && over.length === 0) return only;
  return table.product({ factors, over, map, slots, scale }, span);
}

/** `t` under another name of one axis. */
export const rename = (table: TensorTable, t: Tensor, from: Axis, to: Axis): Tensor =>
  from === to || !t.axes.includes(from) ? t : table.view(t, { kind: "rename", from, to }, t.span);

/** `t` copied along the axes that it lacks; null for an element type that has no product. */
export function spread(table: TensorTable, t: Tensor, axes: readonly Axis[]): Tensor | null {
  const missing = without(axes, t.axes);
  if (missing.length === 0) return t;
  if (t.op === "const")
    return table.constant(t.attrs.value, t.space, union(t.axes, missing), t.dtype);
  if (t.dtype !== "f32") return null;
  return table.product({ factors: [t, table.constant(1, t.space, missing)] }, t.span);
}

/** The factors whose product, scaled and summed over `over`, is `t`: through names and pulls of a row product. */
export interface Unfolded {
  readonly factors: readonly Tensor[];
  readonly over: readonly Axis[];
  readonly scale: number;
}

export function unfold(table: TensorTable, t: Tensor): Unfolded | null {
  if (t.op === "product") return isRowProduct(t) ? partsOf(t) : null;
  if (t.op === "pull") return unfoldPull(table, t);
  return t.op === "view" ? unfoldRename(table, t) : null;
}

// (Π xᵢ)[m(a), idx] = Π xᵢ[m(a), idx]
function unfoldPull(table: TensorTable, t: TensorOf<"pull">): Unfolded | null {
  const [x] = t.inputs;
  const slots = slotsOf(t);
  const inner = x ? unfold(table, x) : null;
  if (!inner) return null;
  const indices = slots.flatMap((s) => s.index.axes);
  if (meet(indices, [...inner.over, ...axesOf(inner.factors)])) return null;
  const read = (f: Tensor): Tensor =>
    table.pull(
      f,
      t.attrs.map,
      slots.filter((s) => f.axes.includes(s.axis)),
      f.span,
    );
  return { ...inner, factors: inner.factors.map(read) };
}

function unfoldRename(table: TensorTable, t: TensorOf<"view">): Unfolded | null {
  const { view } = t.attrs;
  if (view.kind !== "rename") return null;
  const inner = unfold(table, t.inputs[0]);
  if (!inner || inner.over.includes(view.to) || meet(axesOf(inner.factors), [view.to])) return null;
  return { ...inner, factors: inner.factors.map((f) => rename(table, f, view.from, view.to)) };
}

/** Whether nobody else reads `t` or what it is a view of: to compute it elsewhere instead repeats nothing. */
export function isExclusive(t: Tensor, context: Context): boolean {
  if (context.users(t) > 1) return false;
  const [x] = t.inputs;
  return (t.op !== "pull" && t.op !== "view") || x === undefined || isExclusive(x, context);
}

/**
 * The same product with those factors unfolded that `wanted` names, again and again; null if there is none. A factor
 * whose bound axes are known outside of it stays as it is.
 */
export function unfoldFactors(
  table: TensorTable,
  parts: Parts,
  wanted: (f: Tensor) => boolean,
): Parts | null {
  let now = parts;
  for (let i = 0; i < now.factors.length; ) {
    const f = now.factors[i];
    const inner = f && wanted(f) ? unfold(table, f) : null;
    const others = now.factors.filter((_, j) => j !== i);
    const outside = [...axesOf(others), ...now.over, ...now.slots.map((s) => s.axis)];
    if (inner && !meet(inner.over, outside)) {
      const [over, scale] = [union(now.over, inner.over), now.scale * inner.scale];
      now = { ...now, factors: [...others, ...inner.factors], over, scale };
    } else i++;
  }
  return now === parts ? null : now;
}
