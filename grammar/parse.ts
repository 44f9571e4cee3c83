/**
 * Source text → syntax tree, with every mistake told once.
 *
 * The tokens are split at the declarations, and each is parsed until it holds: the parser stops at the first mistake,
 * which is always a real one; it is named, mended or cut out, and the parser comes again. So a mistake has no echoes,
 * several are told in one run, and what could be read of the text is in the tree.
 */
import type { IToken } from "chevrotain";
import type { Declaration, File, ImportDeclaration } from "./ast.js";
import { type Comment, endOf, lex, spanOf } from "./lex.js";
import { balance } from "./mend/brackets.js";
import { cutOut } from "./mend/cut.js";
import { deepestNesting, tooDeep } from "./mend/depth.js";
import { opensDeclaration, startsLine } from "./mend/items.js";
import { failureOf, slipOf } from "./mend/slips.js";
import { runParser } from "./parser.js";
import type { Source } from "./source.js";
import type { SyntaxProblem } from "./syntax-problem.js";
import { fileToAst } from "./to-ast/declarations.js";
import * as t from "./tokens.js";

/** What is read of a source: its tree, its mistakes in the order of the text, and its comments. */
export interface Parsed {
  readonly file: File;
  readonly errors: readonly SyntaxProblem[];
  readonly comments: readonly Comment[];
}

/** How many mistakes are told of one file, and how often the parser comes again to find them. */
const mostErrors = 100;

/** Reads a source. Never throws, whatever the text. */
export function parse(source: Source): Parsed {
  const { tokens, comments, errors } = lex(source);
  const deep = tooDeep(tokens);
  const imports: ImportDeclaration[] = [];
  const declarations: Declaration[] = [];
  const file = { source, imports, declarations };
  if (deep !== null) {
    const span = spanOf(source, deep);
    return { file, errors: [{ kind: "tooDeep", span, limit: deepestNesting }], comments };
  }
  const found = [...errors];
  const lexical = errors.filter(({ kind }) => kind !== "tab").map(({ span }) => span.start);
  const rounds = { left: mostErrors };
  for (const chunk of declarationsOf(tokens)) {
    const part = parseDeclaration(source, chunk, comments, lexical, rounds);
    if (part.imports.length > 0 && declarations.length > 0) {
      found.push(...part.imports.map(({ span }): SyntaxProblem => ({ kind: "importLate", span })));
    }
    imports.push(...part.imports);
    declarations.push(...part.declarations);
    found.push(...part.errors);
  }
  found.sort((a, b) => a.span.start - b.span.start);
  return { file, errors: found.slice(0, mostErrors), comments };
}

/** The tokens of each declaration. Where a word that declares begins a line, the one before must have ended. */
function declarationsOf(tokens: readonly IToken[]): readonly (readonly IToken[])[] {
  const chunks: IToken[][] = [];
  let depth = 0;
  tokens.forEach((token, at) => {
    const constant = token.tokenType === t.Const && depth === 0 && startsLine(tokens, at);
    const opens = constant || opensDeclaration(tokens, at);
    if (opens) depth = 0;
    if (token.tokenType === t.LeftBrace) depth++;
    if (token.tokenType === t.RightBrace) depth--;
    if (opens || at === 0) chunks.push([token]);
    else chunks.at(-1)?.push(token);
  });
  return chunks;
}

interface Part {
  readonly imports: readonly ImportDeclaration[];
  readonly declarations: readonly Declaration[];
  readonly errors: readonly SyntaxProblem[];
}

/** Parses one declaration, round by round. `lexical` are the places where the lexer already spoke. */
function parseDeclaration(
  source: Source,
  chunk: readonly IToken[],
  comments: readonly Comment[],
  lexical: readonly number[],
  rounds: { left: number },
): Part {
  const balanced = balance(source, chunk);
  const errors: SyntaxProblem[] = [];
  const told = [...lexical, ...balanced.mended];
  let tokens = balanced.tokens;
  let readable = true;
  while (tokens.length > 0 && rounds.left-- > 0) {
    const { tree, error } = runParser(tokens);
    if (error === null) {
      const whole = errors.length + balanced.errors.length === 0 && !touches(chunk, lexical);
      const ast = fileToAst(tree, { source, comments, whole });
      const all = [...withoutEchoes(balanced.errors, errors), ...errors, ...ast.errors];
      return readable ? { ...ast, errors: all } : { imports: [], declarations: [], errors: all };
    }
    const failure = failureOf(source, tokens, error);
    const slip = slipOf(failure);
    const cut = cutOut(failure);
    const blamed = tokens.slice(cut.blamed.start, Math.max(cut.blamed.end, cut.blamed.start + 1));
    const echo = slip.problem.kind === "outside" && errors.length > 0;
    if (!echo && !touches(blamed, told)) errors.push(slip.problem);
    if (slip.mended === null) told.push(...blamed.map(({ startOffset }) => startOffset));
    readable &&= slip.mended !== null || cut.readable;
    tokens = slip.mended ?? cut.tokens;
  }
  return {
    imports: [],
    declarations: [],
    errors: [...withoutEchoes(balanced.errors, errors), ...errors],
  };
}

/** Whether one of these places lies in the text of these tokens. */
function touches(tokens: readonly IToken[], places: readonly number[]): boolean {
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (first === undefined || last === undefined) return false;
  return places.some((place) => place >= first.startOffset && place <= endOf(last));
}

/** A closer too many is the echo of an earlier mistake, such as a missing opener. */
function withoutEchoes(
  brackets: readonly SyntaxProblem[],
  errors: readonly SyntaxProblem[],
): readonly SyntaxProblem[] {
  const earlier = (place: number) => errors.some(({ span }) => span.start < place);
  return brackets.filter(({ kind, span }) => kind !== "stray" || !earlier(span.start));
}
