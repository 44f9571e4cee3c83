/**
 * What can be said of one declaration from its text alone, once: names assigned twice, names that two kinds of thing
 * share, items that do not belong, parameters nothing reads, and declarations that instantiate themselves.
 */
import type * as ast from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import {
  assignedTwice, binderBorrowsName, itemElsewhere, nameInTwoSections, parameterWithoutType, recursiveDeclaration, smallOwnsNothing, spaceAndField, unusedField, unusedParameter,
} from "../diagnostics/names.js"; // biome-ignore format: one line reads better
import type { Problems } from "../diagnostics/problems.js";
import { dimensionShadowsConst } from "../diagnostics/sizes.js";
import { analyse } from "./analysis.js";
import type { Program } from "./context.js";
import type { Declared, FileScope } from "./frame.js";
import { equationsAt, itemsIn } from "./walk.js";

/** A name of a body: where it stands, and in which section. */
interface Defined {
  readonly span: Span;
  readonly section: string | null;
  readonly kind: "field" | "param" | "let" | "space" | "argument" | "dimension";
}

export function checkDeclaration(
  node: ast.Declaration,
  scope: FileScope,
  problems: Problems,
  mayBeMeant: (name: string) => boolean,
): void {
  if (node.kind === "const") return;
  const before = problems.errors;
  checkItems(node, problems);
  checkSignature(node, scope, problems);
  const names = new Map<string, Defined>();
  if (node.kind !== "model")
    for (const p of node.params)
      define(names, p.name, { span: p.name.span, section: null, kind: "argument" }, problems);
  checkLevel(node.body.items, names, problems);
  checkBinders(node, names, problems);
  if (problems.errors === before) warnUnused({ node, scope }, mayBeMeant, problems);
}

function define(
  names: Map<string, Defined>,
  name: ast.Name,
  defined: Defined,
  problems: Problems,
): boolean {
  const known = names.get(name.text);
  if (name.text === "_") return true;
  if (!known) {
    names.set(name.text, defined);
    return true;
  }
  if (known.kind === "space" || defined.kind === "space")
    problems.report(spaceAndField(name.span, name.text, known.span));
  else if (known.kind === "field" && defined.kind === "field" && known.section !== defined.section)
    problems.report(
      nameInTwoSections(name.span, name.text, known.section, defined.section, known.span),
    );
  else problems.report(assignedTwice(name.span, name.text, known.span));
  return false;
}

const headOf = (section: ast.Section): string =>
  section.name ? `${section.space} ${section.name.text}` : section.space;

/** One level of a body; a loop may assign anew what has a value before it. */
function checkLevel(
  items: readonly ast.Item[],
  names: Map<string, Defined>,
  problems: Problems,
): void {
  for (const item of items) {
    if (item.kind === "for") checkLoop(item, names, problems);
    for (const [name, defined] of definitions(item)) define(names, name, defined, problems);
  }
}

function definitions(item: ast.Item): readonly (readonly [ast.Name, Defined])[] {
  const of = (
    name: ast.Name,
    kind: Defined["kind"],
    section: string | null = null,
  ): readonly [ast.Name, Defined] => [name, { span: name.span, section, kind }];
  const equations = (list: readonly ast.Equation[], section: string | null) =>
    list.flatMap((e) => e.targets.map((t) => of(t.name, "field", section)));
  switch (item.kind) {
    case "equation":
      return equations([item], null);
    case "section":
      return equations(item.equations, headOf(item));
    case "param":
    case "state":
      return item.names.map((n) => of(n, "param"));
    case "let":
      return [of(item.name, "let")];
    case "const":
      return [of(item.name, "dimension")];
    case "nodes":
      return item.names.map((n) => of(n, "space"));
    case "edges":
      return [of(item.name, "space")];
    case "input":
      return item.names.map((n) => of(n, "argument"));
    default:
      return [];
  }
}

function checkLoop(item: ast.ForItem, names: Map<string, Defined>, problems: Problems): void {
  const inside = new Map<string, Defined>();
  for (const [name, defined] of names) {
    const assigns = equationsAt(item.body.items).some((e) =>
      e.targets.some((t) => t.name.text === name),
    );
    const carried = assigns && (defined.kind === "field" || defined.kind === "argument");
    if (!carried) inside.set(name, defined);
  }
  const known = names.get(item.variable.text);
  if (known) problems.report(binderBorrowsName(item.variable.span, item.variable.text));
  const before = new Set(inside.keys());
  checkLevel(item.body.items, inside, problems);
  for (const equation of equationsAt(item.body.items))
    for (const target of equation.targets) {
      const row = target.binders[0]?.name.text === item.variable.text;
      if (row && !before.has(target.name.text) && !names.has(target.name.text))
        names.set(target.name.text, { span: target.name.span, section: null, kind: "field" });
    }
}

/** A binder may not borrow the name of anything in the body. */
function checkBinders(
  node: Exclude<ast.Declaration, ast.ConstDeclaration>,
  names: ReadonlyMap<string, Defined>,
  problems: Problems,
): void {
  for (const item of itemsIn(node.body))
    for (const equation of equationsAt([item]))
      for (const target of equation.targets)
        for (const binder of target.binders)
          if (names.has(binder.name.text))
            problems.report(binderBorrowsName(binder.span, binder.name.text));
}

/** Items that belong to models, sections that belong to blocks, parameters that small functions may not own. */
function checkItems(
  node: Exclude<ast.Declaration, ast.ConstDeclaration>,
  problems: Problems,
): void {
  const small = node.kind === "fn" && /^[a-z_]/.test(node.name.text);
  for (const item of itemsIn(node.body)) {
    const modelOnly = ["nodes", "edges", "input", "output", "loss", "metric", "optimizer"].includes(
      item.kind,
    );
    if (modelOnly && node.kind !== "model")
      problems.report(itemElsewhere(item.span, item.kind, node.kind));
    if (item.kind === "section" && node.kind === "fn")
      problems.report(itemElsewhere(item.head, "section", node.kind));
    if (item.kind === "return" && node.kind === "model")
      problems.report(itemElsewhere(item.span, "return", node.kind));
    if (small && (item.kind === "param" || item.kind === "state"))
      problems.report(smallOwnsNothing(item.span, node.name.text, item.kind));
  }
}

function checkSignature(
  node: Exclude<ast.Declaration, ast.ConstDeclaration>,
  scope: FileScope,
  problems: Problems,
): void {
  if (node.kind === "model") return;
  for (const param of node.params)
    if (!param.type && !param.default)
      problems.report(parameterWithoutType(param.span, param.name.text));
  const generics = new Set(node.generics.map((g) => g.name.text));
  const own = new Set(node.body.items.flatMap((i) => (i.kind === "const" ? [i.name.text] : [])));
  for (const type of [
    ...node.params.flatMap((p) => (p.type ? [p.type.type] : [])),
    ...node.results.map((r) => r.type),
  ])
    for (const d of type.dims) {
      if (d.kind !== "name" || generics.has(d.name.text) || own.has(d.name.text)) continue;
      const found = scope.file.declarations.find(
        (x) => x.kind === "const" && x.name.text === d.name.text,
      );
      if (found && isBoundByCalls(node, d.name.text) && node.kind === "fn")
        problems.report(dimensionShadowsConst(d.span, d.name.text, found.name.span));
    }
}

/** Whether a name stands alone in a parameter's type, where a call could have bound it. */
const isBoundByCalls = (node: ast.FnDeclaration | ast.BlockDeclaration, name: string): boolean =>
  node.params.some((p) => p.type?.type.dims.some((d) => d.kind === "name" && d.name.text === name));

/** Parameters and fields that nothing reads. */
function warnUnused(
  declared: Declared,
  mayBeMeant: (name: string) => boolean,
  problems: Problems,
): void {
  const { node } = declared;
  const { reads } = analyse(declared);
  const outputs = new Set(
    itemsIn(node.body).flatMap((i) => (i.kind === "output" ? i.names.map((n) => n.text) : [])),
  );
  const used = (name: string): boolean =>
    reads.has(name) || outputs.has(name) || name.startsWith("_") || mayBeMeant(name);
  for (const item of itemsIn(node.body)) {
    if (item.kind === "param")
      for (const name of item.names)
        if (!used(name.text)) problems.report(unusedParameter(name.span, name.text));
    if (item.kind !== "equation" && item.kind !== "section") continue;
    for (const equation of equationsAt([item])) {
      const names = equation.targets.map((t) => t.name);
      const states = itemsIn(node.body).flatMap((i) =>
        i.kind === "state" ? i.names.map((n) => `${n.text}'`) : [],
      );
      const [first] = names;
      if (names.length === 1 && first && !used(first.text) && !states.includes(first.text))
        problems.report(unusedField(first.span, first.text));
    }
  }
}

/** Declarations that reach themselves: reported once each circle, then never instantiated. */
export function findRecursive(files: readonly FileScope[], program: Program): void {
  const state = new Map<Declared["node"], "open" | "done">();
  const trail: Declared[] = [];
  const visit = (declared: Declared): void => {
    if (state.get(declared.node) === "done") return;
    if (state.get(declared.node) === "open") {
      const circle = trail.slice(trail.findIndex((d) => d.node === declared.node));
      program.problems.report(
        recursiveDeclaration(
          declared.node.name.span,
          circle.map((d) => d.node.name.text),
        ),
      );
      for (const d of circle) program.recursive.add(d.node);
      return;
    }
    state.set(declared.node, "open");
    trail.push(declared);
    for (const name of program.analysis(declared).callees) {
      const callee = declared.scope.names.get(name);
      if (callee && callee.node.kind !== "model") visit(callee);
    }
    trail.pop();
    state.set(declared.node, "done");
  };
  for (const scope of files) for (const declared of scope.names.values()) visit(declared);
}
