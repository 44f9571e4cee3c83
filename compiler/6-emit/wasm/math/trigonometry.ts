/**
 * sin and cos on four lanes. x = n pi/2 + r is taken in double precision, so that large arguments keep their accuracy;
 * then Moshier's polynomials (Cephes) on |r| <= pi/4, chosen and signed by n.
 */
import type { Code } from "../code.js";
import type { Local, V128 } from "../operand.js";
import { polynomial } from "./exp.js";
import { shared } from "./shared.js";

const halfPi = [1.5707963267341256, 6.077100506506192e-11] as const;

export const sin = shared("sin", (code, x) => wave(code, x, 0));
export const cos = shared("cos", (code, x) => wave(code, x, 1));

/** sin(x + quarter pi/2) */
function wave(code: Code, input: V128, quarter: 0 | 1): V128 {
  const { i32x4, v128 } = code.ops;
  const x = code.hold(input);
  const [low, high] = [reduced(code, x), reduced(code, v128.shuffle(x, x, [2, 3, 2, 3]))];
  const r = code.hold(v128.shuffle(low.r, high.r, [0, 1, 4, 5]));
  const turns = v128.shuffle(low.n, high.n, [0, 1, 4, 5]);
  const n = code.hold(i32x4.add(turns, code.ints(quarter)));
  const odd = i32x4.eq(v128.and(n, code.ints(1)), code.ints(1));
  const value = v128.select(cosine(code, r), sine(code, r), odd);
  return v128.xor(value, i32x4.shl(v128.and(n, code.ints(2)), 30));
}

/** Of the first two lanes: n = nearest(x 2/pi) mod 2^32 and r = x - n pi/2. */
function reduced(code: Code, x: V128): { readonly n: Local<"v128">; readonly r: Local<"v128"> } {
  const { f64x2, f32x4, i32x4 } = code.ops;
  const k = (value: number) => code.doubles(value);
  const wide = code.hold(f64x2.promote(x));
  const n = code.hold(f64x2.nearest(f64x2.mul(wide, k(2 / Math.PI))));
  const most = f64x2.sub(wide, f64x2.mul(n, k(halfPi[0])));
  const rest = f64x2.sub(most, f64x2.mul(n, k(halfPi[1])));
  return { n: code.hold(i32x4.truncDouble(n)), r: code.hold(f32x4.demote(rest)) };
}

/** r + r^3 P(r^2) */
function sine(code: Code, r: Local<"v128">): V128 {
  const { f32x4 } = code.ops;
  const square = code.hold(f32x4.mul(r, r));
  const p = polynomial(code, square, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]);
  return f32x4.add(f32x4.mul(f32x4.mul(p, square), r), r);
}

/** 1 - r^2/2 + r^4 P(r^2) */
function cosine(code: Code, r: Local<"v128">): V128 {
  const { f32x4 } = code.ops;
  const square = code.hold(f32x4.mul(r, r));
  const p = polynomial(
    code,
    square,
    [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2],
  );
  const tail = f32x4.mul(f32x4.mul(p, square), square);
  return f32x4.add(f32x4.sub(tail, f32x4.mul(square, code.floats(0.5))), code.floats(1));
}
