/**
 * Reductions over axes within a row, in place: loops in the scope that the result belongs to.
 *
 * The order of a sum is that of the summed axes by id, one element after another in every lane; it depends on nothing
 * but the text of the program.
 */
import { bug } from "../../../bug.js";
import { type Axis, factorsOf, slotsOf, type Tensor, type TensorOf } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import { at as constant, type Position, plus, times } from "../index.js";
import type { I32 } from "../operand.js";
import { f32, held, i32, literal, spread, type Value } from "../values.js";
import { accumulator, exponential, finite, floats, logarithm, number } from "./accumulators.js";
import { type At, extended, on } from "./at.js";
import { dots } from "./dots.js";
import type { Evaluator } from "./evaluator.js";
import { integers } from "./facts.js";
import { fold, isBetterByLane } from "./folds.js";
import { zeroUnless } from "./lookups.js";
import { eachPosition } from "./loops.js";

/** The product of factors at a position, times a scale. */
export function multiplied(factors: readonly Tensor[], scale: number, at: At, e: Evaluator): Value {
  const { code } = e;
  const ops = floats(code, at.lanes);
  const values = factors.map((x) => e.number(x, at));
  if (values.some((v) => v.constant === 0)) return number(code, 0, at.lanes);
  const rest = values.filter((v) => v.constant !== 1);
  const scaled = scale === 1 ? rest : [...rest, number(code, scale, at.lanes)];
  const [first, ...others] = scaled;
  if (!first) return number(code, 1, at.lanes);
  return others.reduce((product, v) => held(code, "f32", ops.mul(product, v)), first);
}

export function product(t: TensorOf<"product">, at: At, e: Evaluator): Value {
  if (t.attrs.map) bug(`product ${t.label ?? t.id} needs a stage of its own`);
  const { over, scale } = t.attrs;
  if (t.attrs.slots.length > 0) return placed(t, at, e);
  return summed(factorsOf(t), over, scale, at, e);
}

/** A product whose elements go to the positions that their indices name: here those that go to this one. */
function placed(t: TensorOf<"product">, at: At, e: Evaluator): Value {
  if (at.lanes === 4) return e.byLane(t, at);
  const { code } = e;
  const sum = accumulator(code, number(code, 0, 1));
  eachPosition(e, t.attrs.over, t.inputs, (positions) => {
    const here = extended(at, positions);
    const hits = slotsOf(t).map(({ axis, index }) =>
      code.ops.i32.eq(i32(e.value(index, here)), i32(integers(e, on(at, axis), 1))),
    );
    const term = multiplied(factorsOf(t), t.attrs.scale, here, e);
    const [first, ...others] = hits;
    if (!first) bug("a product without slots");
    const hit = code.hold(others.reduce<I32>((all, one) => code.ops.i32.and(all, one), first));
    sum.set(floats(code, 1).add(sum.value, zeroUnless(e, hit, term)));
  });
  return sum.value;
}

/** scale * Σ over the axes of the product of the factors. */
export function summed(
  factors: readonly Tensor[],
  over: readonly Axis[],
  scale: number,
  at: At,
  e: Evaluator,
): Value {
  if (over.length === 0) return multiplied(factors, scale, at, e);
  const { code } = e;
  const sum = unscaled(factors, over, at, e);
  if (scale === 1) return sum;
  return held(code, "f32", floats(code, at.lanes).mul(sum, number(code, scale, at.lanes)));
}

function unscaled(factors: readonly Tensor[], over: readonly Axis[], at: At, e: Evaluator): Value {
  if (isBetterByLane({ over, reads: factors }, at, e)) {
    const four = dots(factors, over, at, e);
    if (four) return held(e.code, "f32", four);
    return e.inLanes(at, (lane) => unscaled(factors, over, lane, e));
  }
  const term = (here: At): Value => multiplied(factors, 1, here, e);
  return fold({ over, reads: factors, how: "add", start: 0, term }, at, e);
}

export function extreme(t: TensorOf<"extreme">, at: At, e: Evaluator): Value {
  if (t.attrs.map) bug(`extreme ${t.label ?? t.id} needs a stage of its own`);
  const { which, over } = t.attrs;
  if (isBetterByLane({ over, reads: t.inputs }, at, e)) return e.byLane(t, at);
  return best(t.inputs[0], which, over, at, e);
}

function best(x: Tensor, which: "max" | "min", over: readonly Axis[], at: At, e: Evaluator): Value {
  const start = which === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return fold({ over, reads: [x], how: which, start, term: (here) => e.number(x, here) }, at, e);
}

/** m + log Σ exp(x - m), m = max x or 0 where that is infinite. */
export function logSumExp(t: TensorOf<"lse">, at: At, e: Evaluator): Value {
  if (t.attrs.map) bug(`lse ${t.label ?? t.id} needs a stage of its own`);
  const { code } = e;
  const [x] = t.inputs;
  const { over } = t.attrs;
  if (isBetterByLane({ over, reads: [x] }, at, e)) return e.byLane(t, at);
  const m = finite(code, best(x, "max", over, at, e));
  const term = (here: At): Value =>
    exponential(code, e.number(x, here), spread(code, m, here.lanes));
  return logarithm(code, fold({ over, reads: [x], how: "add", start: 0, term }, at, e), m);
}

export function argmax(t: TensorOf<"argmax">, at: At, e: Evaluator): Value {
  return first(t, t.inputs[0], "max", [t.attrs.axis], at, e);
}

export function winner(t: TensorOf<"winner">, at: At, e: Evaluator): Value {
  const [x] = t.inputs;
  if (x.op !== "extreme" || x.attrs.map) bug(`winner ${t.label ?? t.id} needs a stage of its own`);
  return first(t, x.inputs[0], x.attrs.which, x.attrs.over, at, e);
}

/** The row-major position at which the best value is met first; -1 of nothing. */
function first(
  t: Tensor,
  x: Tensor,
  which: "max" | "min",
  over: readonly Axis[],
  at: At,
  e: Evaluator,
): Value {
  if (at.lanes === 4) return e.byLane(t, at);
  const { code } = e;
  const bound = which === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const most = accumulator(code, number(code, bound, 1));
  const where = accumulator(code, literal(code, "i32", -1));
  const sorted = [...over].sort((a, b) => a.id - b.id);
  eachPosition(e, sorted, [x], (positions) => {
    const value = e.number(x, extended(at, positions));
    code.when(isBetter(code, which, value, most.value, where.value), () => {
      most.set(value.operand);
      where.set(code.int(e.indices.value(rowMajor(positions))));
    });
  });
  return where.value;
}

/** Strictly better, or the first of all. */
export function isBetter(
  code: Code,
  which: "max" | "min",
  x: Value,
  most: Value,
  where: Value,
): I32 {
  const { f32: one, i32: int } = code.ops;
  const [a, b] = which === "max" ? [most, x] : [x, most];
  return int.or(one.lt(f32(a), f32(b)), int.lt_s(i32(where), code.int(0)));
}

const rowMajor = (positions: readonly (readonly [Axis, Position])[]): Position =>
  positions.reduce((sum, [axis, p]) => plus(times(sum, axis.size), p), constant(0));
