/**
 * x^y on four lanes as 2^(y log2 |x|) in double precision, two lanes at a time: the product of a large exponent and an
 * f32 logarithm would lose most of its digits. Signs and infinities as `Math.pow` has them.
 */
import { call } from "../call.js";
import type { Code } from "../code.js";
import type { Local, V128 } from "../operand.js";

export const pow = (code: Code, x: V128, y: V128): V128 =>
  call(code, "pow", { x, y }, "v128", (inner, p) => general(inner, p.x, p.y));

function general(code: Code, base: V128, exponent: V128): V128 {
  const { v128 } = code.ops;
  const [x, y] = [code.hold(base), code.hold(exponent)];
  const high = (v: Local<"v128">) => v128.shuffle(v, v, [2, 3, 2, 3]);
  const low = code.hold(two(code, x, y));
  const both = v128.shuffle(low, two(code, high(x), high(y)), [0, 1, 4, 5]);
  return signed(code, x, y, code.hold(both));
}

/** |x|^y of the first two lanes. */
function two(code: Code, x: V128, y: V128): V128 {
  const { f32x4, f64x2 } = code.ops;
  const log = logarithm(code, code.hold(f64x2.promote(f32x4.abs(x))));
  return f32x4.demote(power(code, code.hold(f64x2.mul(log, f64x2.promote(y)))));
}

/** log2 x = e + 2/ln 2 artanh s, s = (m - 1)/(m + 1), m in [sqrt(1/2), sqrt(2)); -2000 of 0. */
function logarithm(code: Code, x: Local<"v128">): V128 {
  const { f64x2, i64x2, v128 } = code.ops;
  const k = (value: number) => code.doubles(value);
  const base = code.constant(new Uint8Array(new BigInt64Array(2).fill(0x3fe6a09e667f3bcdn).buffer));
  const mantissa = code.constant(
    new Uint8Array(new BigInt64Array(2).fill(0x000fffffffffffffn).buffer),
  );
  const bits = code.hold(i64x2.sub(x, base));
  const m = code.hold(i64x2.add(v128.and(bits, mantissa), base));
  // the exponent as a double: its integer is put below the point of 1.5 * 2^52
  const magic = 6755399441055744;
  const e = f64x2.sub(i64x2.add(i64x2.shr(bits, 52), k(magic)), k(magic));
  const s = code.hold(f64x2.div(f64x2.sub(m, k(1)), f64x2.add(m, k(1))));
  const square = code.hold(f64x2.mul(s, s));
  const series = [13, 11, 9, 7, 5, 3, 1].map((n) => 2 / Math.LN2 / n);
  return f64x2.add(e, f64x2.mul(horner(code, square, series), s));
}

/** 2^t, 0 below -1022 and infinite above 1023. */
function power(code: Code, t: Local<"v128">): V128 {
  const { f64x2, i64x2 } = code.ops;
  const k = (value: number) => code.doubles(value);
  const bounded = code.hold(f64x2.pmin(f64x2.pmax(t, k(-1000)), k(1000)));
  const magic = 6755399441055744;
  const shifted = code.hold(f64x2.add(bounded, k(magic)));
  const rest = code.hold(f64x2.mul(f64x2.sub(bounded, f64x2.sub(shifted, k(magic))), k(Math.LN2)));
  const series = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);
  return i64x2.add(horner(code, rest, series), i64x2.shl(shifted, 52));
}

function horner(code: Code, x: Local<"v128">, coefficients: readonly number[]): V128 {
  const { f64x2 } = code.ops;
  const [first = 0, ...rest] = coefficients;
  return rest.reduce<V128>(
    (sum, c) => f64x2.add(f64x2.mul(sum, x), code.doubles(c)),
    code.doubles(first),
  );
}

/** x < 0 takes the sign of its parity, or is NaN for a y that is not whole; y = 0 gives 1; NaN stays. */
function signed(code: Code, x: Local<"v128">, y: Local<"v128">, size: Local<"v128">): V128 {
  const { f32x4, i32x4, v128 } = code.ops;
  const k = (value: number) => code.floats(value);
  const negative = code.hold(f32x4.lt(x, k(0)));
  const whole = f32x4.eq(f32x4.nearest(y), y);
  const half = code.hold(f32x4.mul(y, k(0.5)));
  const odd = code.hold(
    v128.andnot(f32x4.eq(f32x4.nearest(y), y), f32x4.eq(f32x4.nearest(half), half)),
  );
  const sign = i32x4.shl(v128.and(odd, v128.and(negative, code.ints(1))), 31);
  const none = f32x4.div(k(0), k(0));
  const real = v128.select(v128.xor(size, sign), none, v128.or(whole, v128.not(negative)));
  const strange = v128.or(f32x4.ne(x, x), f32x4.ne(y, y));
  const value = v128.select(f32x4.add(x, y), real, strange);
  return v128.select(k(1), value, f32x4.eq(y, k(0)));
}
