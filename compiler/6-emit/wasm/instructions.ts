/** The instructions that kernels use, as functions on typed operands: one row each. */
import { int, Node } from "./module/node.js";
import { lane as laneBehind, later, Op, op, simd } from "./module/op.js";
import { Expression, type Kind, type Operand, type V128 } from "./operand.js";

/** The bytes of an opcode. */
type Code = readonly number[];

/** An instruction of one operand, or of two. */
function one<A extends Kind, K extends Kind>(result: K, code: Code) {
  const what = new Op(code);
  return (a: Operand<A>) => new Expression(result, new Node(what, [a.take()]));
}
function two<A extends Kind, K extends Kind>(result: K, code: Code) {
  const what = new Op(code);
  return (a: Operand<A>, b: Operand<A>) =>
    new Expression(result, new Node(what, [a.take(), b.take()]));
}

const i32 = (code: Code) => two<"i32", "i32">("i32", code);
const test = (code: Code) => two<"f32", "i32">("i32", code);
const f32 = (code: Code) => two<"f32", "f32">("f32", code);
const f32of = (code: Code) => one<"f32", "f32">("f32", code);
const i64 = (code: Code) => two<"i64", "i64">("i64", code);
const f64 = (code: Code) => two<"f64", "f64">("f64", code);
const f64of = (code: Code) => one<"f64", "f64">("f64", code);
const v128 = (code: Code) => two<"v128", "v128">("v128", code);
const v128of = (code: Code) => one<"v128", "v128">("v128", code);

function shift(code: Code) {
  const what = new Op(code);
  return (a: V128, by: number) => new Expression("v128", new Node(what, [a.take(), int(by)]));
}

function lane<K extends Kind>(result: K, code: Code) {
  const what = new Op(code, laneBehind);
  return (a: V128, i: number) => new Expression(result, new Node(what, [a.take()], 0, i));
}

function replace<K extends Kind>(code: Code) {
  const what = new Op(code, laneBehind);
  return (a: V128, i: number, x: Operand<K>) =>
    new Expression("v128", new Node(what, [a.take(), x.take()], 0, i));
}

const scalars = {
  i32: {
    add: i32([0x6a]),
    sub: i32([0x6b]),
    mul: i32([0x6c]),
    div_s: i32([0x6d]),
    rem_s: i32([0x6f]),
    and: i32([0x71]),
    or: i32([0x72]),
    xor: i32([0x73]),
    shl: i32([0x74]),
    shr_s: i32([0x75]),
    shr_u: i32([0x76]),
    eq: i32([0x46]),
    ne: i32([0x47]),
    lt_s: i32([0x48]),
    lt_u: i32([0x49]),
    le_s: i32([0x4c]),
    gt_s: i32([0x4a]),
    ge_s: i32([0x4e]),
    eqz: one<"i32", "i32">("i32", [0x45]),
    trunc: one<"f32", "i32">("i32", later(0x00)),
  },
  f32: {
    add: f32([0x92]),
    sub: f32([0x93]),
    mul: f32([0x94]),
    div: f32([0x95]),
    min: f32([0x96]),
    max: f32([0x97]),
    sqrt: f32of([0x91]),
    abs: f32of([0x8b]),
    neg: f32of([0x8c]),
    floor: f32of([0x8e]),
    nearest: f32of([0x90]),
    eq: test([0x5b]),
    ne: test([0x5c]),
    lt: test([0x5d]),
    le: test([0x5f]),
    gt: test([0x5e]),
    ge: test([0x60]),
    convert: one<"i32", "f32">("f32", [0xb2]),
    demote: one<"f64", "f32">("f32", [0xb6]),
  },
  /** For products of 64 bits. */
  i64: {
    mul: i64([0x7e]),
    shr_u: i64([0x88]),
    extend: one<"i32", "i64">("i64", [0xad]),
    wrap: one<"i64", "i32">("i32", [0xa7]),
    constant: (value: number) => new Expression("i64", new Node(op.i64, [], value)),
  },
  f64: {
    add: f64([0xa0]),
    sub: f64([0xa1]),
    mul: f64([0xa2]),
    div: f64([0xa3]),
    sqrt: f64of([0x9f]),
    promote: one<"f32", "f64">("f64", [0xbb]),
  },
};

const floatVectors = {
  f32x4: {
    add: v128(simd(0xe4)),
    sub: v128(simd(0xe5)),
    mul: v128(simd(0xe6)),
    div: v128(simd(0xe7)),
    pmin: v128(simd(0xea)),
    pmax: v128(simd(0xeb)),
    sqrt: v128of(simd(0xe3)),
    abs: v128of(simd(0xe0)),
    neg: v128of(simd(0xe1)),
    floor: v128of(simd(0x68)),
    nearest: v128of(simd(0x6a)),
    eq: v128(simd(0x41)),
    ne: v128(simd(0x42)),
    lt: v128(simd(0x43)),
    le: v128(simd(0x45)),
    gt: v128(simd(0x44)),
    ge: v128(simd(0x46)),
    convert: v128of(simd(0xfa)),
    demote: v128of(simd(0x5e)),
    splat: one<"f32", "v128">("v128", simd(0x13)),
    lane: lane("f32", simd(0x1f)),
    replace: replace<"f32">(simd(0x20)),
  },
  f64x2: {
    add: v128(simd(0xf0)),
    sub: v128(simd(0xf1)),
    mul: v128(simd(0xf2)),
    div: v128(simd(0xf3)),
    pmin: v128(simd(0xf6)),
    pmax: v128(simd(0xf7)),
    nearest: v128of(simd(0x94)),
    promote: v128of(simd(0x5f)),
    lane: lane("f64", simd(0x21)),
    splat: one<"f64", "v128">("v128", simd(0x14)),
  },
};

const bitselect = new Op(simd(0x52));

/** Words 0 to 7 of two vectors: its value has three bits for each, first to last. */
const shuffle = new Op(simd(0x0d), ({ out }, { value }) => {
  for (let i = 0; i < 16; i++) out.byte(4 * ((value >> (3 * (i >> 2))) & 7) + (i & 3));
});
const packed = (words: readonly number[]): number =>
  words.reduce((all, word, i) => all | (word << (3 * i)), 0);

const integerVectors = {
  i32x4: {
    add: v128(simd(0xae)),
    sub: v128(simd(0xb1)),
    mul: v128(simd(0xb5)),
    min: v128(simd(0xb6)),
    max: v128(simd(0xb8)),
    abs: v128of(simd(0xa0)),
    neg: v128of(simd(0xa1)),
    eq: v128(simd(0x37)),
    ne: v128(simd(0x38)),
    lt: v128(simd(0x39)),
    le: v128(simd(0x3d)),
    gt: v128(simd(0x3b)),
    ge: v128(simd(0x3f)),
    shl: shift(simd(0xab)),
    shr: shift(simd(0xac)),
    shr_u: shift(simd(0xad)),
    trunc: v128of(simd(0xf8)),
    truncDouble: v128of(simd(0xfc)),
    splat: one<"i32", "v128">("v128", simd(0x11)),
    lane: lane("i32", simd(0x1b)),
    replace: replace<"i32">(simd(0x1c)),
  },
  i64x2: {
    add: v128(simd(0xce)),
    sub: v128(simd(0xd1)),
    shl: shift(simd(0xcb)),
    shr: shift(simd(0xcc)),
    low: v128(simd(0xde)),
    high: v128(simd(0xdf)),
  },
  v128: {
    and: v128(simd(0x4e)),
    or: v128(simd(0x50)),
    xor: v128(simd(0x51)),
    /** a and not b */
    andnot: v128(simd(0x4f)),
    not: v128of(simd(0x4d)),
    /** a where the mask is set, else b */
    select: (a: V128, b: V128, mask: V128) =>
      new Expression("v128", new Node(bitselect, [a.take(), b.take(), mask.take()])),
    /** Words: 0 to 3 of a, 4 to 7 of b. */
    shuffle: (a: V128, b: V128, words: readonly [number, number, number, number]) =>
      new Expression("v128", new Node(shuffle, [a.take(), b.take()], packed(words))),
  },
};

export const spelling = { ...scalars, ...floatVectors, ...integerVectors };

export type Spelling = typeof spelling;
