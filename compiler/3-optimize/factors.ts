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

export interface Parts {
  readonly factors: readonly Tensor[];
  readonly over: readonly Axis[];
  readonly map: RowMap | null;
  readonly slots: readonly Slot[];
  readonly scale: number;
}

export const partsOf = (t: TensorOf<"product">): Parts => ({
  factors: factorsOf(t),
  over: t.attrs.over,
  map: t.attrs.map,
  slots: slotsOf(t),
  scale: t.attrs.scale,
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
  if (slots.length === 0) return false;
  const own = [...axesOf(factors), ...over];
  return slots.some((s) => own.includes(s.axis) || s.index.axes.length > 0);
}

/** The factors without one occurrence of `f`. */
export function dropOne(factors: readonly Tensor[], f: Tensor): readonly Tensor[] {
  const at = factors.indexOf(f);
  return factors.filter((_, i) => i !== at);
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
