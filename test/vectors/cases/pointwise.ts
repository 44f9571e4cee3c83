/** Activations and elementwise functions: one scalar function each, lifted over a row of features. */
import { call, extentOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { tensor } from "../support/view.js";

type Case = (vector: Vector) => VectorCase;

/** `y = f(x)` where f is `expression` of a scalar `x`. */
const unary =
  (expression: string, names = ""): Case =>
  (vector) =>
    call({
      model: `${names && `import { ${names} } from "std/core"`}
fn f(x: f32) -> f32 { return ${expression} }
model Unary { nodes row; input x: row f32[${extentOf(vector, "in/x", -1)}]; y = f(x); output y }`,
      graph: { row: { x: tensor("in/x") } },
      outputs: { "row.y": tensor("out/y") },
    });

/** `y = f(a, b)` with one b for all rows. */
const binary =
  (expression: string): Case =>
  () =>
    call({
      model: `model Binary {
  nodes row
  input a: row f32[4]
  input b: global f32[4]
  node row { y = ${expression} }
  output y
}`,
      graph: { row: { a: tensor("in/a") }, global: { b: tensor("in/b").reshape(1, 4) } },
      outputs: { "row.y": tensor("out/y") },
    });

const activations: Table = {
  relu: unary("relu(x)"),
  tanh: unary("tanh(x)"),
  sigmoid: unary("sigmoid(x)"),
  elu: unary("elu(x)", "elu"),
  "elu_alpha1.01": unary("select(x > 0, x, 1.01 * (exp(min(x, 0)) - 1))"),
  "elu_alpha1.2": unary("select(x > 0, x, 1.2 * (exp(min(x, 0)) - 1))"),
  gelu: unary("0.5 * x * (1 + erf(x / sqrt(2)))"),
  gelu_tanh: unary("gelu(x)", "gelu"),
  silu: unary("silu(x)", "silu"),
  softplus: unary("softplus(x)", "softplus"),
  leaky_relu: unary("leaky_relu(x)", "leaky_relu"),
  "leaky_relu_slope0.01": unary("leaky_relu(x, 0.01)", "leaky_relu"),
  "leaky_relu_slope0.2": unary("leaky_relu(x, 0.2)", "leaky_relu"),
  selu: unary("1.0507009873554805 * select(x > 0, x, 1.6732632423543772 * (exp(min(x, 0)) - 1))"),
  celu: unary("max(x, 0) + min(0, exp(min(x, 0)) - 1)"),
  mish: unary("x * tanh(softplus(x))", "softplus"),
  softsign: unary("x / (1 + abs(x))"),
  hardtanh: unary("clip(x, -1, 1)"),
  relu6: unary("clip(x, 0, 6)"),
  logsigmoid: unary("-softplus(-x)", "softplus"),
  hardswish: unary("x * clip(x + 3, 0, 6) / 6"),
  hardsigmoid: unary("clip(x + 3, 0, 6) / 6"),
  tanhshrink: unary("x - tanh(x)"),
  prelu: () =>
    call({
      model: `model PReLU {
  nodes row
  input x: row f32[4, 5]
  input w: global f32[4]
  node row { y[c, i] = select(x[c, i] > 0, x[c, i], global.w[c] * x[c, i]) }
  output y
}`,
      graph: { row: { x: tensor("in/x") }, global: { w: tensor("in/w").reshape(1, 4) } },
      outputs: { "row.y": tensor("out/y") },
    }),
  glu: () =>
    call({
      model: `model GLU { nodes row; input x: row f32[8]; [a, b] = x; y = a * sigmoid(b); output y }`,
      graph: { row: { x: tensor("in/x") } },
      outputs: { "row.y": tensor("out/y") },
    }),
};

/** Two fields of the same rows. */
const paired =
  (inputs: string, expression: string, fields: readonly string[]): Case =>
  () =>
    call({
      model: `model Paired { nodes row; ${inputs}; y = ${expression}; output y }`,
      graph: { row: Object.fromEntries(fields.map((name) => [name, tensor(`in/${name}`)])) },
      outputs: { "row.y": tensor("out/y") },
    });

const elementwise: Table = {
  exp: unary("exp(x)"),
  log: unary("log(x)"),
  log1p: unary("log(1 + x)"),
  sqrt: unary("sqrt(x)"),
  rsqrt: unary("rsqrt(x)"),
  abs: unary("abs(x)"),
  sin: unary("sin(x)"),
  cos: unary("cos(x)"),
  erf: unary("erf(x)"),
  square: unary("sq(x)", "sq"),
  reciprocal: unary("1 / x"),
  neg: unary("-x"),
  sinh: unary("(exp(x) - exp(-x)) / 2"),
  expm1: unary("exp(x) - 1"),
  sign: unary("select(x > 0, 1.0, select(x < 0, -1.0, 0.0))"),
  floor: unary("floor(x) * 1.0"),
  add_broadcast: binary("a + global.b"),
  sub_broadcast: binary("a - global.b"),
  mul_broadcast: binary("a * global.b"),
  div_broadcast: binary("a / global.b"),
  maximum_broadcast: binary("max(a, global.b)"),
  minimum_broadcast: binary("min(a, global.b)"),
  pow_scalar: unary("pow(x, 3)"),
  pow_tensor: paired("input a, b: row f32[5]", "pow(a, b)", ["a", "b"]),
  clamp: unary("clip(x, -0.5, 0.8)"),
  where: paired("input c: row bool[5]; input a, b: row f32[5]", "select(c, a, b)", ["c", "a", "b"]),
  masked_fill: paired("input mask: row bool[5]; input x: row f32[5]", "select(mask, -7.5, x)", [
    "mask",
    "x",
  ]),
};

const under = (family: string, table: Table): Table =>
  Object.fromEntries(Object.entries(table).map(([name, make]) => [`${family}/${name}`, make]));

export const pointwise: Table = {
  ...under("activation", activations),
  ...under("elementwise", elementwise),
};
