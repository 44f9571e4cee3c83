/**
 * Aggregations (LANGUAGE 2): where the inside stands, which rows share a group, and who reads the result.
 *
 * `sum(e)` runs over edges if it says `sender.`, `receiver.` or names an edge field, else over the one space of its
 * fields. The result belongs to the group and is lifted to whoever asks.
 */
import type { CallExpression, Expression } from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import {
  emptyShape,
  receiverReadsReceiver,
  softmaxElsewhere,
  softmaxOfInteger,
  sumOfIndex,
  whereNotBool,
} from "../diagnostics/spaces.js";
import type { Expr, Reducer } from "../ir/model.js";
import type { RowMap } from "../ir/space.js";
import { receiverOf, senderOf } from "../ir/space.js";
import type { Modifiers, Reads } from "./aggregation-form.js";
import { readsOf } from "./aggregation-form.js";
import { asF32, filled, lift, literal, pointwise, pull } from "./expr.js";
import { isFn, type Reading, type Value } from "./frame.js";
import { groupingOf, innerPlace, ownFields } from "./groups.js";
import { hull } from "./intervals.js";
import { misplaced } from "./names.js";
import { wantNumber } from "./operators.js";
import { batchPlace, describe, globalPlace, isEdge, type Place } from "./places.js";
import { infer, shown } from "./reading.js";
import { reducedType } from "./reductions.js";
import { unlessBlocked } from "./stop.js";
import { bool, f32, intervalOf, sameShape, settled, type Type, valueType } from "./types.js";

/** An aggregation typed: its parts, and where they stand. */
interface Aggregation {
  readonly call: CallExpression;
  readonly reducer: string;
  readonly inner: Place;
  readonly group: Place;
  readonly map: RowMap;
  readonly body: Value;
  readonly where: Value | null;
  readonly empty: Value | null;
  readonly type: Type;
}

export function inferAggregation(
  reading: Reading,
  call: CallExpression,
  reducer: string,
  modifiers: Modifiers,
): Value {
  const argument = call.args.find((a) => a.name === null);
  if (!argument)
    return reading.frame.fail(
      whereNotBool(call.span, { text: "", type: "", span: call.span, notes: [] }),
    );
  const inside: readonly Expression[] = argument.where
    ? [argument.value, argument.where]
    : [argument.value];
  if (reading.misplaced) return typeAlone(reading, call, reducer, argument.value);
  const reads = readsOf(reading, inside);
  const inner = innerPlace(reading, call, reads, modifiers);
  const { group, map } = groupingOf(reading, call, inner, reads, modifiers);
  warnOneEnd(reading, call, reducer, reads, inner, group);
  const inReading: Reading = {
    ...reading,
    at: isFn(reading.frame) ? null : inner,
    aggregating: true,
    misplaced: isEdge(inner) && ownFields(reads).length > 0,
  };
  const body = infer(inReading, argument.value);
  const where = argument.where ? condition(inReading, argument.where) : null;
  const made = resultType(reading, reducer, body, call.span);
  const empty = emptyValue(reading, call, made);
  const type = empty && made.dtype === "i32" ? joinRange(made, empty.type) : made;
  const parts: Aggregation = { call, reducer, inner, group, map, body, where, empty, type };
  if (reducer === "softmax") return softmaxValue(reading, parts);
  return aggregateValue(reading, parts);
}

/** The type of an aggregation whose place is reported. */
function typeAlone(
  reading: Reading,
  call: CallExpression,
  reducer: string,
  argument: Expression,
): Value {
  const body = infer(reading, argument);
  return misplaced(reading, resultType(reading, reducer, body, call.span), call.span);
}

function condition(reading: Reading, e: Expression): Value {
  const where = infer(reading, e);
  if (where.type.dtype !== "bool" || where.type.shape.length > 0)
    reading.frame.fail(whereNotBool(e.span, shown(where)));
  return where;
}

function resultType(reading: Reading, reducer: string, body: Value, span: Span): Type {
  wantNumber(reading, body, `\`${reducer}\``);
  const { type } = body;
  if (reducer === "softmax") {
    if (type.dtype === "i32")
      reading.frame.fail(softmaxOfInteger(body.span, "softmax", shown(body)));
    return f32(type.shape);
  }
  if (reducer === "sum" && type.dtype === "i32" && !type.literal) {
    const { low, high } = intervalOf(type);
    if (low >= 0 && Number.isFinite(high) && high > 1)
      reading.frame.fail(sumOfIndex(span, shown(body)));
  }
  const made = reducedType(reducer === "sum" ? "sum" : reducerOf(reducer), type);
  if (made.dtype !== "i32") return made;
  if (reducer === "sum")
    return { ...made, range: { low: intervalOf(type).low >= 0 ? 0 : -Infinity, high: Infinity } };
  return joinRange(made, { ...type, range: { low: 0, high: 0 } });
}

const reducerOf = (name: string): Reducer =>
  name === "mean" || name === "max" || name === "min" || name === "var" ? name : "sum";

const joinRange = (a: Type, b: Type): Type =>
  b.dtype === "i32" ? settled({ ...a, range: hull(intervalOf(a), intervalOf(b)) }) : settled(a);

/** `empty: z`: of the result's shape, or a number; read by the one who asks. */
function emptyValue(reading: Reading, call: CallExpression, type: Type): Value | null {
  const argument = call.args.find((a) => a.name?.text === "empty");
  if (!argument) return null;
  const value = unlessBlocked(() => infer(reading, argument.value));
  if (!value) return null;
  const fits = value.type.literal || sameShape(value.type.shape, type.shape);
  if (!fits || value.type.dtype === "bool")
    reading.frame.fail(
      emptyShape(value.span, shown(value), type.shape.length > 0 ? valueText(type) : "a number"),
    );
  return value;
}

const valueText = (type: Type): string =>
  `${type.dtype}[${type.shape.map((d) => d.size).join(", ")}]`;

/** `sum(receiver.x)` by receiver is x times the degree. */
function warnOneEnd(
  reading: Reading,
  call: CallExpression,
  reducer: string,
  reads: Reads,
  inner: Place,
  group: Place,
): void {
  if (!isEdge(inner) || reducer === "softmax" || reads.ends.size !== 1) return;
  if (reads.fields.some((f) => f.place === inner)) return;
  const [end] = reads.ends;
  const grouped = end === "receiver" ? inner.edges.receivers : inner.edges.senders;
  const other = end === "receiver" ? inner.edges.senders : inner.edges.receivers;
  if (grouped !== group || (grouped === other && end === "sender")) return;
  reading.frame.report(receiverReadsReceiver(call.span, reducer, end ?? "receiver"));
}

/** Who reads the result: the section; outside one, the space that was run over. In a function the group itself. */
function asks(reading: Reading, parts: Aggregation): Place {
  if (!isFn(reading.frame)) return reading.at ?? parts.inner;
  return parts.group === batchPlace || parts.group === globalPlace ? parts.group : parts.inner;
}

function aggregateValue(reading: Reading, parts: Aggregation): Value {
  const place = asks(reading, parts);
  const { call, map, group, inner, body, where, type } = parts;
  const reducer = reducerOf(parts.reducer);
  const build = (at: Place): Expr => {
    const cast = type.dtype === "f32" ? asF32 : (e: Expr): Expr => e;
    const own = group.space === place.space;
    const empty =
      own && parts.empty ? filled(cast(parts.empty.build(place)), valueType(type).shape) : null;
    const aggregate: Expr = {
      kind: "aggregate",
      reducer,
      map,
      body: cast(body.build(inner)),
      where: where?.build(inner) ?? null,
      empty,
      type: valueType(type),
      span: call.span,
    };
    const lifted = toAsker(aggregate, parts, place);
    const answered =
      !own && parts.empty && place !== inner ? orEmpty(lifted, parts, place) : lifted;
    return lift(answered, place.space, at.space, call.span);
  };
  return { type, place, span: call.span, build };
}

/** From the group to the one who asks. */
function toAsker(value: Expr, parts: Aggregation, place: Place): Expr {
  const { group, call } = parts;
  if (group.space === place.space) return value;
  if (isEdge(place) && parts.map.kind === "receiver")
    return pull(receiverOf(place.edges.relation), value, call.span);
  if (isEdge(place) && parts.map.kind === "sender")
    return pull(senderOf(place.edges.relation), value, call.span);
  return lift(value, group.space, place.space, call.span);
}

/** `empty:` of a group that the asker only reads: chosen where the group has no rows. */
function orEmpty(value: Expr, parts: Aggregation, place: Place): Expr {
  if (!parts.empty) return value;
  const { span } = parts.call;
  const count: Expr = {
    kind: "count",
    map: parts.map,
    type: { dtype: "i32", shape: [], range: { low: 0, high: Infinity } },
    span,
  };
  const none = pointwise(
    "eq",
    [toAsker(count, parts, place), literal(0, span)],
    valueType(bool()),
    span,
  );
  const cast = parts.type.dtype === "f32" ? asF32 : (e: Expr): Expr => e;
  return pointwise(
    "select",
    [none, cast(parts.empty.build(place)), value],
    valueType(parts.type),
    span,
  );
}

/** `softmax(..) by g` keeps its space. */
function softmaxValue(reading: Reading, parts: Aggregation): Value {
  const { call, map, inner, body, where, type } = parts;
  const { at } = reading;
  if (at && at !== inner)
    reading.frame.fail(softmaxElsewhere(call.span, describe(inner), describe(at)));
  const build = (): Expr => ({
    kind: "group_softmax",
    map,
    body: asF32(body.build(inner)),
    where: where?.build(inner) ?? null,
    type: valueType(type),
    span: call.span,
  });
  return { type, place: inner, span: call.span, build };
}
