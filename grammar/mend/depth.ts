/**
 * How deep a text nests, asked before it is parsed: parser and phases walk the tree by recursion.
 */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import * as t from "../tokens.js";

/** How deep brackets and generics may stand in each other. */
export const deepestNesting = 100;

const opening: ReadonlySet<TokenType> = new Set([t.LeftParen, t.LeftBracket, t.LeftBrace]);
const closing: ReadonlySet<TokenType> = new Set([t.RightParen, t.RightBracket, t.RightBrace]);

/** The first token that stands too deep. Generics count as brackets; what merely looks like them counts too. */
export function tooDeep(tokens: readonly IToken[]): IToken | null {
  const generics: number[] = [0];
  let depth = 0;
  let before: IToken | null = null;
  for (const token of tokens) {
    const type = token.tokenType;
    if (opening.has(type)) {
      generics.push(0);
      depth++;
    } else if (closing.has(type)) {
      depth -= 1 + (generics.pop() ?? 0);
      if (generics.length === 0) generics.push(0);
    } else if (type === t.Less && before !== null && tokenMatcher(before, t.Upper)) {
      generics.push((generics.pop() ?? 0) + 1);
      depth++;
    } else if (type === t.Greater && (generics.at(-1) ?? 0) > 0) {
      generics.push((generics.pop() ?? 0) - 1);
      depth--;
    } else if (type === t.Semicolon || type === t.Equals) {
      depth -= generics.pop() ?? 0;
      generics.push(0);
    }
    if (depth > deepestNesting) return token;
    before = token;
  }
  return null;
}
