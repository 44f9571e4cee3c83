/**
 * Inlining a body: opens a frame for one call, types its equations, builds them into the model, returns the results.
 *
 * An argument that is more than a name and is read more than once becomes a field of its own, so nothing is computed
 * twice; `dry` runs only ask for the types of the results.
 */
import type * as ast from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import type { Diagnostic, Label } from "../diagnostics/diagnostic.js";
import { nestedTooDeep } from "../diagnostics/names.js";
import { numberOfResults } from "../diagnostics/shapes.js";
import { returnedElsewhere } from "../diagnostics/spaces.js";
import type { Expr } from "../ir/model.js";
import { as } from "./equations.js";
import { asF32, filled, isTrivial } from "./expr.js";
import { draftField, finishField, knownVariable, readAs } from "./fields.js";
import { flatten } from "./flatten.js";
import type { Entry, Frame, FrameRequest, ParamRequest, Reading, Run, Value } from "./frame.js";
import { functionNamed, joinPath } from "./functions.js";
import { createParameters, finishStates } from "./owned.js";
import { batchPlace, describe, type Place } from "./places.js";
import { infer, inferAll } from "./reading.js";
import { anyFailed, settle } from "./settle.js";
import { build, solve } from "./solve.js";
import { Failed } from "./stop.js";
import { isLibrary } from "./suggestions.js";
import { bool, f32, sameShape, type Type, withShape, written } from "./types.js";
import { unify } from "./unify.js";

const deepest = 64;

/** Opens, types and builds one body. Fails silently if something in it was reported. */
export function runFrame(request: FrameRequest): Run {
  const frame = openFrame(request);
  return settle(frame, () => runIn(frame, request));
}

function runIn(frame: Frame, request: FrameRequest): Run {
  frame.context.program.typed.add(frame.declared.node);
  const entries = new Map<string, Entry>();
  for (const param of request.params) entries.set(param.name.text, paramEntry(frame, param));
  flatten(frame, entries);
  expectSignature(frame);
  solve(frame);
  if (request.dry)
    return {
      types: returned(frame, request).map((r) => r.type),
      build: () => {
        throw new Failed();
      },
    };
  frame.context.applications.push(frame.application);
  for (const param of request.params) buildParam(frame, param, entries.get(param.name.text));
  createParameters(frame);
  build(frame);
  finishStates(frame);
  const results = returned(frame, request).map(({ value, place }) =>
    value.build(place ?? batchPlace),
  );
  if (anyFailed(frame)) throw new Failed();
  return { types: [], build: (i) => results[i] ?? fail() };
}

const fail = (): never => {
  throw new Failed();
};

/** A frame with no equations yet; its errors name the calls around. */
export function openFrame(request: Omit<FrameRequest, "params" | "lifted" | "dry">): Frame {
  const { context, instance, caller } = request;
  const depth = (caller?.frame.depth ?? 0) + 1;
  const related = (diagnostic: Diagnostic): Diagnostic => withCalls(diagnostic, request);
  const frame: Frame = {
    context,
    instance,
    declared: instance.declared,
    dims: request.dims,
    places: request.places,
    here: request.here,
    caller,
    depth,
    application: {
      kind: instance.declared.node.kind,
      declaration: instance.declared.node.name.text,
      instance: instance.path,
      caller: caller?.frame.application ?? null,
      text: instance.declared.node.span,
    },
    label: request.label,
    binders: request.binders,
    indices: request.indices,
    uses: [],
    tail: [],
    env: new Map(),
    related,
    report: (diagnostic) => context.report(related(diagnostic)),
    fail: (diagnostic) => {
      context.report(related(diagnostic));
      throw new Failed();
    },
  };
  if (depth > deepest)
    frame.fail(nestedTooDeep(caller?.span ?? instance.declared.node.name.span, deepest));
  context.spend(frame, 0, instance.declared.node.name.span);
  return frame;
}

function withCalls(
  diagnostic: Diagnostic,
  request: { readonly caller: Frame["caller"] },
): Diagnostic {
  const calls: Label[] = [];
  for (let { caller } = request; caller && calls.length < 64; caller = caller.frame.caller)
    calls.push({ span: caller.span, text: "in this call" });
  const own = calls.findIndex(({ span }) => !isLibrary(span.source));
  if (!isLibrary(diagnostic.primary.span.source) || own < 0)
    return { ...diagnostic, related: [...diagnostic.related, ...calls.slice(0, 3)] };
  return blamed(diagnostic, calls.slice(0, own), calls.slice(own));
}

/** What goes wrong inside the library is told at the call that the user wrote. */
function blamed(
  diagnostic: Diagnostic,
  inside: readonly Label[],
  [own, ...around]: readonly Label[],
): Diagnostic {
  const { primary, related } = diagnostic;
  if (!own) return diagnostic;
  return {
    ...diagnostic,
    primary: own,
    related: [primary, ...related, ...inside.slice(0, 2), ...around.slice(0, 2)],
  };
}

function paramEntry(frame: Frame, param: ParamRequest): Entry {
  const { name } = param;
  if (param.kind === "function") return { kind: "function", value: param.value };
  if (param.kind === "value") return knownVariable(name.text, name.span, param.place, param.type);
  const { value } = param;
  if (param.type) return knownVariable(name.text, name.span, null, param.type);
  if (value.kind === "bool") return knownVariable(name.text, name.span, null, bool());
  if (value.kind !== "name") return knownVariable(name.text, name.span, null, f32());
  const reading: Reading = {
    frame,
    scope: { env: new Map(), dims: frame.dims, tag: "", title: name.text },
    at: null,
    binders: new Map(),
  };
  const path = joinPath(frame.instance.path, name.text);
  return { kind: "function", value: functionNamed(reading, value, { path, key: value, tag: "" }) };
}

/** Makes a parameter readable: as it is, or as a field if it is worth naming. */
function buildParam(frame: Frame, param: ParamRequest, entry: Entry | undefined): void {
  if (entry?.kind !== "variable") return;
  if (param.kind === "default") readAs(entry, defaultValue(frame, param));
  if (param.kind !== "value" || !param.build) return;
  const built = matching(param.build(), entry.type);
  const analysis = frame.context.program.analysis(frame.declared);
  const once =
    frame.declared.node.kind === "fn" &&
    (analysis.reads.get(param.name.text) ?? 0) <= 1 &&
    !analysis.indexed.has(param.name.text);
  const looped = frame.declared.node.body.items.some((i) => i.kind === "for");
  if (isTrivial(built) || (once && !looped)) {
    readAs(entry, built);
    return;
  }
  draftField(frame, entry);
  finishField(frame, entry, built);
}

function matching(e: Expr, type: Type | null): Expr {
  if (!type) return e;
  return filled(
    type.dtype === "f32" ? asF32(e) : e,
    type.shape.map((d) => d.size),
  );
}

function defaultValue(frame: Frame, param: Extract<ParamRequest, { kind: "default" }>): Expr {
  const reading: Reading = {
    frame,
    scope: { env: new Map(), dims: frame.dims, tag: "", title: param.name.text },
    at: null,
    binders: new Map(),
  };
  const value = infer(reading, param.value);
  return matching(
    value.build(batchPlace),
    param.type ?? (value.type.dtype === "bool" ? bool() : f32()),
  );
}

/** A returned bare name has the type of the signature, known at once. */
function expectSignature(frame: Frame): void {
  const { node } = frame.declared;
  if (node.kind === "model") return;
  const last = frame.tail.find((t) => t.item.kind === "return");
  if (last?.item.kind !== "return") return;
  last.item.values.forEach((e, i) => {
    const entry = e.kind === "name" ? last.scope.env.get(e.name.text) : undefined;
    const result = node.results[i];
    if (entry?.kind === "variable" && result && !entry.type && !entry.expected)
      entry.expected = { type: result.type, dims: frame.dims, fromSignature: true };
  });
}

interface Returned {
  readonly value: Value;
  readonly type: Type;
  readonly place: Place | null;
}

/** What is returned, checked against the signature. */
function returned(frame: Frame, request: FrameRequest): readonly Returned[] {
  const { node } = frame.declared;
  const last = frame.tail.find((t) => t.item.kind === "return");
  if (node.kind === "model" || last?.item.kind !== "return") return [];
  const reading: Reading = { frame, scope: last.scope, at: null, binders: new Map() };
  const values = last.item.values.flatMap((e: ast.Expression) => inferAll(reading, e));
  if (values.length !== node.results.length)
    return frame.fail(
      numberOfResults(last.item.span, textOf(last.item.span), values.length, node.results.length),
    );
  return values.map((value, i): Returned => {
    const result = node.results[i];
    if (!result) return fail();
    return checkResult(frame, request, value, result);
  });
}

function checkResult(
  frame: Frame,
  request: FrameRequest,
  value: Value,
  result: ast.FieldType,
): Returned {
  const { lifted } = request;
  const isFnBody = frame.declared.node.kind === "fn";
  const place = isFnBody
    ? frame.here
    : result.space
      ? (frame.places.words.get(result.space.text) ?? null)
      : null;
  if (!isFnBody && value.place && value.place !== place)
    frame.fail(
      returnedElsewhere(
        value.span,
        describe(value.place),
        place ? describe(place) : textOf(result.span),
        result.span,
      ),
    );
  const plain =
    lifted.length > 0 && sameShape(value.type.shape, lifted)
      ? { ...value, type: withShape(value.type, []) }
      : value;
  const origin = { span: value.span, text: "`return`" };
  unify([{ type: result.type, value: plain, name: "return", origin }], frame.dims, frame, false);
  const type = written(result.type, frame.dims, frame);
  const shaped = lifted.length > 0 ? withShape(type, lifted) : type;
  return { value: as(value, shaped), type: shaped, place };
}
