/**
 * What a reduction does as elements go by, for one vector or one element of its result: one row per op. Some need the
 * elements more than once.
 */
import { bug } from "../../../bug.js";
import { factorsOf, type Tensor, type TensorOf } from "../../../ir/tensor.js";
import {
  type Accumulator,
  accumulator,
  exponential,
  finite,
  floats,
  logarithm,
  number,
} from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { isBetter, summed } from "../expressions/reductions.js";
import { gathered, held, i32, literal, spread, type Value, v128 } from "../values.js";

export interface Running {
  /** For each pass: makes its variables and says what an element does. */
  readonly passes: readonly (() => (element: At) => void)[];
  /** To be asked once all passes are done. */
  readonly result: () => Value;
}

/** The result so far, of earlier elements; null: there were none. */
type Before = (() => Value) | null;

export function running(target: Tensor, at: At, before: Before, e: Evaluator): Running {
  switch (target.op) {
    case "product":
      return sum(target, at, before, e);
    case "extreme":
      return best(target, at, before, e);
    case "lse":
      return logSumExp(target, at, before, e);
    case "winner":
      return first(target, at, before, e);
    default:
      return bug(`${target.op} ${target.label ?? target.id} is no reduction along a map`);
  }
}

/** Σ of the product of the factors; the scale is taken at the end, or at once where the sum goes on. */
function sum(t: TensorOf<"product">, at: At, before: Before, e: Evaluator): Running {
  const { code } = e;
  const { over, scale } = t.attrs;
  const ops = floats(code, at.lanes);
  const total = accumulator(code, before?.() ?? number(code, 0, at.lanes));
  const step = (element: At): void => {
    const term = summed(factorsOf(t), over, before ? scale : 1, element, e);
    total.set(ops.add(total.value, term));
  };
  const result = (): Value =>
    before || scale === 1
      ? total.value
      : held(code, "f32", ops.mul(total.value, number(code, scale, at.lanes)));
  return { passes: [() => step], result };
}

const boundOf = (which: "max" | "min"): number =>
  which === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;

function best(t: TensorOf<"extreme">, at: At, before: Before, e: Evaluator): Running {
  const { code } = e;
  const { which } = t.attrs;
  const most = accumulator(code, before?.() ?? number(code, boundOf(which), at.lanes));
  const step = (element: At): void =>
    most.set(floats(code, at.lanes)[which](most.value, e.number(t.inputs[0], element)));
  return { passes: [() => step], result: () => most.value };
}

/** m + log Σ exp(x - m): the largest first, then the sum; joined to what was before. */
function logSumExp(t: TensorOf<"lse">, at: At, before: Before, e: Evaluator): Running {
  const { code } = e;
  const ops = floats(code, at.lanes);
  const [x] = t.inputs;
  const most = accumulator(code, number(code, boundOf("max"), at.lanes));
  const total = accumulator(code, number(code, 0, at.lanes));
  const larger = (element: At): void => most.set(ops.max(most.value, e.number(x, element)));
  const adding = (): ((element: At) => void) => {
    const m = finite(code, most.value);
    most.set(m.operand);
    return (element) =>
      total.set(ops.add(total.value, exponential(code, e.number(x, element), most.value)));
  };
  const result = (): Value => {
    const found = logarithm(code, total.value, most.value);
    return before ? joined(e, before(), found) : found;
  };
  return { passes: [() => larger, adding], result };
}

/** log(e^a + e^b) */
export function joined(e: Evaluator, a: Value, b: Value): Value {
  const { code } = e;
  const ops = floats(code, a.lanes);
  const m = finite(code, held(code, "f32", ops.max(a, b)));
  const total = held(code, "f32", ops.add(exponential(code, a, m), exponential(code, b, m)));
  return logarithm(code, total, m);
}

/** The number of the row at which the extreme is met first; -1 of nothing. */
function first(t: TensorOf<"winner">, at: At, before: Before, e: Evaluator): Running {
  const [extreme] = t.inputs;
  if (extreme.op !== "extreme") bug(`winner ${t.label ?? t.id} of no extreme`);
  const { which, map } = extreme.attrs;
  const [x] = extreme.inputs;
  const { code } = e;
  const minusOne = spread(code, literal(code, "i32", -1), at.lanes);
  const where = accumulator(code, before?.() ?? minusOne);
  const start =
    before && map ? valueAt(x, where.value, { ...at, row: e.rows.make(map.from, 0) }, e) : null;
  const most = accumulator(code, start ?? number(code, boundOf(which), at.lanes));
  const step = (element: At): void => {
    const row = spread(
      code,
      { dtype: "i32", lanes: 1, operand: code.int(element.row.number) },
      at.lanes,
    );
    better(e, which, e.number(x, element), row, most, where);
  };
  return { passes: [() => step], result: () => where.value };
}

/** Takes a strictly better value, or the first of all. */
export function better(
  e: Evaluator,
  which: "max" | "min",
  x: Value,
  row: Value,
  most: Accumulator,
  where: Accumulator,
): void {
  const { code } = e;
  if (x.lanes === 1) {
    const is = isBetter(code, which, x, most.value, where.value);
    code.when(is, () => {
      most.set(x.operand);
      where.set(row.operand);
    });
    return;
  }
  const { f32x4, i32x4, v128: bits } = code.ops;
  const [a, b] = which === "max" ? [most.value, x] : [x, most.value];
  const none = i32x4.lt(v128(where.value), code.ints(0));
  const mask = code.hold(bits.or(f32x4.lt(v128(a), v128(b)), none));
  most.set(bits.select(v128(x), v128(most.value), mask));
  where.set(bits.select(v128(row), v128(where.value), mask));
}

/** The value of x at rows that a value names, lane by lane; rows below 0 are read as row 0. */
export function valueAt(x: Tensor, rows: Value, at: At, e: Evaluator): Value {
  const { code } = e;
  const lanes = rows.lanes === 1 ? [0] : [0, 1, 2, 3];
  const values = lanes.map((lane) => {
    const number = rows.lanes === 1 ? i32(rows) : code.ops.i32x4.lane(v128(rows), lane);
    const row = e.rows.make(at.row.space, code.hold(code.int(code.max(number, 0))));
    const positions = [...at.positions].map(
      ([axis, p]) => [axis, rows.lanes === 1 ? p : e.indices.inLane(p, lane)] as const,
    );
    return e.number(x, { row, positions: new Map(positions), lanes: 1 });
  });
  const [only] = values;
  return rows.lanes === 1 ? (only ?? bug("no lane")) : gathered(code, values);
}
