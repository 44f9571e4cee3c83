/**
 * Capitalised names as a declaration writes them: those that something may bind to a number (generics, constants, types
 * of arguments, results and annotations), and the places where a number is wanted.
 *
 * A name that is wanted and that nothing can bind is a mistake whatever its sizes turn out to be.
 */
import type * as ast from "../../grammar/ast.js";
import type { Declared } from "./frame.js";
import { equationsAt, expressionsOf, itemsIn, visit } from "./walk.js";

type Node = Declared["node"];

/** The names that generics, constants, or the types of what is given or annotated bind. */
export function boundSizes(node: Node): ReadonlySet<string> {
  const items = itemsIn(node.body);
  const given =
    node.kind === "model"
      ? []
      : [...node.params.flatMap((p) => p.type?.type ?? []), ...node.results.map((r) => r.type)];
  const annotated = equationsAt(items).flatMap((e) => e.targets.flatMap((t) => t.type ?? []));
  return new Set([
    ...node.generics.map((g) => g.name.text),
    ...items.flatMap((i) => (i.kind === "const" ? [i.name.text] : [])),
    ...items.flatMap((i) => (i.kind === "for" && i.list ? [i.variable.text] : [])),
    ...[...given, ...annotated].flatMap((t) => namesIn(t.dims).map((name) => name.text)),
  ]);
}

/** The names that stand where only a number will do: extents, ranges, counts, generics, taps. */
export function wantedSizes(node: Node): readonly ast.Name[] {
  const items = itemsIn(node.body);
  const written = [
    ...node.generics.flatMap((g) => g.default ?? []),
    ...items.flatMap(extentsOf),
    ...equationsAt(items).flatMap((e) => e.targets.flatMap(rangesOf)),
    ...items.flatMap((item) => expressionsOf(item).flatMap(({ e }) => extentsIn(e))),
  ];
  return namesIn(written);
}

function extentsOf(item: ast.Item): readonly ast.Expression[] {
  switch (item.kind) {
    case "param":
      return [...item.type.dims, ...(item.init ? [item.init] : [])];
    case "state":
      return item.type.dims;
    case "input":
      return item.type.type.dims;
    case "let":
      return item.dims;
    case "const":
      return [item.value];
    case "for":
      return item.count ? [item.count] : [];
    case "nodes":
    case "edges":
      return item.topology ? argumentsOf(item.topology) : [];
    default:
      return [];
  }
}

const argumentsOf = (topology: ast.Topology): readonly ast.Expression[] =>
  topology.args.map((a) => a.value);

const rangesOf = (target: ast.Target): readonly ast.Expression[] =>
  target.binders.flatMap((b) => b.range ?? []);

/** `8` of `Linear<8>`, `K` of `sum[k < K](..)`, `3` of `over window(3)`. */
function extentsIn(e: ast.Expression): readonly ast.Expression[] {
  const found: ast.Expression[] = [];
  visit(e, (part) => {
    if (part.kind === "name") found.push(...(part.generics ?? []).map((g) => g.value));
    if (part.kind === "index") found.push(...part.indices.flatMap((i) => i.range ?? []));
    if (part.kind === "over") found.push(...part.relations.flatMap(argumentsOf));
  });
  return found;
}

function namesIn(expressions: readonly ast.Expression[]): readonly ast.Name[] {
  const found: ast.Name[] = [];
  for (const e of expressions)
    visit(e, (part) => {
      if (part.kind === "name" && isCapitalised(part.name.text)) found.push(part.name);
    });
  return found;
}

export const isCapitalised = (name: string): boolean => /^[A-Z]/.test(name);
