/**
 * Softmax of the rows of a block whose logits lie in scratch, element after element, all heads of an element side by
 * side: functions of the module, one of each for a number of heads.
 */

import { run } from "../call.js";
import type { Code } from "../code.js";
import { accumulator, finite, floats, logarithm, number } from "../expressions/accumulators.js";
import { inlineExp } from "../math/exp.js";
import type { I32, Local } from "../operand.js";
import { f32, held, type Lanes, load, store, type Value, v128 } from "../values.js";

/** The elements of a row: where the first lies, how many bytes they take, and where the result of the row lies. */
export interface RowOfLogits {
  readonly first: I32;
  readonly bytes: I32;
  readonly result: I32;
}

type Parameters = { readonly [K in keyof RowOfLogits]: Local<"i32"> };

const onRow = (
  code: Code,
  name: string,
  { first, bytes, result }: RowOfLogits,
  write: (code: Code, row: Parameters) => void,
): void =>
  run(code, name, [first, bytes, result], (inner, [a, b, c]) => {
    if (a && b && c) write(inner, { first: a, bytes: b, result: c });
  });

/** Heads as vectors, and the last ones alone. */
function eachUnit(heads: number, body: (offset: number, lanes: Lanes) => void): void {
  const whole = heads & ~3;
  for (let h = 0; h < whole; h += 4) body(4 * h, 4);
  for (let h = whole; h < heads; h++) body(4 * h, 1);
}

/** logits - m, m the largest of the row (0 where that is infinite), left in the place of the result. */
export const centre = (code: Code, heads: number, row: RowOfLogits): void =>
  onRow(code, `centre_${heads}`, row, (inner, here) =>
    eachUnit(heads, (offset, lanes) => centreUnit(inner, heads, here, offset, lanes)),
  );

function centreUnit(
  code: Code,
  heads: number,
  row: Parameters,
  offset: number,
  lanes: Lanes,
): void {
  const ops = floats(code, lanes);
  const most = accumulator(code, number(code, Number.NEGATIVE_INFINITY, lanes));
  eachElement(code, heads, row, offset, lanes, (x) => most.set(ops.max(most.value, x)));
  const m = finite(code, most.value);
  eachElement(code, heads, row, offset, lanes, (x, write) => write(ops.sub(x, m)));
  store(code, { base: row.result, offset }, m);
}

/** z = Σ e^(logit - m): the result is m + log z, the weights are divided by z; none of them where z is 0. */
export const divide = (code: Code, heads: number, row: RowOfLogits): void =>
  onRow(code, `divide_${heads}`, row, (inner, here) =>
    eachUnit(heads, (offset, lanes) => divideUnit(inner, heads, here, offset, lanes)),
  );

function divideUnit(
  code: Code,
  heads: number,
  row: Parameters,
  offset: number,
  lanes: Lanes,
): void {
  const ops = floats(code, lanes);
  const sum = accumulator(code, number(code, 0, lanes));
  eachElement(code, heads, row, offset, lanes, (x) => sum.set(ops.add(sum.value, x)));
  const factor = inverse(sum.value, code);
  eachElement(code, heads, row, offset, lanes, (x, write) => write(ops.mul(x, factor)));
  const m = load(code, "f32", { base: row.result, offset }, lanes, 1);
  store(code, { base: row.result, offset }, logarithm(code, sum.value, m));
}

/** One head, or four, of every element of the row. */
function eachElement(
  code: Code,
  heads: number,
  { first, bytes }: Parameters,
  offset: number,
  lanes: Lanes,
  body: (x: Value, write: (value: Value["operand"]) => void) => void,
): void {
  code.loop(0, bytes, 4 * heads, (i) => {
    const at = { base: code.hold(code.ops.i32.add(first, i)), offset };
    const write = (value: Value["operand"]): void => store(code, at, held(code, "f32", value));
    body(load(code, "f32", at, lanes, 1), write);
  });
}

/** e to the power of every word; up to three words behind the last one change as well. */
export const exponentials = (code: Code, first: I32, bytes: I32): void =>
  run(code, "exponentials", [first, bytes], (inner, [from, length]) => {
    if (!from || !length) return;
    inner.loop(0, length, 16, (i) => {
      const at = inner.hold(inner.ops.i32.add(from, i));
      inner.store128(at, 0, inlineExp(inner, inner.load128(at)));
    });
  });

/** 1 / z, and 0 for 0. */
function inverse(z: Value, code: Code): Value {
  const { f32: one, f32x4, v128: bits } = code.ops;
  if (z.lanes === 4) {
    const quotient = f32x4.div(code.floats(1), v128(z));
    return held(code, "f32", bits.and(quotient, f32x4.gt(v128(z), code.floats(0))));
  }
  const quotient = one.div(code.float(1), f32(z));
  const positive = one.gt(f32(z), code.float(0));
  return held(code, "f32", code.choose(positive, quotient, code.float(0)));
}
