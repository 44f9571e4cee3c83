/** erf on four lanes: x P(x^2) / Q(x^2) on [-4, 4] (Eigen), where it is 1 to the last bit of f32. */
import type { Code } from "../code.js";
import type { V128 } from "../operand.js";
import { polynomial } from "./exp.js";
import { shared } from "./shared.js";

const numerator = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5,
  -7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2,
] as const;
const denominator = [
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3,
  -1.42647390514189e-2,
] as const;

export const erf = shared("erf", rational);

function rational(code: Code, input: V128): V128 {
  const { f32x4 } = code.ops;
  const x = code.hold(f32x4.pmin(f32x4.pmax(input, code.floats(-4)), code.floats(4)));
  const square = code.hold(f32x4.mul(x, x));
  const p = polynomial(code, square, numerator);
  return f32x4.div(f32x4.mul(p, x), polynomial(code, square, denominator));
}
