/**
 * The parser's first mistake → what the user did, in the language's words, and where possible the tokens as meant.
 *
 * chevrotain knows which token failed in which rule; a slip is recognised from that and the tokens around it. The
 * first rule that recognises it speaks; when none does, the message says what was expected.
 */
import type { IRecognitionException, IToken } from "chevrotain";
import type { Source } from "../source.js";
import { bracketSlips } from "./bracket-slips.js";
import { type Failure, type Slip, type SlipRule, spanHere } from "./failure.js";
import { nameSlips } from "./name-slips.js";
import { operatorSlips } from "./operator-slips.js";

const slips: readonly SlipRule[] = [...bracketSlips, ...operatorSlips, ...nameSlips];

/** What the parser knows of a mistake. */
export function failureOf(
  source: Source,
  tokens: readonly IToken[],
  error: IRecognitionException,
): Failure {
  const found = tokens.indexOf(error.token);
  const at = found < 0 ? tokens.length : found;
  const rules = [...(error.context?.ruleStack ?? [])].reverse();
  const [token, before] = [tokens[at], tokens[at - 1]];
  return { source, tokens, at, token, before, rules, wanted: error.message };
}

/** Says what a mistake is. */
export function slipOf(failure: Failure): Slip {
  for (const rule of slips) {
    const slip = rule(failure);
    if (slip !== null) return slip;
  }
  const words = {
    what: failure.wanted,
    found: failure.token?.image ?? "",
    before: failure.before?.image ?? "",
  };
  return { problem: { kind: "expected", span: spanHere(failure), ...words }, mended: null };
}
