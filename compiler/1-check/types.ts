/**
 * Types of values inside the checker: element type, shape with provenance, and the interval of an integer.
 *
 * `literal` marks what a bare number is: it takes any f32 shape that is wanted and binds no dimension.
 */
import type * as ast from "../../grammar/ast.js";
import type { ValueType } from "../ir/model.js";
import { type Dim, type DimScope, dimension, type Reporter, sizes } from "./dims.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Type {
  readonly dtype: "f32" | "i32" | "bool";
  readonly shape: readonly Dim[];
  /** Of an integer; null for the others. */
  readonly range: Interval | null;
  readonly literal: boolean;
}

export const f32 = (shape: readonly Dim[] = []): Type => ({
  dtype: "f32",
  shape,
  range: null,
  literal: false,
});
export const bool = (shape: readonly Dim[] = []): Type => ({
  dtype: "bool",
  shape,
  range: null,
  literal: false,
});
export const integer = (low: number, high: number, shape: readonly Dim[] = []): Type => ({
  dtype: "i32",
  shape,
  range: { low, high },
  literal: false,
});
export const anyInteger = (shape: readonly Dim[] = []): Type => integer(-Infinity, Infinity, shape);
export const numberLiteral = (value: number, whole: boolean): Type => ({
  ...(whole ? integer(value, value) : f32()),
  literal: true,
});

export const intervalOf = (t: Type): Interval => t.range ?? { low: -Infinity, high: Infinity };
export const withShape = (t: Type, shape: readonly Dim[]): Type => ({ ...t, shape });
export const settled = (t: Type): Type => ({ ...t, literal: false });

/** As the model has it: plain numbers. */
export function valueType(t: Type): ValueType {
  return { dtype: t.dtype, shape: sizes(t.shape), range: t.dtype === "i32" ? intervalOf(t) : null };
}

const printDim = (d: Dim): string =>
  d.name === null ? `${d.size}` : d.origin?.madeUp ? d.name : `${d.name} = ${d.size}`;

/** `f32[In = 1433]`, `index[7]`, `i32`. */
export function printType(t: Type): string {
  const shape = t.shape.length > 0 ? `[${t.shape.map(printDim).join(", ")}]` : "";
  if (t.dtype !== "i32") return `${t.dtype}${shape}`;
  const { low, high } = intervalOf(t);
  if (low === 0 && Number.isFinite(high))
    return `index[${high + 1}]${shape && ` for each of ${shape}`}`;
  if (low === high && Number.isFinite(low) && t.shape.length === 0) return `the integer ${low}`;
  const range = Number.isFinite(low) && Number.isFinite(high) ? ` in ${low} .. ${high}` : "";
  return `i32${shape}${range}`;
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => d.size === b[i]?.size);
}

/** Whether an integer surely lies in `0 .. N-1` for some N. */
export function isIndex(t: Type): boolean {
  const { low, high } = intervalOf(t);
  return t.dtype === "i32" && low >= 0 && Number.isFinite(high);
}

/** A written type with its dimensions worked out. Blocked while one is free. */
export function written(type: ast.Type, scope: DimScope, reporter: Reporter): Type {
  const dims = type.dims.map((d) => dimension(d, scope, reporter));
  if (type.element === "index") return integer(0, (dims[0]?.size ?? 1) - 1);
  if (type.element === "i32") return anyInteger(dims);
  return type.element === "f32" ? f32(dims) : bool(dims);
}

/** A written type as text: `f32[2 * H]`. */
export function printWritten(type: ast.Type): string {
  const { source, start, end } = type.span;
  return source.text.slice(start, end);
}
