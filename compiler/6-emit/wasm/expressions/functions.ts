/**
 * The pointwise functions, one row each: on numbers, integers and truth values, in one lane and in four. Functions
 * without an instruction of their own are computed on vectors, so one lane gives the same bits as four.
 */
import { bug } from "../../../bug.js";
import type { MapFunction, Tensor, TensorOf } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import { laneStep } from "../index.js";
import { erf } from "../math/erf.js";
import { exp, sigmoid, tanh } from "../math/exp.js";
import { log } from "../math/log.js";
import { pow } from "../math/pow.js";
import { cos, sin } from "../math/trigonometry.js";
import type { F32, I32, V128 } from "../operand.js";
import { f32, held, i32, known, spread, toFloat, toInteger, type Value, v128 } from "../values.js";
import { type At, on } from "./at.js";
import type { Evaluator } from "./evaluator.js";

type Function = (code: Code, args: readonly Value[]) => Value;

export function pointwise(t: TensorOf<"map">, at: At, e: Evaluator): Value {
  const { f } = t.attrs;
  if (at.lanes === 1)
    return functions[f](
      e.code,
      t.inputs.map((x) => e.value(x, at)),
    );
  if (!laneByLane(f, t))
    return functions[f](
      e.code,
      t.inputs.map((x) => e.value(x, at)),
    );
  if (at.row.four || t.axes.some((a) => laneStep(on(at, a)) !== 0)) return e.byLane(t, at);
  return spread(e.code, e.definition(t, { ...at, lanes: 1 }), 4);
}

/** Integer division has no vectors. */
const laneByLane = (f: MapFunction, t: Tensor): boolean =>
  (f === "div" || f === "mod") && t.inputs[0]?.dtype === "i32";

const arg = (args: readonly Value[], i: number): Value => args[i] ?? bug("an argument is missing");

/** By the dtype and the lanes of the first argument. */
interface Forms {
  readonly f32?: (code: Code, a: F32, b: F32) => F32 | I32;
  readonly i32?: (code: Code, a: I32, b: I32) => I32;
  readonly f32x4?: (code: Code, a: V128, b: V128) => V128;
  readonly i32x4?: (code: Code, a: V128, b: V128) => V128;
  readonly result?: Value["dtype"];
}

/** A function with instructions of its own; the second argument is the first where there is but one. */
const spelt =
  (forms: Forms): Function =>
  (code, args) => {
    const [a, b] = [arg(args, 0), args[1] ?? arg(args, 0)];
    const dtype = forms.result ?? a.dtype;
    const missing = (): never => bug(`no such function on ${a.dtype}`);
    if (a.lanes === 4) {
      const form = (a.dtype === "f32" ? forms.f32x4 : forms.i32x4) ?? missing();
      return held(code, dtype, form(code, v128(a), v128(b)));
    }
    if (a.dtype === "f32") return held(code, dtype, (forms.f32 ?? missing())(code, f32(a), f32(b)));
    return held(code, dtype, (forms.i32 ?? missing())(code, i32(a), i32(b)));
  };

/** A function on vectors alone. */
const onVectors =
  (f: (code: Code, a: V128, b: V128) => V128): Function =>
  (code, args) => {
    const [a, b] = [arg(args, 0), args[1] ?? arg(args, 0)];
    const result = f(code, v128(spread(code, a, 4)), v128(spread(code, b, 4)));
    if (a.lanes === 4) return held(code, "f32", result);
    return held(code, "f32", code.ops.f32x4.lane(result, 0));
  };

type Comparison = "lt" | "le" | "gt" | "ge" | "eq" | "ne";
const signed = { lt: "lt_s", le: "le_s", gt: "gt_s", ge: "ge_s", eq: "eq", ne: "ne" } as const;

const comparison = (f: Comparison): Function =>
  spelt({
    result: "bool",
    f32: (c, a, b) => c.ops.f32[f](a, b),
    i32: (c, a, b) => c.ops.i32[signed[f]](a, b),
    f32x4: (c, a, b) => c.ops.f32x4[f](a, b),
    i32x4: (c, a, b) => c.ops.i32x4[f](a, b),
  });

const addition = spelt({
  f32: (c, a, b) => c.ops.f32.add(a, b),
  i32: (c, a, b) => c.ops.i32.add(a, b),
  f32x4: (c, a, b) => c.ops.f32x4.add(a, b),
  i32x4: (c, a, b) => c.ops.i32x4.add(a, b),
});

/** Outside of a pad there is nothing to add: a concatenation is a sum of pads. */
const add: Function = (code, args) => {
  const [a, b] = [arg(args, 0), arg(args, 1)];
  if (known(a) === 0) return spread(code, b, a.lanes);
  if (known(b) === 0) return spread(code, a, b.lanes);
  const lanes = a.lanes === 4 || b.lanes === 4 ? 4 : 1;
  return addition(code, [spread(code, a, lanes), spread(code, b, lanes)]);
};

/** 0 <= a mod b < |b|: the remainder takes |b| more when it is negative. */
function euclidean(c: Code, a: I32, b: I32): I32 {
  const rest = c.hold(c.ops.i32.rem_s(a, b));
  const mask = c.hold(c.ops.i32.shr_s(b, c.int(31)));
  const size = c.ops.i32.sub(c.ops.i32.xor(b, mask), mask);
  return c.ops.i32.add(rest, c.ops.i32.and(size, c.ops.i32.shr_s(rest, c.int(31))));
}

/** a - |b| floor(a / |b|) */
function euclideanVectors(c: Code, a: V128, b: V128): V128 {
  const { f32x4 } = c.ops;
  const size = c.hold(f32x4.abs(b));
  const x = c.hold(a);
  return f32x4.sub(x, f32x4.mul(size, f32x4.floor(f32x4.div(x, size))));
}

const select: Function = (code, args) => {
  const [condition, a, b] = [arg(args, 0), arg(args, 1), arg(args, 2)];
  const { dtype } = a;
  if (condition.lanes === 4) {
    const mask = v128(condition);
    return held(code, dtype, code.ops.v128.select(v128(a), v128(b), mask));
  }
  if (dtype === "f32") return held(code, dtype, code.choose(i32(condition), f32(a), f32(b)));
  return held(code, dtype, code.choose(i32(condition), i32(a), i32(b)));
};

/** To whole numbers: `how` rounds, then the number becomes an integer. */
const whole =
  (how: "floor" | "nearest"): Function =>
  (code, args) => {
    const a = arg(args, 0);
    if (a.dtype !== "f32") return toInteger(code, a);
    if (a.lanes === 4) {
      return held(code, "i32", code.ops.i32x4.trunc(code.ops.f32x4[how](v128(a))));
    }
    return held(code, "i32", code.ops.i32.trunc(code.ops.f32[how](f32(a))));
  };

export const functions: Readonly<Record<MapFunction, Function>> = {
  add,
  sub: spelt({
    f32: (c, a, b) => c.ops.f32.sub(a, b),
    i32: (c, a, b) => c.ops.i32.sub(a, b),
    f32x4: (c, a, b) => c.ops.f32x4.sub(a, b),
    i32x4: (c, a, b) => c.ops.i32x4.sub(a, b),
  }),
  mul: spelt({
    f32: (c, a, b) => c.ops.f32.mul(a, b),
    i32: (c, a, b) => c.ops.i32.mul(a, b),
    f32x4: (c, a, b) => c.ops.f32x4.mul(a, b),
    i32x4: (c, a, b) => c.ops.i32x4.mul(a, b),
  }),
  neg: spelt({
    f32: (c, a) => c.ops.f32.neg(a),
    i32: (c, a) => c.ops.i32.sub(c.int(0), a),
    f32x4: (c, a) => c.ops.f32x4.neg(a),
    i32x4: (c, a) => c.ops.i32x4.neg(a),
  }),
  div: spelt({
    f32: (c, a, b) => c.ops.f32.div(a, b),
    i32: (c, a, b) => c.ops.i32.div_s(a, b),
    f32x4: (c, a, b) => c.ops.f32x4.div(a, b),
  }),
  mod: (code, args) =>
    arg(args, 0).dtype === "i32"
      ? spelt({ i32: euclidean })(code, args)
      : onVectors(euclideanVectors)(code, args),
  abs: spelt({
    f32: (c, a) => c.ops.f32.abs(a),
    i32: (c, a) => {
      const mask = c.hold(c.ops.i32.shr_s(a, c.int(31)));
      return c.ops.i32.sub(c.ops.i32.xor(a, mask), mask);
    },
    f32x4: (c, a) => c.ops.f32x4.abs(a),
    i32x4: (c, a) => c.ops.i32x4.abs(a),
  }),
  min: spelt({
    f32: (c, a, b) => c.ops.f32.min(a, b),
    i32: (c, a, b) => c.choose(c.ops.i32.lt_s(b, a), b, a),
    f32x4: (c, a, b) => c.ops.f32x4.pmin(a, b),
    i32x4: (c, a, b) => c.ops.i32x4.min(a, b),
  }),
  max: spelt({
    f32: (c, a, b) => c.ops.f32.max(a, b),
    i32: (c, a, b) => c.choose(c.ops.i32.lt_s(a, b), b, a),
    f32x4: (c, a, b) => c.ops.f32x4.pmax(a, b),
    i32x4: (c, a, b) => c.ops.i32x4.max(a, b),
  }),
  pow: onVectors(pow),
  relu: spelt({
    f32: (c, a) => c.ops.f32.max(a, c.float(0)),
    i32: (c, a) => c.choose(c.ops.i32.lt_s(a, c.int(0)), c.int(0), a),
    f32x4: (c, a) => c.ops.f32x4.pmax(a, c.floats(0)),
    i32x4: (c, a) => c.ops.i32x4.max(a, c.ints(0)),
  }),
  tanh: onVectors(tanh),
  sigmoid: onVectors(sigmoid),
  exp: onVectors(exp),
  log: onVectors(log),
  sqrt: spelt({ f32: (c, a) => c.ops.f32.sqrt(a), f32x4: (c, a) => c.ops.f32x4.sqrt(a) }),
  rsqrt: spelt({
    f32: (c, a) => c.ops.f32.div(c.float(1), c.ops.f32.sqrt(a)),
    f32x4: (c, a) => c.ops.f32x4.div(c.floats(1), c.ops.f32x4.sqrt(a)),
  }),
  sin: onVectors(sin),
  cos: onVectors(cos),
  erf: onVectors(erf),
  floor: whole("floor"),
  round: whole("nearest"),
  lt: comparison("lt"),
  le: comparison("le"),
  gt: comparison("gt"),
  ge: comparison("ge"),
  eq: comparison("eq"),
  ne: comparison("ne"),
  and: spelt({
    i32: (c, a, b) => c.ops.i32.and(a, b),
    i32x4: (c, a, b) => c.ops.v128.and(a, b),
  }),
  or: spelt({ i32: (c, a, b) => c.ops.i32.or(a, b), i32x4: (c, a, b) => c.ops.v128.or(a, b) }),
  not: spelt({ i32: (c, a) => c.ops.i32.eqz(a), i32x4: (c, a) => c.ops.v128.not(a) }),
  select,
  to_f32: (code, args) => toFloat(code, arg(args, 0)),
  to_i32: (code, args) => toInteger(code, arg(args, 0)),
};
