/**
 * Operators on values: element-wise arithmetic, comparison and logic, `@`, concatenation.
 *
 * Nothing broadcasts but a scalar. An integer that meets an f32 becomes one, in the open.
 */
import type {
  BinaryExpression,
  Expression,
  ListExpression,
  UnaryExpression,
} from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import {
  concatenatedAxes,
  innerDimensions,
  shapesDiffer,
  vectorOnTheRight,
  wrongElement,
} from "../diagnostics/shapes.js";
import type { Expr, Pointwise } from "../ir/model.js";
import { type Dim, plain } from "./dims.js";
import { asF32, literal, negated, pointwise } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import * as intervals from "./intervals.js";
import type { Place } from "./places.js";
import { infer, inferEach, joined, shown } from "./reading.js";
import { Failed, unlessBlocked, unlessFailed } from "./stop.js";
import {
  bool,
  f32,
  type Interval,
  integer,
  intervalOf,
  sameShape,
  type Type,
  valueType,
} from "./types.js";

const arithmetic: Readonly<
  Record<
    string,
    { readonly f: Pointwise; readonly range: ((a: Interval, b: Interval) => Interval) | null }
  >
> = {
  "+": { f: "add", range: intervals.add },
  "-": { f: "sub", range: intervals.subtract },
  "*": { f: "mul", range: intervals.multiply },
  "/": { f: "div", range: null },
};

const comparisons: Readonly<Record<string, Pointwise>> = {
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "==": "eq",
  "!=": "ne",
};

export function inferBinary(reading: Reading, e: BinaryExpression): Value {
  const operands = unlessFailed(() => inferEach(reading, [e.left, e.right]));
  if (!operands && e.operator === "@" && !reading.misplaced) checkInnerAnyway(reading, e);
  const [left, right] = operands ?? [];
  if (!left || !right) throw new Failed();
  if (e.operator === "@") return contraction(reading, e, left, right);
  if (e.operator === "and" || e.operator === "or") {
    for (const value of [left, right]) wantBool(reading, value, `\`${e.operator}\``);
    return elementwise(reading, e.operator, [left, right], (shape) => bool(shape), e.span);
  }
  const comparison = comparisons[e.operator];
  if (comparison) {
    const bools = left.type.dtype === "bool" && right.type.dtype === "bool";
    if (!bools || (comparison !== "eq" && comparison !== "ne"))
      for (const value of [left, right]) wantNumber(reading, value, `\`${e.operator}\``);
    return elementwise(reading, comparison, [left, right], (shape) => bool(shape), e.span);
  }
  const rule = arithmetic[e.operator];
  if (!rule)
    return reading.frame.fail(wrongElement(e.span, shown(left), "a number", `\`${e.operator}\``));
  for (const value of [left, right]) wantNumber(reading, value, `\`${e.operator}\``);
  const range = rule.range;
  const whole = range && left.type.dtype === "i32" && right.type.dtype === "i32";
  const made = whole ? range(intervalOf(left.type), intervalOf(right.type)) : null;
  return elementwise(
    reading,
    rule.f,
    [left, right],
    (shape) => ({
      ...(made ? integer(made.low, made.high, shape) : f32(shape)),
      literal: left.type.literal && right.type.literal,
    }),
    e.span,
  );
}

export function inferUnary(reading: Reading, e: UnaryExpression): Value {
  const value = infer(reading, e.operand);
  if (e.operator === "not") {
    wantBool(reading, value, "`not`");
    return elementwise(reading, "not", [value], (shape) => bool(shape), e.span);
  }
  wantNumber(reading, value, "`-`");
  const range = value.type.range && intervals.negate(value.type.range);
  const type: Type = { ...value.type, range };
  const build = (at: Place): Expr => negated(value.build(at), valueType(type), e.span);
  return { type, place: value.place, span: e.span, build };
}

export function wantBool(reading: Reading, value: Value, by: string): void {
  if (value.type.dtype !== "bool")
    reading.frame.fail(wrongElement(value.span, shown(value), "a bool", by));
}

export function wantNumber(reading: Reading, value: Value, by: string): void {
  if (value.type.dtype === "bool")
    reading.frame.fail(wrongElement(value.span, shown(value), "a number", by));
}

/** The one shape of element-wise operands: equal, or a scalar. */
export function commonShape(
  reading: Reading,
  values: readonly Value[],
  span: Span,
): readonly Dim[] {
  let found: Value | null = null;
  for (const value of values) {
    if (value.type.shape.length === 0) continue;
    if (found && !sameShape(found.type.shape, value.type.shape))
      reading.frame.fail(shapesDiffer(span, textOf(span), shown(found), shown(value)));
    found ??= value;
  }
  return found?.type.shape ?? [];
}

/** An element-wise function of values: equal shapes or scalars, on one space, all f32 if the result or one of them is. */
export function elementwise(
  reading: Reading,
  f: Pointwise,
  values: readonly Value[],
  typeFor: (shape: readonly Dim[]) => Type,
  span: Span,
): Value {
  const type = typeFor(commonShape(reading, values, span));
  const place = joined(reading, values);
  const real =
    type.dtype === "f32" || (type.dtype === "bool" && values.some((v) => v.type.dtype === "f32"));
  const build = (at: Place): Expr => {
    const built = values.map((v) => v.build(at));
    return pointwise(f, real ? built.map(asF32) : built, valueType(type), span);
  };
  return { type, place, span, build };
}

/** Beside a mistake of spaces the inner dimensions may be wrong too. */
function checkInnerAnyway(reading: Reading, e: BinaryExpression): void {
  const anywhere: Reading = { ...reading, misplaced: true };
  const typed = (part: Expression): Value | null =>
    unlessFailed(() => unlessBlocked(() => infer(anywhere, part)));
  const [left, right] = [typed(e.left), typed(e.right)];
  if (left && right) checkInner(reading, e, left, right);
}

function checkInner(reading: Reading, e: BinaryExpression, left: Value, right: Value): void {
  const inner = left.type.shape.at(-1);
  const outer = right.type.shape[0];
  if (inner && inner.size === outer?.size) return;
  const reversed =
    right.type.shape.length === 1 && right.type.shape[0]?.size === left.type.shape[0]?.size;
  reading.frame.fail(
    reversed && left.type.shape.length > 1
      ? vectorOnTheRight(e.span, shown(left), shown(right))
      : innerDimensions(e.span, shown(left), shown(right), wantedRight(inner, right)),
  );
}

/** The type that the right of `@` should have been: turned round, or with another first axis. */
function wantedRight(inner: Dim | undefined, right: Value): string | null {
  const { shape } = right.type;
  if (!inner || shape.length === 0) return null;
  const turned = shape.length === 2 && shape[1]?.size === inner.size;
  const rest = turned ? shape.slice(0, 1) : shape.slice(1);
  return `f32[${[inner, ...rest].map((d) => d.name ?? d.size).join(", ")}]`;
}

/** `a @ b`: the last axis of the left with the first of the right. */
function contraction(reading: Reading, e: BinaryExpression, left: Value, right: Value): Value {
  for (const value of [left, right]) wantNumber(reading, value, "`@`");
  checkInner(reading, e, left, right);
  const type = f32([...left.type.shape.slice(0, -1), ...right.type.shape.slice(1)]);
  const place = joined(reading, [left, right]);
  const build = (at: Place): Expr => ({
    kind: "contract",
    left: asF32(left.build(at)),
    right: asF32(right.build(at)),
    type: valueType(type),
    span: e.span,
  });
  return { type, place, span: e.span, build };
}

/** `[a, b]`: along the last axis, a scalar counting as one. */
export function inferList(reading: Reading, e: ListExpression): Value {
  const parts = inferEach(reading, e.parts);
  for (const part of parts) wantNumber(reading, part, "`[ ]`");
  const widest = parts.reduce<Value | null>(
    (best, part) => (!best || part.type.shape.length > best.type.shape.length ? part : best),
    null,
  );
  const leading = widest?.type.shape.slice(0, -1) ?? [];
  for (const part of parts)
    if (widest && leading.length > 0 && !sameShape(part.type.shape.slice(0, -1), leading))
      reading.frame.fail(concatenatedAxes(e.span, shown(widest), shown(part)));
  const total = parts.reduce((sum, part) => sum + (part.type.shape.at(-1)?.size ?? 1), 0);
  const type = f32([...leading, plain(total)]);
  const build = (at: Place): Expr => ({
    kind: "concat",
    parts: parts.map((part) => asF32(part.build(at))),
    type: valueType(type),
    span: e.span,
  });
  return { type, place: joined(reading, parts), span: e.span, build };
}

export const zero = (span: Span): Expr => literal(0, span);
