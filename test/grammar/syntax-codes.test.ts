import { describe, expect, test } from "vitest";
import { Problems } from "../../compiler/diagnostics/problems.js";
import { parseSource, syntaxCodes, syntaxDiagnostics } from "../../compiler/diagnostics/syntax.js";
import { parse } from "../../grammar/parse.js";
import { inFn, marked } from "./programs.js";

/** Programs with one mistake each, its place marked, and a word of the message or hint. */
const mistakes: readonly (readonly [code: string, program: string, says: string])[] = [
  ["GN1001", inFn("«edge» = x"), "`edge_`"],
  ["GN1001", inFn("«node», y = x"), "`node_`"],
  ["GN1001", inFn("param «in»: f32"), "`in_`"],
  ["GN1001", inFn("let «for» = Linear<8>"), "`for_`"],
  ["GN1001", inFn("y = x + «from»"), "`from_`"],
  ["GN1001", inFn("y = sender.«edge»"), "`edge_`"],
  ["GN1001", inFn("node { a = x; «global» = a }"), "`global_`"],
  ["GN1001", "fn f(«from»: f32) -> f32 { return x }", "`from_`"],
  ["GN1001", "fn «model»(x: f32) -> f32 { return x }", "`model_`"],
  ["GN1002", inFn("y = x «z» = 3"), "after `x`"],
  ["GN1002", inFn("node { a = 1 «b» = 2 }"), "after `1`"],
  ["GN1002", inFn("param W: f32 «node» { y = x }"), "after `f32`"],
  ["GN1003", inFn("y = sum\n  «(»x)"), "on the line before"],
  ["GN1003", inFn("y = W\n  «[»0]"), "on the line before"],
  ["GN1003", inFn("y = W\n  «[»h]\n  z = x"), "on the line before"],
  ["GN1004", inFn("y = select(«K<»i, x, x)"), "`K < ..`"],
  ["GN1004", inFn("y = «Linear<»8(x)"), "`Linear<..>`"],
  ["GN1005", inFn("y = 0 < x «<» 1"), "`a < b and b < c`"],
  ["GN1005", inFn("y = sum(x where 0 <= x «<=» 1)"), "compare twice"],
  ["GN1006", inFn("y = sum(x").replace("return", "«return»"), "`)`"],
  ["GN1006", inFn("node { y = sum(x «}»"), "`)`"],
  ["GN1006", inFn("node {\n    y = x").replace("return", "«return»"), "`}`"],
  ["GN1006", "model M { x = 3; node { y = «x»", "`} }`".replaceAll("`", "")],
  ["GN1006", "fn f(x: f32 «->» f32 { return x }", "`)`"],
  ["GN1007", inFn("y = «linear»<8>(x)"), "`Linear<..>`"],
  ["GN1007", inFn("y = «mlp»<8, 2 * K>(x)"), "`Mlp<..>`"],
  ["GN1007", "fn «f»<D>(x: f32[D]) -> f32 { return x }", "`F<..>`"],
  ["GN1008", inFn("y = dropout(x, rate «=» 0.5)"), "`rate: ..`"],
  ["GN1008", inFn("y«:» x + 1"), "`y = ..`"],
  ["GN1008", inFn("y «:»= x"), "`y = ..`"],
  ["GN1008", inFn("let f«:» Linear<8>"), "`f = ..`"],
  ["GN1008", "fn f(x: f32, act«:» relu) -> f32 { return x }", "`act = ..`"],
  ["GN1008", "const D«:» 3", "`D = ..`"],
  ["GN1009", inFn("y = f(rate: 0.5, «x»)"), "give it its name"],
  ["GN1010", inFn("y = x «%» 2"), "`mod(a, b)`"],
  ["GN1010", inFn("y = x «&&» x"), "`and`"],
  ["GN1010", inFn("y = x«’» + 1"), "`'`"],
  ["GN1010", inFn("y = x «≤» 1"), "`<=`"],
  ["GN1010", inFn("y = «$»x"), "`$`"],
  ["GN1010", inFn("y = x «#» twice (x"), "`//`"],
  ["GN1010", "import { A } from «“std/core”»", '`"`'],
  ["GN1011", "fn «f»(x: f32) -> f32 { y = x }", "end its body"],
  ["GN1011", "fn f(x: f32) -> f32 {\n  return x\n  «return x»\n}", "once"],
  ["GN1011", "fn f(x: f32) -> f32 {\n  «return x»\n  y = x\n}", "to the end"],
  ["GN1011", "fn f(x: f32) -> f32 {\n  for i < 2 { «return x» }\n}", "loop"],
  ["GN1011", "model M { x = 3; «return x» }", "`output name`".replaceAll("`", "")],
  ["GN1012", inFn("y = «1.»"), "`1.0`"],
  ["GN1012", inFn("y = x * «.5»"), "`0.5`"],
  ["GN1012", inFn("y = «1e400»"), "f32"],
  ["GN1012", inFn("y = «3000000000»"), "i32"],
  ["GN1012", inFn("y = «0x1F»"), "`0x1F`"],
  ["GN1013", inFn("y = x«)»"), "`)` closes nothing"],
  ["GN1013", "model M { x = 3 }\n«}»\n", "`}` closes nothing"],
  ["GN1014", "block «conv»(x: node f32) -> node f32 { return x }", "`Conv`"],
  ["GN1014", inFn("for «h» in Hidden { y = x }"), "`H`"],
  ["GN1014", inFn("for «I» < 3 { y = x }"), "`i`"],
  ["GN1014", inFn("z[«H»] = x"), "`h`"],
  ["GN1015", inFn("y = x + «*» 2"), "a value"],
  ["GN1015", inFn("if «x» > 0 { y = x }").replace("{ y = x }", ""), "select"],
  ["GN1015", "model M { edges b: a «-» a }", "`->`"],
  ["GN1015", inFn("y = sum(x) by «group»"), "receiver, sender, graph or batch"],
  ["GN1015", inFn("y = sum(x) by «atom»"), "`by graph`"],
  ["GN1015", inFn("for H in «3» { y = x }"), "`for i < 3 { .. }`"],
  ["GN1015", inFn("y = x[0«:»2]"), "no slices"],
  ["GN1015", inFn("y = x «if» x > 0 else 0"), "select"],
  ["GN1016", "fn f(x: f32) «f32» { return x }", "results"],
  ["GN1016", "fn f(x: f32) «{» return x }", "results"],
  ["GN1017", "import { A } from «'std/core'»", "double quotes"],
  ["GN1017", 'import { A } from «"std/core»\nconst D = 3', "closing"],
  ["GN1018", `const D = ${"(".repeat(100)}«(»1${")".repeat(101)}`, "100"],
  ["GN1018", `const D = «1${" + 1".repeat(2000)}»`, "1000"],
  ["GN1019", "«y» = 3", "braces"],
  ["GN1019", "const D = 3\nmodel M { x = 3 } «loss» x", "braces"],
  ["GN1020", inFn("for i < «0..5» { y = x }"), "`for i < N`"],
  ["GN1020", inFn("y = x[a«..»b]"), "`for i < N`"],
  ["GN1021", inFn("y = f(x«;» 3)"), "write `,`"],
  ["GN1022", inFn("y = [x, x«,»]"), "take the comma away"],
  ["GN1023", inFn("«W, U: f32[D]»\n  y = x"), "`param W, U: ..`"],
  ["GN1028", "model M {\n  «edge cites»: paper -> paper\n  x = 3\n}", "`edges cites: ..`"],
  ["GN1023", inFn("y «=»"), "after `=`"],
  ["GN1023", inFn("y = x «+»\n  z = x"), "after `+`"],
  ["GN1024", inFn("param W: «float»[3]"), "`float`"],
  ["GN1024", "model M { input x: atom «float32»[3] }", "f32, i32, bool"],
  ["GN1025", inFn("y: «index[2, 3]» = x"), "has 2"],
  ["GN1025", "fn f(x: «index») -> f32 { return x }", "has none"],
  ["GN1026", 'const D = 3\n«import { A } from "a"»\n', "top of the file"],
  ["GN1027", "model M {\n«\t»x = 3\n\ty = x\n}", "two spaces"],
  ["GN1023", inFn("y = x«.»\n  z = x"), "a name"],
  ["GN1028", inFn("«node»\n    y = x"), "`node { .. }`"],
  ["GN1028", inFn("«edge» m = x"), "`edge { .. }`"],
  ["GN1028", inFn("«for i < 3»\n    y = x"), "`for i < 3 { .. }`"],
  ["GN1028", "model M {\n  «node atom»\n  x = 3\n}", "`nodes atom`"],
];

describe("every mistake is told once, at its place, with what to write", () => {
  test.each(mistakes)("%s %s", (code, program, says) => {
    const { source, marks } = marked(program);
    const found = syntaxDiagnostics(parse(source).errors);
    const places = found.map(({ code: own, primary: { span } }) => [own, span.start, span.end]);
    expect(places).toEqual(marks.map(([start, end]) => [code, start, end]));
    const words = found.flatMap(({ message, hint, primary }) => [
      message,
      primary.text,
      hint ?? "",
    ]);
    expect(words.join("\n")).toContain(says);
  });
});

test("every code has a program above, and every program a code", () => {
  const codes = syntaxCodes.map(({ code }) => code);
  expect([...new Set(mistakes.map(([code]) => code))].sort()).toEqual([...codes].sort());
});

test("an unclosed bracket shows where it was opened", () => {
  const { source } = marked(inFn("y = sum([x"));
  const [found] = syntaxDiagnostics(parse(source).errors);
  expect(found?.message).toBe("`[` and `(` are not closed before this `return`");
  const opened = found?.related.map(({ span }) => source.text.slice(span.start, span.end));
  expect(opened).toEqual(["[", "("]);
});

test("messages never name the token classes of the parser", () => {
  for (const [, program] of mistakes) {
    const { source } = marked(program);
    for (const { message, hint, primary } of syntaxDiagnostics(parse(source).errors)) {
      expect(`${message} ${primary.text} ${hint}`).not.toMatch(/LeftParen|word_|UPPER|LOWER|Token/);
    }
  }
});

test("parseSource reports what parse finds", () => {
  const problems = new Problems();
  const { source } = marked(inFn("y = x z = 3"));
  const file = parseSource(source, problems);
  expect(file.declarations).toHaveLength(1);
  expect(problems.all.map(({ code }) => code)).toEqual(["GN1002"]);
});
