/**
 * e^x, and what follows from it, on four lanes.
 *
 * x = n ln 2 + r with n found by adding 1.5 * 2^23; e^r by a polynomial of degree 7 (Moshier's Cephes) in Estrin's
 * order; 2^n is added to the exponent. Below -87.33 the result is exactly 0, above 88.72 it is infinite.
 */
import type { Code } from "../code.js";
import type { Local, V128 } from "../operand.js";
import { shared } from "./shared.js";

const low = -87.33654;
const high = 88.72283;
const magic = 12582912;
const log2e = Math.LOG2E;
const ln2 = [0.693359375, -2.1219444e-4] as const;
const c = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5,
] as const;

export const exp = shared("exp", general);

function general(code: Code, input: V128): V128 {
  const { f32x4, v128 } = code.ops;
  const k = (x: number) => code.floats(x);
  const x = code.hold(input);
  const positive = bounded(code, code.hold(f32x4.pmin(x, k(high))));
  const infinite = f32x4.mul(x, k(Number.POSITIVE_INFINITY));
  return v128.select(positive, infinite, f32x4.le(x, k(high)));
}

/** e^x of x <= 0 in place, for loops that do little else. */
export const inlineExpOfLess = (code: Code, x: V128): V128 => bounded(code, code.hold(x));

/** e^x of x below the upper bound. */
function bounded(code: Code, x: Local<"v128">): V128 {
  const { f32x4, i32x4, v128 } = code.ops;
  const k = (value: number) => code.floats(value);
  const y = code.hold(f32x4.pmax(x, k(low)));
  const t = code.hold(f32x4.add(f32x4.mul(y, k(log2e)), k(magic)));
  const n = code.hold(f32x4.sub(t, k(magic)));
  const most = f32x4.sub(y, f32x4.mul(n, k(ln2[0])));
  const r = code.hold(f32x4.sub(most, f32x4.mul(n, k(ln2[1]))));
  const r2 = code.hold(f32x4.mul(r, r));
  const line = (slope: number, start: number) => f32x4.add(f32x4.mul(r, k(slope)), k(start));
  const inner = f32x4.add(f32x4.mul(line(c[0], c[1]), r2), line(c[2], c[3]));
  const polynomial = f32x4.add(f32x4.mul(inner, r2), line(c[4], c[5]));
  const fraction = f32x4.add(f32x4.mul(polynomial, r2), f32x4.add(r, k(1)));
  const power = i32x4.add(fraction, i32x4.shl(t, 23));
  return v128.andnot(power, f32x4.lt(x, k(low)));
}

/** 1 / (1 + e^-x) */
export const sigmoid = shared("sigmoid", logistic);

/** What counts of e^-x is its share of 1 + e^-x: from 2^128 on that is all of it, below 2^-126 nothing. */
const sure = [-88.8, 87] as const;
/** Added to n, it leaves n + 127 in the lowest bits: the exponent of 2^n. */
const biased = magic + 127;
/** e^-r = 1 - r + r^2 (d0 + d1 r + .. + d4 r^4) on half of ln 2, to 3e-9 of itself. */
const d = [
  0.49999993412489097, -0.16666520107733224, 0.041668394213231624, -0.008368780419164019,
  0.001381446695362422,
] as const;

/** x = r - n ln 2, and so e^-x = 2^n e^-r. NaN stays what it is. */
function logistic(code: Code, input: V128): V128 {
  const { f32x4, i32x4 } = code.ops;
  const k = (value: number) => code.floats(value);
  const x = code.hold(f32x4.pmax(f32x4.pmin(input, k(sure[1])), k(sure[0])));
  const t = code.hold(f32x4.sub(k(biased), f32x4.mul(x, k(log2e))));
  const n = code.hold(f32x4.sub(t, k(biased)));
  const most = f32x4.add(x, f32x4.mul(n, k(ln2[0])));
  const r = code.hold(f32x4.add(most, f32x4.mul(n, k(ln2[1]))));
  const r2 = code.hold(f32x4.mul(r, r));
  const line = (slope: number, start: number) => f32x4.add(f32x4.mul(r, k(slope)), k(start));
  const upper = f32x4.add(f32x4.mul(r2, k(d[4])), line(d[3], d[2]));
  const inner = f32x4.add(f32x4.mul(r2, upper), line(d[1], d[0]));
  const fraction = f32x4.add(f32x4.mul(r2, inner), f32x4.sub(k(1), r));
  const power = f32x4.mul(fraction, i32x4.shl(t, 23));
  return f32x4.div(k(1), f32x4.add(power, k(1)));
}

const bound = 7.905311107635498;
const numerator = [
  -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8,
  1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3,
] as const;
const denominator = [
  1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3,
] as const;

/** x P(x^2) / Q(x^2) on [-7.9, 7.9] (Eigen). */
export const tanh = shared("tanh", rational);

function rational(code: Code, input: V128): V128 {
  const { f32x4 } = code.ops;
  const x = code.hold(f32x4.pmin(f32x4.pmax(input, code.floats(-bound)), code.floats(bound)));
  const square = code.hold(f32x4.mul(x, x));
  const p = polynomial(code, square, numerator);
  return f32x4.div(f32x4.mul(p, x), polynomial(code, square, denominator));
}

/** Horner's scheme; the leading coefficient comes first. */
export function polynomial(code: Code, x: V128, coefficients: readonly number[]): V128 {
  const { f32x4 } = code.ops;
  const [first = 0, ...rest] = coefficients;
  return rest.reduce<V128>(
    (sum, k) => f32x4.add(f32x4.mul(sum, x), code.floats(k)),
    code.floats(first),
  );
}
