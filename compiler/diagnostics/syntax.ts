/**
 * Syntax mistakes in words: one builder for every kind the grammar tells apart, and the list of their codes.
 *
 * `grammar/` hands over data; here it becomes a `Diagnostic` that says what is wrong and what to write.
 */
import type { File } from "../../grammar/ast.js";
import { parse } from "../../grammar/parse.js";
import type { Source, Span } from "../../grammar/source.js";
import type { SyntaxProblem, SyntaxProblemKind } from "../../grammar/syntax-problem.js";
import type { Diagnostic, Label } from "./diagnostic.js";
import type { Problems } from "./problems.js";

/** Every code of this file with its title, for the catalogue. */
export const syntaxCodes = [
  { code: "GN1001", title: "A word of the language used as a name" },
  { code: "GN1002", title: "Two items on a line without `;`" },
  { code: "GN1003", title: "A line that begins with `(` or `[`" },
  { code: "GN1004", title: "A comparison read as generics" },
  { code: "GN1005", title: "Comparisons in a chain" },
  { code: "GN1006", title: "A bracket that is not closed" },
  { code: "GN1007", title: "Generics on a name with a small letter" },
  { code: "GN1008", title: "`=` where `:` belongs, or the reverse" },
  { code: "GN1009", title: "An argument without a name after a named one" },
  { code: "GN1010", title: "A character that is not of the language" },
  { code: "GN1011", title: "`return` missing, doubled or misplaced" },
  { code: "GN1012", title: "A number too big or malformed" },
  { code: "GN1013", title: "A bracket that closes nothing" },
  { code: "GN1014", title: "A small letter where a capital one belongs, or the reverse" },
  { code: "GN1015", title: "Something else was expected" },
  { code: "GN1016", title: "`->` and the results are missing" },
  { code: "GN1017", title: "A string without its double quotes" },
  { code: "GN1018", title: "Nesting too deep" },
  { code: "GN1019", title: "Outside of all declarations" },
  { code: "GN1020", title: "A range with `..`" },
  { code: "GN1021", title: "`;` between brackets" },
  { code: "GN1022", title: "A comma too many" },
  { code: "GN1023", title: "A value is missing" },
  { code: "GN1024", title: "Not a type" },
  { code: "GN1025", title: "`index` takes one bound" },
  { code: "GN1026", title: "An import after a declaration" },
  { code: "GN1027", title: "A tab" },
  { code: "GN1028", title: "A section or loop without braces" },
] as const;

/** A code of this file. */
export type SyntaxCode = (typeof syntaxCodes)[number]["code"];

/** Parses a source and reports its mistakes. */
export function parseSource(source: Source, problems: Problems): File {
  const { file, errors } = parse(source);
  for (const diagnostic of syntaxDiagnostics(errors)) problems.report(diagnostic);
  return file;
}

/** The mistakes of a text as diagnostics, one for one. */
export function syntaxDiagnostics(errors: readonly SyntaxProblem[]): Diagnostic[] {
  return errors.map((error) => diagnosticOf(error));
}

function diagnosticOf<Kind extends SyntaxProblemKind>(problem: SyntaxProblem<Kind>): Diagnostic {
  const build: (problem: SyntaxProblem<Kind>) => Words = builders[problem.kind];
  const { code, message, label, related = [], hint } = build(problem);
  const primary = { span: problem.span, text: label };
  return { code, severity: "error", message, primary, related, notes: [], hint };
}

/** What a builder says; the place is the problem's own. */
interface Words {
  readonly code: SyntaxCode;
  readonly message: string;
  /** Under the caret. */
  readonly label: string;
  readonly related?: readonly Label[];
  readonly hint: string | null;
}

const builders: { readonly [Kind in SyntaxProblemKind]: (problem: SyntaxProblem<Kind>) => Words } =
  {
    wordAsName: ({ word }) => ({
      code: "GN1001",
      message: `\`${word}\` is a word of the language and cannot be a name`,
      label: "a name belongs here",
      hint: `write another name, such as \`${word}_\``,
    }),
    twoItems: ({ first }) => ({
      code: "GN1002",
      message: "two items on one line are parted by `;`",
      label: "a second item begins here",
      hint: `write \`;\` after \`${first}\`, or begin a new line`,
    }),
    lineStart: ({ bracket }) => ({
      code: "GN1003",
      message: `\`${bracket}\` continues an expression only on the expression's own line`,
      label: "this begins a new item",
      hint: `put \`${bracket}\` on the line before, directly behind what it belongs to`,
    }),
    comparisonAsGenerics: ({ name }) => ({
      code: "GN1004",
      message: `\`${name}<\` opens generics, which do not close`,
      label: "`<` touches a capitalised name",
      hint: `to compare, write spaces: \`${name} < ..\`; generics end with \`>\`: \`${name}<..>\``,
    }),
    chained: ({ operator }) => ({
      code: "GN1005",
      message: "comparisons do not chain",
      label: `a second comparison, \`${operator}\``,
      hint: "compare twice: `a < b and b < c`",
    }),
    unclosed: ({ openers, closers, found }) => ({
      code: "GN1006",
      message:
        found === ""
          ? `the text ends before ${quoted(openers)} ${openers.length > 1 ? "are" : "is"} closed`
          : `${quoted(openers)} ${openers.length > 1 ? "are" : "is"} not closed before this \`${found}\``,
      label: `\`${closers}\` belongs ${found === "" ? "behind this" : "before this"}`,
      related: openers.map((span) => ({ span, text: "opened here" })),
      hint: `write \`${closers}\`, or take the opener away`,
    }),
    stray: ({ closer }) => ({
      code: "GN1013",
      message: `\`${closer}\` closes nothing`,
      label: "no bracket is open here",
      hint: `take \`${closer}\` away, or open it before`,
    }),
    smallGenerics: ({ name }) => ({
      code: "GN1007",
      message: `\`${name}\` begins with a small letter and takes no generics`,
      label: "`<` compares here",
      hint: `what takes \`<..>\` is capitalised: \`${capitalised(name)}<..>\`; to compare, write spaces round \`<\``,
    }),
    equalsInCall: ({ name }) => ({
      code: "GN1008",
      message: "an argument is named with `:`",
      label: "`:` belongs here",
      hint: `write \`${name}: ..\``,
    }),
    colonForEquals: ({ name }) => ({
      code: "GN1008",
      message: "a value is given with `=`; `:` is followed by a type",
      label: "`=` belongs here",
      hint: `write \`${name} = ..\``,
    }),
    positionalAfterNamed: ({ named }) => ({
      code: "GN1009",
      message: "an argument without a name stands before those with one",
      label: "its place cannot be told",
      related: [{ span: named, text: "the first named argument" }],
      hint: "put it first, or give it its name",
    }),
    character: ({ text, instead }) => ({
      code: "GN1010",
      message: `\`${text}\` is not a character of the language`,
      label: "not understood",
      hint: instead,
    }),
    tab: () => ({
      code: "GN1027",
      message: "a tab; programs are indented with spaces",
      label: "the first tab of the file",
      hint: "write two spaces for each level, or run `gnc fmt`",
    }),
    returnMissing: ({ name }) => ({
      code: "GN1011",
      message: `\`${name}\` returns nothing`,
      label: "has no `return`",
      hint: "end its body with `return`, one value for each result",
    }),
    returnTwice: ({ first }) => ({
      code: "GN1011",
      message: "a body returns once",
      label: "a second `return`",
      related: [{ span: first, text: "the first one" }],
      hint: "return several results at once, `return a, b`, or choose with `select(c, a, b)`",
    }),
    returnNotLast: ({ next }) => ({
      code: "GN1011",
      message: "`return` ends a body",
      label: "stands before other items",
      related: [{ span: next, text: "this follows" }],
      hint: "move `return` to the end of the body",
    }),
    returnInside: () => ({
      code: "GN1011",
      message: "a loop does not return",
      label: "inside `for`",
      hint: "give the value a name in the loop and return that name at the end of the body",
    }),
    returnInModel: () => ({
      code: "GN1011",
      message: "a model does not return",
      label: "inside a model",
      hint: "give the value a name and write `output name`",
    }),
    numberTooBig: ({ text, integer }) => ({
      code: "GN1012",
      message: `${text} does not fit in ${integer ? "an i32" : "an f32"}`,
      label: integer ? "more than 2147483647" : "more than 3.4e38",
      hint: integer ? `as an f32, write it with a point: \`${text}.0\`` : null,
    }),
    numberMalformed: ({ text }) => ({
      code: "GN1012",
      message: `\`${text}\` is not a number`,
      label: "malformed",
      hint: wellFormed(text),
    }),
    range: () => ({
      code: "GN1020",
      message: "there are no ranges `a..b`",
      label: "a range",
      hint: "a loop and a binder run from 0: `for i < N`, `y[i < N] = ..`",
    }),
    string: ({ closed }) => ({
      code: "GN1017",
      message: closed ? "a string has double quotes" : "a string ends on its line",
      label: closed ? "single quotes" : 'the closing `"` is missing',
      hint: 'write `"std/core"`',
    }),
    letter: ({ name, capital, what }) => ({
      code: "GN1014",
      message: `${what} begins with a ${capital ? "capital" : "small"} letter`,
      label: `\`${name}\` does not`,
      hint: `write \`${capital ? capitalised(name) : name.charAt(0).toLowerCase() + name.slice(1)}\``,
    }),
    arrowMissing: ({ found }) => ({
      code: "GN1016",
      message: "what comes out is missing",
      label: found === "" ? "`->` belongs behind this" : "`->` belongs before this",
      hint: "write the results behind the parameters: `(x: node f32[D]) -> node f32[D]`",
    }),
    braceMissing: ({ head }) => ({
      code: "GN1028",
      message: `\`${head}\` has no braces`,
      label: "`{` belongs behind this",
      hint: braces(head),
    }),
    singular: ({ word, name }) => ({
      code: "GN1028",
      message: `\`${word} ${name}\` opens a section, which has braces`,
      label: `\`${word}s\` declares one`,
      hint: word === "edge" ? `write \`edges ${name}: ..\`` : `write \`nodes ${name}\``,
    }),
    typeAlone: ({ names }) => ({
      code: "GN1023",
      message: `\`${names}\` ${names.includes(",") ? "have a type and no values" : "has a type and no value"}`,
      label: "a type alone declares nothing",
      hint: `a parameter is declared by \`param ${names}: ..\`, an input of a model by \`input ${names}: ..\``,
    }),
    typeUnknown: ({ text }) => ({
      code: "GN1024",
      message: `\`${text}\` is not a type`,
      label: "no such type",
      hint: "the types are f32, i32, bool and index[N], with sizes in brackets: `f32[H, D]`",
    }),
    indexBound: ({ count }) => ({
      code: "GN1025",
      message: "`index` takes one bound",
      label: count === 0 ? "has none" : `has ${count}`,
      hint: "write `index[N]`, an integer in 0 .. N-1",
    }),
    semicolonInBrackets: ({ closer }) => ({
      code: "GN1021",
      message: "`;` parts items, not what stands in brackets",
      label: `\`,\` or \`${closer}\` belongs here`,
      hint: "write `,`",
    }),
    commaTooMany: ({ closer }) => ({
      code: "GN1022",
      message: `nothing follows this comma before \`${closer}\``,
      label: "a comma too many",
      hint: "take the comma away",
    }),
    valueMissing: ({ after, what }) => ({
      code: "GN1023",
      message: `${what} is missing after \`${after}\``,
      label: `${what} belongs behind this`,
      hint: what === "a value" ? "write an expression, as `x @ W + b`" : null,
    }),
    outside: ({ found }) => ({
      code: "GN1019",
      message: `\`${found}\` stands outside of all declarations`,
      label: "declares nothing",
      hint: "a file holds `import`, `const`, `fn`, `block` and `model`; all else stands in the braces of one",
    }),
    importLate: () => ({
      code: "GN1026",
      message: "imports stand before all declarations",
      label: "after a declaration",
      hint: "move it to the top of the file",
    }),
    tooDeep: ({ limit }) => ({
      code: "GN1018",
      message: `nested more than ${limit} deep`,
      label: "too deep",
      hint: "give parts of the expression names of their own",
    }),
    expected: ({ what, found, before }) => ({
      code: "GN1015",
      message:
        found === ""
          ? `expected ${what}, but the text ends`
          : `expected ${what}, found \`${found}\``,
      label: `${what} belongs here`,
      hint:
        foreignWords[before] ??
        foreignWords[found] ??
        wordHint(before, found) ??
        signHint(found, what),
    }),
  };

/** Words of other languages, in front of what the grammar did not understand. */
const foreignWords: { readonly [word: string]: string } = {
  if: "there is no `if`: `select(condition, a, b)` chooses a value",
  else: "there is no `else`: `select(condition, a, b)` chooses a value",
  while: "there is no `while`: loops count, `for i < N { .. }`",
  def: "a function is declared by `fn`",
  function: "a function is declared by `fn`",
  class: "entities with parameters are declared by `block` or `model`",
  var: "a value needs no word before it: `y = ..`",
};

/** Behind a word of the language, what stands there in other languages. */
function wordHint(before: string, found: string): string | null {
  if (before === "in" && /^\d+$/.test(found))
    return `a count is \`for i < ${found} { .. }\`; \`for H in Hidden\` walks a list of sizes`;
  if (before === "by") return "all nodes or edges of the graph are one group `by graph`";
  return null;
}

function signHint(found: string, wanted: string): string | null {
  if (found === "*") return "a power is `pow(a, b)`, a square `sq(x)`";
  if (found === ":" && wanted === "`]`")
    return "there are no slices: `[a: f32[2], b: f32[3]] = x` takes a vector apart, `y[i < 2] = x[i + 1]` picks";
  if (found === "=" && wanted.startsWith("`"))
    return "`=` gives a name its value; to compare, write `==`";
  if (found === "==" && wanted === "`=`") return "to give a name its value, write `=`";
  if (found.startsWith('"')) return "strings stand in imports only";
  return null;
}

function quoted(openers: readonly Span[]): string {
  return openers
    .map(({ source, start, end }) => `\`${source.text.slice(start, end)}\``)
    .join(" and ");
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function braces(head: string): string {
  const [word = "", name] = head.split(/\s+/);
  const declares = name !== undefined && (word === "node" || word === "edge");
  const set = `; a set of ${word}s is declared by \`${word}s ${name}\``;
  return `write \`${head} { .. }\`${declares ? set : ""}`;
}

function wellFormed(text: string): string {
  if (text.startsWith(".")) return `write \`0${text}\``;
  if (/^\d+\.$/.test(text)) return `write \`${text}0\``;
  return "numbers are written `12`, `0.5` or `1e-3`";
}
