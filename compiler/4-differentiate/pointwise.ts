/**
 * The derivative of every pointwise function: the equation above, the code under it, same letters.
 *
 * y = f(a, b, c), g the cotangent of y; the result is what g becomes at each argument, on the axes of y. At a kink
 * the derivative is 0 (LANGUAGE 10): `relu`, `abs`, `sqrt` at 0. Null where no gradient flows.
 */
import { bug } from "../bug.js";
import type { MapFunction, Tensor } from "../ir/tensor.js";
import type { Algebra } from "./algebra.js";

type Rule = (m: Algebra, g: Tensor, y: Tensor, a: Tensor, b: Tensor) => readonly (Tensor | null)[];

const none: Rule = (_m, _g, y) => y.inputs.map(() => null);
const integersOnly: Rule = (_m, _g, y) =>
  bug(`\`${y.op === "map" ? y.attrs.f : y.op}\` on f32 is a product`);

/** a > 0 */
const positive = (m: Algebra, a: Tensor): Tensor => m.map("gt", a, m.constant(0, a));

const rules: { readonly [F in MapFunction]: Rule } = {
  // y = a + b                 ā = g                     b̄ = g
  add: (_m, g) => [g, g],
  // y = a - b                 ā = g                     b̄ = -g
  sub: (m, g) => [g, m.scale(-1, g)],
  mul: integersOnly,
  neg: integersOnly,
  // y = a / b                 ā = g / b                 b̄ = -(g / b) y
  div: (m, g, y, _a, b) => [m.div(g, b), m.scale(-1, m.mul(m.div(g, b), y))],
  // y = a - b floor(a / b)    ā = g                     b̄ = -g floor(a / b)
  mod: (m, g, _y, a, b) => [g, m.scale(-1, m.mul(g, m.map("to_f32", m.map("floor", m.div(a, b)))))],
  // y = |a|                   ā = g sign(a), 0 at 0
  abs: (m, g, _y, a) => {
    const zero = m.constant(0, a);
    return [m.sub(m.where(m.map("gt", a, zero), g), m.where(m.map("lt", a, zero), g))];
  },
  // the first wins a tie      ā = g where a <= b        b̄ = g where a > b
  min: (m, g, _y, a, b) => [m.where(m.map("le", a, b), g), m.where(m.map("gt", a, b), g)],
  max: (m, g, _y, a, b) => [m.where(m.map("ge", a, b), g), m.where(m.map("lt", a, b), g)],
  // y = aᵇ                    ā = g b aᵇ⁻¹, 0 if b = 0  b̄ = g y log a, 0 if a <= 0
  pow: (m, g, y, a, b) => [
    m.where(
      m.map("ne", b, m.constant(0, b)),
      m.mul(g, b, m.map("pow", a, m.sub(b, m.constant(1, b)))),
    ),
    m.where(positive(m, a), m.mul(g, y, m.map("log", a))),
  ],
  // y = max(a, 0)             ā = g where y > 0: then nothing needs a once y is there
  relu: (m, g, y) => [m.where(positive(m, y), g)],
  // y = tanh a                ā = g (1 - y²)
  tanh: (m, g, y) => [m.mul(g, m.sub(m.constant(1, y), m.mul(y, y)))],
  // y = 1 / (1 + e⁻ᵃ)         ā = g y (1 - y)
  sigmoid: (m, g, y) => [m.mul(g, y, m.sub(m.constant(1, y), y))],
  // y = eᵃ                    ā = g y
  exp: (m, g, y) => [m.mul(g, y)],
  // y = log a                 ā = g / a
  log: (m, g, _y, a) => [m.div(g, a)],
  // y = √a                    ā = g / 2y, 0 at 0
  sqrt: (m, g, y) => [m.where(positive(m, y), m.div(m.scale(0.5, g), y))],
  // y = 1 / √a                ā = -½ g y³
  rsqrt: (m, g, y) => [m.scale(-0.5, m.mul(g, y, y, y))],
  // y = sin a                 ā = g cos a
  sin: (m, g, _y, a) => [m.mul(g, m.map("cos", a))],
  // y = cos a                 ā = -g sin a
  cos: (m, g, _y, a) => [m.scale(-1, m.mul(g, m.map("sin", a)))],
  // y = erf a                 ā = g (2 / √π) exp(-a²)
  erf: (m, g, _y, a) => [
    m.scale(2 / Math.sqrt(Math.PI), m.mul(g, m.map("exp", m.scale(-1, m.mul(a, a))))),
  ],
  floor: none,
  round: none,
  lt: none,
  le: none,
  gt: none,
  ge: none,
  eq: none,
  ne: none,
  and: none,
  or: none,
  not: none,
  // y = c ? a : b             ā = g where c             b̄ = g where not c
  select: (m, g, _y, c) => [null, m.where(c, g), m.where(m.map("not", c), g)],
  to_f32: none,
  to_i32: none,
};

/** The cotangents of the arguments of `y`, on the axes of `y`. */
export function pointwise(
  m: Algebra,
  y: Tensor,
  f: MapFunction,
  g: Tensor,
): readonly (Tensor | null)[] {
  const a = y.inputs[0] ?? bug(`map ${f} without arguments`);
  return rules[f](m, g, y, a, y.inputs[1] ?? a);
}
