/** The instructions that kernels use, as functions on typed operands: one row each. */
import type binaryen from "binaryen";
import { Expression, type F32, type F64, type I32, type V128 } from "./operand.js";

type Unary = (a: number) => number;
type Binary = (a: number, b: number) => number;

const i32 = (f: Binary) => (a: I32, b: I32) => new Expression("i32", f(a.take(), b.take()));
const test = (f: Binary) => (a: F32, b: F32) => new Expression("i32", f(a.take(), b.take()));
const f32 = (f: Binary) => (a: F32, b: F32) => new Expression("f32", f(a.take(), b.take()));
const f32of = (f: Unary) => (a: F32) => new Expression("f32", f(a.take()));
const f64 = (f: Binary) => (a: F64, b: F64) => new Expression("f64", f(a.take(), b.take()));
const f64of = (f: Unary) => (a: F64) => new Expression("f64", f(a.take()));
const v128 = (f: Binary) => (a: V128, b: V128) => new Expression("v128", f(a.take(), b.take()));
const v128of = (f: Unary) => (a: V128) => new Expression("v128", f(a.take()));

function scalars(m: binaryen.Module) {
  return {
    i32: {
      add: i32(m.i32.add),
      sub: i32(m.i32.sub),
      mul: i32(m.i32.mul),
      div_s: i32(m.i32.div_s),
      rem_s: i32(m.i32.rem_s),
      and: i32(m.i32.and),
      or: i32(m.i32.or),
      xor: i32(m.i32.xor),
      shl: i32(m.i32.shl),
      shr_s: i32(m.i32.shr_s),
      shr_u: i32(m.i32.shr_u),
      eq: i32(m.i32.eq),
      ne: i32(m.i32.ne),
      lt_s: i32(m.i32.lt_s),
      lt_u: i32(m.i32.lt_u),
      le_s: i32(m.i32.le_s),
      gt_s: i32(m.i32.gt_s),
      ge_s: i32(m.i32.ge_s),
      eqz: (a: I32) => new Expression("i32", m.i32.eqz(a.take())),
      trunc: (a: F32) => new Expression("i32", m.i32.trunc_s_sat.f32(a.take())),
    },
    f32: {
      add: f32(m.f32.add),
      sub: f32(m.f32.sub),
      mul: f32(m.f32.mul),
      div: f32(m.f32.div),
      min: f32(m.f32.min),
      max: f32(m.f32.max),
      sqrt: f32of(m.f32.sqrt),
      abs: f32of(m.f32.abs),
      neg: f32of(m.f32.neg),
      floor: f32of(m.f32.floor),
      nearest: f32of(m.f32.nearest),
      eq: test(m.f32.eq),
      ne: test(m.f32.ne),
      lt: test(m.f32.lt),
      le: test(m.f32.le),
      gt: test(m.f32.gt),
      ge: test(m.f32.ge),
      convert: (a: I32) => new Expression("f32", m.f32.convert_s.i32(a.take())),
      demote: (a: F64) => new Expression("f32", m.f32.demote(a.take())),
    },
    f64: {
      add: f64(m.f64.add),
      sub: f64(m.f64.sub),
      mul: f64(m.f64.mul),
      div: f64(m.f64.div),
      sqrt: f64of(m.f64.sqrt),
      promote: (a: F32) => new Expression("f64", m.f64.promote(a.take())),
    },
  };
}

function floatVectors(m: binaryen.Module) {
  return {
    f32x4: {
      add: v128(m.f32x4.add),
      sub: v128(m.f32x4.sub),
      mul: v128(m.f32x4.mul),
      div: v128(m.f32x4.div),
      pmin: v128(m.f32x4.pmin),
      pmax: v128(m.f32x4.pmax),
      sqrt: v128of(m.f32x4.sqrt),
      abs: v128of(m.f32x4.abs),
      neg: v128of(m.f32x4.neg),
      floor: v128of(m.f32x4.floor),
      nearest: v128of(m.f32x4.nearest),
      eq: v128(m.f32x4.eq),
      ne: v128(m.f32x4.ne),
      lt: v128(m.f32x4.lt),
      le: v128(m.f32x4.le),
      gt: v128(m.f32x4.gt),
      ge: v128(m.f32x4.ge),
      convert: v128of(m.f32x4.convert_i32x4_s),
      demote: v128of(m.f32x4.demote_f64x2_zero),
      splat: (a: F32) => new Expression("v128", m.f32x4.splat(a.take())),
      lane: (a: V128, i: number) => new Expression("f32", m.f32x4.extract_lane(a.take(), i)),
      replace: (a: V128, i: number, x: F32) =>
        new Expression("v128", m.f32x4.replace_lane(a.take(), i, x.take())),
    },
    f64x2: {
      add: v128(m.f64x2.add),
      sub: v128(m.f64x2.sub),
      mul: v128(m.f64x2.mul),
      div: v128(m.f64x2.div),
      pmin: v128(m.f64x2.pmin),
      pmax: v128(m.f64x2.pmax),
      nearest: v128of(m.f64x2.nearest),
      promote: v128of(m.f64x2.promote_low_f32x4),
      lane: (a: V128, i: number) => new Expression("f64", m.f64x2.extract_lane(a.take(), i)),
      splat: (a: F64) => new Expression("v128", m.f64x2.splat(a.take())),
    },
  };
}

function integerVectors(m: binaryen.Module) {
  const shift = (f: Binary) => (a: V128, by: number) =>
    new Expression("v128", f(a.take(), m.i32.const(by)));
  return {
    i32x4: {
      add: v128(m.i32x4.add),
      sub: v128(m.i32x4.sub),
      mul: v128(m.i32x4.mul),
      min: v128(m.i32x4.min_s),
      max: v128(m.i32x4.max_s),
      abs: v128of(m.i32x4.abs),
      neg: v128of(m.i32x4.neg),
      eq: v128(m.i32x4.eq),
      ne: v128(m.i32x4.ne),
      lt: v128(m.i32x4.lt_s),
      le: v128(m.i32x4.le_s),
      gt: v128(m.i32x4.gt_s),
      ge: v128(m.i32x4.ge_s),
      shl: shift(m.i32x4.shl),
      shr: shift(m.i32x4.shr_s),
      shr_u: shift(m.i32x4.shr_u),
      trunc: v128of(m.i32x4.trunc_sat_f32x4_s),
      truncDouble: v128of(m.i32x4.trunc_sat_f64x2_s_zero),
      splat: (a: I32) => new Expression("v128", m.i32x4.splat(a.take())),
      lane: (a: V128, i: number) => new Expression("i32", m.i32x4.extract_lane(a.take(), i)),
      replace: (a: V128, i: number, x: I32) =>
        new Expression("v128", m.i32x4.replace_lane(a.take(), i, x.take())),
    },
    i64x2: {
      add: v128(m.i64x2.add),
      sub: v128(m.i64x2.sub),
      shl: shift(m.i64x2.shl),
      shr: shift(m.i64x2.shr_s),
      low: v128(m.i64x2.extmul_low_i32x4_u),
      high: v128(m.i64x2.extmul_high_i32x4_u),
    },
    v128: {
      and: v128(m.v128.and),
      or: v128(m.v128.or),
      xor: v128(m.v128.xor),
      /** a and not b */
      andnot: v128(m.v128.andnot),
      not: v128of(m.v128.not),
      /** a where the mask is set, else b */
      select: (a: V128, b: V128, mask: V128) =>
        new Expression("v128", m.v128.bitselect(a.take(), b.take(), mask.take())),
      /** Words: 0 to 3 of a, 4 to 7 of b. */
      shuffle: (a: V128, b: V128, words: readonly [number, number, number, number]) =>
        new Expression("v128", m.i8x16.shuffle(a.take(), b.take(), words.flatMap(bytesOfWord))),
    },
  };
}

const bytesOfWord = (word: number): readonly number[] => [0, 1, 2, 3].map((b) => 4 * word + b);

export const spelling = (m: binaryen.Module) => ({
  ...scalars(m),
  ...floatVectors(m),
  ...integerVectors(m),
});

export type Spelling = ReturnType<typeof spelling>;
