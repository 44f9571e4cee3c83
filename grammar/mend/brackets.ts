/**
 * Tokens → tokens whose brackets close, so that a mistake stays inside the braces it was made in.
 *
 * A missing closer is put where the text stops making sense without it: before the closer of an outer bracket, before
 * a line that can only be a new item or declaration, or at the end. A closer that nothing opened is left out.
 */
import type { IToken, TokenType } from "chevrotain";
import { endOf, spanOf } from "../lex.js";
import type { Source } from "../source.js";
import type { SyntaxProblem } from "../syntax-problem.js";
import * as t from "../tokens.js";
import { emptyToken } from "./failure.js";
import { endsOperand, isOneOf, startsItem, startsLine } from "./items.js";

export interface Balanced {
  readonly tokens: readonly IToken[];
  readonly errors: readonly SyntaxProblem[];
  /** Offsets where a closer was put in: what the parser finds there is an echo. */
  readonly mended: readonly number[];
}

interface Opener {
  readonly token: IToken;
  /** The column at which the opener's line begins. */
  readonly indent: number;
  /** Whether arrows may stand in it: in `over (buys: user -> item)`. */
  readonly arrows: boolean;
}

const closerOf = new Map<TokenType, TokenType>([
  [t.LeftParen, t.RightParen],
  [t.LeftBracket, t.RightBracket],
  [t.LeftBrace, t.RightBrace],
]);
const closers: readonly TokenType[] = [...closerOf.values()];

/** Closes what is open and leaves out what closes nothing; tokens that balance are left alone. */
export function balance(source: Source, tokens: readonly IToken[]): Balanced {
  return balanced(tokens) ? { tokens, errors: [], mended: [] } : mendBrackets(source, tokens);
}

function balanced(tokens: readonly IToken[]): boolean {
  const open: TokenType[] = [];
  for (const { tokenType } of tokens) {
    const closer = closerOf.get(tokenType);
    if (closer !== undefined) open.push(closer);
    else if (closers.includes(tokenType) && open.pop() !== tokenType) return false;
  }
  return open.length === 0;
}

function mendBrackets(source: Source, tokens: readonly IToken[]): Balanced {
  const out: IToken[] = [];
  const errors: SyntaxProblem[] = [];
  const mended: number[] = [];
  const open: Opener[] = [];
  let indent = 1;

  /** Closes the innermost brackets, down to `depth` of them, because of the token `found`. */
  const closeTo = (depth: number, found: IToken | null): void => {
    const unclosed = open.splice(depth).reverse();
    const last = out.at(-1);
    if (unclosed.length === 0 || last === undefined) return;
    const inserted = unclosed.map(({ token }) => closerAfter(last, token));
    errors.push({
      kind: "unclosed",
      span: spanOf(source, found ?? last),
      openers: unclosed.map(({ token }) => spanOf(source, token)),
      closers: inserted.map(({ image }) => image).join(" "),
      found: found === null ? "" : found.image,
    });
    mended.push(endOf(last), ...unclosed.map(({ token }) => token.startOffset));
    out.push(...inserted);
  };

  tokens.forEach((token, at) => {
    if (startsLine(tokens, at)) indent = token.startColumn ?? 1;
    closeTo(keptOpen(open, tokens, at), token);
    if (closers.includes(token.tokenType)) {
      const opener = open.findLastIndex((one) => closes(token, one));
      if (opener < 0) {
        errors.push({ kind: "stray", span: spanOf(source, token), closer: token.image });
        return;
      }
      closeTo(opener + 1, token);
      open.pop();
    } else if (closerOf.has(token.tokenType)) {
      open.push({ token, indent, arrows: tokens[at - 1]?.tokenType === t.Over });
    }
    out.push(token);
  });
  closeTo(0, null);
  return { tokens: out, errors, mended };
}

function closes(token: IToken, { token: opener }: Opener): boolean {
  return closerOf.get(opener.tokenType) === token.tokenType;
}

function closerAfter(last: IToken, opener: IToken): IToken {
  return emptyToken(closerOf.get(opener.tokenType) ?? t.RightBrace, last);
}

/** How many of the open brackets the token at `at` may still stand in. */
function keptOpen(open: readonly Opener[], tokens: readonly IToken[], at: number): number {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (token === undefined || before === undefined) return open.length;
  if (isOneOf(token, [t.LeftBrace, t.Arrow])) return keptBeforeBody(open, token);
  if (!startsLine(tokens, at)) return open.length;
  const column = token.startColumn ?? 1;
  if (token.tokenType === t.RightBrace) {
    const inColumn = open.findLastIndex((one) => closes(token, one) && one.indent === column);
    return inColumn < 0 ? open.length : inColumn + 1;
  }
  if (!startsItem(tokens, at)) return open.length;
  if (!endsOperand(before) && !isOneOf(token, t.hardWords)) return open.length;
  let kept = open.length;
  while (kept > 1 && !holdsItem(open, kept - 1, column)) kept--;
  return kept;
}

/** `{` and `->` follow parameters: the parentheses before them have closed. */
function keptBeforeBody(open: readonly Opener[], token: IToken): number {
  if (token.tokenType === t.Arrow && open.at(-1)?.arrows !== false) return open.length;
  return open.findLastIndex((one) => one.token.tokenType === t.LeftBrace) + 1;
}

/** Whether an item in this column may stand in a bracket: in braces, and deeper than the line that opened them. */
function holdsItem(open: readonly Opener[], at: number, column: number): boolean {
  const opener = open[at];
  if (opener === undefined || opener.token.tokenType !== t.LeftBrace) return false;
  const outermost = !open.slice(0, at).some(({ token }) => token.tokenType === t.LeftBrace);
  return outermost || opener.indent < column;
}
