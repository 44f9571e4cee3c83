/**
 * Which products are a row times a matrix of the batch: they run on packed panels.
 */
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

/** A value on the batch, read from any row. */
export const isUnitPull = (t: Tensor): boolean =>
  t.op === "pull" && t.attrs.map?.kind === "all" && t.attrs.slots.length === 0;

/** The parts of a product that is rows times a matrix. */
export interface MatrixProduct {
  /** Of the row, with the axes `free` and `over`. */
  readonly left: Tensor;
  /** On the batch, with the axes `over` and `columns`. */
  readonly matrix: Tensor;
  readonly free: readonly Axis[];
  readonly over: readonly Axis[];
  readonly columns: readonly Axis[];
}

/** Below these a product is no matter for panels: its sum is too short, or its result too narrow. */
const shortestSum = 4;
const narrowest = 4;
const smallest = 64;

/** The split of a product into a value of the row and a matrix; null when it is none, or too small to pay. */
export function matrixProductOf(t: Tensor): MatrixProductParts | null {
  if (t.op !== "product" || t.attrs.map || t.attrs.slots.length > 0) return null;
  const factors = factorsOf(t);
  const ofBatch = factors.filter(isUnitPull);
  const ofRow = factors.filter((f) => !isUnitPull(f));
  if (ofBatch.length === 0 || ofRow.length === 0 || t.space.kind === "unit") return null;
  const { over } = t.attrs;
  const inMatrix = union(...ofBatch.map((f) => f.axes));
  const inRow = union(...ofRow.map((f) => f.axes));
  if (!over.every((a) => inMatrix.includes(a) && inRow.includes(a))) return null;
  const free = without(inRow, over);
  const columns = without(inMatrix, over);
  if (free.some((a) => columns.includes(a))) return null;
  if (volume(over) < shortestSum || volume(columns) < narrowest) return null;
  return volume(over) * volume(columns) < smallest ? null : { ofRow, ofBatch, free, over, columns };
}

export interface MatrixProductParts {
  readonly ofRow: readonly Tensor[];
  readonly ofBatch: readonly Tensor[];
  readonly free: readonly Axis[];
  readonly over: readonly Axis[];
  readonly columns: readonly Axis[];
}

/** The two sides as tensors: several factors of one side are multiplied first. */
export function sidesOf(parts: MatrixProductParts, table: TensorTable): MatrixProduct {
  const left = times(parts.ofRow, table);
  const sources = parts.ofBatch.map((f) => f.inputs[0] ?? f);
  const { free, over, columns } = parts;
  return { left, matrix: times(sources, table), free, over, columns };
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

/** The two factors of a sum over rows of left x right: sides without common axes, what is summed within each. */
export interface OuterParts {
  readonly left: Tensor;
  readonly right: Tensor;
}

/** Splits a product along a map into two independent sides; null when it has one side only. */
export function outerPartsOf(
  t: TensorOf<"product">,
  order: readonly Axis[],
  table: TensorTable,
): OuterParts | null {
  const sides = componentsOf(factorsOf(t));
  const withAxes = sides.filter((s) => without(axesOf(s), t.attrs.over).length > 0);
  if (withAxes.length < 2 || sides.length !== withAxes.length) return null;
  const first = withAxes.find((s) => order[0] !== undefined && axesOf(s).includes(order[0]));
  if (!first) return null;
  const leading = without(axesOf(first), t.attrs.over);
  if (!leading.every((a) => order.indexOf(a) < leading.length)) return null;
  const rest = withAxes.filter((s) => s !== first).flat();
  const inside = (factors: readonly Tensor[]): readonly Axis[] =>
    t.attrs.over.filter((a) => axesOf(factors).includes(a));
  return { left: times(first, table, inside(first)), right: times(rest, table, inside(rest)) };
}

const axesOf = (factors: readonly Tensor[]): readonly Axis[] =>
  union(...factors.map((f) => f.axes));

/** Factors that share axes, together; those without axes join the first. */
function componentsOf(factors: readonly Tensor[]): readonly (readonly Tensor[])[] {
  let sides: (readonly Tensor[])[] = [];
  for (const f of factors.filter((x) => x.axes.length > 0)) {
    const touching = sides.filter((s) => axesOf(s).some((a) => f.axes.includes(a)));
    sides = [...sides.filter((s) => !touching.includes(s)), [...touching.flat(), f]];
  }
  const scalars = factors.filter((x) => x.axes.length === 0);
  const [first, ...others] = sides;
  return first ? [[...scalars, ...first], ...others] : [scalars];
}
