import { expect, test } from "vitest";
import type { Expression } from "../../grammar/ast.js";
import { parse } from "../../grammar/parse.js";
import { printAst, printExpression } from "../../grammar/print-ast.js";
import { type Source, type Span, textOf } from "../../grammar/source.js";
import { allPrograms, inFn } from "./programs.js";

const programs = allPrograms();

function parsed(text: string) {
  return parse({ name: "test.gn", text });
}

/** The value of `y = ..`, fully parenthesised. */
function expressionOf(text: string): string {
  const [fn] = parsed(inFn(`y = ${text}`)).file.declarations;
  const [item] = fn?.kind === "fn" ? fn.body.items : [];
  return item?.kind === "equation" ? printExpression(item.value) : "no equation";
}

test.each(programs)("$name parses without a mistake", (source) => {
  const { file, errors } = parse(source);
  expect(errors).toEqual([]);
  expect(file.declarations.length).toBeGreaterThan(0);
});

test("every form of the grammar has its place in the tree", async () => {
  const source = programs.find(({ name }) => name.endsWith("every-form.gn"));
  if (source === undefined) throw new Error("no program with every form");
  await expect(printAst(parse(source).file)).toMatchFileSnapshot("every-form.ast.txt");
});

// ---- spans --------------------------------------------------------------------------------

type Part = { readonly [key: string]: unknown } & { readonly span: Span };

/** Every element of a tree with the element around it. */
function* elements(value: unknown, around: Part | null): Generator<[Part, Part | null]> {
  if (Array.isArray(value)) for (const one of value) yield* elements(one, around);
  if (!isRecord(value)) return;
  const part = isPart(value) ? value : around;
  if (isPart(value)) yield [value, around];
  for (const [key, child] of Object.entries(value)) {
    if (!["source", "span", "at", "head", "sparse"].includes(key)) yield* elements(child, part);
  }
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function isPart(value: { readonly [key: string]: unknown }): value is Part {
  return isRecord(value.span) && "start" in value.span;
}

function isExpression(part: Part): part is Part & Expression {
  const kinds = ["number", "bool", "name", "space", "unary", "binary", "call", "index", "member"];
  return [...kinds, "over", "by", "list"].includes(String(part.kind));
}

test.each(programs)("spans of $name hold what they say", (source: Source) => {
  for (const [part, around] of elements(parse(source).file, null)) {
    const text = textOf(part.span);
    expect(text.trim()).toBe(text);
    if (around !== null) {
      expect(part.span.start).toBeGreaterThanOrEqual(around.span.start);
      expect(part.span.end).toBeLessThanOrEqual(around.span.end);
    }
    if (typeof part.text === "string") expect(text.replace(/^"|"$/g, "")).toBe(part.text);
    if (isExpression(part)) expect(expressionOf(text)).toBe(printExpression(part));
  }
});

test("a binary expression knows where its operator stands", () => {
  const [constant] = parsed("const D = (1 + 2)  *  3").file.declarations;
  const value = constant?.kind === "const" ? constant.value : null;
  expect(value?.kind === "binary" && [value.at.start, textOf(value.left.span)]).toEqual([
    19,
    "(1 + 2)",
  ]);
});

test("a section's head is its words", () => {
  const { file } = parsed("model M {\n  edge  buys { m = 1 }\n}");
  const [model] = file.declarations;
  const section = model?.kind === "model" ? model.body.items[0] : undefined;
  expect(section?.kind === "section" && textOf(section.head)).toBe("edge  buys");
});

// ---- what binds what ----------------------------------------------------------------------

test.each([
  ["-a @ b * c + d", "((-(a @ b) * c) + d)".replace("(-(a @ b)", "((-(a @ b))")],
  ["a - b - c", "((a - b) - c)"],
  ["a / b * c", "((a / b) * c)"],
  ["a @ b @ c", "((a @ b) @ c)"],
  ["a or b and not c == d", "(a or (b and (not (c == d))))"],
  ["a + b < c - d", "((a + b) < (c - d))"],
  ["a * -b", "(a * (-b))"],
  ["f(x)[i].y over chain by graph", "((f(x)[i].y over chain) by graph)"],
  ["sum(a) by receiver * b", "((sum(a) by receiver) * b)"],
  ["x @ W[t] @ V", "((x @ W[t]) @ V)"],
  ["K < i", "(K < i)"],
  ["k<i", "(k < i)"],
  ["K<8>(x) < 3", "(K<8>(x) < 3)"],
  ["F(a over (b, c(2)), d: e where f)", "F((a over (b, c(2))), d: e where f)"],
])("%s reads as %s", (text, tree) => {
  expect(expressionOf(text)).toBe(tree);
});

test("a bracket on a new line opens a new item", () => {
  const { file, errors } = parsed(inFn("y = x\n  [a, b] = x"));
  expect(errors).toEqual([]);
  expect(printAst(file)).toContain("  y = x\n  [a, b] = x\n");
});

test("the words of declarations are names where a value follows", () => {
  const { file, errors } = parsed(
    inFn("input = 1; state, loss = f(index); nodes[i] = 2; output: f32 = 3"),
  );
  expect(errors).toEqual([]);
  const items = ["input = 1", "state, loss = f(index)", "nodes[i] = 2", "output: f32 = 3"];
  for (const item of items) expect(printAst(file)).toContain(`  ${item}\n`);
});

test("a description is the `///` lines right above", () => {
  const { file } = parsed(
    "/// Not this.\n\n/// One.\n///   two\n// no\n/// Yes.\n/// And.\nconst D = 1",
  );
  expect(file.declarations[0]?.doc).toBe("Yes.\nAnd.");
});

test("an empty file is a file", () => {
  expect(parsed("")).toMatchObject({ errors: [], file: { imports: [], declarations: [] } });
  expect(parsed("// nothing\n")).toMatchObject({ errors: [], comments: [{ text: "// nothing" }] });
});

// ---- several mistakes ---------------------------------------------------------------------

/** The kinds of mistakes with the text each points at. */
function mistakes(text: string): readonly string[] {
  return parsed(text).errors.map(({ kind, span }) => `${kind} ${textOf(span)}`);
}

test("mistakes in different items are all told, each once", () => {
  const text = `import { dot } from "std/core"
block Conv(x: node f32[In], from: node f32) -> node f32[Out] {
  param W f32[In, Out]
  node { a = 1 b = 2 }
  edge { m = sender.x @ ; n = 3 }
  c = dropout(x, rate = 0.5)
  for i in 3 { d = 1 }
  return a, m
}
fn good(x: f32) -> f32 { return x }
fn bad(x: f32) f32 { return x + }
model M {
  nodes a
  edges b: a - a
  output a
}
`;
  expect(mistakes(text)).toEqual([
    ...["wordAsName from", "expected f32", "twoItems b", "valueMissing @", "equalsInCall ="],
    ...["expected in", "arrowMissing f32", "valueMissing +", "expected -"],
  ]);
});

test("what surrounds a mistake is in the tree", () => {
  const { file } = parsed(
    "model M {\n  nodes a\n  h = relu(x + * 2)\n  edges b: a -\n  output h\n}\n",
  );
  expect(printAst(file)).toBe("model M\n  nodes a\n  h = <error>\n  output h\n");
});

test("an unclosed bracket does not swallow what follows", () => {
  const { file, errors } = parsed(
    "fn f(x: f32) -> f32 {\n  y = g(x\n  return y\n}\nfn h(x: f32) -> f32 { return x }",
  );
  expect(errors.map(({ kind }) => kind)).toEqual(["unclosed"]);
  expect(printAst(file)).toContain("  y = g(x)\n  return y\n");
  expect(file.declarations).toHaveLength(2);
});

test("a missing opener is told, and its closer is not", () => {
  expect(mistakes("model B {\n  node y = 1 }\n  x = 3\n}\n")).toEqual(["braceMissing node"]);
});

test("a closer too many is told once", () => {
  expect(mistakes("model B {\n  node { y = 1 } }\n  x = 3\n}\n")).toEqual(["outside x"]);
});

test("a file of mistakes is cut short", () => {
  expect(mistakes(")".repeat(5000)).length).toBeLessThanOrEqual(100);
});
