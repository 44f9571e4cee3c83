/**
 * What a name means where it is read: binder, loop variable, field, parameter, dimension, or a value of the language;
 * and whether it may be read there at all (LANGUAGE 2, "a name has one space").
 */
import type { Name, NameExpression } from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { functionAsValue, unknownName } from "../diagnostics/names.js";
import { arrayNeedsIndex } from "../diagnostics/shapes.js";
import {
  bareEdgeField, bareNodeField, bareWide, indexNotHere, otherRelation, otherSet,
} from "../diagnostics/spaces.js"; // biome-ignore format: one line reads better
import { offsetWithoutTaps, unorderedSet } from "../diagnostics/topology.js";
import { stepOutsideOptimizer } from "../diagnostics/training.js";
import { evaluate, type Reporter, sizes } from "./dims.js";
import { asF32, binderValue, f32Literal, filled, literal } from "./expr.js";
import { type Entry, isFn, type Reading, type Value, type Variable } from "./frame.js";
import { parameterType, readFamily } from "./parameters.js";
import {
  batchPlace,
  describe,
  globalPlace,
  isEdge,
  isNodes,
  maximumOf,
  type Place,
  setOf,
} from "./places.js";
import { everywhere } from "./reading.js";
import { saidUnknown } from "./settle.js";
import { Blocked, Failed, unlessBlocked } from "./stop.js";
import { suggestion } from "./suggestions.js";
import { anyInteger, bool, integer, settled, type Type, valueType, written } from "./types.js";
import { builtinNames, builtinValues } from "./vocabulary.js";

export function inferName(reading: Reading, e: NameExpression): Value {
  const { frame, scope } = reading;
  const name = e.name.text;
  const binder = reading.binders.get(name);
  if (binder)
    return everywhere(integer(0, binder.size - 1), e.span, () => binderValue(binder, e.span));
  const entry = scope.env.get(name);
  if (entry) return readEntry(reading, entry, e);
  const dim = scope.dims.find(name);
  if (dim?.bound.kind === "const" || dim?.bound.kind === "number")
    return dimensionValue(reading, e);
  const given = builtinValue(reading, e);
  if (given) return given;
  if (builtinNames.has(name) || frame.declared.scope.names.has(name))
    frame.fail(functionAsValue(e.span, name));
  if (saidUnknown(frame, name)) throw new Failed();
  if (/^[A-Z]/.test(name) && !e.generics)
    throw new Blocked({ kind: "dimension", name, span: e.span });
  return failUnknown(reading, e.name, visible(reading));
}

/** Stops at a name that means nothing; silently if its import was reported. */
export function failUnknown(reading: Reading, name: Name, known: Iterable<string>): never {
  const { frame } = reading;
  if (frame.declared.scope.missing.has(name.text)) throw new Failed();
  return frame.fail(unknownName(name.span, name.text, suggestion(name.text, known, false)));
}

/** Every name that could have been meant. */
export function visible(reading: Reading): readonly string[] {
  const { scope, frame } = reading;
  const own = [...reading.binders.keys(), ...scope.env.keys(), ...scope.dims.names()];
  return [...own, ...frame.declared.scope.names.keys(), ...builtinNames, ...builtinValues];
}

function readEntry(reading: Reading, entry: Entry, e: NameExpression): Value {
  const { frame } = reading;
  switch (entry.kind) {
    case "variable": {
      if (entry.failed) return failWhereFailed(reading, entry, e.span);
      const type = settled(typeOf(entry));
      const place = placeWhenBare(reading, entry, e.span);
      if (place === "elsewhere") return misplaced(reading, type, e.span);
      return {
        type,
        place,
        span: e.span,
        build: (at) => ({ ...entry.read(at), span: e.span }),
      };
    }
    case "parameter":
    case "state":
      return everywhere(parameterType(frame, entry), e.span, (at) =>
        readFamily(frame, entry, e.span, at),
      );
    case "let":
      return entry.item.dims.length > 0
        ? frame.fail(arrayNeedsIndex(e.span, e.name.text))
        : frame.fail(functionAsValue(e.span, e.name.text));
    case "function":
      return frame.fail(functionAsValue(e.span, e.name.text));
    default:
      return entry satisfies never;
  }
}

const silent: Reporter = {
  fail: () => {
    throw new Failed();
  },
};

/** The type of a field, as far as it is known: typed, or written down. */
export function typeOf(variable: Variable): Type {
  if (variable.failed) throw new Failed();
  if (variable.type) return variable.type;
  const { expected } = variable;
  if (expected) {
    const known = unlessBlocked(() => written(expected.type, expected.dims, silent));
    if (known) return known;
  }
  throw new Blocked({ kind: "name", variable, what: "type" });
}

/** What is read where it does not stand: the place is reported, and its type is known all the same. */
export const misplaced = (reading: Reading, type: Type, span: Span): Value => ({
  type,
  place: reading.at,
  span,
  build: () => filled(asF32(literal(0, span)), sizes(type.shape)),
});

/** A field whose equation is wrong stands somewhere all the same: the section it is read in may be wrong too. */
function failWhereFailed(reading: Reading, { place, ...variable }: Variable, span: Span): never {
  const { frame, at, misplaced: told } = reading;
  if (at && place && place !== at && !told && !isFn(frame))
    frame.report(bareElsewhere({ ...variable, place }, place, at, span));
  throw new Failed();
}

/** Where a bare name stands; reported if it may not be read in this section. */
function placeWhenBare(
  reading: Reading,
  variable: Variable,
  span: Span,
): Place | null | undefined | "elsewhere" {
  const { frame, at } = reading;
  const { place } = variable;
  if (reading.misplaced) return "elsewhere";
  if (at === null) {
    if (place === undefined && !isFn(frame))
      throw new Blocked({ kind: "name", variable, what: "space" });
    return place;
  }
  if (!place || isFn(frame)) return place === null ? null : at;
  if (place === at) return at;
  frame.report(bareElsewhere(variable, place, at, span));
  return "elsewhere";
}

function bareElsewhere(variable: Variable, place: Place, at: Place, span: Span): Diagnostic {
  const { name } = variable;
  const declared = { span: variable.span, text: `\`${name}\` lives on ${describe(place)}` };
  if (place === globalPlace || place === batchPlace)
    return bareWide(span, name, place.word, declared);
  if (isEdge(at) && isNodes(place)) {
    const ends = [
      at.edges.senders === place && "sender",
      at.edges.receivers === place && "receiver",
    ];
    return bareNodeField(
      span,
      name,
      ends.filter((w) => w !== false),
      describe(at),
      declared,
    );
  }
  if (isEdge(place) && isEdge(at)) return otherRelation(span, name, describe(at), declared);
  if (isEdge(place)) return bareEdgeField(span, name, describe(at), declared);
  return otherSet(span, name, describe(at), declared);
}

function dimensionValue(reading: Reading, e: NameExpression): Value {
  const { frame, scope } = reading;
  const { over, under } = evaluate(e, scope.dims, frame);
  const value = over / under;
  if (!Number.isInteger(value))
    return everywhere({ dtype: "f32", shape: [], range: null, literal: false }, e.span, () =>
      f32Literal(value, e.span),
    );
  return everywhere(integer(value, value), e.span, () => literal(value, e.span));
}

function builtinValue(reading: Reading, e: NameExpression): Value | null {
  const { frame, at } = reading;
  switch (e.name.text) {
    case "training":
      return everywhere(bool(), e.span, () => ({
        kind: "training",
        type: valueType(bool()),
        span: e.span,
      }));
    case "step":
      return stepValue(reading, e.span);
    case "index": {
      if (isFn(frame))
        return frame.fail(indexNotHere(e.span, "in a function", frame.declared.node.name.text));
      if (at === null) return frame.fail(indexNotHere(e.span, "outside a section", ""));
      if (!isNodes(at))
        return frame.fail(indexNotHere(e.span, isEdge(at) ? "on an edge" : "of the graph", ""));
      const type = indexType(reading, at, e.span);
      return {
        type,
        place: at,
        span: e.span,
        build: () => ({ kind: "index", type: valueType(type), span: e.span }),
      };
    }
    case "offset":
      return offsetValue(reading, e.span);
    default:
      return null;
  }
}

/** `step`: counts training steps; only an optimizer knows it. */
function stepValue(reading: Reading, span: Span): Value {
  if (reading.scope.title !== "optimizer") reading.frame.fail(stepOutsideOptimizer(span));
  const type: Type = { ...anyInteger(), range: { low: 0, high: Infinity } };
  return everywhere(type, span, () => ({ kind: "step", type: valueType(type), span }));
}

function offsetValue(reading: Reading, span: Span): Value {
  const { frame, at } = reading;
  const topology = isEdge(at) ? at.edges.relation.topology : null;
  if (!at || topology?.kind !== "window")
    return frame.fail(
      offsetWithoutTaps(span, at && !isFn(frame) ? describe(at) : "a function", callOf(reading)),
    );
  const type = integer(0, topology.taps.reduce((product, tap) => product * tap, 1) - 1);
  return { type, place: at, span, build: () => ({ kind: "offset", type: valueType(type), span }) };
}

function callOf(reading: Reading): Span | null {
  return reading.frame.caller?.span ?? null;
}

/** `index` of a node set: its range if the set has a maximum, else any integer. */
export function indexType(reading: Reading, place: Place, span: Span): Type {
  const set = setOf(place);
  if (set?.layout.kind === "set" && set.layout.size === null)
    reading.frame.fail(unorderedSet(span, "`index`", set.name, set.span, callOf(reading)));
  const maximum = set ? maximumOf(set) : null;
  return maximum === null
    ? { ...anyInteger(), range: { low: 0, high: Infinity } }
    : integer(0, maximum - 1);
}
