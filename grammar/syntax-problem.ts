/**
 * What can be wrong with a text, as data: one row a kind, with the words and places its message needs.
 *
 * `compiler/diagnostics/syntax.ts` has a builder for every row. `span` is the text to point at.
 */
import type { Span } from "./source.js";

/** Every kind of mistake and what is known of it. */
export interface SyntaxProblems {
  /** `edge = 3`: a hard word where a name stands. */
  wordAsName: { word: string };
  /** `a = 1 b = 2`. */
  twoItems: { first: string };
  /** A line that begins with `(` or `[` where the line before could have gone on. */
  lineStart: { bracket: string };
  /** `K<i`: generics that never close. */
  comparisonAsGenerics: { name: string };
  /** `a < b < c`. */
  chained: { operator: string };
  /** `found` stands where the closers of `openers` were still wanted, innermost first. */
  unclosed: { openers: readonly Span[]; closers: string; found: string };
  /** A closer that nothing opened. */
  stray: { closer: string };
  /** `linear<8>(x)`. */
  smallGenerics: { name: string };
  /** `dropout(x, rate = 0.5)`. */
  equalsInCall: { name: string };
  /** `y: x + 1`, `(act: relu)`. */
  colonForEquals: { name: string };
  /** `f(rate: 0.5, x)`. */
  positionalAfterNamed: { named: Span };
  /** A character that is not of the language; `instead` is what to write. */
  character: { text: string; instead: string | null };
  tab: Record<never, never>;
  returnMissing: { name: string };
  returnTwice: { first: Span };
  returnNotLast: { next: Span };
  returnInside: Record<never, never>;
  returnInModel: Record<never, never>;
  numberTooBig: { text: string; integer: boolean };
  numberMalformed: { text: string };
  /** `0..5`: there are no ranges. */
  range: Record<never, never>;
  string: { text: string; closed: boolean };
  /** A small letter where a capital one is wanted, or the reverse. */
  letter: { name: string; capital: boolean; what: string };
  arrowMissing: { found: string };
  /** `node y = x`, `for i < N` and no brace; `head` is as written. */
  braceMissing: { head: string };
  /** `edge cites: a -> b`, `node paper`: a declaration's word without its `s`. */
  singular: { word: string; name: string };
  /** `W: f32[D]` and neither `=` nor a word before it. */
  typeAlone: { names: string };
  typeUnknown: { text: string };
  indexBound: { count: number };
  semicolonInBrackets: { closer: string };
  commaTooMany: { closer: string };
  valueMissing: { after: string; what: string };
  outside: { found: string };
  importLate: Record<never, never>;
  tooDeep: { limit: number };
  /** `before` is the word in front of what was found. */
  expected: { what: string; found: string; before: string };
}

export type SyntaxProblemKind = keyof SyntaxProblems;

/** A mistake of some kind: its kind, where it is, and what its message needs. */
export type SyntaxProblem<Kind extends SyntaxProblemKind = SyntaxProblemKind> = {
  readonly [K in Kind]: { readonly kind: K; readonly span: Span } & Readonly<SyntaxProblems[K]>;
}[Kind];
