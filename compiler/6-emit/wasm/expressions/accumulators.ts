/** Arithmetic on f32 values of one lane or of four, and variables that gather a result. */
import { bug } from "../../../bug.js";
import type { Code } from "../code.js";
import { exp } from "../math/exp.js";
import { log } from "../math/log.js";
import { f32, held, type Lanes, literal, spread, type Value, v128 } from "../values.js";

type Result = Value["operand"];

export interface Floats {
  readonly add: (a: Value, b: Value) => Result;
  readonly sub: (a: Value, b: Value) => Result;
  readonly mul: (a: Value, b: Value) => Result;
  readonly max: (a: Value, b: Value) => Result;
  readonly min: (a: Value, b: Value) => Result;
}

export const floats = ({ ops }: Code, lanes: Lanes): Floats =>
  lanes === 4 ? vectors(ops) : scalars(ops);

const vectors = ({ f32x4 }: Code["ops"]): Floats => ({
  add: (a, b) => f32x4.add(v128(a), v128(b)),
  sub: (a, b) => f32x4.sub(v128(a), v128(b)),
  mul: (a, b) => f32x4.mul(v128(a), v128(b)),
  max: (a, b) => f32x4.pmax(v128(a), v128(b)),
  min: (a, b) => f32x4.pmin(v128(a), v128(b)),
});

const scalars = (ops: Code["ops"]): Floats => ({
  add: (a, b) => ops.f32.add(f32(a), f32(b)),
  sub: (a, b) => ops.f32.sub(f32(a), f32(b)),
  mul: (a, b) => ops.f32.mul(f32(a), f32(b)),
  max: (a, b) => ops.f32.max(f32(a), f32(b)),
  min: (a, b) => ops.f32.min(f32(a), f32(b)),
});

/** A value that changes. */
export interface Accumulator {
  readonly value: Value;
  readonly set: (next: Result) => void;
}

export function accumulator(code: Code, start: Value): Accumulator {
  const { dtype, lanes, operand } = start;
  switch (operand.kind) {
    case "i32": {
      const local = code.variable(operand);
      const set = (next: Result) => code.set(local, next.kind === "i32" ? next : wrong());
      return { value: { dtype, lanes, operand: local }, set };
    }
    case "f32": {
      const local = code.variable(operand);
      const set = (next: Result) => code.set(local, next.kind === "f32" ? next : wrong());
      return { value: { dtype, lanes, operand: local }, set };
    }
    case "v128": {
      const local = code.variable(operand);
      const set = (next: Result) => code.set(local, next.kind === "v128" ? next : wrong());
      return { value: { dtype, lanes, operand: local }, set };
    }
  }
}

const wrong = (): never => bug("an accumulator of another type");

/** A number in all lanes. */
export const number = (code: Code, value: number, lanes: Lanes): Value =>
  spread(code, literal(code, "f32", value), lanes);

/** m, or 0 where it is infinite: so that e^(x - m) is never of inf - inf. */
export function finite(code: Code, m: Value): Value {
  const { f32: one, f32x4, v128: bits } = code.ops;
  const infinity = Number.POSITIVE_INFINITY;
  if (m.lanes === 4) {
    const bounded = f32x4.lt(f32x4.abs(v128(m)), code.floats(infinity));
    return held(code, "f32", bits.and(v128(m), bounded));
  }
  const bounded = one.lt(one.abs(f32(m)), code.float(infinity));
  return held(code, "f32", code.choose(bounded, f32(m), code.float(0)));
}

/** e^(x - m) */
export function exponential(code: Code, x: Value, m: Value): Value {
  const difference = held(code, "f32", floats(code, x.lanes).sub(x, m));
  return onVector(code, difference, exp);
}

/** m + log sum */
export function logarithm(code: Code, sum: Value, m: Value): Value {
  return held(code, "f32", floats(code, sum.lanes).add(onVector(code, sum, log), m));
}

function onVector(code: Code, x: Value, f: typeof exp): Value {
  if (x.lanes === 4) return held(code, "f32", f(code, v128(x)));
  return held(code, "f32", code.ops.f32x4.lane(f(code, v128(spread(code, x, 4))), 0));
}
