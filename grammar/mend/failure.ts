/**
 * Where the parser stopped, and the tools with which a slip says what was meant.
 */
import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { endOf, spanOf } from "../lex.js";
import type { Source, Span } from "../source.js";
import type { SyntaxProblem } from "../syntax-problem.js";

/** Where the parser stood. */
export interface Failure {
  readonly source: Source;
  readonly tokens: readonly IToken[];
  /** The index of the token that failed; the number of tokens when the text ended too early. */
  readonly at: number;
  readonly token: IToken | undefined;
  readonly before: IToken | undefined;
  /** The rules being parsed, innermost first. */
  readonly rules: readonly string[];
  /** What would have been right, as a noun phrase. */
  readonly wanted: string;
}

/** A recognised mistake; `mended` are the tokens as they were meant, when that is sure. */
export interface Slip {
  readonly problem: SyntaxProblem;
  readonly mended: readonly IToken[] | null;
}

/** Recognises one kind of mistake, or leaves it to others. */
export type SlipRule = (failure: Failure) => Slip | null;

/** The failing token, or the last one where there is none. */
export function spanHere({ source, token, before }: Failure): Span {
  const shown = token ?? before;
  return shown === undefined ? { source, start: 0, end: 0 } : spanOf(source, shown);
}

/** The tokens with those from `start` to `end` replaced. */
export function splice(
  tokens: readonly IToken[],
  start: number,
  end: number,
  ...instead: readonly IToken[]
): readonly IToken[] {
  return [...tokens.slice(0, start), ...instead, ...tokens.slice(end)];
}

/** The tokens with the one at `at` read as another type. */
export function readAs(tokens: readonly IToken[], at: number, type: TokenType): readonly IToken[] {
  const token = tokens[at];
  return token === undefined ? tokens : splice(tokens, at, at + 1, retyped(token, type));
}

function retyped(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? token.tokenTypeIdx };
}

/** The tokens with the one at `at` standing on the line of the one before. */
export function onLineBefore(tokens: readonly IToken[], at: number): readonly IToken[] {
  const token = tokens[at];
  const line = tokens[at - 1]?.endLine;
  if (token === undefined || line === undefined) return tokens;
  return splice(tokens, at, at + 1, { ...token, startLine: line });
}

/** A token of no width right behind another one, on its line. */
export function emptyToken(type: TokenType, behind: IToken): IToken {
  const image = typeof type.PATTERN === "string" ? type.PATTERN : "";
  const at = endOf(behind);
  const line = behind.endLine ?? 1;
  const column = (behind.endColumn ?? 0) + 1;
  return createTokenInstance(type, image, at, at - 1, line, line, column, column - 1);
}

/** One token of another type in the place of several. */
export function tokenOver(type: TokenType, first: IToken, last: IToken): IToken {
  const { startOffset, startLine = 1, startColumn = 1 } = first;
  const { endLine = 1, endColumn = 1 } = last;
  const end = endOf(last) - 1;
  return createTokenInstance(
    type,
    "",
    startOffset,
    end,
    startLine,
    endLine,
    startColumn,
    endColumn,
  );
}
