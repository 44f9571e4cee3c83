/** Whatever is written, the checker ends, soon, with diagnostics: it never throws. */
import { describe, expect, it } from "vitest";
import { checked, said, textOfFile } from "./support.js";

const model = (lines: string): string =>
  `model M {\nnodes atom\ninput x: atom f32[4]\n${lines}\noutput y\n}\n`;

const programs: readonly string[] = [
  "",
  "model M {}",
  "const A = A\nmodel M { nodes atom input x: atom f32[A] output x }",
  "const A = B\nconst B = A\nfn f(x: f32[A]) -> f32 { return x[0] }",
  model("y = x[9999999999999999999999]"),
  model("param W: f32[2000000000, 2000000000]\ny = x + W[0, 0]"),
  model("for i < 2000000000 { x = relu(x) }\ny = x"),
  model("for i < 0 - 5 { x = relu(x) }\ny = x"),
  "fn F<N>(x: f32) -> f32 { return F<N - 1>(x) }\nmodel M { nodes atom; input x: atom f32; y = F<9>(x); output y }",
  "fn f(x: f32, g = relu, h = relu) -> f32 { return g(g(x, g, h), g, h) }\nmodel M { nodes atom; input x: atom f32; y = f(x, f, f); output y }",
  model("y = y"),
  model("a = b\nb = a\ny = a"),
  model(`y = ${"relu(".repeat(300)}x${")".repeat(300)}`),
  model(`y = ${"[".repeat(200)}x${"]".repeat(200)}`),
  model("[a, a] = x\ny = a"),
  model("let f = f\ny = f(x)"),
  model("let f = g\nlet g = f\ny = f(x)"),
  "block B(x: node f32[D]) -> node f32[D] over (a: s -> t) { return x }",
];

/** A small generator of numbers: Lehmer 1951. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

describe("hostile programs", () => {
  it.each(programs)("%j ends with diagnostics or a model", (text) => {
    expect(() => said(checked(text))).not.toThrow();
  });

  it("ends on mutants of the models of the field", () => {
    const random = generator(20240817);
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    const texts = ["graph", "mnist", "seq2seq", "charlm"].map((f) =>
      textOfFile(`test/fixtures/models/${f}.gn`),
    );
    for (let i = 0; i < 40; i++) {
      const text = pick(texts) ?? "";
      const tokens = [...text.matchAll(/[A-Za-z_][A-Za-z0-9_]*'*|\d+|\S/g)];
      const [a, b] = [pick(tokens), pick(tokens)];
      if (!a || !b) continue;
      const mutant = text.slice(0, a.index) + b[0] + text.slice(a.index + a[0].length);
      expect(() => checked(mutant), mutant).not.toThrow();
    }
  });
});
