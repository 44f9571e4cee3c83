/**
 * Calls of declared bodies: arguments, dimensions, spaces, the types of the results by the signature; and, once the
 * model is built, the inlined body.
 *
 * Results are typed from the signature as soon as its dimensions are known, even before all arguments are: that is
 * what lets a recurrence run through a call (LANGUAGE 2, "Order of inference", 4).
 */
import type * as ast from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { shapesDiffer, wrongElement } from "../diagnostics/shapes.js";
import { dimensionNeverBound } from "../diagnostics/sizes.js";
import { blockInSection } from "../diagnostics/spaces.js";
import type { Expr } from "../ir/model.js";
import { type Given, matchArguments } from "./arguments.js";
import { bindPlaces } from "./block-places.js";
import { type Dim, type DimScope, sizes } from "./dims.js";
import { isConstant, lift } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import { bindDefaults, joinPath } from "./functions.js";
import {
  type Call,
  type CallableNode,
  type DeclaredFn,
  inlined,
  requestFor,
  valuesOf,
} from "./inlining.js";
import { batchPlace, type Place } from "./places.js";
import { joined, shown } from "./reading.js";
import { unlessBlocked } from "./stop.js";
import { f32, settled, type Type, withShape, written } from "./types.js";
import { type Position, unify } from "./unify.js";

export function callDeclared(
  reading: Reading,
  expression: ast.CallExpression,
  fn: DeclaredFn,
  over: ast.OverExpression | null,
): readonly Value[] {
  const { frame } = reading;
  const { declared } = fn.instance;
  const { node } = declared;
  if (node.kind === "model") return [];
  if (node.kind === "block" && reading.at !== null)
    frame.fail(blockInSection(expression.span, node.name.text));
  const label = labelOf(reading, fn, node);
  const given = matchArguments(
    reading,
    expression,
    declared,
    fn,
    fn.free ? label : fn.instance.path,
  );
  const dims = fn.free ? fn.instance.dims.copy() : fn.instance.dims;
  const lifted = liftedShape(reading, expression, node, given);
  bindDimensions(reading, node, given, dims, lifted !== null, expression);
  const places =
    node.kind === "block" ? bindPlaces(reading, expression, declared, given, over) : null;
  const here = node.kind === "fn" ? standing(reading, given) : null;
  const call: Call = {
    reading,
    expression,
    fn,
    instance: fn.instance,
    node,
    given,
    dims,
    places,
    here,
    lifted,
    label,
    built: new Map(),
  };
  return resultsOf(call);
}

/** Where a function stands: the section, or the one space of its arguments as far as they are known. */
function standing(reading: Reading, given: readonly Given[]): Place | null | undefined {
  if (reading.at) return reading.at;
  const known = joined(reading, valuesOf(given));
  if (known) return known;
  const blocked = given.flatMap((g) => (g.kind === "blocked" ? [g.place] : []));
  return blocked.find((place) => place) ?? (blocked.includes(undefined) ? undefined : known);
}

function labelOf(reading: Reading, fn: DeclaredFn, node: CallableNode): string {
  if (!fn.free) return fn.instance.path;
  const { instance } = reading.frame;
  return joinPath(
    instance.path,
    `${reading.scope.title.replaceAll("'", "")}${reading.scope.tag}`,
    node.name.text,
  );
}

/** A function whose written parameters and results are all scalars acts on every element. */
function liftedShape(
  reading: Reading,
  e: ast.CallExpression,
  node: CallableNode,
  given: readonly Given[],
): readonly Dim[] | null {
  if (
    node.kind !== "fn" ||
    node.results.some((r) => r.type.dims.length > 0 && r.type.element !== "index")
  )
    return null;
  const scalar = (p: ast.Param): boolean =>
    !p.type || p.type.type.dims.length === 0 || p.type.type.element === "index";
  if (!node.params.every(scalar)) return null;
  let shape: readonly Dim[] = [];
  let first: Value | null = null;
  for (const value of valuesOf(given)) {
    if (value.type.shape.length === 0) continue;
    if (first && sizes(value.type.shape).join() !== sizes(shape).join())
      reading.frame.fail(shapesDiffer(e.span, textOf(e.span), shown(first), shown(value)));
    first ??= value;
    shape = first.type.shape;
  }
  return shape;
}

function bindDimensions(
  reading: Reading,
  node: CallableNode,
  given: readonly Given[],
  dims: DimScope,
  lifted: boolean,
  e: ast.CallExpression,
): void {
  const { frame } = reading;
  const positions = given.flatMap((g): readonly Position[] => {
    if (g.kind === "function" && g.param.type)
      return frame.fail(
        wrongElement(
          g.span,
          { text: textOf(g.span), type: "a function", span: g.span, notes: [] },
          textOf(g.param.type.span),
          `\`${g.param.name.text}\``,
        ),
      );
    if (g.kind !== "value") return [];
    const value = lifted ? { ...g.value, type: withShape(g.value.type, []) } : g.value;
    if (!g.param.type) return untyped(reading, g, value);
    const origin = { span: e.span, text: `the call of \`${node.name.text}\`` };
    return [{ type: g.param.type.type, value, name: g.param.name.text, origin }];
  });
  unify(positions, dims, frame, true);
  bindDefaults(node.generics, dims);
}

/** A parameter without a type takes what its default is: a number, a bool, a function. */
function untyped(reading: Reading, g: Given, value: Value): readonly Position[] {
  const { frame } = reading;
  const usual = g.param.default;
  if (!usual) return [];
  const flag = usual.kind === "bool";
  const number = usual.kind === "number" || usual.kind === "unary" || usual.kind === "binary";
  const fits = flag ? value.type.dtype === "bool" : number && value.type.dtype !== "bool";
  if (!fits || value.type.shape.length > 0)
    frame.fail(
      wrongElement(
        g.span,
        shown(value),
        flag ? "a bool" : number ? "one number" : "a function",
        `\`${g.param.name.text}\``,
      ),
    );
  return [];
}

function resultsOf(call: Call): readonly Value[] {
  const { reading, node, expression, given } = call;
  const types = resultTypes(call);
  const blocked = given.find((g) => g.kind === "blocked");
  if (call.lifted && blocked?.kind === "blocked") throw blocked.why;
  let run: readonly Expr[] | null = null;
  const results = (): readonly Expr[] => {
    run ??= inlined(call, types);
    return run;
  };
  return node.results.map((result, i): Value => {
    const type = types[i] ?? f32();
    const place = resultPlace(call, result);
    const own = place ?? batchPlace;
    const build = (at: Place): Expr => {
      const expr = results()[i];
      if (!expr) return reading.frame.fail(dimensionNeverBound(expression.span, node, null));
      return isConstant(expr) ? expr : lift(expr, own.space, at.space, expression.span);
    };
    return { type: settled(type), place, span: expression.span, build };
  });
}

function resultPlace(call: Call, result: ast.FieldType): Place | null | undefined {
  if (!call.places) return call.here;
  const word = result.space?.text;
  if (!word) return null;
  return call.places.outside.get(word);
}

/** By the signature; else, when all arguments are known, by the body. */
function resultTypes(call: Call): readonly Type[] {
  const { node, dims, reading, given, lifted } = call;
  const signature = node.results.map((r) =>
    unlessBlocked(() => written(r.type, dims, reading.frame)),
  );
  const blocked = given.find((g) => g.kind === "blocked");
  const shaped = (t: Type): Type => (lifted && lifted.length > 0 ? withShape(t, lifted) : t);
  if (signature.every((t) => t !== null)) return signature.flatMap((t) => (t ? [shaped(t)] : []));
  if (blocked?.kind === "blocked") throw blocked.why;
  const run = reading.frame.context.checker.run(requestFor(call, true));
  return signature.map((t, i) => {
    const found = t ?? run.types[i];
    if (!found)
      return reading.frame.fail(
        dimensionNeverBound(call.expression.span, node, textOf(node.results[i]?.span ?? node.span)),
      );
    return shaped(found);
  });
}
