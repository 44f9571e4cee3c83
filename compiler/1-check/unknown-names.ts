/**
 * Names that mean nothing anywhere in their body: found in every expression from its text alone, so that one that stands
 * behind another mistake is told of in the same run.
 *
 * What inference alone can tell is left to it: a capitalised name that a generic, a constant or a type may bind is a
 * dimension still to be bound, and a name of another equation's binder counts as known.
 */
import type * as ast from "../../grammar/ast.js";
import { unknownName } from "../diagnostics/names.js";
import type { Problems } from "../diagnostics/problems.js";
import { dimensionNeverBound } from "../diagnostics/sizes.js";
import type { Declared } from "./frame.js";
import { boundSizes, isCapitalised, wantedSizes } from "./size-names.js";
import { closest, libraryHome, suggestion, undeclared } from "./suggestions.js";
import { builtinNames, builtinValues, reducers } from "./vocabulary.js";
import { equationsAt, expressionsOf, itemsIn, partsOf } from "./walk.js";

/** The unknown names of a body with their hints, and those of them that are called. */
export interface Unknown {
  readonly hints: ReadonlyMap<string, string | null>;
  readonly called: ReadonlySet<string>;
}

/** Reports the unknown names of a body. */
export function reportUnknownNames(declared: Declared, problems: Problems): Unknown {
  const { node, scope } = declared;
  const own = namesOf(node);
  const files = [...scope.names.keys(), ...scope.consts.names(), ...scope.missing];
  const known = new Set([...own, ...files, ...builtinNames, ...builtinValues, ...boundSizes(node)]);
  const functions = new Set([...own, ...scope.names.keys(), ...builtinNames]);
  const unknown = reportUnknownSizes(node, known, problems);
  const called = new Set<string>();
  const see = (name: ast.Name, among: ReadonlySet<string>): void => {
    const forgotten = unknown.has(name.text) && libraryHome(name.text) !== null;
    if (known.has(name.text) || forgotten) return;
    const hint = suggestion(name.text, among, among === functions);
    unknown.set(name.text, hint);
    problems.report(unknownName(name.span, name.text, hint));
  };
  const capital = (name: ast.Name, product: boolean): void => {
    if (known.has(name.text) || unknown.has(name.text)) return;
    const hint = undeclared(name.text, own, product, ownsNothing(node));
    unknown.set(name.text, hint);
    problems.report(unknownName(name.span, name.text, hint));
  };
  const bare = (e: ast.NameExpression, role: Role): void => {
    if (role === "called" || e.generics) {
      if (!known.has(e.name.text)) called.add(e.name.text);
      see(e.name, functions);
    } else if (!isCapitalised(e.name.text)) see(e.name, known);
    else capital(e.name, role === "factor");
  };
  const walk = (e: ast.Expression, role: Role): void => {
    if (e.kind === "name") bare(e, role);
    if (e.kind === "member" && e.base.kind === "name") see(e.base.name, new Set(dotted));
    else if (e.kind === "member" && e.base.kind === "space") see(e.name, own);
    else for (const part of partsOf(e)) walk(part, roleOf(part, e));
  };
  for (const e of expressionsIn(node)) walk(e, "value");
  return { hints: unknown, called };
}

/** What a name is for where it stands. */
type Role = "value" | "called" | "factor";

function roleOf(part: ast.Expression, around: ast.Expression): Role {
  if (around.kind === "call" && part === around.callee) return "called";
  const factor = around.kind === "binary" && around.operator === "@" && part === around.right;
  return factor ? "factor" : "value";
}

const ownsNothing = (node: Declared["node"]): boolean =>
  node.kind === "fn" && !isCapitalised(node.name.text);

/** Names where only a number will do, and that nothing binds: once each. */
function reportUnknownSizes(
  node: Declared["node"],
  known: ReadonlySet<string>,
  problems: Problems,
): Map<string, string | null> {
  const unknown = new Map<string, string | null>();
  const sizes = [...known].filter(isCapitalised);
  for (const { text, span } of wantedSizes(node)) {
    if (known.has(text) || unknown.has(text)) continue;
    const near = closest(text, sizes);
    unknown.set(text, near);
    problems.report(dimensionNeverBound(span, node, text, near));
  }
  return unknown;
}

/** What takes a dot. */
const dotted = ["sender", "receiver", "global", "batch"];

/** Every expression of a body whose names are read as values. */
function expressionsIn(node: Declared["node"]): readonly ast.Expression[] {
  const defaults =
    node.kind === "model" ? [] : node.params.flatMap((p) => (p.default ? [p.default] : []));
  const written = itemsIn(node.body).flatMap((item) =>
    item.kind === "optimizer" ? settingsOf(item) : expressionsOf(item).map(({ e }) => e),
  );
  return [...defaults, ...written];
}

/** The word of an optimizer is no name of the body. */
const settingsOf = (item: ast.OptimizerItem): readonly ast.Expression[] =>
  item.value.kind === "call" ? item.value.args.map((a) => a.value) : [];

/** Every name that a body gives a meaning. */
function namesOf(node: Declared["node"]): ReadonlySet<string> {
  const found = new Set(["index", ...node.generics.map((g) => g.name.text)]);
  if (node.kind !== "model") for (const p of node.params) found.add(p.name.text);
  if (node.kind === "block")
    for (const r of node.relations)
      for (const name of [r.name, r.senders, r.receivers]) found.add(name.text);
  for (const item of itemsIn(node.body)) {
    for (const name of namesOfItem(item)) found.add(name.text);
    for (const { targets } of equationsAt([item]))
      for (const t of targets)
        for (const name of [t.name, ...t.binders.map((b) => b.name)]) found.add(name.text);
    for (const { e } of expressionsOf(item)) for (const name of boundIn(e)) found.add(name);
  }
  return found;
}

function namesOfItem(item: ast.Item): readonly ast.Name[] {
  switch (item.kind) {
    case "param":
    case "state":
    case "nodes":
    case "input":
      return item.names;
    case "let":
    case "const":
    case "edges":
      return [item.name];
    case "for":
      return [item.variable];
    default:
      return [];
  }
}

/** The binders of the reductions inside an expression: `h` of `sum[h](..)`. */
function boundIn(e: ast.Expression): readonly string[] {
  const inside = partsOf(e).flatMap(boundIn);
  if (e.kind !== "call" || e.callee.kind !== "index") return inside;
  const { base, indices } = e.callee;
  if (base.kind !== "name" || !reducers.has(base.name.text)) return inside;
  return [
    ...inside,
    ...indices.flatMap(({ value }) => (value.kind === "name" ? [value.name.text] : [])),
  ];
}
