/**
 * Cuts a mistake out of the tokens, as little as can be, so that the rest of a declaration is still read.
 *
 * Of an item with `=` or a word at its head, the value becomes a hole; another item goes whole; a head that cannot be
 * read is replaced, and `readable` says that the declaration is then only looked through.
 */
import type { IToken } from "chevrotain";
import { wanted } from "../expected.js";
import * as t from "../tokens.js";
import { emptyToken, type Failure, splice, tokenOver } from "./failure.js";
import { isOneOf, itemAround, type Stretch } from "./items.js";

export interface Cut {
  /** What is left; empty when nothing can be. */
  readonly tokens: readonly IToken[];
  /** What is blamed: other mistakes in it are echoes. */
  readonly blamed: Stretch;
  /** Whether the declaration's head is still as written. */
  readonly readable: boolean;
}

/** The item at fault: what ends too early is the fault of what came before it. */
export function blamedItem({ tokens, at, rules, ...failure }: Failure): Stretch | null {
  const between = ["item", "body", "section", "end", "declaration"].includes(rules[0] ?? "");
  const ownFault = between && !wanted(failure.wanted, t.LeftBrace);
  const item = itemAround(tokens, at);
  return item !== null && item.start === at && !ownFault ? itemAround(tokens, at - 1) : item;
}

/** Cuts the mistake out. */
export function cutOut(failure: Failure): Cut {
  const { tokens, at } = failure;
  const item = blamedItem(failure);
  if (item === null) return cutOutside(failure);
  const value = valueIn(tokens, item, at);
  if (value !== null) {
    return { tokens: withHole(tokens, value), blamed: item, readable: true };
  }
  const behind = tokens[item.end]?.tokenType === t.Semicolon ? 1 : 0;
  const end = Math.max(item.end + behind, item.start + 1);
  return { tokens: splice(tokens, item.start, end), blamed: { ...item, end }, readable: true };
}

/** What stands behind the item's `=` or head word, when the mistake is in it and it is no hole yet. */
function valueIn(tokens: readonly IToken[], { start, end }: Stretch, at: number): Stretch | null {
  if (tokens.slice(start, end).some(({ tokenType }) => tokenType === t.Hole)) return null;
  const head = tokens[start];
  if (isOneOf(head, [t.Return, t.Loss, t.Metric, t.Optimizer])) return { start: start + 1, end };
  if (isOneOf(head, [t.For, t.Edge, t.Node, t.Sender, t.Receiver, t.Global])) return null;
  const equals = tokens.findIndex((token, i) => i >= start && token.tokenType === t.Equals);
  return equals >= 0 && equals < Math.min(at, end) ? { start: equals + 1, end } : null;
}

function withHole(tokens: readonly IToken[], { start, end }: Stretch): readonly IToken[] {
  const [behind, first, last] = [tokens[start - 1], tokens[start], tokens[end - 1]];
  if (behind === undefined) return tokens;
  const hole =
    start < end && first !== undefined && last !== undefined
      ? tokenOver(t.Hole, first, last)
      : emptyToken(t.Hole, behind);
  return splice(tokens, start, end, hole);
}

/** A mistake in the head of a declaration, in a constant, or behind a declaration's end. */
function cutOutside({ tokens, at }: Failure): Cut {
  const constant = tokens[0]?.tokenType === t.Const && tokens[2]?.tokenType === t.Equals;
  if (constant && at > 2 && !tokens.some(({ tokenType }) => tokenType === t.Hole)) {
    const value = { start: 3, end: tokens.length };
    return {
      tokens: withHole(tokens, value),
      blamed: { start: 0, end: value.end },
      readable: true,
    };
  }
  const brace = bodyAt(tokens);
  const declares = isOneOf(tokens[0], [t.Fn, t.Block, t.Model]);
  if (declares && brace !== null && brace >= at) {
    const blamed = { start: 0, end: brace };
    return { tokens: [...plainHead(tokens), ...tokens.slice(brace)], blamed, readable: false };
  }
  const behind = declares && brace !== null;
  const blamed = { start: behind ? at : 0, end: tokens.length };
  return { tokens: behind ? tokens.slice(0, at) : [], blamed, readable: behind };
}

/** A head that every body may follow. */
function plainHead(tokens: readonly IToken[]): readonly IToken[] {
  const [first] = tokens;
  if (first === undefined) return [];
  return [tokenOver(t.Model, first, first), emptyToken(t.Upper, first)];
}

/** The brace that opens the body: the first outside of all parentheses. */
function bodyAt(tokens: readonly IToken[]): number | null {
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (isOneOf(token, [t.LeftParen, t.LeftBracket])) depth++;
    if (isOneOf(token, [t.RightParen, t.RightBracket])) depth--;
    if (depth === 0 && token.tokenType === t.LeftBrace) return i;
  }
  return null;
}
