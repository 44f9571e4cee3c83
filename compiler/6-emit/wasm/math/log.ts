/**
 * log x on four lanes: x = m 2^e with m near 1, log m by Moshier's polynomial (Cephes), e ln 2 added in two parts.
 * log 0 is -inf, log of less NaN, log inf is inf.
 */
import type { Code } from "../code.js";
import type { V128 } from "../operand.js";
import { polynomial } from "./exp.js";
import { shared } from "./shared.js";

const coefficients = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
] as const;
const smallest = 2 ** -126;

export const log = shared("log", logarithm);

function logarithm(code: Code, input: V128): V128 {
  const { f32x4, i32x4, v128 } = code.ops;
  const k = (x: number) => code.floats(x);
  const x = code.hold(input);
  const small = code.hold(f32x4.lt(x, k(smallest)));
  const scaled = code.hold(v128.select(f32x4.mul(x, k(2 ** 25)), x, small));
  // m in [sqrt(1/2), sqrt(2)): the exponent is counted from the bits of sqrt(1/2)
  const bits = code.hold(i32x4.sub(scaled, code.ints(0x3f3504f3)));
  const exponent = i32x4.shr(bits, 23);
  const m = i32x4.add(v128.and(bits, code.ints(0x007fffff)), code.ints(0x3f3504f3));
  const e = code.hold(f32x4.sub(f32x4.convert(exponent), v128.and(small, k(25))));
  const r = code.hold(f32x4.sub(m, k(1)));
  const r2 = code.hold(f32x4.mul(r, r));
  const tail = f32x4.mul(f32x4.mul(polynomial(code, r, coefficients), r), r2);
  const fine = f32x4.add(tail, f32x4.mul(e, k(-2.1219444e-4)));
  const half = f32x4.sub(fine, f32x4.mul(r2, k(0.5)));
  const result = code.hold(f32x4.add(f32x4.add(half, r), f32x4.mul(e, k(0.693359375))));
  return edges(code, x, result);
}

/** What the bits do not say: 0, less, infinity and NaN. */
function edges(code: Code, x: V128, result: V128): V128 {
  const { f32x4, v128 } = code.ops;
  const infinity = code.floats(Number.POSITIVE_INFINITY);
  const zero = code.floats(0);
  const finite = f32x4.lt(x, infinity);
  const upper = code.hold(v128.select(result, x, finite));
  const none = f32x4.div(zero, zero);
  const lower = v128.select(code.floats(Number.NEGATIVE_INFINITY), none, f32x4.eq(x, zero));
  return v128.select(lower, upper, f32x4.le(x, zero));
}
