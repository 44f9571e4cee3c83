import { expect, test } from "vitest";
import { format } from "../../grammar/format.js";
import { parse } from "../../grammar/parse.js";
import { printAst } from "../../grammar/print-ast.js";
import { allPrograms } from "./programs.js";

const name = "test.gn";

function formatted(text: string): string | null {
  return format({ name, text });
}

function tree(text: string): string {
  return printAst(parse({ name, text }).file);
}

test.each(allPrograms())("$name keeps its tree and its comments, and formats once", ({ text }) => {
  const once = formatted(text) ?? "";
  expect(tree(once)).toBe(tree(text));
  expect(formatted(once)).toBe(once);
  const comments = (of: string) =>
    parse({ name, text: of }).comments.map((comment) => comment.text);
  expect(comments(once)).toEqual(comments(text));
});

test("a file with mistakes is refused", () => {
  expect(formatted("const D =")).toBeNull();
  expect(formatted("model M { x = y z = 3 }")).toBeNull();
});

test("tabs are no reason to refuse: they are mended", () => {
  expect(formatted("model M {\n\tx = 3\n}")).toBe("model M {\n  x = 3\n}\n");
});

/** What was written, and what it becomes. */
const cases: readonly (readonly [what: string, written: string, canonical: string])[] = [
  ["blanks round signs", "const D=2*K-  -1", "const D = 2 * K - -1\n"],
  [
    "no blanks in brackets, none before what they belong to",
    "fn F < D > ( x :f32 [D] )->f32{return g (x ,  y: [ 1 ]) [0] .z}",
    "fn F<D>(x: f32[D]) -> f32 { return g(x, y: [1])[0].z }\n",
  ],
  ["generics are tight, comparisons are not", "const D = K <i", "const D = K < i\n"],
  ["a member of a number", "const D = 3 .x", "const D = 3 .x\n"],
  ["relations stand apart", "const D = f(x)over(a,b)", "const D = f(x) over (a, b)\n"],
  [
    "a broken body has its braces at line ends",
    "model M { x = 3\n\n\n  node\n  {y=1;z=2 ;}\n\n}",
    "model M {\n  x = 3\n\n  node { y = 1; z = 2 }\n}\n",
  ],
  [
    "`;` go where a line or brace parts already",
    "model M {\n  a = 1;\n  b = 2; c = 3\n  ; d = 4\n  node { e = 5 }; f = 6;\n}",
    "model M {\n  a = 1\n  b = 2; c = 3\n  d = 4\n  node { e = 5 } f = 6\n}\n",
  ],
  [
    "comments stay where they are",
    "// top\nmodel M { // of M\n// first\n  x = 3;// of x\n    /// doc\n      const D = 2 // of D\n  // last\n}\n// end",
    "// top\nmodel M { // of M\n  // first\n  x = 3 // of x\n  /// doc\n  const D = 2 // of D\n  // last\n}\n// end\n",
  ],
  [
    "an item that goes on stands farther in",
    "model M {\n  a = b\n * f(c,\nd)\n + [\n1,\n2\n]\n}",
    "model M {\n  a = b\n    * f(c,\n      d)\n    + [\n      1,\n      2\n    ]\n}\n",
  ],
  [
    "columns that were begun are kept, others are not made",
    "model M {\n  a  = 1\n  long = 2\n\n  b = 1\n  lang = 2\n  loss    x\n  metric y\n}",
    "model M {\n  a    = 1\n  long = 2\n\n  b = 1\n  lang = 2\n  loss   x\n  metric y\n}\n",
  ],
  [
    "sections on neighbouring lines",
    "model M {\n  edge  { a = 1 }\n  receiver { b = 2 }\n}",
    "model M {\n  edge     { a = 1 }\n  receiver { b = 2 }\n}\n",
  ],
  [
    "blank lines, one at most",
    "\n\nconst A = 1\n\n\n\nconst B = 2\n\n",
    "const A = 1\n\nconst B = 2\n",
  ],
  ["line ends of other systems", "const A = 1\r\nconst B = 2\r\n", "const A = 1\nconst B = 2\n"],
  ["an empty body", "model M {}", "model M { }\n"],
  ["an empty file", "  \n", ""],
];

test.each(cases)("%s", (_, written, canonical) => {
  expect(formatted(written)).toBe(canonical);
  expect(formatted(canonical)).toBe(canonical);
});

test("a body that is too long for its line gets a line for each item", () => {
  const sections =
    "node { up = count(edge) by sender } global { y = sum(x where up == 0) } return y";
  expect(formatted(`block Root(x: node f32[D]) -> global f32[D] { ${sections} }`)).toBe(
    `block Root(x: node f32[D]) -> global f32[D] {
  node { up = count(edge) by sender }
  global { y = sum(x where up == 0) }
  return y
}
`,
  );
});
