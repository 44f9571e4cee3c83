/**
 * Slips with `<`, `:`, `=` and `..`.
 */
import type { IToken } from "chevrotain";
import { wanted } from "../expected.js";
import { endOf, spanOf } from "../lex.js";
import { join } from "../source.js";
import * as t from "../tokens.js";
import { type Failure, readAs, type Slip, type SlipRule, spanHere, splice } from "./failure.js";
import { endsOperand, isName, isOneOf, itemAround, startsLine } from "./items.js";

const comparisonWords: readonly IToken["tokenType"][] = t.comparisons;

/** `linear<8>(x)`: a small letter takes no generics, so `<` compared. */
const smallGenerics: SlipRule = ({ source, tokens, at }) => {
  const start = itemAround(tokens, at)?.start ?? 0;
  for (let i = at; i > start; i--) {
    const [name, less] = [tokens[i - 1], tokens[i]];
    if (less?.tokenType !== t.Less || name === undefined || !smallAndTouching(name, less)) continue;
    const close = closeOfGenerics(tokens, i);
    if (close < at) continue;
    const problem = {
      kind: "smallGenerics",
      span: spanOf(source, name),
      name: name.image,
    } as const;
    return { problem, mended: null };
  }
  return null;
};

function smallAndTouching(name: IToken, less: IToken): boolean {
  return isName(name) && name.tokenType !== t.Upper && endOf(name) === less.startOffset;
}

/** The `>` that would close generics opened at `open`, when only sizes stand between; else -1. */
function closeOfGenerics(tokens: readonly IToken[], open: number): number {
  const sizes = [t.NumberLiteral, t.Comma, t.Plus, t.Minus, t.Star, t.Slash, t.Ellipsis];
  for (let i = open + 1; i < tokens.length; i++) {
    if (tokens[i]?.tokenType === t.Greater) return i;
    if (!isName(tokens[i]) && !isOneOf(tokens[i], sizes)) return -1;
  }
  return -1;
}

/** `K<i`: generics that never close. */
const comparisonAsGenerics: SlipRule = ({ source, tokens, at, rules }) => {
  if (!rules.includes("instance")) return null;
  for (let i = at - 1; i > 0; i--) {
    const [name, less] = [tokens[i - 1], tokens[i]];
    if (less?.tokenType !== t.Less || name?.tokenType !== t.Upper) continue;
    const span = join(spanOf(source, name), spanOf(source, less));
    return { problem: { kind: "comparisonAsGenerics", span, name: name.image }, mended: null };
  }
  return null;
};

/** `a < b < c`. */
const chained: SlipRule = (failure) => {
  const { token, before, rules } = failure;
  if (!isOneOf(token, comparisonWords) || rules[0] === "primary") return null;
  if (before === undefined || !endsOperand(before) || !comparedBefore(failure)) return null;
  const problem = {
    kind: "chained",
    span: spanHere(failure),
    operator: token?.image ?? "",
  } as const;
  return { problem, mended: null };
};

/** Whether another comparison stands in the same brackets before the failing one. */
function comparedBefore({ tokens, at }: Failure): boolean {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    const token = tokens[i];
    if (isOneOf(token, [t.RightParen, t.RightBracket])) depth++;
    if (isOneOf(token, [t.LeftParen, t.LeftBracket, t.LeftBrace]) && --depth < 0) return false;
    if (depth === 0 && isOneOf(token, comparisonWords)) return true;
    if (depth === 0 && isOneOf(token, [t.Equals, t.Comma, t.Semicolon, t.RightBrace])) return false;
  }
  return false;
}

/** `0..5` is a malformed number; `a..b` comes here. */
const range: SlipRule = ({ source, token, before }) => {
  if (token?.tokenType !== t.Dot || before?.tokenType !== t.Dot) return null;
  const span = join(spanOf(source, before), spanOf(source, token));
  return { problem: { kind: "range", span }, mended: null };
};

/** `f(x, rate = 0.5)`: an argument is named with a colon. */
const equalsInCall: SlipRule = (failure) => {
  const { rules, token, before, tokens, at } = failure;
  if (rules[0] !== "args" || token?.tokenType !== t.Equals || !isName(before)) return null;
  const problem = {
    kind: "equalsInCall",
    span: spanHere(failure),
    name: before?.image ?? "",
  } as const;
  return { problem, mended: readAs(tokens, at, t.Colon) };
};

/** `let f: Linear<8>`, `const D: 3`, `<H: 3>`: a value is given with `=`. */
const colonForEquals: SlipRule = (failure) => {
  const { rules, token, before, tokens, at } = failure;
  const value = wanted(failure.wanted, t.Equals) || rules[0] === "generics";
  if (token?.tokenType !== t.Colon || !value || before === undefined) return null;
  const problem = { kind: "colonForEquals", span: spanHere(failure), name: before.image } as const;
  return { problem, mended: readAs(tokens, at, t.Equals) };
};

/** `y: x + 1` and `(act: relu)` give a value; `x: float[3]` names a type that is none. */
const wrongType: SlipRule = (failure) => {
  const { rules, token, before, tokens, at, source } = failure;
  if (rules[0] !== "type") return null;
  const spaced = isName(before) && !isName(token);
  const [colon, name] = spaced ? [at - 2, before] : [at - 1, token];
  if (name === undefined || !isName(name)) return valueForType(failure, colon);
  const span = spanOf(source, name);
  if (name.tokenType === t.Index)
    return { problem: { kind: "indexBound", span, count: 0 }, mended: null };
  const misnamed = isOneOf(tokens[colon + 2], [t.LeftBracket, t.Equals]);
  const slip = misnamed ? null : valueForType(failure, colon);
  if (slip !== null || startsLine(tokens, at - (name === before ? 1 : 0))) return slip;
  const problem = { kind: "typeUnknown", span, text: name.image } as const;
  return { problem, mended: readAs(tokens, tokens.indexOf(name), t.F32) };
};

/** The colon of a target or a parameter, where a value follows it. */
function valueForType(failure: Failure, colon: number): Slip | null {
  const { tokens, rules } = failure;
  const typed = tokens[colon - 1];
  const holder = rules.find((rule) => rule !== "type" && rule !== "fieldtype");
  if (tokens[colon]?.tokenType !== t.Colon || typed === undefined) return null;
  return holder === "target" || holder === "parameter" ? asEquals(failure, colon, typed) : null;
}

function asEquals({ source, tokens }: Failure, colon: number, typed: IToken): Slip | null {
  const token = tokens[colon];
  if (token === undefined) return null;
  const problem = {
    kind: "colonForEquals",
    span: spanOf(source, token),
    name: typed.image,
  } as const;
  const doubled = tokens[colon + 1]?.tokenType === t.Equals;
  return {
    problem,
    mended: doubled ? splice(tokens, colon, colon + 1) : readAs(tokens, colon, t.Equals),
  };
}

/** In the order in which they are tried. */
export const operatorSlips: readonly SlipRule[] = [
  ...[smallGenerics, comparisonAsGenerics, chained, range, equalsInCall, colonForEquals, wrongType],
];
