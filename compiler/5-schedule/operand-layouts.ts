/**
 * Layouts for the sake of matrix products: the left side as [free.., stack.., over..] and the result as [free.., stack..,
 * columns..]; the sides of a sum over rows as [over.., stack.., own..] and the sum as [stack.., own.., own..]. Apart from
 * that each axis stands where it would stand anyway.
 */
import { unitSpace } from "../ir/space.js";
import { type Axis, type Tensor, type TensorOf, without } from "../ir/tensor.js";
import { isMemory } from "./cost.js";
import { matrixProductOf, outerPartsOf, sharedIn, sidesOf } from "./products.js";
import type { Region } from "./region.js";

/** Settles the layouts of the operands of a region before anything else asks for them. */
export function layOutOperands(region: Region): void {
  const products = region.tensors.filter((t) => t.op === "product");
  for (const t of products) ofMatrix(t, region);
  for (const t of products) ofSum(t, region);
}

const inOrder = (axes: readonly Axis[], of: readonly Axis[]): readonly Axis[] =>
  of.filter((a) => axes.includes(a));

/** Leaves, and what a recurrence solves for, lie as they lie. */
const isFixed = (t: Tensor): boolean => isMemory(t) || t.op === "unknown" || t.op === "result";

function settle(t: Tensor, order: readonly Axis[], { layouts }: Region): void {
  if (!isFixed(t)) layouts.force(t, order);
}

function ofMatrix(t: TensorOf<"product">, region: Region): void {
  const parts = matrixProductOf(t);
  if (!parts) return;
  const { left } = sidesOf(parts, region.table);
  const order = region.layouts.likely(left);
  const leading = [...inOrder(parts.free, order), ...inOrder(parts.stack, order)];
  settle(left, [...leading, ...inOrder(parts.over, order)], region);
  settle(t, [...leading, ...inOrder(parts.columns, region.layouts.likely(t))], region);
}

function ofSum(t: TensorOf<"product">, region: Region): void {
  const { layouts, table } = region;
  if (t.attrs.map?.to !== unitSpace || t.attrs.slots.length > 0) return;
  const likely = layouts.likely(t);
  const shared = sharedIn(t.inputs);
  const order = layouts.isSettled(t)
    ? likely
    : [...inOrder(shared, likely), ...without(likely, shared)];
  const parts = outerPartsOf(t, order, table);
  if (!parts) return;
  const [a, b] = [layouts.likely(parts.left), layouts.likely(parts.right)];
  const leading = [...inOrder(parts.over, a), ...parts.stack];
  const [own, other] = [without(a, leading), without(b, leading)];
  settle(parts.left, [...leading, ...own], region);
  settle(parts.right, [...leading, ...other], region);
  settle(t, [...parts.stack, ...own, ...other], region);
}
