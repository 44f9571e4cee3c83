/**
 * The checker: syntax trees in, flat typed models out, every error of the user on the way.
 *
 * What a file says by its text alone is looked at in the files of the user: the library's own are checked by its tests.
 * Types are worked out with numbers, from the models down; a `fn` or `block` of this file that no model uses is
 * checked on its own with made-up sizes. Nothing is read or written: files come from `resolve`.
 */
import type { File } from "../../grammar/ast.js";
import type { Problems } from "../diagnostics/problems.js";
import type { Model } from "../ir/model.js";
import { Context, Program } from "./context.js";
import { checkDeclaration, findRecursive } from "./declarations.js";
import { inferExpression } from "./expressions.js";
import type { Checker, FileScope } from "./frame.js";
import { runFrame } from "./frames.js";
import { loadFiles, type Resolve, warnUnusedImports } from "./imports.js";
import { checkAlone } from "./made-up.js";
import { checkModel } from "./model.js";
import { unlessFailed } from "./stop.js";
import { forgottenHome, isLibrary } from "./suggestions.js";
import { warnTwins } from "./twins.js";
import { reportUnknownNames } from "./unknown-names.js";
import { nearest } from "./walk.js";

const checker: Checker = { inferAll: inferExpression, run: runFrame };

/** Checks a file and everything it imports; the models of the file itself, in the order of the text. */
export function check(
  file: File,
  resolve: Resolve,
  problems: Problems,
): { models: readonly Model[] } {
  const program = new Program(problems);
  const { scopes, take } = loadFiles(file, resolve, problems);
  const [own] = scopes;
  if (!own) return { models: [] };
  const written = scopes.filter((scope) => scope === own || !isLibrary(scope.source));
  for (const scope of written)
    for (const name of checkNames(scope, scope === own, program)) {
      const home = forgottenHome(name);
      if (home !== null) take(name, home, scope);
    }
  findRecursive(written, program);
  const models = modelsOf(own, program);
  checkUnused(own, program);
  warnTwins(models, problems);
  return { models };
}

function modelsOf(scope: FileScope, program: Program): readonly Model[] {
  return [...scope.names.values()].flatMap((declared) => {
    if (declared.scope !== scope || declared.node.kind !== "model") return [];
    return unlessFailed(() => checkModel(declared, new Context(program, checker, false))) ?? [];
  });
}

/**
 * What the text of a file says by itself: names that mean nothing, and things that nothing uses. Those among the names
 * that it calls as functions.
 */
function checkNames(scope: FileScope, own: boolean, program: Program): ReadonlySet<string> {
  const { problems } = program;
  const unknown = new Map<string, string | null>();
  const called = new Set<string>();
  const declared = scope.file.declarations.flatMap((node) =>
    node.kind === "const" ? [] : [{ node, scope }],
  );
  for (const one of declared) {
    const found = reportUnknownNames(one, problems);
    program.unknown.set(one.node, new Set(found.hints.keys()));
    for (const [name, hint] of found.hints) unknown.set(name, hint);
    for (const name of found.called) called.add(name);
  }
  const mayBeMeant = (name: string): boolean =>
    [...unknown].some(
      ([wanted, hint]) => nearest(wanted, [name]) !== null || hint?.match(/\w+/g)?.includes(name),
    );
  for (const { node } of declared) checkDeclaration(node, scope, problems, mayBeMeant);
  if (own) warnUnusedImports(scope, mayBeMeant, problems);
  return called;
}

/** Every `fn` and `block` of the file whose body no model in reach has typed. */
function checkUnused(scope: FileScope, program: Program): void {
  for (const declared of scope.names.values()) {
    if (declared.scope !== scope || declared.node.kind === "model") continue;
    if (program.typed.has(declared.node) || program.recursive.has(declared.node)) continue;
    unlessFailed(() => checkAlone(declared, new Context(program, checker, true)));
  }
}
