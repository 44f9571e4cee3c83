/**
 * Softmax of the elements of a row whose logits lie in scratch, element after element, all heads of an element side by
 * side: a function of the module for each number of heads. Three passes: the largest number m of each head;
 * x = e^(x - m) and their sum z; x / z. It also writes m + log z of each head where anything reads that.
 *
 * A row of nothing, or of -inf alone, has the logarithm -inf and weights 0.
 */
import { run } from "../call.js";
import type { Code } from "../code.js";
import { finite, logarithm } from "../expressions/accumulators.js";
import { inlineExpOfLess } from "../math/exp.js";
import type { I32, Local, V128 } from "../operand.js";
import { type Value, v128 } from "../values.js";

/** The elements of a row: where the first lies, where the last ends, and where the logarithms go. */
export interface RowOfLogits {
  readonly first: I32;
  readonly end: I32;
  readonly result: I32 | null;
}

/** In place; up to four words behind the last element are written too. */
export function normaliseRow(code: Code, heads: number, { first, end, result }: RowOfLogits): void {
  const write = (inner: Code, row: Row): void => {
    if (heads === 1) oneHead(inner, row);
    else for (let h = 0; h < heads; h += 4 * together) manyHeads(inner, heads, h, row);
  };
  if (result) run(code, `softmax_${heads}_log`, { first, end, result }, write);
  else run(code, `softmax_${heads}`, { first, end }, (c, p) => write(c, { ...p, result: null }));
}

interface Row {
  readonly first: Local<"i32">;
  readonly end: Local<"i32">;
  readonly result: Local<"i32"> | null;
}

/** Vectors of heads that one loop serves. */
const together = 2;

/** Some heads: a vector of four, or what is left of them. */
interface Part {
  readonly offset: number;
  readonly lanes: number;
  readonly most: Local<"v128">;
  readonly sum: Local<"v128">;
}

function partsOf(code: Code, heads: number, first: number): readonly Part[] {
  const starts = Array.from({ length: together }, (_, i) => first + 4 * i).filter((h) => h < heads);
  return starts.map((h) => ({
    offset: 4 * h,
    lanes: Math.min(4, heads - h),
    most: code.variable(code.floats(Number.NEGATIVE_INFINITY)),
    sum: code.variable(code.floats(0)),
  }));
}

function manyHeads(code: Code, heads: number, from: number, { first, end, result }: Row): void {
  const { f32x4 } = code.ops;
  const parts = partsOf(code, heads, from);
  const each = (body: (x: V128, part: Part, write: (v: V128) => void, i: number) => void): void =>
    code.loop(first, end, 4 * heads, (p) => {
      for (const [i, part] of parts.entries()) {
        const { offset, lanes } = part;
        const write = (v: V128): void => code.storeLanes(p, offset, code.hold(v), lanes);
        body(code.loadLanes(p, offset, lanes), part, write, i);
      }
    });
  each((x, { most }) => code.set(most, f32x4.pmax(most, x)));
  for (const { most } of parts) code.set(most, v128(finite(code, vector(most))));
  each((x, { most, sum }, write) => {
    const power = code.hold(inlineExpOfLess(code, f32x4.sub(x, most)));
    write(power);
    code.set(sum, f32x4.add(sum, power));
  });
  const factors = parts.map((part) => {
    if (result) writeLogarithms(code, result, part);
    return code.hold(inverse(code, part.sum));
  });
  each((x, _, write, i) => write(f32x4.mul(x, factors[i] ?? code.floats(0))));
}

/** Four elements at a time, -inf behind the last. */
function oneHead(code: Code, { first, end, result }: Row): void {
  const { f32x4 } = code.ops;
  const least = code.floats(Number.NEGATIVE_INFINITY);
  code.store128(end, 0, least);
  const [most, sum] = [code.variable(least), code.variable(code.floats(0))];
  const each = (body: (p: Local<"i32">) => void): void => code.loop(first, end, 16, body);
  each((p) => code.set(most, f32x4.pmax(most, code.load128(p))));
  code.set(most, folded(code, most, f32x4.pmax));
  code.set(most, v128(finite(code, vector(most))));
  each((p) => {
    const power = code.hold(inlineExpOfLess(code, f32x4.sub(code.load128(p), most)));
    code.store128(p, 0, power);
    code.set(sum, f32x4.add(sum, power));
  });
  code.set(sum, folded(code, sum, f32x4.add));
  if (result) writeLogarithms(code, result, { offset: 0, lanes: 1, most, sum });
  const factor = code.hold(inverse(code, sum));
  each((p) => code.store128(p, 0, f32x4.mul(code.load128(p), factor)));
}

function writeLogarithms(code: Code, to: Local<"i32">, { offset, lanes, most, sum }: Part): void {
  const logarithms = code.hold(v128(logarithm(code, vector(sum), vector(most))));
  code.storeLanes(to, offset, logarithms, lanes);
}

const vector = (operand: Local<"v128">): Value => ({ dtype: "f32", lanes: 4, operand });

/** All lanes folded, in all lanes. */
function folded(code: Code, v: Local<"v128">, how: (a: V128, b: V128) => V128): V128 {
  const { shuffle } = code.ops.v128;
  const two = code.hold(how(v, shuffle(v, v, [2, 3, 0, 1])));
  return how(two, shuffle(two, two, [1, 0, 3, 2]));
}

/** 1 / z, and 0 for 0. */
function inverse(code: Code, z: Local<"v128">): V128 {
  const { f32x4, v128: bits } = code.ops;
  return bits.andnot(f32x4.div(code.floats(1), z), f32x4.eq(z, code.floats(0)));
}
