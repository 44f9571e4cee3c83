/**
 * Uniform draws by Philox4x32-10 (Salmon et al. 2011), the bits of `ir/philox.ts`: counter (row, floor(column / 4),
 * site, step), key (seed low, seed high), word column mod 4, its upper 24 bits as a fraction.
 *
 * The four words of one counter are the draws of four neighbouring columns: one evaluation serves a vector.
 */
import { bug } from "../../../bug.js";
import type { TensorOf } from "../../../ir/tensor.js";
import { volume } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import { at as constant, isMultiple, laneStep, type Position, plus, times } from "../index.js";
import { Expression, type I32, type Local } from "../operand.js";
import { gathered, held, type Value } from "../values.js";
import { type At, on, printAll } from "./at.js";
import type { Evaluator } from "./evaluator.js";

export function random(t: TensorOf<"random">, at: At, e: Evaluator): Value {
  const { layout } = t.attrs;
  const column = layout.reduce(
    (sum, axis, i) => plus(sum, times(on(at, axis), volume(layout.slice(i + 1)))),
    constant(0),
  );
  if (at.lanes === 4) {
    if (laneStep(column) !== 1 || !isMultiple(column, 4)) return e.byLane(t, at);
    return fraction(e.code, vectorOf(words(t, column, at, e), e.code));
  }
  if (column.terms.size === 0) return picked(words(t, column, at, e), column.constant % 4, e.code);
  const [, remainder] = e.indices.divide(column, 4);
  return chosen(words(t, column, at, e), i32Of(remainder, e), e.code);
}

const i32Of = (p: Position, e: Evaluator): I32 => e.code.int(e.indices.value(p));

export type Draws = readonly [Local<"i32">, Local<"i32">, Local<"i32">, Local<"i32">];

/** (word >>> 8) 2^-24 */
function fraction(code: Code, words: Value): Value {
  const { f32x4, i32x4 } = code.ops;
  if (words.operand.kind !== "v128") bug("a vector of words is wanted");
  const upper = f32x4.convert(i32x4.shr_u(words.operand, 8));
  return held(code, "f32", f32x4.mul(upper, code.floats(2 ** -24)));
}

const asValue = (word: Local<"i32">): Value => ({ dtype: "i32", lanes: 1, operand: word });
const vectorOf = (four: Draws, code: Code): Value => gathered(code, four.map(asValue));

function scalar(code: Code, word: I32): Value {
  const { f32, i32 } = code.ops;
  const upper = f32.convert(i32.shr_u(word, code.int(8)));
  return held(code, "f32", f32.mul(upper, code.float(2 ** -24)));
}

const picked = (four: Draws, lane: number, code: Code): Value =>
  scalar(code, four[lane] ?? bug("no such lane"));

/** The word that a number names. */
function chosen(four: Draws, lane: I32, code: Code): Value {
  const { i32 } = code.ops;
  const which = code.hold(lane);
  const is = (n: number): I32 => i32.eq(which, code.int(n));
  const upper = code.choose(is(2), four[2], four[3]);
  return scalar(code, code.choose(is(0), four[0], code.choose(is(1), four[1], upper)));
}

/** The four words of a counter. */
function words(t: TensorOf<"random">, column: Position, at: At, e: Evaluator): Draws {
  const { code } = e;
  const [block] = e.indices.divide(column, 4);
  const control = e.frame.word({ kind: "control" });
  const key = `${t.id} ${at.row.id} ${printAll(at)}`;
  return e.draws.once(e.scopeOf(at), key, () =>
    code.within(e.scopeOf(at), () => {
      const counter = [
        code.int(at.row.number),
        i32Of(block, e),
        code.int(t.attrs.site),
        code.loadInt(control, 8),
      ];
      return philox(code, counter, [code.loadInt(control, 0), code.loadInt(control, 4)]);
    }),
  );
}

const multipliers = [0xd2511f53n, 0xcd9e8d57n] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;

function philox(code: Code, counter: readonly I32[], key: readonly I32[]): Draws {
  const { i32 } = code.ops;
  const c = four(counter.map((x) => code.variable(x)));
  const k = key.map((x) => code.variable(x));
  for (let round = 0; round < 10; round++) {
    const [p0, p1] = [wide(code, c[0], multipliers[0]), wide(code, c[2], multipliers[1])];
    const [k0, k1] = [k[0] ?? bug("no key"), k[1] ?? bug("no key")];
    const [n0, n2] = [i32.xor(i32.xor(p1.high(), c[1]), k0), i32.xor(i32.xor(p0.high(), c[3]), k1)];
    code.set(c[0], n0);
    code.set(c[2], n2);
    code.set(c[1], p1.low());
    code.set(c[3], p0.low());
    code.set(k0, i32.add(k0, code.int(weyl[0])));
    code.set(k1, i32.add(k1, code.int(weyl[1])));
  }
  return c;
}

const four = ([a, b, c, d]: readonly Local<"i32">[]): Draws =>
  a && b && c && d ? [a, b, c, d] : bug("four words are wanted");

/** The product of 64 bits, by halves. */
function wide(code: Code, a: Local<"i32">, b: bigint) {
  const { m } = code;
  const product = code.local("i64");
  const whole = m.i64.mul(m.i64.extend_u(a.take()), m.i64.const(b));
  code.emit(m.local.set(product.index, whole));
  return {
    high: (): I32 =>
      new Expression("i32", m.i32.wrap(m.i64.shr_u(product.take(), m.i64.const(32n)))),
    low: (): I32 => new Expression("i32", m.i32.wrap(product.take())),
  };
}
