/**
 * Which products are a row times a matrix of the batch: they run on packed panels.
 */
import { panelWidth } from "../ir/kernel.js";
import {
  type Axis,
  factorsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
  volume,
  without,
} from "../ir/tensor.js";
import { isMemory } from "./cost.js";
import { isAlongMap } from "./maps.js";

/** A value on the batch, read from any row. */
export const isUnitPull = (t: Tensor): boolean =>
  t.op === "pull" && t.attrs.map?.kind === "all" && t.attrs.slots.length === 0;

/** The parts of a product that is rows times a matrix, or times a matrix for each position of `stack`. */
export interface MatrixProduct {
  /** Of the row, with the axes `free`, `stack` and `over`. */
  readonly left: Tensor;
  /** On the batch, with the axes `stack`, `over` and `columns`. */
  readonly matrix: Tensor;
  readonly free: readonly Axis[];
  readonly stack: readonly Axis[];
  readonly over: readonly Axis[];
  readonly columns: readonly Axis[];
}

/** Below these a product is no matter for panels: its sum is too short, or its result too narrow for it. */
const shortestSum = 4;
const smallest = 64;
/** Of products on the batch: fewer rows, or smaller matrices, are not worth packing. */
const fewestRows = 8;
const largeMatrix = 1024;
/** Panels of one column are read in vectors along the sum, which had better be longer. */
const fewest = 2;
const longSum = 16;

/** The split of a product into a value of the row and a matrix; null when it is none, or too small to pay. */
export function matrixProductOf(t: Tensor): MatrixProductParts | null {
  if (t.op !== "product" || t.attrs.map || t.attrs.slots.length > 0) return null;
  const { over } = t.attrs;
  const sides = t.space.kind === "unit" ? sidesOnBatch(t) : sidesOnRows(t);
  if (!sides) return null;
  const { ofRow, ofBatch } = sides;
  const inMatrix = union(...ofBatch.map((f) => f.axes));
  const inRow = union(...ofRow.map((f) => f.axes));
  if (!over.every((a) => inMatrix.includes(a) && inRow.includes(a))) return null;
  const stack = without(inRow, over).filter((a) => inMatrix.includes(a));
  const free = without(inRow, [...over, ...stack]);
  const columns = without(inMatrix, [...over, ...stack]);
  return isWorthPanels(volume(over), volume(columns))
    ? { ofRow, ofBatch, free, stack, over, columns }
    : null;
}

type Sides = Pick<MatrixProductParts, "ofRow" | "ofBatch">;

function sidesOnRows(t: TensorOf<"product">): Sides | null {
  const factors = factorsOf(t);
  const ofBatch = factors.filter(isUnitPull);
  const ofRow = factors.filter((f) => !isUnitPull(f));
  return ofBatch.length === 0 || ofRow.length === 0 ? null : { ofRow, ofBatch };
}

/** Two matrices of the batch: a parameter, and one that is stored anyway and whose rows are summed over. */
function sidesOnBatch(t: TensorOf<"product">): Sides | null {
  const [p, q, ...more] = factorsOf(t);
  const { over } = t.attrs;
  if (!p || !q || more.length > 0) return null;
  const order = [
    [p, q],
    [q, p],
  ] as const;
  const found = order.find(([left, matrix]) => {
    const shared = left.axes.filter((a) => matrix.axes.includes(a));
    const rows = volume(without(left.axes, over));
    return (
      matrix.op === "param" &&
      shared.length === over.length &&
      rows >= fewestRows &&
      volume(matrix.axes) >= largeMatrix &&
      hasRows(left, over)
    );
  });
  return found ? { ofRow: [found[0]], ofBatch: [found[1]] } : null;
}

/** Whether a value lies in memory whatever becomes of the product, its rows along these axes. */
function hasRows(t: Tensor, along: readonly Axis[]): boolean {
  if (!isMemory(t)) return isAlongMap(t);
  const { layout } = t.attrs;
  return layout.slice(layout.length - along.length).every((a) => along.includes(a));
}

function isWorthPanels(inner: number, columns: number): boolean {
  if (panelWidth(columns) === 1) return columns >= fewest && inner >= longSum;
  return inner >= shortestSum && inner * columns >= smallest;
}

export interface MatrixProductParts {
  readonly ofRow: readonly Tensor[];
  readonly ofBatch: readonly Tensor[];
  readonly free: readonly Axis[];
  readonly stack: readonly Axis[];
  readonly over: readonly Axis[];
  readonly columns: readonly Axis[];
}

/** The two sides as tensors: several factors of one side are multiplied first. */
export function sidesOf(parts: MatrixProductParts, table: TensorTable): MatrixProduct {
  const left = times(parts.ofRow, table);
  const sources = parts.ofBatch.map((f) => f.inputs[0] ?? f);
  const { free, stack, over, columns } = parts;
  return { left, matrix: times(sources, table), free, stack, over, columns };
}

/** The product of some factors, or the only one. */
export function times(
  factors: readonly Tensor[],
  table: TensorTable,
  over: readonly Axis[] = [],
): Tensor {
  const [only] = factors;
  return only && factors.length === 1 && over.length === 0
    ? only
    : table.product({ factors, over });
}

/** The two factors of a sum over rows of left x right, what is summed within each. */
export interface OuterParts {
  readonly left: Tensor;
  readonly right: Tensor;
  /** Axes that both have: summed with the rows, and kept. */
  readonly over: readonly Axis[];
  readonly stack: readonly Axis[];
}

/** Splits a product along a map into two sides that share none of their own axes; null when it has one side only. */
export function outerPartsOf(
  t: TensorOf<"product">,
  order: readonly Axis[],
  table: TensorTable,
): OuterParts | null {
  const factors = factorsOf(t);
  return splitBy([], t, order, table) ?? splitBy(sharedIn(factors), t, order, table);
}

function splitBy(
  shared: readonly Axis[],
  t: TensorOf<"product">,
  order: readonly Axis[],
  table: TensorTable,
): OuterParts | null {
  const { over } = t.attrs;
  const kept = without(shared, over);
  const [stack, rest] = [order.slice(0, kept.length), order.slice(kept.length)];
  if (!stack.every((a) => kept.includes(a))) return null;
  const own = (factors: readonly Tensor[]): readonly Axis[] =>
    without(axesOf(factors), [...over, ...shared]);
  const sides = componentsOf(factorsOf(t), shared);
  const wide = sides.filter((s) => own(s).length > 0);
  if (wide.length < 2 || wide.length !== sides.length) return null;
  const first = wide.find((s) => rest[0] !== undefined && own(s).includes(rest[0]));
  if (!first) return null;
  const leading = own(first);
  if (!leading.every((a) => rest.indexOf(a) < leading.length)) return null;
  const others = wide.filter((s) => s !== first).flat();
  const inside = (side: readonly Tensor[]): readonly Axis[] =>
    without(over, shared).filter((a) => axesOf(side).includes(a));
  return {
    left: times(first, table, inside(first)),
    right: times(others, table, inside(others)),
    over: over.filter((a) => shared.includes(a)),
    stack,
  };
}

const axesOf = (factors: readonly Tensor[]): readonly Axis[] =>
  union(...factors.map((f) => f.axes));

/** The axes that more than one factor has. */
export const sharedIn = (factors: readonly Tensor[]): readonly Axis[] =>
  axesOf(factors).filter((a) => factors.filter((f) => f.axes.includes(a)).length > 1);

/** Factors that have axes in common besides the `shared` ones, together; those without axes of their own join the first. */
function componentsOf(
  factors: readonly Tensor[],
  shared: readonly Axis[],
): readonly (readonly Tensor[])[] {
  const own = (f: Tensor): readonly Axis[] => without(f.axes, shared);
  let sides: (readonly Tensor[])[] = [];
  for (const f of factors.filter((x) => own(x).length > 0)) {
    const touching = sides.filter((s) => axesOf(s).some((a) => own(f).includes(a)));
    sides = [...sides.filter((s) => !touching.includes(s)), [...touching.flat(), f]];
  }
  const narrow = factors.filter((x) => own(x).length === 0);
  const [first, ...others] = sides;
  return first ? [[...narrow, ...first], ...others] : [narrow];
}
