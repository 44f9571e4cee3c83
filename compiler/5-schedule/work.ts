/**
 * How each stored tensor is computed: the stage it becomes, the rows that stage runs over, and what it wants stored
 * before it (LOWERING, "Scheduling", 6).
 */
import { type RowMap, type Space, unitSpace } from "../ir/space.js";
import { type Axis, factorsOf, slotsOf, type Tensor, volume } from "../ir/tensor.js";
import { isMemory, overOf } from "./cost.js";
import type { EdgeFields } from "./edge-fields.js";
import { sameOrder } from "./layouts.js";
import { isAlongMap, mapOf } from "./maps.js";
import {
  type MatrixProduct,
  matrixProductOf,
  type OuterParts,
  outerPartsOf,
  sidesOf,
} from "./products.js";
import type { Frame } from "./reads.js";
import { isWide, laterEnd, type Region } from "./region.js";

export type Work = { readonly target: Tensor } & (
  | { readonly kind: "map" | "reduce" | "recur" }
  /** Along a map, for each row; or the field of the elements itself. */
  | { readonly kind: "walk" | "collect"; readonly map: RowMap }
  | { readonly kind: "columns"; readonly axis: Axis }
  | ({ readonly kind: "product" } & MatrixProduct)
  /** Sums to the batch, by chunks of rows of `of`; `outer` also of the one row of the batch. */
  | { readonly kind: "sum"; readonly of: Space }
  | ({ readonly kind: "outer"; readonly of: Space } & OuterParts)
);

/** Products of two sides below this many words are summed over rows like anything else. */
const smallestOuter = 16;
/** The same on the batch, where there are no chunks of rows to gain by. */
const smallestOnBatch = 1024;

export function workOf(t: Tensor, region: Region, edgeFields: EdgeFields): Work {
  if (t.op === "recur") return { kind: "recur", target: t };
  if (isAlongMap(t)) return alongMap(t, region);
  if (region.levels && t.space.kind === "edges") {
    return { kind: "walk", target: t, map: laterEnd(t.space, region.levels) };
  }
  const map = edgeFields.get(t);
  if (map) return { kind: "walk", target: t, map };
  const product = matrixWork(t, region) ?? updateOnBatch(t, region);
  if (product) return product;
  return { kind: overOf(t).length > 0 || t.op === "winner" ? "reduce" : "map", target: t };
}

/** A product on panels, if the two sides can lie in memory as the stage wants them. */
function matrixWork(t: Tensor, region: Region): Work | null {
  const parts = matrixProductOf(t);
  if (!parts) return null;
  const sides = sidesOf(parts, region.table);
  const left = region.layouts.of(sides.left);
  const target = region.layouts.of(t);
  const leading = parts.free.length + parts.stack.length;
  if (!sameOrder(target.slice(0, leading), left.slice(0, leading))) return null;
  const free = target.slice(0, parts.free.length);
  const stack = target.slice(free.length, leading);
  if (!free.every((a) => parts.free.includes(a))) return null;
  if (!stack.every((a) => parts.stack.includes(a))) return null;
  const [over, columns] = [left.slice(leading), target.slice(leading)];
  return { kind: "product", target: t, ...sides, free, stack, over, columns };
}

/** Two matrices of the batch whose rows are summed over, where both lie in memory, one row after another. */
function updateOnBatch(t: Tensor, region: Region): Work | null {
  if (t.op !== "product" || t.space !== unitSpace || t.attrs.slots.length > 0) return null;
  const inMemory = (x: Tensor): boolean => isMemory(x) || isAlongMap(x);
  const order = region.layouts.of(t);
  if (volume(order) < smallestOnBatch || !factorsOf(t).every(inMemory)) return null;
  const sides = outerPartsOf(t, order, region.table);
  if (!sides || sides.over.length < t.attrs.over.length || sides.over.length === 0) return null;
  const outer = laidOut(sides, order, region);
  return outer && { kind: "outer", target: t, of: unitSpace, ...outer };
}

function alongMap(t: Tensor, region: Region): Work {
  const map = mapOf(t);
  if (t.op !== "product") return { kind: "walk", target: t, map };
  if (t.attrs.slots.length > 0) return bySlots(t, map);
  if (map.to !== unitSpace) return { kind: "walk", target: t, map };
  const order = region.layouts.of(t);
  const sides = volume(order) >= smallestOuter ? outerPartsOf(t, order, region.table) : null;
  if (!sides) return { kind: "sum", target: t, of: map.from };
  const outer = laidOut(sides, order, region);
  return outer
    ? { kind: "outer", target: t, of: map.from, ...outer }
    : { kind: "sum", target: t, of: map.from };
}

/** The sides with their common axes in the order in which both have them, if they lie as the stage wants them. */
function laidOut(
  { left, right, over, stack }: OuterParts,
  order: readonly Axis[],
  { layouts }: Region,
): OuterParts | null {
  const [a, b] = [layouts.of(left), layouts.of(right)];
  const summed = a.slice(0, over.length);
  const leading = over.length + stack.length;
  const fits =
    summed.every((axis) => over.includes(axis)) &&
    sameOrder(a.slice(0, leading), [...summed, ...stack]) &&
    sameOrder(b.slice(0, leading), [...summed, ...stack]) &&
    sameOrder([...stack, ...a.slice(leading), ...b.slice(leading)], order);
  return fits ? { left, right, over: summed, stack } : null;
}

function bySlots(t: Tensor & { readonly op: "product" }, map: RowMap): Work {
  const [slot, ...more] = slotsOf(t);
  const isColumn = slot?.index.op === "fact" && slot.index.attrs.fact === "column";
  return slot && isColumn && more.length === 0 && map.to === unitSpace
    ? { kind: "columns", target: t, axis: slot.axis }
    : { kind: "collect", target: t, map };
}

/** What a stage wants stored in its kernel before it runs. */
export function operandsOf(work: Work): readonly Tensor[] {
  if (work.kind === "product") return [work.left];
  return work.kind === "outer" ? [work.left, work.right] : [];
}

/** The space whose rows a stage runs over. */
export function rowsOf(work: Work): Space {
  switch (work.kind) {
    case "walk":
    case "collect":
      return work.map.to;
    case "sum":
    case "outer":
      return work.of;
    default:
      return work.target.space;
  }
}

/** Whether it sums to the batch by chunks of rows. */
export const isChunked = (work: Work): work is Work & { readonly kind: "sum" | "outer" } =>
  work.kind === "sum" || (work.kind === "outer" && work.of !== unitSpace);

/** Whether it has a kernel of its own. */
export const isAlone = (work: Work): boolean =>
  work.kind === "columns" ||
  work.kind === "recur" ||
  (work.kind === "collect" && work.map.to === unitSpace);

/** Where the definition of the target is evaluated. */
export function frameOf(work: Work, levels: boolean): Frame {
  if (work.kind === "walk" || work.kind === "collect") {
    return { start: "element", base: work.map, levels };
  }
  return { start: work.kind === "columns" ? "other" : "row", base: null, levels };
}

/** Whether a walk writes a field of the elements it walks over. */
export const isElementwise = (work: Work): boolean =>
  work.kind === "walk" && work.target.space === work.map.from && isWide(work.target.space);
