/**
 * Parameters and states: made once per instance, named by its path, with initialisers whose fans are worked out.
 *
 * Inside a function array a parameter has one leading axis per array; a body reads its own member of it.
 */
import type { Expression } from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import { unknownInitializer } from "../diagnostics/shapes.js";
import type { Expr, Initializer, Parameter, State, ValueType } from "../ir/model.js";
import { type DimScope, dimension, evaluate, type Reporter, sizes } from "./dims.js";
import { at, readParameter } from "./expr.js";
import type { DraftState, Entry, Frame } from "./frame.js";
import type { Place } from "./places.js";
import { type Type, written } from "./types.js";
import { initializerNames } from "./vocabulary.js";
import { nearest } from "./walk.js";

type Owned = Extract<Entry, { kind: "parameter" | "state" }>;

/** The type of one member. Blocked while a dimension is free. */
export const parameterType = (frame: Frame, entry: Owned): Type =>
  written(entry.item.type, entry.dims, frame);

/** Reads a parameter or state in its body. */
export function readFamily(frame: Frame, entry: Owned, span: Span, place: Place): Expr {
  const owned = entry.kind === "parameter" ? parameterOf(frame, entry) : stateOf(frame, entry);
  const type: ValueType = { dtype: "f32", shape: owned.shape, range: null };
  const member = frame.indices.map((index) => index.build(place));
  return at(readParameter(owned, type, span), member, span);
}

const pathOf = (frame: Frame, entry: Owned): string =>
  [frame.instance.path, `${entry.name.text}${entry.tag}`].filter((part) => part !== "").join(".");

const originOf = (frame: Frame) => ({
  declaration: frame.declared.node.name.text,
  instance: frame.instance.path,
});

export function parameterOf(frame: Frame, entry: Owned): Parameter {
  const key = `${entry.name.text}${entry.tag}`;
  const known = frame.instance.parameters.get(key);
  if (known) return known;
  const shape = sizes(parameterType(frame, entry).shape);
  const families = sizes(frame.instance.families);
  const parameter: Parameter = {
    kind: "parameter",
    path: frame.context.unique("parameter", pathOf(frame, entry)),
    shape: [...families, ...shape],
    families: families.length,
    familyAt: frame.instance.familyAt,
    init: initializer(entry.item.init, shape, entry.dims, frame),
    origin: originOf(frame),
    span: entry.name.span,
  };
  frame.instance.parameters.set(key, parameter);
  frame.context.parameters.push(parameter);
  return parameter;
}

export function stateOf(frame: Frame, entry: Owned): State {
  const key = `${entry.name.text}${entry.tag}`;
  const known = frame.instance.states.get(key);
  if (known) return known;
  const shape = sizes(parameterType(frame, entry).shape);
  const state: DraftState = {
    kind: "state",
    path: frame.context.unique("parameter", pathOf(frame, entry)),
    shape: [...sizes(frame.instance.families), ...shape],
    init: initializer(entry.item.init, shape, entry.dims, frame),
    next: null,
    origin: originOf(frame),
    span: entry.name.span,
  };
  frame.instance.states.set(key, state);
  frame.context.states.push(state);
  return state;
}

/** `he(fan: Taps * In)`, `normal(0.02)`, `ones`; by default glorot for rank 2 and more, zeros below. */
function initializer(
  e: Expression | null,
  shape: readonly number[],
  dims: DimScope,
  frame: Reporter,
): Initializer {
  const fans = { fanIn: shape.at(-2) ?? shape.at(-1) ?? 1, fanOut: shape.at(-1) ?? 1 };
  if (e === null)
    return shape.length >= 2 ? { kind: "glorot", ...fans } : { kind: "constant", value: 0 };
  if (e.kind === "number") return { kind: "constant", value: e.value };
  const callee = e.kind === "call" ? e.callee : e;
  const args = e.kind === "call" ? e.args : [];
  const name = callee.kind === "name" ? callee.name.text : "";
  const number = (i: number, usual: number): number => {
    const given = args[i]?.value;
    if (!given) return usual;
    const { over, under } = evaluate(given.kind === "unary" ? given.operand : given, dims, frame);
    return ((given.kind === "unary" ? -1 : 1) * over) / under;
  };
  switch (name) {
    case "glorot":
    case "he": {
      const fan = args[0] && dimension(args[0].value, dims, frame).size;
      return { kind: name, fanIn: fan ?? fans.fanIn, fanOut: fans.fanOut };
    }
    case "normal":
      return { kind: "normal", std: number(0, 1) };
    case "uniform":
      return { kind: "uniform", low: number(0, 0), high: number(1, 1) };
    case "orthogonal":
      return { kind: "orthogonal" };
    case "zeros":
      return { kind: "constant", value: 0 };
    case "ones":
      return { kind: "constant", value: 1 };
    default:
      return frame.fail(
        unknownInitializer(e.span, name, nearest(name, initializerNames), initializerNames),
      );
  }
}
