/**
 * What the parser waited for, in the words of the language.
 *
 * chevrotain asks here for the text of its errors; its defaults print the names of token classes. `slips.ts` reads
 * the answer back as the thing expected, so it is one noun phrase and nothing else.
 */
import { type IParserErrorMessageProvider, type TokenType, tokenLabel } from "chevrotain";
import { Lower, Name, Upper } from "./tokens.js";

const value = "a value";

/** What may begin a rule that offers a choice, or the list in a rule. */
const choices: { readonly [rule: string]: string } = {
  file: "`import`, `const`, `fn`, `block` or `model`",
  item: "an equation, a section or a declaration",
  body: "an equation, a section, a declaration or `}`",
  section: "an equation or `}`",
  ...{ equation: tokenLabel(Name), names: tokenLabel(Name), block: tokenLabel(Name) },
  ...{ generics: tokenLabel(Upper), target: tokenLabel(Lower), results: "a type, as node f32[D]" },
  ...{ return: value, loss: value, dims: value, suffix: value, instance: value, list: value },
  end: "`;` or a line break",
  for: "a loop, as `for i < N` or `for H in Hidden`",
  type: "a type: f32, i32, bool or index[..]",
  space: "a space: node, edge, sender, receiver, global, batch or the name of a set",
  group: "receiver, sender, graph or batch",
  relation: "a relation",
  primary: value,
};

/** The thing that a choice in this rule wanted. */
export function choiceIn(rule: string): string {
  return choices[rule] ?? "something else";
}

/** Whether an error says that this token was wanted. */
export function wanted(message: string, type: TokenType): boolean {
  return message === tokenLabel(type);
}

/** chevrotain's errors as noun phrases. */
export const expectedWords: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => choiceIn("file"),
  buildNoViableAltMessage: ({ ruleName }) => choiceIn(ruleName),
  buildEarlyExitMessage: ({ ruleName }) => choiceIn(ruleName),
};
