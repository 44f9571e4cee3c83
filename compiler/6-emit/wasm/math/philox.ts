/**
 * Philox4x32-10 (Salmon et al. 2011) as functions of the module, the bits of `ir/philox.ts`: one counter at a time, and
 * four at a time in the lanes of vectors.
 */
import type { Code } from "../code.js";
import { Expression, type I32, type Local, type V128 } from "../operand.js";

const multipliers = [0xd2511f53n, 0xcd9e8d57n] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** Of (row, block, site) and the address of (seed low, seed high, step): (word >>> 8) 2^-24 of all four words. */
export function drawsOfOne(code: Code, parameters: readonly Local<"i32">[]): V128 {
  const { i32, i32x4 } = code.ops;
  const [row, block, site, control] = parameters as readonly I32[] as Words;
  const step = code.loadInt(control, 8);
  const c = [row, block, site, step].map((x) => code.variable(x)) as unknown as Variables;
  const [k0, k1] = [
    code.variable(code.loadInt(control, 0)),
    code.variable(code.loadInt(control, 4)),
  ];
  code.loop(0, rounds, 1, () => {
    const [p0, p1] = [wide(code, c[0], multipliers[0]), wide(code, c[2], multipliers[1])];
    code.set(c[0], i32.xor(i32.xor(p1.high(), c[1]), k0));
    code.set(c[2], i32.xor(i32.xor(p0.high(), c[3]), k1));
    code.set(c[1], p1.low());
    code.set(c[3], p0.low());
    code.set(k0, i32.add(k0, code.int(weyl[0])));
    code.set(k1, i32.add(k1, code.int(weyl[1])));
  });
  const words = c.slice(1).reduce<V128>((v, x, i) => i32x4.replace(v, i + 1, x), i32x4.splat(c[0]));
  return fraction(code, words);
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

/** Of rows, columns, site and the address of (seed low, seed high, step), each in four lanes. */
export function drawsOfFour(code: Code, parameters: readonly Local<"v128">[]): V128 {
  const { i32x4, v128 } = code.ops;
  const [rows, columns, site, control] = parameters;
  if (!rows || !columns || !site || !control) return code.ints(0);
  const address = code.hold(i32x4.lane(control, 0));
  const counter = [rows, i32x4.shr_u(columns, 2), site, code.loadSplat(address, 8)];
  const words = philoxOfFour(code, counter, address);
  const which = code.hold(v128.and(columns, code.ints(3)));
  const is = (i: number): V128 => i32x4.eq(which, code.ints(i));
  const [first, second, third, fourth] = words;
  const upper = v128.select(third, fourth, is(2));
  const chosen = v128.select(first, v128.select(second, upper, is(1)), is(0));
  return fraction(code, chosen);
}

/** Of (rows, blocks, sites), each in four lanes: the four draws of each of four rows, one vector for a row. */
export function drawsOfRows(
  code: Code,
  counter: readonly Local<"v128">[],
  control: Local<"i32">,
): readonly Local<"v128">[] {
  const { shuffle } = code.ops.v128;
  const words = philoxOfFour(code, [...counter, code.loadSplat(control, 8)], control);
  const [a, b, c, d] = words.map((w) => code.hold(fraction(code, w))) as unknown as Vectors;
  const half = (x: Local<"v128">, y: Local<"v128">, at: 0 | 2): Local<"v128"> =>
    code.hold(shuffle(x, y, at === 0 ? [0, 4, 1, 5] : [2, 6, 3, 7]));
  return ([0, 2] as const).flatMap((at) => {
    const [left, right] = [half(a, b, at), half(c, d, at)];
    return [
      code.hold(shuffle(left, right, [0, 1, 4, 5])),
      code.hold(shuffle(left, right, [2, 3, 6, 7])),
    ];
  });
}

/** (word >>> 8) 2^-24 */
function fraction(code: Code, words: V128): V128 {
  const { f32x4, i32x4 } = code.ops;
  return f32x4.mul(f32x4.convert(i32x4.shr_u(words, 8)), code.floats(2 ** -24));
}

/** The four words of four counters: word i of all in vector i. */
function philoxOfFour(code: Code, counter: readonly V128[], control: Local<"i32">): Vectors {
  const { i32x4, v128 } = code.ops;
  const [c0, c1, c2, c3] = counter.map((x) => code.variable(x)) as unknown as Vectors;
  const [k0, k1] = [0, 4].map((at) =>
    code.variable(code.loadSplat(control, at)),
  ) as unknown as Keys;
  code.loop(0, rounds, 1, () => {
    const [p0, p1] = [wideFour(code, c0, multipliers[0]), wideFour(code, c2, multipliers[1])];
    code.set(c0, v128.xor(v128.xor(p1.high, c1), k0));
    code.set(c2, v128.xor(v128.xor(p0.high, c3), k1));
    code.set(c1, p1.low);
    code.set(c3, p0.low);
    code.set(k0, i32x4.add(k0, code.ints(weyl[0])));
    code.set(k1, i32x4.add(k1, code.ints(weyl[1])));
  });
  return [c0, c1, c2, c3];
}

type Vectors = readonly [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
type Keys = readonly [Local<"v128">, Local<"v128">];

/** The products of 64 bits, by halves. */
function wideFour(code: Code, a: Local<"v128">, b: bigint) {
  const { i64x2, v128 } = code.ops;
  const factor = code.ints(Number(BigInt.asIntN(32, b)));
  const [even, odd] = [code.hold(i64x2.low(a, factor)), code.hold(i64x2.high(a, factor))];
  return {
    low: code.hold(v128.shuffle(even, odd, [0, 2, 4, 6])),
    high: code.hold(v128.shuffle(even, odd, [1, 3, 5, 7])),
  };
}
