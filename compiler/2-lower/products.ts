/**
 * Sums and products of f32 tensors in the form that the laws work on: every multiplication, sign and sum over axes or
 * rows is one `product` of a set of factors.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { RowMap, Space } from "../ir/space.js";
import {
  type Axis,
  factorsOf,
  type Tensor,
  type TensorTable,
  union,
  volume,
  without,
} from "../ir/tensor.js";
import { coerce, lift, together } from "./values.js";

/** scale * sum over `over`, and over the rows of `map`, of the product of the factors. */
export interface Multiplication {
  readonly factors: readonly Tensor[];
  readonly over?: readonly Axis[];
  readonly map?: RowMap | null;
  readonly scale?: number;
}

/** The factors of nameless pointwise products in place of these products. */
function flatten(t: Tensor): { readonly factors: readonly Tensor[]; readonly scale: number } {
  const pointwise =
    t.op === "product" &&
    t.label === null &&
    t.attrs.map === null &&
    t.attrs.over.length === 0 &&
    t.attrs.slots.length === 0;
  return pointwise ? { factors: factorsOf(t), scale: t.attrs.scale } : { factors: [t], scale: 1 };
}

/** Constants become the scale; a sum over an axis that nothing has is a multiplication by its size. */
export function multiply(table: TensorTable, parts: Multiplication, span: Span | null): Tensor {
  const { over = [], map = null } = parts;
  const lifted = onOneSpace(table, parts.factors, map).map(flatten);
  const factors = lifted.flatMap((f) => f.factors);
  const values = factors.flatMap((t) => (t.op === "const" ? [t.attrs.value] : []));
  const varying = factors.filter((t) => t.op !== "const");
  const known = union(...varying.map((t) => t.axes));
  const bare = without(union(...factors.map((t) => t.axes)), [...known, ...over]);
  const absent = without(over, known);
  const scale = [parts.scale ?? 1, ...lifted.map((f) => f.scale), ...values].reduce(
    (a, b) => a * b,
    volume(absent),
  );
  const space = factors[0]?.space ?? bug("a multiplication of nothing");
  const left = { varying, bare, over: without(over, absent), map, scale };
  return assemble(table, left, space, span);
}

function onOneSpace(
  table: TensorTable,
  factors: readonly Tensor[],
  map: RowMap | null,
): readonly Tensor[] {
  const floats = factors.map((t) => coerce(table, t, "f32"));
  return map ? floats.map((t) => lift(table, t, map.from)) : together(table, floats);
}

interface Collected {
  readonly varying: readonly Tensor[];
  /** Axes that only constants have. */
  readonly bare: readonly Axis[];
  readonly over: readonly Axis[];
  readonly map: RowMap | null;
  readonly scale: number;
}

function assemble(table: TensorTable, parts: Collected, space: Space, span: Span | null): Tensor {
  const { varying, bare, over, map, scale } = parts;
  const [only] = varying;
  if (!only && !map) return table.constant(scale, space, bare);
  if (only && varying.length === 1 && !map && bare.length + over.length === 0 && scale === 1)
    return only;
  const ones = only && bare.length === 0 ? [] : [table.constant(1, space, bare)];
  return table.product({ factors: [...varying, ...ones], over, map, scale }, span);
}

export const scaled = (
  table: TensorTable,
  t: Tensor,
  scale: number,
  span: Span | null = t.span,
): Tensor => multiply(table, { factors: [t], scale }, span);

/** a - b, as a + (-1) b. */
export function difference(table: TensorTable, a: Tensor, b: Tensor, span: Span | null): Tensor {
  return table.map("add", together(table, [a, scaled(table, b, -1)]), span);
}

/** a / b; a constant divisor scales. */
export function quotient(table: TensorTable, a: Tensor, b: Tensor, span: Span | null): Tensor {
  if (b.op === "const" && b.axes.length === 0 && Number.isFinite(1 / b.attrs.value))
    return scaled(table, a, 1 / b.attrs.value, span);
  return table.map("div", together(table, [a, b]), span);
}

/** The sum of tensors of one element type; of bools, whether one is true. */
export function total(table: TensorTable, terms: readonly Tensor[], span: Span | null): Tensor {
  const same = together(table, terms);
  const f = same[0]?.dtype === "bool" ? "or" : "add";
  return same.reduce((sum, t) => table.map(f, [sum, t], span));
}
