/**
 * Philox4x32-10 (Salmon et al. 2011) as functions of the module, the bits of `ir/philox.ts`: one counter at a time, and
 * four at a time in the lanes of vectors.
 */
import type { Code } from "../code.js";
import type { I32, Local, V128 } from "../operand.js";

const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** Where the key and the number of the step lie: (seed low, seed high, step). */
interface Control {
  readonly control: Local<"i32">;
}

/** Of a row, a block of four columns and a site: (word >>> 8) 2^-24 of all four words. */
export function drawsOfOne(
  code: Code,
  p: Control & { readonly [N in "row" | "block" | "site"]: Local<"i32"> },
): V128 {
  const { i32, i32x4 } = code.ops;
  const [c0, c1, c2] = [code.variable(p.row), code.variable(p.block), code.variable(p.site)];
  const c3 = code.variable(code.loadInt(p.control, 8));
  const k0 = code.variable(code.loadInt(p.control, 0));
  const k1 = code.variable(code.loadInt(p.control, 4));
  code.loop(0, rounds, 1, () => {
    const [p0, p1] = [wide(code, c0, multipliers[0]), wide(code, c2, multipliers[1])];
    code.set(c0, i32.xor(i32.xor(p1.high(), c1), k0));
    code.set(c2, i32.xor(i32.xor(p0.high(), c3), k1));
    code.set(c1, p1.low());
    code.set(c3, p0.low());
    code.set(k0, i32.add(k0, code.int(weyl[0])));
    code.set(k1, i32.add(k1, code.int(weyl[1])));
  });
  const words = [c1, c2, c3].reduce<V128>(
    (v, word, i) => i32x4.replace(v, i + 1, word),
    i32x4.splat(c0),
  );
  return fraction(code, words);
}

/** The product of 64 bits, by halves. */
function wide(code: Code, a: Local<"i32">, b: number) {
  const { i64 } = code.ops;
  const product = code.hold(i64.mul(i64.extend(a), i64.constant(b)));
  return {
    high: (): I32 => i64.wrap(i64.shr_u(product, i64.constant(32))),
    low: (): I32 => i64.wrap(product),
  };
}

/** Of rows and columns in four lanes: the draw of each lane. */
export function drawsOfFour(
  code: Code,
  p: Control & { readonly [N in "rows" | "columns"]: Local<"v128"> } & {
    readonly site: Local<"i32">;
  },
): V128 {
  const { i32x4, v128 } = code.ops;
  const blocks = code.hold(i32x4.shr_u(p.columns, 2));
  const words = philoxOfFour(code, { ...p, blocks });
  const which = code.hold(v128.and(p.columns, code.ints(3)));
  const is = (i: number): V128 => i32x4.eq(which, code.ints(i));
  const upper = v128.select(words[2], words[3], is(2));
  const chosen = v128.select(words[0], v128.select(words[1], upper, is(1)), is(0));
  return fraction(code, chosen);
}

/** Of rows in four lanes and a block of columns: the four draws of each row, one vector for a row. */
export function drawsOfRows(code: Code, counters: Counters): Vectors {
  const { shuffle } = code.ops.v128;
  const [a, b, c, d] = philoxOfFour(code, counters);
  const drawn = (words: Local<"v128">): Local<"v128"> => code.hold(fraction(code, words));
  const [w, x, y, z] = [drawn(a), drawn(b), drawn(c), drawn(d)];
  const low = [
    code.hold(shuffle(w, x, [0, 4, 1, 5])),
    code.hold(shuffle(y, z, [0, 4, 1, 5])),
  ] as const;
  const high = [
    code.hold(shuffle(w, x, [2, 6, 3, 7])),
    code.hold(shuffle(y, z, [2, 6, 3, 7])),
  ] as const;
  return [
    code.hold(shuffle(low[0], low[1], [0, 1, 4, 5])),
    code.hold(shuffle(low[0], low[1], [2, 3, 6, 7])),
    code.hold(shuffle(high[0], high[1], [0, 1, 4, 5])),
    code.hold(shuffle(high[0], high[1], [2, 3, 6, 7])),
  ];
}

/** (word >>> 8) 2^-24 */
function fraction(code: Code, words: V128): V128 {
  const { f32x4, i32x4 } = code.ops;
  return f32x4.mul(f32x4.convert(i32x4.shr_u(words, 8)), code.floats(2 ** -24));
}

/** Four counters in the lanes. */
interface Counters extends Control {
  readonly rows: Local<"v128">;
  readonly blocks: Local<"v128">;
  readonly site: Local<"i32">;
}

type Vectors = readonly [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];

/** The four words of four counters: word i of all in vector i. */
function philoxOfFour(code: Code, { rows, blocks, site, control }: Counters): Vectors {
  const { i32x4, v128 } = code.ops;
  const [c0, c1] = [code.variable(rows), code.variable(blocks)];
  const c2 = code.variable(i32x4.splat(site));
  const c3 = code.variable(code.loadSplat(control, 8));
  const [k0, k1] = [
    code.variable(code.loadSplat(control, 0)),
    code.variable(code.loadSplat(control, 4)),
  ];
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

/** The products of 64 bits, by halves. */
function wideFour(code: Code, a: Local<"v128">, b: number) {
  const { i64x2, v128 } = code.ops;
  const factor = code.ints(b | 0);
  const [even, odd] = [code.hold(i64x2.low(a, factor)), code.hold(i64x2.high(a, factor))];
  return {
    low: code.hold(v128.shuffle(even, odd, [0, 2, 4, 6])),
    high: code.hold(v128.shuffle(even, odd, [1, 3, 5, 7])),
  };
}
