/**
 * The checker: syntax trees in, flat typed models out, every error of the user on the way.
 *
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
import { loadFiles, type Resolve } from "./imports.js";
import { checkAlone } from "./made-up.js";
import { checkModel } from "./model.js";
import { unlessFailed } from "./stop.js";
import { warnTwins } from "./twins.js";

const checker: Checker = { inferAll: inferExpression, run: runFrame };

/** Checks a file and everything it imports; the models of the file itself, in the order of the text. */
export function check(
  file: File,
  resolve: Resolve,
  problems: Problems,
): { models: readonly Model[] } {
  const program = new Program(problems);
  const files = loadFiles(file, resolve, problems);
  const [own] = files;
  if (!own) return { models: [] };
  for (const scope of files)
    for (const node of scope.file.declarations) checkDeclaration(node, scope, problems);
  findRecursive(files, program);
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

/** Every `fn` and `block` of the file that no model in reach instantiates. */
function checkUnused(scope: FileScope, program: Program): void {
  for (const declared of scope.names.values()) {
    if (declared.scope !== scope || declared.node.kind === "model") continue;
    if (program.instantiated.has(declared.node) || program.recursive.has(declared.node)) continue;
    unlessFailed(() => checkAlone(declared, new Context(program, checker, true)));
  }
}
