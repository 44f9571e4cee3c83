/** For each code of syntax: the least program that has it, and the same mended. */
import { type SyntaxCode, syntaxCodes } from "./syntax.js";

interface Example {
  readonly example: string;
  readonly mended: string;
}

/** An item of a function, wrong and right; `names` are what it takes from the library. */
function item(example: string, mended: string, names?: string): Example {
  return { example: inFunction(example, names), mended: inFunction(mended, names) };
}

function inFunction(text: string, names: string | undefined): string {
  const head = names === undefined ? "" : `import { ${names} } from "std/core"\n\n`;
  return `${head}fn F(x: f32[D]) -> f32[D] {\n  ${text}\n  return y\n}\n`;
}

/** An item of a model, wrong and right. */
function inModel(example: string, mended: string): Example {
  const model = (text: string) =>
    `model M {\n  nodes atom\n  input x: atom f32[8]\n  ${text}\n  output y\n}\n`;
  return { example: model(example), mended: model(mended) };
}

function declaration(example: string, mended: string): Example {
  return { example: `${example}\n`, mended: `${mended}\n` };
}

const usesSquare = "fn cube(x: f32) -> f32 { return x * sq(x) }";

const examples: { readonly [Code in SyntaxCode]: Example } = {
  GN1001: item("edge = 2 * x; y = edge", "edge_ = 2 * x; y = edge_"),
  GN1002: item("z = 2 * x y = z", "z = 2 * x; y = z"),
  GN1003: item("y = relu\n    (x)", "y = relu(x)"),
  GN1004: item("y[i] = select(D<i, x[i], 0)", "y[i] = select(D < i, x[i], 0)"),
  GN1005: item("y[i] = select(0 < i < 3, x[i], 0)", "y[i] = select(0 < i and i < 3, x[i], 0)"),
  GN1006: item("y = relu(tanh(x)", "y = relu(tanh(x))"),
  GN1007: item("y = linear<D>(x)", "y = Linear<D>(x)", "Linear"),
  GN1008: item("y = dropout(x, rate = 0.5)", "y = dropout(x, rate: 0.5)", "dropout"),
  GN1009: item("y = dropout(rate: 0.5, x)", "y = dropout(x, rate: 0.5)", "dropout"),
  GN1010: item("y[i < D] = x[i % 2]", "y[i < D] = x[mod(i, 2)]"),
  GN1011: declaration(
    "fn f(x: f32) -> f32 {\n  y = 2 * x\n}",
    "fn f(x: f32) -> f32 {\n  y = 2 * x\n  return y\n}",
  ),
  GN1012: item("y = .5 * x", "y = 0.5 * x"),
  GN1013: item("y = relu(x))", "y = relu(x)"),
  GN1014: declaration(
    "block conv(x: node f32[D]) -> node f32[D] { return x }",
    "block Conv(x: node f32[D]) -> node f32[D] { return x }",
  ),
  GN1015: item("y = x ** 2", "y = sq(x)", "sq"),
  GN1016: declaration("fn f(x: f32) { return x }", "fn f(x: f32) -> f32 { return x }"),
  GN1017: declaration(
    `import { sq } from 'std/core'\n\n${usesSquare}`,
    `import { sq } from "std/core"\n\n${usesSquare}`,
  ),
  GN1018: declaration(
    `const D = ${"(".repeat(101)}1${")".repeat(101)}`,
    `const D = ${"(".repeat(3)}1${")".repeat(3)}`,
  ),
  GN1019: declaration("y = 3", "const Y = 3"),
  GN1020: item("y = x; for i < 0..3 { y = tanh(y) }", "y = x; for i < 3 { y = tanh(y) }"),
  GN1021: item("y = max(x; 0)", "y = max(x, 0)"),
  GN1022: item("y = max(x, 0,)", "y = max(x, 0)"),
  GN1023: item("y = x +", "y = x + 1"),
  GN1024: item("param W: float[D]; y = x * W", "param W: f32[D]; y = x * W"),
  GN1025: inModel("y: index = argmax(x)", "y: index[8] = argmax(x)"),
  GN1026: declaration(
    `${usesSquare}\n\nimport { sq } from "std/core"`,
    `import { sq } from "std/core"\n\n${usesSquare}`,
  ),
  GN1027: item("\ty = 2 * x", "y = 2 * x"),
  GN1028: inModel("node\n    y = 2 * x", "node { y = 2 * x }"),
};

/** What a page about each code shows. */
export const syntaxExamples: readonly (Example & {
  readonly code: string;
  readonly title: string;
})[] = syntaxCodes.map((one) => ({ ...one, ...examples[one.code] }));
