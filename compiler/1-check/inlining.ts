/**
 * From a typed call to the body that is inlined for it: its parameters, the binders its values depend on, the
 * members of function arrays it is for, and the expressions of its results.
 */
import type * as ast from "../../grammar/ast.js";
import type { Binder, Expr } from "../ir/model.js";
import type { Given } from "./arguments.js";
import type { Dim, DimScope } from "./dims.js";
import { binderValue, each, at as indexed } from "./expr.js";
import type { FnValue, FrameRequest, Instance, ParamRequest, Reading, Value } from "./frame.js";
import { batchPlace, noPlaces, type Place } from "./places.js";
import { freeBinders } from "./rebind.js";
import type { BoundPlaces } from "./several-places.js";
import { Blocked } from "./stop.js";
import { f32, type Type, withShape, written } from "./types.js";

/** A declaration as it is called. */
export type DeclaredFn = Extract<FnValue, { kind: "declared" }>;
export type CallableNode = ast.FnDeclaration | ast.BlockDeclaration;

/** A call whose parts are worked out. */
export interface Call {
  readonly reading: Reading;
  readonly expression: ast.CallExpression;
  readonly fn: DeclaredFn;
  readonly instance: Instance;
  readonly node: CallableNode;
  readonly given: readonly Given[];
  readonly dims: DimScope;
  readonly places: BoundPlaces | null;
  /** Where a function stands. */
  readonly here: Place | null | undefined;
  /** The shape a function of scalars is lifted to; null if it is not lifted. */
  readonly lifted: readonly Dim[] | null;
  readonly label: string;
  /** Arguments, each built once. */
  readonly built: Map<Given, Expr>;
}

/** The arguments that are values. */
export const valuesOf = (given: readonly Given[]): readonly Value[] =>
  given.flatMap((g) => (g.kind === "value" ? [g.value] : []));

/** What a call asks of the body; `dry` for types only. */
export function requestFor(call: Call, dry: boolean): FrameRequest {
  const { reading, fn, instance, dims, places } = call;
  const { frame } = reading;
  const lifted = call.lifted ?? [];
  const pointwise = frame.context.program.analysis(instance.declared).pointwise;
  const here = call.here ?? null;
  const outer = !dry && lifted.length > 0 && !pointwise ? bindersFor(call, lifted) : [];
  const params = call.given.map((g) => paramRequest(call, g, dry, outer, pointwise ? lifted : []));
  return {
    context: frame.context,
    instance,
    dims,
    places: places?.inside ?? noPlaces(),
    here,
    caller: { span: call.expression.span, frame },
    label: call.label,
    binders: dry ? [] : [...dependentBinders(call), ...outer],
    indices: fn.indices,
    params,
    lifted: pointwise ? lifted : [],
    dry,
  };
}

const bindersFor = (call: Call, shape: readonly Dim[]): readonly Binder[] =>
  shape.map((d, i) => ({
    kind: "binder",
    name: `i${i}`,
    size: d.size,
    span: call.expression.span,
  }));

/** Binders around the call that its values can depend on: those its arguments or its member read, all if it draws. */
function dependentBinders(call: Call): readonly Binder[] {
  const { reading, given, fn } = call;
  const { frame } = reading;
  const around = [...new Set([...frame.binders, ...reading.binders.values()])];
  if (around.length === 0) return [];
  if (
    frame.context.program.mayDraw(call.instance.declared) ||
    given.some((g) => g.kind === "function")
  )
    return around;
  const at = reading.at ?? call.here ?? batchPlace;
  const free = new Set<Binder>();
  for (const g of given) if (g.kind === "value") freeBinders(argument(call, g, []), free);
  for (const index of fn.indices) freeBinders(index.build(at), free);
  return around.filter((b) => free.has(b));
}

function paramRequest(
  call: Call,
  g: Given,
  dry: boolean,
  outer: readonly Binder[],
  lifted: readonly Dim[],
): ParamRequest {
  const { name } = g.param;
  const { reading, dims } = call;
  if (g.kind === "function") return { kind: "function", name, value: g.value };
  const usual = g.param.default;
  if (g.kind !== "value") {
    const type = g.param.type ? written(g.param.type.type, dims, reading.frame) : null;
    if (usual) return { kind: "default", name, value: usual, type, place: insidePlace(call, g) };
    throw new Blocked({ kind: "dimension", name: name.text, span: name.span });
  }
  const declared = g.param.type
    ? written(g.param.type.type, dims, reading.frame)
    : untypedType(g.value.type);
  const type =
    lifted.length > 0 && g.value.type.shape.length > 0 ? withShape(declared, lifted) : declared;
  const place =
    call.node.kind === "fn" ? (g.value.place ? (call.here ?? null) : null) : insidePlace(call, g);
  const build = dry ? null : (): Expr => argument(call, g, outer);
  return { kind: "value", name, type, place, build };
}

const untypedType = (given: Type): Type =>
  given.dtype === "bool" ? { ...given, literal: false } : f32();

function insidePlace(call: Call, g: Given): Place | null {
  if (call.node.kind === "fn") return null;
  const word = g.param.type?.space?.text;
  return word ? (call.places?.inside.words.get(word) ?? null) : null;
}

/** The expression of an argument, on the place its parameter stands on. */
function argument(
  call: Call,
  g: Extract<Given, { kind: "value" }>,
  outer: readonly Binder[],
): Expr {
  const { value } = g;
  const word = g.param.type?.space?.text;
  const own =
    call.node.kind === "fn"
      ? (call.here ?? batchPlace)
      : word
        ? (call.places?.outside.get(word) ?? batchPlace)
        : batchPlace;
  const built = call.built.get(g) ?? value.build(own);
  call.built.set(g, built);
  if (outer.length === 0 || built.type.shape.length === 0) return built;
  return indexed(
    built,
    outer.map((b) => binderValue(b, g.span)),
    g.span,
  );
}

/** The body, inlined: its results stand where the call's do. */
export function inlined(call: Call, types: readonly Type[]): readonly Expr[] {
  const request = requestFor(call, false);
  const run = call.reading.frame.context.checker.run(request);
  const around = new Set([...call.reading.frame.binders, ...call.reading.binders.values()]);
  const own = request.binders.filter((b) => !around.has(b));
  return types.map((_, i) => each(own, run.build(i), call.expression.span));
}
