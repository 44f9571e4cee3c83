/** Sparse fields: a push of stored values to their rows and columns, which is never to be laid out. */
import type { RowMap } from "../ir/space.js";
import { type Axis, factorsOf, slotsOf, type Tensor } from "../ir/tensor.js";

/** x[row, column] = the product of `factors` at the non-zero that is stored there; 0 where none is. */
export interface Sparse {
  readonly row: RowMap;
  readonly axis: Axis;
  readonly column: Tensor;
  readonly factors: readonly Tensor[];
  readonly scale: number;
}

/** `t` as a sparse field, perhaps under another name of its axis; null if it is none. */
export function sparseOf(t: Tensor): Sparse | null {
  if (t.op === "view" && t.attrs.view.kind === "rename") {
    const inner = sparseOf(t.inputs[0]);
    const { from, to } = t.attrs.view;
    return inner && inner.axis === from ? { ...inner, axis: to } : null;
  }
  if (t.op !== "product" || t.attrs.map?.kind !== "row" || t.attrs.over.length > 0) return null;
  const [slot, ...more] = slotsOf(t);
  const factors = factorsOf(t);
  const isColumn = slot?.index.op === "fact" && slot.index.attrs.fact === "column";
  if (!slot || !isColumn || more.length > 0 || factors.some((f) => f.axes.length > 0)) return null;
  return { row: t.attrs.map, axis: slot.axis, column: slot.index, factors, scale: t.attrs.scale };
}

/** Whether `t` is a sparse field read on other rows: as wide as its feature axis, and nearly all zeros. */
export function isSparseRead(t: Tensor): boolean {
  if (t.op === "view" || (t.op === "pull" && t.attrs.slots.length === 0)) {
    const [x] = t.inputs;
    return x !== undefined && isSparseRead(x);
  }
  return sparseOf(t) !== null;
}
