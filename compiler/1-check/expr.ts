/**
 * Makers of model expressions: each works out the type of what it makes and folds the trivial cases, so that
 * elaboration says what it means and nothing else.
 */
import type { Span } from "../../grammar/source.js";
import type {
  Binder,
  Expr,
  Field,
  Input,
  Parameter,
  Pointwise,
  State,
  ValueType,
} from "../ir/model.js";
import type { RowMap, Space } from "../ir/space.js";
import { allOf, graphOf } from "../ir/space.js";

export const scalarF32: ValueType = { dtype: "f32", shape: [], range: null };

export const literal = (value: number | boolean, span: Span): Expr =>
  typeof value === "boolean"
    ? { kind: "literal", value, span, type: { dtype: "bool", shape: [], range: null } }
    : {
        kind: "literal",
        value,
        span,
        type: Number.isInteger(value)
          ? { dtype: "i32", shape: [], range: { low: value, high: value } }
          : scalarF32,
      };

export const f32Literal = (value: number, span: Span): Expr => ({
  kind: "literal",
  value,
  span,
  type: scalarF32,
});

export const binderValue = (binder: Binder, span: Span): Expr => ({
  kind: "binder",
  binder,
  span,
  type: { dtype: "i32", shape: [], range: { low: 0, high: binder.size - 1 } },
});

/** Integers become f32 in the open; literals simply are. */
export function asF32(e: Expr): Expr {
  if (e.type.dtype !== "i32") return e;
  const type: ValueType = { dtype: "f32", shape: e.type.shape, range: null };
  if (e.kind === "literal" && typeof e.value === "number") return { ...e, type: scalarF32 };
  if (e.kind === "fill") return { ...e, type, value: asF32(e.value) };
  return { kind: "pointwise", f: "to_f32", args: [e], type, span: e.span };
}

export const pointwise = (
  f: Pointwise,
  args: readonly Expr[],
  type: ValueType,
  span: Span,
): Expr => ({
  kind: "pointwise",
  f,
  args,
  type,
  span,
});

export function negated(e: Expr, type: ValueType, span: Span): Expr {
  if (e.kind === "literal" && typeof e.value === "number")
    return { ...e, value: -e.value, type, span };
  return pointwise("neg", [e], type, span);
}

/** Gives a scalar the shape that is wanted of it. */
export function filled(e: Expr, shape: readonly number[]): Expr {
  if (e.type.shape.length === shape.length) return e;
  return { kind: "fill", value: e, span: e.span, type: { ...e.type, shape } };
}

/** Reads `value`, which stands on `map.to`, from `map.from`. */
export function pull(map: RowMap, value: Expr, span: Span): Expr {
  if (isConstant(value)) return value;
  return { kind: "pull", map, value, type: value.type, span };
}

/** Lifts a value of a coarser space: from its own space to the one where it is read. */
export function lift(value: Expr, own: Space, at: Space, span: Span): Expr {
  if (own === at) return value;
  if (own.kind === "unit") return pull(allOf(at), value, span);
  if (own.kind === "graph" && at.kind !== "unit") return pull(graphOf(at), value, span);
  return value;
}

/** Whether an expression reads no rows, so that it stands anywhere. */
export function isConstant(e: Expr): boolean {
  switch (e.kind) {
    case "literal":
    case "parameter":
    case "binder":
    case "training":
    case "step":
      return true;
    case "at":
      return isConstant(e.value) && e.indices.every(isConstant);
    case "fill":
      return isConstant(e.value);
    default:
      return false;
  }
}

/** Whether an expression costs nothing to say twice. */
export function isTrivial(e: Expr): boolean {
  if (e.kind === "pull" || e.kind === "fill") return isTrivial(e.value);
  if (e.kind === "at") return isTrivial(e.value) && e.indices.every(isTrivial);
  return e.kind === "field" || e.kind === "index" || e.kind === "offset" || isConstant(e);
}

export const readField = (field: Field | Input, span: Span): Expr => ({
  kind: "field",
  field,
  type: field.type,
  span,
});

export const readParameter = (parameter: Parameter | State, type: ValueType, span: Span): Expr => ({
  kind: "parameter",
  parameter,
  type,
  span,
});

/** `value[i, j]`; indices of indices are joined. */
export function at(value: Expr, indices: readonly Expr[], span: Span): Expr {
  if (indices.length === 0) return value;
  const type = { ...value.type, shape: value.type.shape.slice(indices.length) };
  if (value.kind === "at") return { ...value, indices: [...value.indices, ...indices], type, span };
  return { kind: "at", value, indices, type, span };
}

/** `z[h] = body`. */
export function each(binders: readonly Binder[], body: Expr, span: Span): Expr {
  if (binders.length === 0) return body;
  const type = { ...body.type, shape: [...binders.map((b) => b.size), ...body.type.shape] };
  if (body.kind === "each") return { ...body, binders: [...binders, ...body.binders], type, span };
  return { kind: "each", binders, body, type, span };
}
