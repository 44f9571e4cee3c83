/**
 * Where items begin and end, told from the tokens alone: the mender must know it while the parser does not.
 */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import * as t from "../tokens.js";

/** Whether no token stands before this one on its line. */
export function startsLine(tokens: readonly IToken[], at: number): boolean {
  const before = tokens[at - 1];
  return before === undefined || (before.endLine ?? 0) < (tokens[at]?.startLine ?? 0);
}

/** Whether a value may end with this token. */
export function endsOperand(token: IToken): boolean {
  if (operandEnds.includes(token.tokenType)) return true;
  return tokenMatcher(token, t.Name) || tokenMatcher(token, t.NumberLiteral);
}

const operandEnds: readonly TokenType[] = [
  ...[t.RightParen, t.RightBracket, t.RightBrace, t.Greater, t.True, t.False, t.StringLiteral],
  ...[...t.spaceWords, ...t.typeWords],
];

const fileWords: readonly TokenType[] = [t.Import, t.Fn, t.Block, t.Model];
const itemWords: readonly TokenType[] = [t.Param, t.Let, t.Const, t.For, t.Return];
const sectionWords: readonly TokenType[] = [t.Edge, t.Node, t.Sender, t.Receiver, t.Global];

/** Whether a word that stands only at file level opens a declaration here, at the beginning of a line. */
export function opensDeclaration(tokens: readonly IToken[], at: number): boolean {
  const next = tokens[at + 1];
  if (!isOneOf(tokens[at], fileWords) || !startsLine(tokens, at)) return false;
  return !isOneOf(next, [t.Equals, t.Colon, t.Comma, t.LeftBracket]);
}

/** Whether what stands here can only be the beginning of an item. */
export function startsItem(tokens: readonly IToken[], at: number): boolean {
  const [token, next, third] = tokens.slice(at, at + 3);
  if (token === undefined || next === undefined) return isOneOf(token, itemWords);
  if (isOneOf(token, itemWords)) return !isOneOf(next, [t.Equals, t.Colon, t.Comma]);
  if (isOneOf(token, sectionWords)) {
    return next.tokenType === t.LeftBrace || (third?.tokenType === t.LeftBrace && isName(next));
  }
  if (isOneOf(token, t.declarationWords) && isName(next)) return true;
  return isName(token) && givesValue(tokens, at + 1);
}

/** Whether `=` or a type, perhaps behind binders, follows a name. */
function givesValue(tokens: readonly IToken[], at: number): boolean {
  const after = tokens[at]?.tokenType === t.LeftBracket ? behindBracket(tokens, at) : at;
  return isOneOf(tokens[after], [t.Equals, t.Colon]);
}

/** The place behind the `]` that closes the `[` at `at`, sought no farther than binders reach. */
export function behindBracket(tokens: readonly IToken[], at: number): number {
  let depth = 0;
  for (let i = at; i < Math.min(tokens.length, at + 100); i++) {
    const type = tokens[i]?.tokenType;
    if (type === t.LeftBracket) depth++;
    if (type === t.RightBracket && --depth === 0) return i + 1;
    if (type === t.LeftBrace || type === t.RightBrace) break;
  }
  return tokens.length;
}

/** Whether a token is of one of these types. */
export function isOneOf(token: IToken | undefined, types: readonly TokenType[]): boolean {
  return token !== undefined && types.includes(token.tokenType);
}

export function isName(token: IToken | undefined): boolean {
  return token !== undefined && tokenMatcher(token, t.Name);
}

/** A stretch of tokens, from `start` up to but without `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The innermost item around a place; of a header, the whole stretch up to the brace. Null outside all braces. */
export function itemAround(tokens: readonly IToken[], at: number): Stretch | null {
  const starts: number[] = [];
  let depth = 0;
  for (let i = 0; i < at; i++) {
    const type = tokens[i]?.tokenType;
    if (type === t.LeftBrace) starts.push(i + 1);
    else if (type === t.RightBrace) {
      starts.pop();
      if (starts.length > 0) starts[starts.length - 1] = i + 1;
    } else if (type === t.LeftParen || type === t.LeftBracket) depth++;
    else if (type === t.RightParen || type === t.RightBracket) depth--;
    if (starts.length === 0 || depth > 0) continue;
    if (type === t.Semicolon || beginsItem(tokens, i + 1)) starts[starts.length - 1] = i + 1;
  }
  const start = starts.at(-1);
  return start === undefined ? null : { start, end: itemEnd(tokens, start) };
}

/** Where the item that begins at `start` ends: before `;`, before the `}` around it, or before the next item. */
function itemEnd(tokens: readonly IToken[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const type = tokens[i]?.tokenType;
    if (depth === 0 && (type === t.Semicolon || type === t.RightBrace)) return i;
    if (depth === 0 && i > start && beginsItem(tokens, i)) return i;
    if (isOneOf(tokens[i], [t.LeftBrace, t.LeftParen, t.LeftBracket])) depth++;
    if (isOneOf(tokens[i], [t.RightBrace, t.RightParen, t.RightBracket])) depth--;
    if (depth === 0 && type === t.RightBrace) return i + 1;
  }
  return tokens.length;
}

/** A line begins an item, unless the line before waits for more or this one goes on with a sign. */
function beginsItem(tokens: readonly IToken[], at: number): boolean {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (token === undefined || before === undefined || !startsLine(tokens, at)) return false;
  if (isOneOf(token, itemWords)) return true;
  if (startsItem(tokens, at) && before.tokenType !== t.Comma) return true;
  const opens = isName(token) || isOneOf(token, sectionWords) || token.tokenType === t.LeftBracket;
  return opens && endsOperand(before);
}
