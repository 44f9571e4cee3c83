/**
 * The pointwise functions on numbers. Truth is 1 and 0; integers are numbers that are whole.
 */
import type { MapFunction } from "./tensor.js";

/** erf(x) = 2/√π e^(-x²) Σₙ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign; 1 to the last bit beyond 6. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** To the nearest whole number, halves to the even one. */
function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

/** The sign is that of x for |x| huge as well: e^(-|x|) never overflows. */
const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
};

export const functions: {
  readonly [F in MapFunction]: (a: number, b: number, c: number) => number;
} = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  neg: (a) => -a,
  div: (a, b) => a / b,
  // Euclidean: 0 <= mod(a, b) < |b|
  mod: (a, b) => a - Math.abs(b) * Math.floor(a / Math.abs(b)),
  abs: Math.abs,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  pow: (a, b) => a ** b,
  relu: (a) => Math.max(a, 0),
  tanh: Math.tanh,
  sigmoid,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  sin: Math.sin,
  cos: Math.cos,
  erf,
  floor: Math.floor,
  round: roundHalfToEven,
  lt: (a, b) => +(a < b),
  le: (a, b) => +(a <= b),
  gt: (a, b) => +(a > b),
  ge: (a, b) => +(a >= b),
  eq: (a, b) => +(a === b),
  ne: (a, b) => +(a !== b),
  and: (a, b) => +(a !== 0 && b !== 0),
  or: (a, b) => +(a !== 0 || b !== 0),
  not: (a) => +(a === 0),
  select: (a, b, c) => (a !== 0 ? b : c),
  to_f32: (a) => a,
  to_i32: Math.trunc,
};
