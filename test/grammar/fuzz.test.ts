import fc from "fast-check";
import { expect, test } from "vitest";
import { syntaxDiagnostics } from "../../compiler/diagnostics/syntax.js";
import { format } from "../../grammar/format.js";
import { parse } from "../../grammar/parse.js";
import { printAst } from "../../grammar/print-ast.js";
import { allPrograms } from "./programs.js";

const name = "test.gn";
const programs = allPrograms().map(({ text }) => text);
const words = [
  ..."import from const fn block model param let for in return over by where and or not true".split(
    " ",
  ),
  ..."node edge sender receiver global batch f32 i32 bool nodes edges input output state".split(
    " ",
  ),
  ...'loss metric optimizer sparse index graph x W Linear x\' 8 0.5 1..2 "a" // /// {'.split(" "),
  ..."} ( ) [ ] < > <= == = -> ... , ; : . + - * / @ ' % “ é \n \n \t".split(/ /),
];

/** A program with a few stretches of it taken out, doubled or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...programs),
    fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom("", ...words)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((so, [at, length, instead]) => {
      const start = at % (so.length + 1);
      return so.slice(0, start) + instead + so.slice(start + length);
    }, text),
  );

const noise = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((all) => all.join(" "));
const inBody = noise.map((text) => `fn f(x: f32) -> f32 {\n${text}\n}\nconst D = 1\n`);
const texts = fc.oneof(fc.string({ unit: "binary" }), noise, inBody, mutated);

function holds(text: string): void {
  const source = { name, text };
  const { file, errors, comments } = parse(source);
  printAst(file);
  for (const { span } of errors) {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  expect(syntaxDiagnostics(errors)).toHaveLength(errors.length);
  const once = format(source);
  expect(once === null).toBe(errors.some(({ kind }) => kind !== "tab"));
  if (once === null) return;
  const again = parse({ name, text: once });
  expect(again.errors).toEqual([]);
  expect(printAst(again.file)).toBe(printAst(file));
  expect(again.comments.map((one) => one.text)).toEqual(comments.map((one) => one.text));
  expect(format({ name, text: once })).toBe(once);
}

test("no text makes the parser or the formatter throw, and what parses is kept", () => {
  fc.assert(fc.property(texts, holds), { numRuns: 800 });
});

/** Other blanks between the same tokens, where blanks mean nothing. */
const respaced = fc
  .tuple(fc.constantFrom(...programs), fc.infiniteStream(fc.nat(9)))
  .map(([text, stream]) =>
    text.replace(/(?<=[,=(){}]) | (?=[=)}])|\n/g, (blank) => {
      const { value } = stream.next();
      if (blank === "\n") return value < 2 ? "\n\n\n" : value < 3 ? "   \n  " : "\n";
      return value < 2 ? "   " : value < 3 ? "\n " : " ";
    }),
  );

test("blanks and line breaks change nothing where they mean nothing", () => {
  fc.assert(fc.property(respaced, holds), { numRuns: 150 });
});

const hostile: readonly (readonly [string, string])[] = [
  ["parentheses", `const D = ${"(".repeat(30000)}1`],
  ["lists", `const D = ${"[".repeat(30000)}1${"]".repeat(30000)}`],
  ["generics", `const D = ${"A<".repeat(10000)}1${">".repeat(10000)}`],
  ["loops", `fn f(x: f32) -> f32 {${"for i < 2 {".repeat(10000)}`],
  ["sums", `const D = 1${" + 1".repeat(30000)}`],
  ["suffixes", `const D = x${"[0]".repeat(30000)}`],
  ["signs", `const D = ${"= ".repeat(30000)}`],
  ["words", `fn f(x: f32) -> f32 {${"a b\n".repeat(10000)}}`],
  ["semicolons", `fn f(x: f32) -> f32 {${";".repeat(10000)}}`],
  ["quotes", "“".repeat(30000)],
];

test.each(hostile)("no heap of %s makes it hang or overflow", (_, text) => {
  const start = performance.now();
  holds(text);
  expect(performance.now() - start).toBeLessThan(10_000);
});
