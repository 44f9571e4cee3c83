/**
 * Reading chevrotain's tree: children by the names that the parser gave them, in the order of the text.
 *
 * A child that the grammar demands is there, since only whole trees come here; were it missing, the parser and this
 * folder would disagree, which is our mistake and never the user's.
 */
import type { CstElement, CstNode, IToken } from "chevrotain";
import type { Expression, Name } from "../ast.js";
import { type Comment, endOf, spanOf } from "../lex.js";
import type { Source, Span } from "../source.js";
import type { SyntaxProblem } from "../syntax-problem.js";

/** What the conversion carries along. */
export interface Reading {
  readonly source: Source;
  readonly comments: readonly Comment[];
  /** Whether nothing was mended, so that what is missing was never written. */
  readonly whole: boolean;
  /** What the grammar allows and the language does not. */
  readonly errors: SyntaxProblem[];
  /** How deep in operators and suffixes the tree stands. */
  depth: number;
}

/** The children of one name that are rules. */
export function parts(node: CstNode, name: string): readonly CstNode[] {
  return (node.children[name] ?? []).filter((child): child is CstNode => "children" in child);
}

/** The one child of that name, when there is one. */
export function part(node: CstNode, name: string): CstNode | null {
  return parts(node, name)[0] ?? null;
}

/** The child that the grammar demands. */
export function needed(node: CstNode, name: string): CstNode {
  return part(node, name) ?? missing(node, name);
}

/** The children of one name that are tokens. */
export function tokens(node: CstNode, name: string): readonly IToken[] {
  return (node.children[name] ?? []).filter((child): child is IToken => "image" in child);
}

/** The one token of that name, when there is one. */
export function token(node: CstNode, name: string): IToken | null {
  return tokens(node, name)[0] ?? null;
}

/** The token that the grammar demands. */
export function neededToken(node: CstNode, name: string): IToken {
  return token(node, name) ?? missing(node, name);
}

function missing(node: CstNode, name: string): never {
  throw new Error(`the rule ${node.name} has no child ${name}`);
}

/** The first child of the node in the text. */
export function firstChild(node: CstNode): CstElement | null {
  const [first] = Object.values(node.children).flat();
  return first ?? null;
}

/** The text a rule covers. */
export function spanOfNode({ source }: Reading, node: CstNode): Span {
  const { startOffset = 0, endOffset = -1 } = node.location ?? {};
  const start = Number.isNaN(startOffset) ? 0 : startOffset;
  return { source, start, end: Number.isNaN(endOffset) ? start : endOffset + 1 };
}

/** A token as a name. */
export function nameOf({ source }: Reading, name: IToken): Name {
  return { text: source.text.slice(name.startOffset, endOf(name)), span: spanOf(source, name) };
}

/** The names of a `names` rule. */
export function namesOf(reading: Reading, node: CstNode): readonly Name[] {
  return tokens(node, "name").map((name) => nameOf(reading, name));
}

/** The `///` lines right above a place, without their slashes. */
export function docAbove({ source, comments }: Reading, start: number): string | null {
  const lines: string[] = [];
  let below = start;
  for (const { text, span } of comments.toReversed()) {
    if (span.end > below) continue;
    const between = source.text.slice(span.end, below);
    if (!text.startsWith("///") || !/^\r?\n?[ \t]*$/.test(between.replace(/^[ \t]+/, ""))) break;
    lines.unshift(text.slice(3).replace(/^ /, ""));
    below = span.start;
  }
  return lines.length === 0 ? null : lines.join("\n");
}

/** Where nothing can be said. */
export function errorAt(span: Span): Expression {
  return { kind: "error", span };
}
