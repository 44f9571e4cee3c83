/**
 * Slips with names: words of the language, small and capital letters, things outside of all declarations.
 */
import type { TokenType } from "chevrotain";
import { choiceIn, wanted } from "../expected.js";
import { spanOf } from "../lex.js";
import * as t from "../tokens.js";
import { type Failure, readAs, type Slip, type SlipRule, spanHere } from "./failure.js";
import { isName, isOneOf, startsItem, startsLine } from "./items.js";

const afterName = [t.Equals, t.Comma, t.Colon, t.LeftBracket];
const joiningWords = [t.And, t.Or, t.Not, t.Where, t.Over, t.By, t.For, t.Return];

/** `edge = 3`, `sender.edge`, `(from: node f32)`: a word of the language where a name stands. */
const wordAsName: SlipRule = (failure) => {
  const place = wordPlace(failure);
  const word = place === null ? undefined : failure.tokens[place];
  if (place === null || word === undefined) return null;
  const problem = {
    kind: "wordAsName",
    span: spanOf(failure.source, word),
    word: word.image,
  } as const;
  return { problem, mended: readAs(failure.tokens, place, t.Lower) };
};

/** The place of a hard word that was meant as a name: the failing token or, in `edge = 3`, the one before. */
function wordPlace(failure: Failure): number | null {
  const { token, before, tokens, at, rules } = failure;
  if (isOneOf(token, t.hardWords)) {
    const named = [t.Name, t.Lower, t.Upper].some((type) => wanted(failure.wanted, type));
    const value = failure.wanted === choiceIn("primary") && !isOneOf(token, joiningWords);
    const mayBeType = isOneOf(token, t.typeWords) && !itemRules.includes(rules[0] ?? "");
    const given = isOneOf(tokens[at + 1], afterName) && rules[0] !== "end" && !mayBeType;
    const nextItem = startsLine(tokens, at) && startsItem(tokens, at);
    return (named || value || given) && !nextItem ? at : null;
  }
  const headAsName = isOneOf(before, t.hardWords) && isOneOf(token, afterName);
  return headAsName && headRules.includes(rules[0] ?? "") ? at - 1 : null;
}

const itemRules = ["item", "body", "section"];

/** Rules that a word of their own opens. */
const headRules = [
  "section",
  "param",
  "let",
  "const",
  "for",
  "return",
  "names",
  "primary",
  "generics",
];

/** Who wants a capital letter, and who a small one. */
const capitals: { readonly [rule: string]: string } = {
  block: "the name of a block",
  model: "the name of a model",
  const: "the name of a constant",
  generic: "a generic",
  generics: "a generic",
  for: "the variable of a loop over a list",
};
const smalls: { readonly [rule: string]: string } = {
  binder: "a binder",
  target: "a binder",
  for: "the variable of a loop that counts",
};

/** `block conv`, `z[H] = ..`, `for h in Hidden`. */
const letter: SlipRule = (failure) => {
  const { rules, token, before, tokens, at } = failure;
  const rule = rules[0] ?? "";
  const small = isName(token) && token?.tokenType !== t.Upper;
  if (wanted(failure.wanted, t.Upper) && small) {
    return letterAt(failure, at, t.Upper, capitals[rule] ?? "this name");
  }
  if (wanted(failure.wanted, t.Lower) && token?.tokenType === t.Upper) {
    return letterAt(failure, at, t.Lower, smalls[rule] ?? "this name");
  }
  if (rule !== "for" || !isName(before)) return null;
  if (wanted(failure.wanted, t.In) && token?.tokenType === t.Less) {
    return letterAt(failure, at - 1, t.Lower, smalls.for ?? "");
  }
  const overList = token?.tokenType === t.In && tokens[at + 1]?.tokenType === t.Upper;
  return overList ? letterAt(failure, at - 1, t.Upper, capitals.for ?? "") : null;
};

function letterAt(
  { source, tokens }: Failure,
  at: number,
  type: TokenType,
  what: string,
): Slip | null {
  const name = tokens[at];
  if (name === undefined) return null;
  const capital = type === t.Upper;
  const span = spanOf(source, name);
  const problem = { kind: "letter", span, name: name.image, capital, what } as const;
  return { problem, mended: readAs(tokens, at, type) };
}

/** Anything at file level that declares nothing. */
const outside: SlipRule = (failure) => {
  const { rules, token } = failure;
  if (token === undefined || !atFileLevel(rules)) return null;
  return {
    problem: { kind: "outside", span: spanHere(failure), found: token.image },
    mended: null,
  };
};

/** Whether the parser stood between two declarations. */
function atFileLevel(rules: readonly string[]): boolean {
  return rules.length === 0 || rules[0] === "file";
}

/** In the order in which they are tried. */
export const nameSlips: readonly SlipRule[] = [wordAsName, letter, outside];
