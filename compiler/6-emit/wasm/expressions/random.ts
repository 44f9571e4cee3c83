/**
 * Uniform draws by Philox4x32-10 (Salmon et al. 2011), the bits of `ir/philox.ts`: counter (row, floor(column / 4),
 * site, step), key (seed low, seed high), word column mod 4, its upper 24 bits as a fraction.
 *
 * The four words of one counter are the draws of four neighbouring columns: one evaluation serves a vector.
 */
import type { TensorOf } from "../../../ir/tensor.js";
import { volume } from "../../../ir/tensor.js";
import { call } from "../call.js";
import type { Code } from "../code.js";
import {
  at as constant,
  isMultiple,
  laneStep,
  type Position,
  plus,
  printPosition,
  times,
} from "../index.js";
import { Expression, type F32, type I32, type Local, type V128 } from "../operand.js";
import { innermost } from "../scope.js";
import { held, type Value } from "../values.js";
import { type At, on } from "./at.js";
import type { Evaluator } from "./evaluator.js";

export function random(t: TensorOf<"random">, at: At, e: Evaluator): Value {
  const { layout } = t.attrs;
  const column = layout.reduce(
    (sum, axis, i) => plus(sum, times(on(at, axis), volume(layout.slice(i + 1)))),
    constant(0),
  );
  if (at.lanes === 1) {
    const [, lane] = e.indices.divide(column, 4);
    return held(e.code, "f32", picked(draws(t, column, at, e), lane, e));
  }
  if (laneStep(column) !== 1 || !isMultiple(column, 4)) return e.byLane(t, at);
  return { dtype: "f32", lanes: 4, operand: draws(t, column, at, e) };
}

/** The number of the lane that a position names. */
function picked(four: Local<"v128">, lane: Position, { code, indices }: Evaluator): F32 {
  const { f32x4, i32 } = code.ops;
  if (lane.terms.size === 0) return f32x4.lane(four, lane.constant);
  const which = code.hold(code.int(indices.value(lane)));
  const is = (n: number): I32 => i32.eq(which, code.int(n));
  const upper = code.choose(is(2), f32x4.lane(four, 2), f32x4.lane(four, 3));
  const rest = code.choose(is(1), f32x4.lane(four, 1), upper);
  return code.choose(is(0), f32x4.lane(four, 0), rest);
}

/** The four draws of the counter that a column belongs to. */
function draws(t: TensorOf<"random">, column: Position, { row }: At, e: Evaluator): Local<"v128"> {
  const { code } = e;
  const [block] = e.indices.divide(column, 4);
  const control = e.frame.word({ kind: "control" });
  const scope = innermost([row.scope, e.indices.scopeOf(block)], code.root);
  return e.draws.once(scope, `${t.id} ${row.id} ${printPosition(block)}`, () =>
    code.within(scope, () => {
      const where = [row.number, e.indices.value(block), t.attrs.site].map((i) => code.int(i));
      return code.hold(call(code, "draws", [...where, control], "v128", philox));
    }),
  );
}

const multipliers = [0xd2511f53n, 0xcd9e8d57n] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** Of (row, block, site) and the address of (seed low, seed high, step): (word >>> 8) 2^-24 of all four words. */
function philox(code: Code, parameters: readonly Local<"i32">[]): Expression<"v128"> {
  const { f32x4, i32, i32x4 } = code.ops;
  const [row, block, site, control] = parameters as readonly I32[] as Words;
  const step = code.loadInt(control, 8);
  const c = [row, block, site, step].map((x) => code.variable(x)) as unknown as Variables;
  const [k0, k1] = [
    code.variable(code.loadInt(control, 0)),
    code.variable(code.loadInt(control, 4)),
  ];
  for (let round = 0; round < rounds; round++) {
    const [p0, p1] = [wide(code, c[0], multipliers[0]), wide(code, c[2], multipliers[1])];
    code.set(c[0], i32.xor(i32.xor(p1.high(), c[1]), k0));
    code.set(c[2], i32.xor(i32.xor(p0.high(), c[3]), k1));
    code.set(c[1], p1.low());
    code.set(c[3], p0.low());
    code.set(k0, i32.add(k0, code.int(weyl[0])));
    code.set(k1, i32.add(k1, code.int(weyl[1])));
  }
  const words = c.slice(1).reduce<V128>((v, x, i) => i32x4.replace(v, i + 1, x), i32x4.splat(c[0]));
  return f32x4.mul(f32x4.convert(i32x4.shr_u(words, 8)), code.floats(2 ** -24));
}

type Words = readonly [I32, I32, I32, I32];
type Variables = readonly [Local<"i32">, Local<"i32">, Local<"i32">, Local<"i32">];

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
