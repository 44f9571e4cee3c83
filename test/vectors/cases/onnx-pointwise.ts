/** Operators of ONNX that act on every element, with its broadcasting. */
import type { Table } from "../support/case.js";
import { broadcast, define, type Operator, onnx, type Text } from "../support/onnx.js";

const names = "abc";

/** One expression of the inputs at each place of the result. */
const pointwise = (expression: (...inputs: string[]) => string, std = "") =>
  onnx((o: Operator): Text => {
    const rank = o.out().length;
    const at = o.inputs.map((_, k) => broadcast(names[k] as string, o.shape(k), rank));
    return { text: define("y", o.out(), expression(...at)), std };
  });

const unary = (expression: string, std = "") =>
  pointwise((x) => expression.replaceAll("x", x as string), std);
const attributed = (expression: (o: Operator, x: string) => string, std = "") =>
  onnx(
    (o): Text => ({
      text: define("y", o.out(), expression(o, broadcast("a", o.shape(0), o.out().length))),
      std,
    }),
  );
const of = (names_: string) => `import { ${names_} } from "std/core"`;

const activations: Table = {
  "onnx/abs": pointwise((x) => `abs(${x})`),
  "onnx/acosh": pointwise((x) => `log(${x} + sqrt(${x} * ${x} - 1))`),
  "onnx/asinh": pointwise((x) => `log(${x} + sqrt(${x} * ${x} + 1))`),
  "onnx/atanh": pointwise((x) => `0.5 * log((1 + ${x}) / (1 - ${x}))`),
  "onnx/ceil": pointwise((x) => `-1.0 * floor(-${x})`),
  "onnx/celu": attributed((o, x) => {
    const alpha = o.attribute("alpha", 1);
    return `max(${x}, 0) + min(0, ${alpha} * (exp(${x} / ${alpha}) - 1))`;
  }),
  "onnx/cos": unary("cos(x)"),
  "onnx/cosh": pointwise((x) => `(exp(${x}) + exp(-${x})) / 2`),
  "onnx/elu": attributed(
    (o, x) => `select(${x} > 0, ${x}, ${o.attribute("alpha", 1)} * (exp(min(${x}, 0)) - 1))`,
  ),
  "onnx/elu_example": attributed(
    (o, x) => `select(${x} > 0, ${x}, ${o.attribute("alpha", 1)} * (exp(min(${x}, 0)) - 1))`,
  ),
  "onnx/erf": unary("erf(x)"),
  "onnx/exp": pointwise((x) => `exp(${x})`),
  "onnx/floor": unary("1.0 * floor(x)"),
  "onnx/gelu_default_1": unary("0.5 * x * (1 + erf(x / sqrt(2)))"),
  "onnx/gelu_tanh_1": unary("gelu(x)", of("gelu")),
  "onnx/hardsigmoid": attributed(
    (o, x) => `clip(${o.attribute("alpha", 0.2)} * ${x} + ${o.attribute("beta", 0.5)}, 0, 1)`,
  ),
  "onnx/hardsigmoid_example": attributed(
    (o, x) => `clip(${o.attribute("alpha", 0.2)} * ${x} + ${o.attribute("beta", 0.5)}, 0, 1)`,
  ),
  "onnx/hardswish": unary("x * clip(x / 6 + 0.5, 0, 1)"),
  "onnx/identity": unary("1.0 * x"),
  "onnx/leakyrelu": attributed(
    (o, x) => `leaky_relu(${x}, ${o.attribute("alpha", 0.01)})`,
    of("leaky_relu"),
  ),
  "onnx/leakyrelu_example": attributed(
    (o, x) => `leaky_relu(${x}, ${o.attribute("alpha", 0.01)})`,
    of("leaky_relu"),
  ),
  "onnx/log": unary("log(x)"),
  "onnx/mish": unary("x * tanh(softplus(x))", of("softplus")),
  "onnx/neg": unary("-x"),
  "onnx/reciprocal": unary("1 / x"),
  "onnx/relu": unary("relu(x)"),
  "onnx/round": unary("1.0 * round(x)"),
  "onnx/selu": attributed((o, x) => selu(o, x)),
  "onnx/selu_example": attributed((o, x) => selu(o, x)),
  "onnx/shrink_hard": attributed(
    (o, x) => `select(abs(${x}) > ${o.attribute("lambd", 0.5)}, ${x}, 0)`,
  ),
  "onnx/sigmoid": unary("sigmoid(x)"),
  "onnx/sign": unary("select(x > 0, 1.0, select(x < 0, -1.0, 0.0))"),
  "onnx/sin": unary("sin(x)"),
  "onnx/sinh": pointwise((x) => `(exp(${x}) - exp(-${x})) / 2`),
  "onnx/softplus": unary("softplus(x)", of("softplus")),
  "onnx/softsign": unary("x / (1 + abs(x))"),
  "onnx/sqrt": unary("sqrt(x)"),
  "onnx/swish": attributed((o, x) => `${x} * sigmoid(${o.attribute("alpha", 1)} * ${x})`),
  "onnx/tan": unary("sin(x) / cos(x)"),
  "onnx/tanh": unary("tanh(x)"),
  "onnx/thresholdedrelu": attributed(
    (o, x) => `select(${x} > ${o.attribute("alpha", 1)}, ${x}, 0)`,
  ),
  "onnx/thresholdedrelu_example": attributed(
    (o, x) => `select(${x} > ${o.attribute("alpha", 1)}, ${x}, 0)`,
  ),
};

const selu = (o: Operator, x: string): string => {
  const [alpha, gamma] = [o.attribute("alpha", 1.6732632), o.attribute("gamma", 1.050701)];
  return `${gamma} * select(${x} > 0, ${x}, ${alpha} * (exp(min(${x}, 0)) - 1))`;
};

const infix = (sign: string) => pointwise((x, y) => `${x} ${sign} ${y}`);
const folded = (f: string) => pointwise((...all) => all.reduce((x, y) => `${f}(${x}, ${y})`));
const logic = pointwise((x, y) => `${x} and ${y}`);
const either = pointwise((x, y) => `${x} or ${y}`);
const unequal = pointwise((x, y) => `(${x} or ${y}) and not (${x} and ${y})`);
const total = pointwise((...all) => all.join(" + "));
const average = pointwise((...all) => `(${all.join(" + ")}) / ${all.length}`);
const power = pointwise((x, y) => `pow(${x}, ${y})`);
/** With the sign of the divisor; the language has the Euclidean one. */
const remainder = pointwise((x, y) => `${x} - ${y} * floor(${x} / ${y})`);
const clipped = onnx((o) => {
  const x = broadcast("a", o.shape(0), o.out().length);
  const low = o.has(1) ? `max(${x}, b)` : x;
  return define("y", o.out(), o.has(2) ? `min(${low}, c)` : low);
});

const shapes = (prefix: string, make: Table[string]): Table =>
  Object.fromEntries(
    ["2d", "4d", "_bcast3v2d", "_bcast4v2d", "_bcast4v4d"].map((s) => [`onnx/${prefix}${s}`, make]),
  );

/** Integers count in f32 where the language has f32 alone. */
const binary: Table = {
  ...shapes("and", logic),
  ...shapes("or", either),
  ...shapes("xor", unequal),
  "onnx/add": infix("+"),
  "onnx/sub": infix("-"),
  "onnx/sub_example": infix("-"),
  "onnx/mul": infix("*"),
  "onnx/mul_example": infix("*"),
  "onnx/div": infix("/"),
  "onnx/div_example": infix("/"),
  "onnx/equal": infix("=="),
  "onnx/greater": infix(">"),
  "onnx/greater_equal": infix(">="),
  "onnx/less": infix("<"),
  "onnx/less_equal": infix("<="),
  "onnx/not_2d": pointwise((x) => `not ${x}`),
  "onnx/not_4d": pointwise((x) => `not ${x}`),
  ...Object.fromEntries(
    ["example", "float64", "int64", "one_input"].flatMap((s) => [
      [`onnx/max_${s}`, folded("max")],
      [`onnx/min_${s}`, folded("min")],
    ]),
  ),
  "onnx/mean_example": average,
  "onnx/mean_two_inputs": average,
  "onnx/sum_example": total,
  "onnx/sum_two_inputs": total,
  "onnx/pow": power,
  "onnx/pow_bcast_scalar": power,
  "onnx/pow_types_float32_int32": power,
  "onnx/pow_types_float32_int64": power,
  "onnx/pow_types_int32_int32": power,
  "onnx/pow_types_int64_int64": power,
  "onnx/prelu_broadcast": pointwise((x, s) => `select(${x} > 0, ${x}, ${s} * ${x})`),
  "onnx/where_example": pointwise((c, x, y) => `select(${c}, ${x}, ${y})`),
  "onnx/mod_broadcast": remainder,
  "onnx/mod_mixed_sign_int32": remainder,
  "onnx/mod_mixed_sign_int64": remainder,
  "onnx/mod_mixed_sign_float32": pointwise(
    (x, y) =>
      `${x} - ${y} * select(${x} / ${y} < 0, -1.0 * floor(-(${x} / ${y})), floor(${x} / ${y}))`,
  ),
  ...Object.fromEntries(
    ["clip", "clip_default_max", "clip_example", "clip_inbounds", "clip_outbounds"].map((s) => [
      `onnx/${s}`,
      clipped,
    ]),
  ),
  "onnx/dropout_default": unary("1.0 * x"),
  "onnx/dropout_random_old": unary("1.0 * x"),
  "onnx/dropout_default_ratio": unary("1.0 * x"),
};

export const onnxPointwise: Table = { ...activations, ...binary };
