/** The instructions that kernels use, as functions on typed operands: one row each. */
import { int, Node, numeric, op, shuffle, simd, wordsOfShuffle } from "./module/node.js";
import { Expression, type F32, type F64, type I32, type Operand, type V128 } from "./operand.js";

const two = (code: number, a: { take(): Node }, b: { take(): Node }): Node =>
  new Node(code, [a.take(), b.take()]);

const i32 = (code: number) => (a: I32, b: I32) => new Expression("i32", two(code, a, b));
const test = (code: number) => (a: F32, b: F32) => new Expression("i32", two(code, a, b));
const f32 = (code: number) => (a: F32, b: F32) => new Expression("f32", two(code, a, b));
const f32of = (code: number) => (a: F32) => new Expression("f32", new Node(code, [a.take()]));
const i64 = (code: number) => (a: Operand<"i64">, b: Operand<"i64">) =>
  new Expression("i64", two(code, a, b));
const f64 = (code: number) => (a: F64, b: F64) => new Expression("f64", two(code, a, b));
const f64of = (code: number) => (a: F64) => new Expression("f64", new Node(code, [a.take()]));
const v128 = (code: number) => (a: V128, b: V128) => new Expression("v128", two(simd(code), a, b));
const v128of = (code: number) => (a: V128) =>
  new Expression("v128", new Node(simd(code), [a.take()]));
const shift = (code: number) => (a: V128, by: number) =>
  new Expression("v128", new Node(simd(code), [a.take(), int(by)]));

const scalars = {
  i32: {
    add: i32(0x6a),
    sub: i32(0x6b),
    mul: i32(0x6c),
    div_s: i32(0x6d),
    rem_s: i32(0x6f),
    and: i32(0x71),
    or: i32(0x72),
    xor: i32(0x73),
    shl: i32(0x74),
    shr_s: i32(0x75),
    shr_u: i32(0x76),
    eq: i32(0x46),
    ne: i32(0x47),
    lt_s: i32(0x48),
    lt_u: i32(0x49),
    le_s: i32(0x4c),
    gt_s: i32(0x4a),
    ge_s: i32(0x4e),
    eqz: (a: I32) => new Expression("i32", new Node(0x45, [a.take()])),
    trunc: (a: F32) => new Expression("i32", new Node(numeric(0x00), [a.take()])),
  },
  f32: {
    add: f32(0x92),
    sub: f32(0x93),
    mul: f32(0x94),
    div: f32(0x95),
    min: f32(0x96),
    max: f32(0x97),
    sqrt: f32of(0x91),
    abs: f32of(0x8b),
    neg: f32of(0x8c),
    floor: f32of(0x8e),
    nearest: f32of(0x90),
    eq: test(0x5b),
    ne: test(0x5c),
    lt: test(0x5d),
    le: test(0x5f),
    gt: test(0x5e),
    ge: test(0x60),
    convert: (a: I32) => new Expression("f32", new Node(0xb2, [a.take()])),
    demote: (a: F64) => new Expression("f32", new Node(0xb6, [a.take()])),
  },
  /** For products of 64 bits. */
  i64: {
    mul: i64(0x7e),
    shr_u: i64(0x88),
    extend: (a: I32) => new Expression("i64", new Node(0xad, [a.take()])),
    wrap: (a: Operand<"i64">) => new Expression("i32", new Node(0xa7, [a.take()])),
    constant: (value: number) => new Expression("i64", new Node(op.i64, [], value)),
  },
  f64: {
    add: f64(0xa0),
    sub: f64(0xa1),
    mul: f64(0xa2),
    div: f64(0xa3),
    sqrt: f64of(0x9f),
    promote: (a: F32) => new Expression("f64", new Node(0xbb, [a.take()])),
  },
};

const floatVectors = {
  f32x4: {
    add: v128(0xe4),
    sub: v128(0xe5),
    mul: v128(0xe6),
    div: v128(0xe7),
    pmin: v128(0xea),
    pmax: v128(0xeb),
    sqrt: v128of(0xe3),
    abs: v128of(0xe0),
    neg: v128of(0xe1),
    floor: v128of(0x68),
    nearest: v128of(0x6a),
    eq: v128(0x41),
    ne: v128(0x42),
    lt: v128(0x43),
    le: v128(0x45),
    gt: v128(0x44),
    ge: v128(0x46),
    convert: v128of(0xfa),
    demote: v128of(0x5e),
    splat: (a: F32) => new Expression("v128", new Node(simd(0x13), [a.take()])),
    lane: (a: V128, i: number) => new Expression("f32", new Node(simd(0x1f), [a.take()], 0, i)),
    replace: (a: V128, i: number, x: F32) =>
      new Expression("v128", new Node(simd(0x20), [a.take(), x.take()], 0, i)),
  },
  f64x2: {
    add: v128(0xf0),
    sub: v128(0xf1),
    mul: v128(0xf2),
    div: v128(0xf3),
    pmin: v128(0xf6),
    pmax: v128(0xf7),
    nearest: v128of(0x94),
    promote: v128of(0x5f),
    lane: (a: V128, i: number) => new Expression("f64", new Node(simd(0x21), [a.take()], 0, i)),
    splat: (a: F64) => new Expression("v128", new Node(simd(0x14), [a.take()])),
  },
};

const integerVectors = {
  i32x4: {
    add: v128(0xae),
    sub: v128(0xb1),
    mul: v128(0xb5),
    min: v128(0xb6),
    max: v128(0xb8),
    abs: v128of(0xa0),
    neg: v128of(0xa1),
    eq: v128(0x37),
    ne: v128(0x38),
    lt: v128(0x39),
    le: v128(0x3d),
    gt: v128(0x3b),
    ge: v128(0x3f),
    shl: shift(0xab),
    shr: shift(0xac),
    shr_u: shift(0xad),
    trunc: v128of(0xf8),
    truncDouble: v128of(0xfc),
    splat: (a: I32) => new Expression("v128", new Node(simd(0x11), [a.take()])),
    lane: (a: V128, i: number) => new Expression("i32", new Node(simd(0x1b), [a.take()], 0, i)),
    replace: (a: V128, i: number, x: I32) =>
      new Expression("v128", new Node(simd(0x1c), [a.take(), x.take()], 0, i)),
  },
  i64x2: {
    add: v128(0xce),
    sub: v128(0xd1),
    shl: shift(0xcb),
    shr: shift(0xcc),
    low: v128(0xde),
    high: v128(0xdf),
  },
  v128: {
    and: v128(0x4e),
    or: v128(0x50),
    xor: v128(0x51),
    /** a and not b */
    andnot: v128(0x4f),
    not: v128of(0x4d),
    /** a where the mask is set, else b */
    select: (a: V128, b: V128, mask: V128) =>
      new Expression("v128", new Node(simd(0x52), [a.take(), b.take(), mask.take()])),
    /** Words: 0 to 3 of a, 4 to 7 of b. */
    shuffle: (a: V128, b: V128, words: readonly [number, number, number, number]) =>
      new Expression("v128", new Node(shuffle, [a.take(), b.take()], wordsOfShuffle(words))),
  },
};

export const spelling = { ...scalars, ...floatVectors, ...integerVectors };

export type Spelling = typeof spelling;
