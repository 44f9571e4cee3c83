/**
 * Concrete tree → syntax tree, from the file downwards; and the few rules that the grammar leaves to us: where
 * `return` stands, and that only a capital letter takes generics.
 */
import type { CstNode } from "chevrotain";
import type * as ast from "../ast.js";
import type { Comment } from "../lex.js";
import type { Source } from "../source.js";
import type { SyntaxProblem } from "../syntax-problem.js";
import {
  docAbove,
  nameOf,
  namesOf,
  needed,
  neededToken,
  part,
  parts,
  type Reading,
  spanOfNode,
  token,
} from "./cst.js";
import { expression } from "./expressions.js";
import { body, constant, fieldType } from "./items.js";
import { returnRules } from "./returns.js";

interface FileParts {
  readonly imports: readonly ast.ImportDeclaration[];
  readonly declarations: readonly ast.Declaration[];
  readonly errors: readonly SyntaxProblem[];
}

/** Reads a `file` rule. `whole` says that its text was parsed as written, with nothing mended. */
export function fileToAst(
  tree: CstNode,
  from: { readonly source: Source; readonly comments: readonly Comment[]; readonly whole: boolean },
): FileParts {
  const reading: Reading = { ...from, errors: [], depth: 0 };
  const imports = parts(tree, "import").map((one) => importDeclaration(reading, one));
  const declarations = parts(tree, "declaration").map((one) => declaration(reading, one));
  if (from.whole) reading.errors.push(...declarations.flatMap(returnRules));
  return { imports, declarations, errors: reading.errors };
}

function importDeclaration(reading: Reading, node: CstNode): ast.ImportDeclaration {
  const from = neededToken(node, "STRING");
  const quoted = nameOf(reading, from);
  return {
    kind: "import",
    names: namesOf(reading, needed(node, "names")),
    from: { text: quoted.text.replace(/^["“„']|["”']$/g, ""), span: quoted.span },
    span: spanOfNode(reading, node),
  };
}

function declaration(reading: Reading, node: CstNode): ast.Declaration {
  if (node.name === "const") return constant(reading, node);
  const span = spanOfNode(reading, node);
  const head = {
    doc: docAbove(reading, span.start),
    name: nameOf(reading, neededToken(node, "name")),
    generics: generics(reading, node),
    body: body(reading, needed(node, "body")),
    span,
  };
  if (node.name === "model") return { kind: "model", ...head };
  const params = parts(needed(node, "params"), "parameter").map((one) => param(reading, one));
  const results = parts(needed(node, "results"), "fieldtype").map((one) => fieldType(reading, one));
  if (node.name === "fn") return { kind: "fn", ...head, params, results };
  const relations = parts(node, "ends").map((one) => relation(reading, one));
  return { kind: "block", ...head, params, results, relations };
}

function generics(reading: Reading, node: CstNode): readonly ast.Generic[] {
  const list = part(node, "generics");
  if (list === null) return [];
  const name = nameOf(reading, neededToken(node, "name"));
  if (node.name === "fn" && /^[a-z_]/.test(name.text)) {
    reading.errors.push({ kind: "smallGenerics", span: name.span, name: name.text });
  }
  return parts(list, "generic").map((one) => {
    const size = part(one, "sum");
    return {
      name: nameOf(reading, neededToken(one, "name")),
      list: token(one, "Ellipsis") !== null,
      default: size === null ? null : expression(reading, size),
      span: spanOfNode(reading, one),
    };
  });
}

function param(reading: Reading, node: CstNode): ast.Param {
  const [typed, value] = [part(node, "fieldtype"), part(node, "expr")];
  return {
    name: nameOf(reading, neededToken(node, "name")),
    type: typed === null ? null : fieldType(reading, typed),
    default: value === null ? null : expression(reading, value),
    span: spanOfNode(reading, node),
  };
}

function relation(reading: Reading, node: CstNode): ast.RelationParam {
  const [senders, receivers] = [needed(node, "senders"), needed(node, "receivers")];
  return {
    name: nameOf(reading, neededToken(node, "name")),
    senders: nameOf(reading, neededToken(senders, "name")),
    receivers: nameOf(reading, neededToken(receivers, "name")),
    span: spanOfNode(reading, node),
  };
}
