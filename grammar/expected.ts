/**
 * What the parser waited for, in the words of the language.
 *
 * chevrotain asks here for the text of its errors; its defaults print the names of token classes. `slips.ts` reads
 * the answer back as the thing expected, so it is one noun phrase and nothing else.
 */
import { type IParserErrorMessageProvider, type TokenType, tokenLabel } from "chevrotain";

/** What may begin a rule that offers a choice. */
const choices: { readonly [rule: string]: string } = {
  file: "`import`, `const`, `fn`, `block` or `model`",
  item: "an equation, a section or a declaration",
  body: "an equation, a section, a declaration or `}`",
  section: "an equation or `}`",
  equation: "an equation, as `y = x @ W`",
  end: "`;` or a line break",
  for: "a loop, as `for i < N` or `for H in Hidden`",
  type: "a type: f32, i32, bool or index[..]",
  space: "a space: node, edge, sender, receiver, global, batch or the name of a set",
  group: "receiver, sender, graph or batch",
  relation: "a relation",
  suffix: "a value",
  primary: "a value",
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
