/** The instructions that kernels use, as functions on typed operands: one row each. */
import type binaryen from "binaryen";
import { int, Node } from "./module/node.js";
import { binary, given, Op, op, unary } from "./module/op.js";
import { Expression, type Kind, type Operand, type V128 } from "./operand.js";

type Module = binaryen.Module;
type Of<F> = (m: Module) => F;
type Unary = Of<(a: number) => number>;
type Binary = Of<(a: number, b: number) => number>;
type Extract = Of<(vector: number, lane: number) => number>;
type Replace = Of<(vector: number, lane: number, value: number) => number>;

/** An instruction of one operand, or of two. */
function one<A extends Kind, K extends Kind>(result: K, of: Unary) {
  const what = unary(of);
  return (a: Operand<A>) => new Expression(result, new Node(what, [a.take()]));
}
function two<A extends Kind, K extends Kind>(result: K, of: Binary) {
  const what = binary(of);
  return (a: Operand<A>, b: Operand<A>) =>
    new Expression(result, new Node(what, [a.take(), b.take()]));
}

const i32 = (of: Binary) => two<"i32", "i32">("i32", of);
const test = (of: Binary) => two<"f32", "i32">("i32", of);
const f32 = (of: Binary) => two<"f32", "f32">("f32", of);
const f32of = (of: Unary) => one<"f32", "f32">("f32", of);
const i64 = (of: Binary) => two<"i64", "i64">("i64", of);
const f64 = (of: Binary) => two<"f64", "f64">("f64", of);
const f64of = (of: Unary) => one<"f64", "f64">("f64", of);
const v128 = (of: Binary) => two<"v128", "v128">("v128", of);
const v128of = (of: Unary) => one<"v128", "v128">("v128", of);

function shift(of: Binary) {
  const what = binary(of);
  return (a: V128, by: number) => new Expression("v128", new Node(what, [a.take(), int(by)]));
}

function lane<K extends Kind>(result: K, of: Extract) {
  const what = new Op(({ m }, [a], { lane: i }) => of(m)(given(a), i));
  return (a: V128, i: number) => new Expression(result, new Node(what, [a.take()], 0, i));
}

function replace<K extends Kind>(of: Replace) {
  const what = new Op(({ m }, [a, x], { lane: i }) => of(m)(given(a), i, given(x)));
  return (a: V128, i: number, x: Operand<K>) =>
    new Expression("v128", new Node(what, [a.take(), x.take()], 0, i));
}

const scalars = {
  i32: {
    add: i32((m) => m.i32.add),
    sub: i32((m) => m.i32.sub),
    mul: i32((m) => m.i32.mul),
    div_s: i32((m) => m.i32.div_s),
    rem_s: i32((m) => m.i32.rem_s),
    and: i32((m) => m.i32.and),
    or: i32((m) => m.i32.or),
    xor: i32((m) => m.i32.xor),
    shl: i32((m) => m.i32.shl),
    shr_s: i32((m) => m.i32.shr_s),
    shr_u: i32((m) => m.i32.shr_u),
    eq: i32((m) => m.i32.eq),
    ne: i32((m) => m.i32.ne),
    lt_s: i32((m) => m.i32.lt_s),
    lt_u: i32((m) => m.i32.lt_u),
    le_s: i32((m) => m.i32.le_s),
    gt_s: i32((m) => m.i32.gt_s),
    ge_s: i32((m) => m.i32.ge_s),
    eqz: one<"i32", "i32">("i32", (m) => m.i32.eqz),
    trunc: one<"f32", "i32">("i32", (m) => m.i32.trunc_s_sat.f32),
  },
  f32: {
    add: f32((m) => m.f32.add),
    sub: f32((m) => m.f32.sub),
    mul: f32((m) => m.f32.mul),
    div: f32((m) => m.f32.div),
    min: f32((m) => m.f32.min),
    max: f32((m) => m.f32.max),
    sqrt: f32of((m) => m.f32.sqrt),
    abs: f32of((m) => m.f32.abs),
    neg: f32of((m) => m.f32.neg),
    floor: f32of((m) => m.f32.floor),
    nearest: f32of((m) => m.f32.nearest),
    eq: test((m) => m.f32.eq),
    ne: test((m) => m.f32.ne),
    lt: test((m) => m.f32.lt),
    le: test((m) => m.f32.le),
    gt: test((m) => m.f32.gt),
    ge: test((m) => m.f32.ge),
    convert: one<"i32", "f32">("f32", (m) => m.f32.convert_s.i32),
    demote: one<"f64", "f32">("f32", (m) => m.f32.demote),
  },
  /** For products of 64 bits. */
  i64: {
    mul: i64((m) => m.i64.mul),
    shr_u: i64((m) => m.i64.shr_u),
    extend: one<"i32", "i64">("i64", (m) => m.i64.extend_u),
    wrap: one<"i64", "i32">("i32", (m) => m.i32.wrap),
    constant: (value: number) => new Expression("i64", new Node(op.i64, [], value)),
  },
  f64: {
    add: f64((m) => m.f64.add),
    sub: f64((m) => m.f64.sub),
    mul: f64((m) => m.f64.mul),
    div: f64((m) => m.f64.div),
    sqrt: f64of((m) => m.f64.sqrt),
    promote: one<"f32", "f64">("f64", (m) => m.f64.promote),
  },
};

const floatVectors = {
  f32x4: {
    add: v128((m) => m.f32x4.add),
    sub: v128((m) => m.f32x4.sub),
    mul: v128((m) => m.f32x4.mul),
    div: v128((m) => m.f32x4.div),
    pmin: v128((m) => m.f32x4.pmin),
    pmax: v128((m) => m.f32x4.pmax),
    sqrt: v128of((m) => m.f32x4.sqrt),
    abs: v128of((m) => m.f32x4.abs),
    neg: v128of((m) => m.f32x4.neg),
    floor: v128of((m) => m.f32x4.floor),
    nearest: v128of((m) => m.f32x4.nearest),
    eq: v128((m) => m.f32x4.eq),
    ne: v128((m) => m.f32x4.ne),
    lt: v128((m) => m.f32x4.lt),
    le: v128((m) => m.f32x4.le),
    gt: v128((m) => m.f32x4.gt),
    ge: v128((m) => m.f32x4.ge),
    convert: v128of((m) => m.f32x4.convert_i32x4_s),
    demote: v128of((m) => m.f32x4.demote_f64x2_zero),
    splat: one<"f32", "v128">("v128", (m) => m.f32x4.splat),
    lane: lane("f32", (m) => m.f32x4.extract_lane),
    replace: replace<"f32">((m) => m.f32x4.replace_lane),
  },
  f64x2: {
    add: v128((m) => m.f64x2.add),
    sub: v128((m) => m.f64x2.sub),
    mul: v128((m) => m.f64x2.mul),
    div: v128((m) => m.f64x2.div),
    pmin: v128((m) => m.f64x2.pmin),
    pmax: v128((m) => m.f64x2.pmax),
    nearest: v128of((m) => m.f64x2.nearest),
    promote: v128of((m) => m.f64x2.promote_low_f32x4),
    lane: lane("f64", (m) => m.f64x2.extract_lane),
    splat: one<"f64", "v128">("v128", (m) => m.f64x2.splat),
  },
};

const bitselect = new Op(({ m }, [a, b, mask]) =>
  m.v128.bitselect(given(a), given(b), given(mask)),
);

/** Words 0 to 7 of two vectors: its value has three bits for each, first to last. */
const shuffle = new Op(({ m }, [a, b], { value }) =>
  m.i8x16.shuffle(given(a), given(b), bytesOf(value)),
);
function bytesOf(value: number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < 16; i++) bytes.push(4 * ((value >> (3 * (i >> 2))) & 7) + (i & 3));
  return bytes;
}
const packed = (words: readonly number[]): number =>
  words.reduce((all, word, i) => all | (word << (3 * i)), 0);

const integerVectors = {
  i32x4: {
    add: v128((m) => m.i32x4.add),
    sub: v128((m) => m.i32x4.sub),
    mul: v128((m) => m.i32x4.mul),
    min: v128((m) => m.i32x4.min_s),
    max: v128((m) => m.i32x4.max_s),
    abs: v128of((m) => m.i32x4.abs),
    neg: v128of((m) => m.i32x4.neg),
    eq: v128((m) => m.i32x4.eq),
    ne: v128((m) => m.i32x4.ne),
    lt: v128((m) => m.i32x4.lt_s),
    le: v128((m) => m.i32x4.le_s),
    gt: v128((m) => m.i32x4.gt_s),
    ge: v128((m) => m.i32x4.ge_s),
    shl: shift((m) => m.i32x4.shl),
    shr: shift((m) => m.i32x4.shr_s),
    shr_u: shift((m) => m.i32x4.shr_u),
    trunc: v128of((m) => m.i32x4.trunc_sat_f32x4_s),
    truncDouble: v128of((m) => m.i32x4.trunc_sat_f64x2_s_zero),
    splat: one<"i32", "v128">("v128", (m) => m.i32x4.splat),
    lane: lane("i32", (m) => m.i32x4.extract_lane),
    replace: replace<"i32">((m) => m.i32x4.replace_lane),
  },
  i64x2: {
    add: v128((m) => m.i64x2.add),
    sub: v128((m) => m.i64x2.sub),
    shl: shift((m) => m.i64x2.shl),
    shr: shift((m) => m.i64x2.shr_s),
    low: v128((m) => m.i64x2.extmul_low_i32x4_u),
    high: v128((m) => m.i64x2.extmul_high_i32x4_u),
  },
  v128: {
    and: v128((m) => m.v128.and),
    or: v128((m) => m.v128.or),
    xor: v128((m) => m.v128.xor),
    /** a and not b */
    andnot: v128((m) => m.v128.andnot),
    not: v128of((m) => m.v128.not),
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
