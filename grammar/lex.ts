/**
 * Text → tokens and comments.
 *
 * Never gives up: a character that is not of the language is reported and left out, look-alikes of quotes and primes
 * are reported and read as what they look like, and a malformed number or string stands as one. Offsets stay true.
 */
import "./node20.js";
import { type IToken, Lexer, tokenMatcher } from "chevrotain";
import type { Source, Span } from "./source.js";
import type { SyntaxProblem } from "./syntax-problem.js";
import * as t from "./tokens.js";

/** A `//` or `///` comment as written, without what follows its last visible character. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
  /** The line it stands on, from 1. */
  readonly line: number;
}

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  readonly errors: readonly SyntaxProblem[];
}

let built: Lexer | null = null;

/** The lexer. What chevrotain can say against the tokens is said in tests, not to whom waits for a check. */
export const newLexer = (validate: boolean): Lexer =>
  new Lexer([...t.vocabulary], { skipValidations: !validate });

/** Splits a source into tokens. */
export function lex(source: Source): Lexed {
  built ??= newLexer(false);
  const plain = withoutLookAlikes(source);
  const { tokens, groups, errors } = built.tokenize(plain.text);
  const unknown = errors.map(({ offset, length }): SyntaxProblem => {
    const text = source.text.slice(offset, offset + length);
    const instead = insteadOf[text] ?? insteadOf[text.charAt(0)] ?? null;
    return {
      kind: "character",
      span: { source, start: offset, end: offset + length },
      text,
      instead,
    };
  });
  const malformed = tokens.flatMap((token) => malformedLiteral(source, token));
  return {
    tokens,
    comments: (groups.comments ?? []).map((token) => commentOf(source, token)),
    errors: [...plain.errors, ...apart(plain.errors, [...unknown, ...malformed])],
  };
}

/** The text a token covers. */
export function spanOf(source: Source, token: IToken): Span {
  return { source, start: token.startOffset, end: endOf(token) };
}

/** One past a token's last character. */
export function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset) + 1;
}

function commentOf(source: Source, token: IToken): Comment {
  const [text, start] = [token.image.trimEnd(), token.startOffset];
  return { text, span: { source, start, end: start + text.length }, line: token.startLine ?? 1 };
}

// ---- look-alikes --------------------------------------------------------------------------

/** Characters that word processors put for others, one for one so that offsets stay. */
const lookAlikes: { readonly [character: string]: string } = {
  "“": '"',
  "”": '"',
  "„": '"',
  "‘": "'",
  "’": "'",
  "′": "'",
  "−": "-",
  "–": "-",
  "∗": "*",
  "×": "*",
  "·": "*",
  "\t": " ",
};

const lookAlike = /\/\/[^\r\n]*|"[^"\r\n]*"|#[^\r\n]*|[“„][^“”„"\r\n]*[“”]|[“”„‘’′−–∗×·\t]/g;

function withoutLookAlikes(source: Source): { text: string; errors: SyntaxProblem[] } {
  const errors: SyntaxProblem[] = [];
  const text = source.text.replace(lookAlike, (found, start: number) => {
    if (found.startsWith("//") || found.startsWith('"')) return found;
    if (found.startsWith("#")) {
      errors.push(foreignComment(source, start));
      return " ".repeat(found.length);
    }
    const span = { source, start, end: start + found.length };
    const meant = lookAlikes[found.charAt(0)] ?? found;
    if (found === "\t") errors.push({ kind: "tab", span });
    else
      errors.push({
        kind: "character",
        span,
        text: found.charAt(0),
        instead: `write \`${meant}\``,
      });
    return [...found].map((character) => lookAlikes[character] ?? character).join("");
  });
  const firstTab = errors.find(({ kind }) => kind === "tab");
  return { text, errors: errors.filter((error) => error.kind !== "tab" || error === firstTab) };
}

/** `# ..`: nothing behind it is read. */
const foreignComment = (source: Source, start: number): SyntaxProblem => ({
  kind: "character",
  span: { source, start, end: start + 1 },
  text: "#",
  instead: "a comment begins with `//`",
});

/** What to write for signs of other languages. */
const insteadOf: { readonly [text: string]: string } = {
  "&&": "write `and`",
  "&": "write `and`",
  "||": "write `or`",
  "|": "write `or`",
  "!": "write `not`",
  "%": "write `mod(a, b)`",
  "^": "write `pow(a, b)`",
  "?": "write `select(condition, a, b)`",
  "≤": "write `<=`",
  "≥": "write `>=`",
  "≠": "write `!=`",
  "→": "write `->`",
  "…": "write `...`",
  "÷": "write `/`",
  "²": "write `sq(x)`",
  "√": "write `sqrt(x)`",
  Σ: "write `sum(..)`",
  "∑": "write `sum(..)`",
  "'": 'a string has double quotes, `"std/core"`; a prime touches its name, `x\'`',
};

/** Those of `later` that no mistake of `earlier` overlaps. */
function apart(
  earlier: readonly SyntaxProblem[],
  later: readonly SyntaxProblem[],
): SyntaxProblem[] {
  const overlaps = (a: Span, b: Span) => a.start < b.end && b.start < a.end;
  const real = earlier.filter(({ kind }) => kind !== "tab");
  return later.filter(({ span }) => !real.some((other) => overlaps(other.span, span)));
}

// ---- literals -----------------------------------------------------------------------------

const largestInteger = 2 ** 31 - 1;

function malformedLiteral(source: Source, token: IToken): SyntaxProblem[] {
  const span = spanOf(source, token);
  const text = token.image;
  if (token.tokenType === t.MalformedString) {
    return [{ kind: "string", span, text, closed: text.startsWith("'") }];
  }
  if (token.tokenType === t.MalformedNumber) {
    return [
      text.includes("..") ? { kind: "range", span } : { kind: "numberMalformed", span, text },
    ];
  }
  if (!tokenMatcher(token, t.NumberLiteral)) return [];
  const integer = /^\d+$/.test(text);
  const tooBig = integer
    ? Number(text) > largestInteger
    : !Number.isFinite(Math.fround(Number(text)));
  return tooBig ? [{ kind: "numberTooBig", span, text, integer }] : [];
}
