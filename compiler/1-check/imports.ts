/** Files in reach: their declarations, what they import, and every way an import can go wrong. */
import type * as ast from "../../grammar/ast.js";
import type { Source } from "../../grammar/source.js";
import { didYouMean } from "../diagnostics/build.js";
import {
  cyclicImports,
  declaredTwice,
  missingImport,
  notFound,
  unusedImport,
} from "../diagnostics/names.js";
import { saidHere } from "../diagnostics/peer-names.js";
import type { Problems } from "../diagnostics/problems.js";
import { DimScope } from "./dims.js";
import type { Declared, FileScope } from "./frame.js";
import { inLibrary, libraryHome } from "./suggestions.js";
import { nearest } from "./walk.js";

export type Resolve = (importPath: string, from: Source) => ast.File | null;

/** The files in reach. */
export interface Files {
  /** The one that is checked first. */
  readonly scopes: readonly FileScope[];
  /** Reads a name as if it were imported: its import was forgotten, and what it is used for is looked at all the same. */
  readonly take: (name: string, from: string, into: FileScope) => void;
}

/** Every file that `file` reaches, itself first. Cycles and missing names are reported; what is found is kept. */
export function loadFiles(file: ast.File, resolve: Resolve, problems: Problems): Files {
  const loaded = new Map<string, FileScope>();
  const open: string[] = [];
  const load = (f: ast.File): FileScope => {
    const known = loaded.get(f.source.name);
    if (known) return known;
    const scope = ownScope(f, problems);
    loaded.set(f.source.name, scope);
    open.push(f.source.name);
    for (const item of f.imports) importNames(item, scope);
    open.pop();
    return scope;
  };
  const importNames = (item: ast.ImportDeclaration, scope: FileScope): void => {
    const target = resolve(item.from.text, scope.source);
    if (!target) {
      const near = item.names.flatMap((n) => elsewhere(n.text, []) ?? []);
      problems.report(notFound(item.from.span, item.from.text, near[0] ?? null));
      for (const name of item.names) scope.missing.add(name.text);
      return;
    }
    const circle = open.slice(open.indexOf(target.source.name));
    if (open.includes(target.source.name)) {
      problems.report(cyclicImports(item.from.span, [...circle, target.source.name]));
      for (const name of item.names) scope.missing.add(name.text);
      return;
    }
    const from = load(target);
    for (const name of item.names) importName(name, from, scope, problems);
  };
  load(file);
  const scopes = [...loaded.values()];
  const take = (name: string, from: string, into: FileScope): void => {
    const target = resolve(from, into.source);
    const declared = target && load(target).names.get(name);
    if (declared) into.names.set(name, declared);
  };
  return { scopes, take };
}

function ownScope(file: ast.File, problems: Problems): FileScope {
  const scope: FileScope = {
    source: file.source,
    file,
    names: new Map<string, Declared>(),
    consts: new DimScope(null),
    missing: new Set(),
  };
  const seen = new Map<string, ast.Name>();
  for (const node of file.declarations) {
    const first = seen.get(node.name.text);
    if (first) {
      problems.report(declaredTwice(node.name.span, node.name.text, first.span));
      continue;
    }
    seen.set(node.name.text, node.name);
    if (node.kind === "const")
      scope.consts.bind(node.name.text, { kind: "const", expression: node.value });
    else scope.names.set(node.name.text, { node, scope });
  }
  return scope;
}

function importName(name: ast.Name, from: FileScope, into: FileScope, problems: Problems): void {
  const own = from.names.get(name.text);
  const declared = own?.scope === from ? own : undefined;
  const constant = from.consts.find(name.text);
  const known = [...from.names.values()]
    .filter((d) => d.scope === from)
    .map((d) => d.node.name.text);
  if (!declared && !constant) {
    problems.report(
      missingImport(name.span, name.text, from.source.name, elsewhere(name.text, known)),
    );
    into.missing.add(name.text);
    return;
  }
  const clash = into.names.get(name.text);
  if (clash && clash !== declared) {
    problems.report(declaredTwice(name.span, name.text, clash.node.name.span));
    return;
  }
  if (declared) into.names.set(name.text, declared);
  if (constant) into.consts.bind(name.text, constant.bound);
}

/** Where a name is that its file does not have. */
function elsewhere(name: string, known: readonly string[]): string | null {
  const home = libraryHome(name);
  if (home !== null) return `\`${name}\` is in "${home}"`;
  return saidHere(name) ?? didYouMean(nearest(name, known)) ?? inLibrary(name);
}

/** A name that is imported and never written again, unless an unknown name may have meant it. */
export function warnUnusedImports(
  { file, missing }: FileScope,
  mayBeMeant: (name: string) => boolean,
  problems: Problems,
): void {
  const text = file.source.text;
  for (const item of file.imports)
    for (const name of item.names) {
      const rest = `${text.slice(0, item.span.start)} ${text.slice(item.span.end)}`.replaceAll(
        /\/\/[^\n]*/g,
        "",
      );
      const used = new RegExp(`(?<![A-Za-z0-9_])${name.text}(?![A-Za-z0-9_'])`).test(rest);
      if (!used && !missing.has(name.text) && !mayBeMeant(name.text))
        problems.report(unusedImport(name.span, name.text));
    }
}
