/** Calls: what is called decides what they are: a reduction, a count, an aggregation, a builtin, a declared body. */
import type { CallExpression, Expression, OverExpression } from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { numberOfArguments } from "../diagnostics/shapes.js";
import {
  countOfWhat,
  modifierOnValue,
  noGroupHere,
  whereElsewhere,
} from "../diagnostics/spaces.js";
import { notArriving } from "../diagnostics/topology.js";
import type { Expr } from "../ir/model.js";
import type { RowMap } from "../ir/space.js";
import { graphOf, receiverOf, senderOf } from "../ir/space.js";
import { aggregator, type Modifiers } from "./aggregation-form.js";
import { inferAggregation } from "./aggregations.js";
import { builtins } from "./builtins.js";
import { callDeclared } from "./declared-call.js";
import { lift, pull } from "./expr.js";
import { isFn, type Reading, type Value } from "./frame.js";
import { calledFunction } from "./functions.js";
import { defaultRelation } from "./groups.js";
import { describe, globalPlace, isEdge, isNodes, type Place } from "./places.js";
import { inferEach } from "./reading.js";
import { inferReduction } from "./reductions.js";
import { Failed, unlessFailed } from "./stop.js";
import { anyInteger, type Type, valueType } from "./types.js";
import { reducers } from "./vocabulary.js";

/** The values of a call with what is written behind it. */
export function inferCall(reading: Reading, e: Expression): readonly Value[] {
  let over: OverExpression | null = null;
  let by: Modifiers["by"] = null;
  let inner = e;
  while (inner.kind === "over" || inner.kind === "by") {
    if (inner.kind === "over") over = inner;
    else by = inner.group;
    inner = inner.base;
  }
  if (inner.kind !== "call")
    return reading.frame.fail(modifierOnValue(e.span, over ? "over" : "by"));
  return callWith(reading, inner, { by, over });
}

function callWith(reading: Reading, call: CallExpression, modifiers: Modifiers): readonly Value[] {
  const { frame, scope } = reading;
  const { callee } = call;
  const name = callee.kind === "name" && !scope.env.has(callee.name.text) ? callee.name.text : null;
  if (
    callee.kind === "index" &&
    callee.base.kind === "name" &&
    !scope.env.has(callee.base.name.text)
  ) {
    const reducer = reducers.get(callee.base.name.text);
    if (reducer) return [inferReduction(reading, call, callee, reducer)];
  }
  if (name === "count") return [inferCount(reading, call, modifiers)];
  const reducer = aggregator(reading, call, modifiers);
  if (reducer) return [inferAggregation(reading, call, reducer, modifiers)];
  const fn = unlessFailed(() => calledFunction(reading, callee)) ?? argumentsAlone(reading, call);
  if (modifiers.by) frame.fail(modifierOnValue(call.span, "by"));
  if (fn.kind === "declared") return callDeclared(reading, call, fn, modifiers.over);
  if (modifiers.over) frame.fail(modifierOnValue(call.span, "over"));
  return [builtinCall(reading, call, fn.name)];
}

/** Of a call whose callee was reported: its arguments say their own mistakes. */
function argumentsAlone(reading: Reading, call: CallExpression): never {
  inferEach(
    reading,
    call.args.flatMap(({ value }) => (value.kind === "name" ? [] : [value])),
  );
  throw new Failed();
}

function builtinCall(reading: Reading, call: CallExpression, name: string): Value {
  const { frame } = reading;
  const builtin = builtins.get(name);
  const wanted = builtin?.arity ?? 1;
  if (!builtin || call.args.length !== wanted || call.args.some((a) => a.name))
    return frame.fail(numberOfArguments(call.span, name, call.args.length, wanted));
  const guarded = call.args.find((a) => a.where);
  if (guarded?.where) frame.fail(whereElsewhere(guarded.where.span, name));
  return builtin.make(
    reading,
    inferEach(
      reading,
      call.args.map((a) => a.value),
    ),
    call.span,
  );
}

const countType: Type = { ...anyInteger(), range: { low: 0, high: Infinity } };

/** `count(edge)`: edges that arrive here (`by sender`: leave); of a node set the graph's number. */
function inferCount(reading: Reading, call: CallExpression, modifiers: Modifiers): Value {
  const { frame, at } = reading;
  const target = countedPlace(reading, call);
  const made = (
    map: RowMap,
    own: Place,
    place: Place | null,
    build: (value: Expr, at: Place) => Expr,
  ): Value => {
    const value: Expr = { kind: "count", map, type: valueType(countType), span: call.span };
    return {
      type: countType,
      place,
      span: call.span,
      build: (p) => build(value, own === p ? own : p),
    };
  };
  if (!isEdge(target) || at === globalPlace || at === null || modifiers.by === "graph")
    return made(graphOf(target.space), globalPlace, at, (value, p) =>
      lift(value, globalPlace.space, p.space, call.span),
    );
  const { relation, senders, receivers } = target.edges;
  const bySender = modifiers.by === "sender";
  const map = bySender ? senderOf(relation) : receiverOf(relation);
  const end = bySender ? senders : receivers;
  if (isEdge(at)) {
    if (at.edges.relation !== relation)
      return frame.fail(noGroupHere(call.span, describe(target), describe(at)));
    return made(map, end, at, (value) => pull(map, value, call.span));
  }
  if (end !== at)
    return frame.fail(
      notArriving(
        call.span,
        describe(at),
        { relation: target.word, end: senders === at ? "sender" : "receiver" },
        [],
      ),
    );
  return made(map, end, at, (value) => value);
}

function countedPlace(reading: Reading, call: CallExpression): Place {
  const { frame } = reading;
  const [argument] = call.args;
  const e = argument?.value;
  if (!e || call.args.length !== 1 || isFn(frame))
    return frame.fail(countOfWhat(call.span, e ? textOf(e.span) : ""));
  const word = e.kind === "space" ? e.space : e.kind === "name" ? e.name.text : "";
  const place = frame.places.words.get(word);
  if (place && (isNodes(place) || isEdge(place))) return place;
  if (word === "edge") return defaultRelation(reading, call.span, { by: null, over: null });
  return frame.fail(countOfWhat(e.span, textOf(e.span)));
}
