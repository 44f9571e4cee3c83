/**
 * Values of expressions: one element, or four neighbours of an axis in the lanes of a vector.
 *
 * Truth is 0 or 1 in a scalar and in memory, none or all bits in a lane.
 */
import { bug } from "../../bug.js";
import type { DType } from "../../ir/tensor.js";
import type { Code } from "./code.js";
import type { F32, I32, Operand, V128 } from "./operand.js";
import type { Address } from "./places.js";

export type Lanes = 1 | 4;

export interface Value {
  readonly dtype: DType;
  readonly lanes: Lanes;
  /** A variable or a constant: it may be used many times. */
  readonly operand: Operand<"i32"> | Operand<"f32"> | Operand<"v128">;
  /** The number that it is known to be. */
  readonly constant?: number;
}

export function i32(v: Value): I32 {
  return v.operand.kind === "i32" ? v.operand : bug(`an integer is wanted of ${v.dtype}`);
}

export function f32(v: Value): F32 {
  return v.operand.kind === "f32" ? v.operand : bug(`a number is wanted of ${v.dtype}`);
}

export function v128(v: Value): V128 {
  return v.operand.kind === "v128" ? v.operand : bug("four lanes are wanted of a scalar");
}

/** The number it is known to be. */
export const known = (v: Value): number | null => v.constant ?? null;

/** Computes now and names the result. */
export function held(code: Code, dtype: DType, operand: Value["operand"]): Value {
  if (operand.kind === "v128") return { dtype, lanes: 4, operand: code.hold(operand) };
  if (operand.kind === "f32") return { dtype, lanes: 1, operand: code.hold(operand) };
  return { dtype, lanes: 1, operand: code.hold(operand) };
}

export const literal = (code: Code, dtype: DType, value: number): Value => ({
  dtype,
  lanes: 1,
  operand: dtype === "f32" ? code.float(value) : code.int(value),
  constant: value,
});

/** The same value in all lanes. */
export function spread(code: Code, v: Value, lanes: Lanes): Value {
  if (v.lanes === lanes) return v;
  if (lanes === 1) bug("four lanes where one is wanted");
  const constant = known(v);
  if (constant === null) return held(code, v.dtype, splat(code, v));
  const bits = v.dtype === "bool" ? -constant : constant;
  const operand = v.dtype === "f32" ? code.floats(constant) : code.ints(bits);
  return { dtype: v.dtype, lanes, operand, constant };
}

function splat(code: Code, v: Value): V128 {
  if (v.dtype === "f32") return code.ops.f32x4.splat(f32(v));
  return code.ops.i32x4.splat(laneBits(code, v));
}

/** Four scalars as the lanes of a vector. */
export function gathered(code: Code, lanes: readonly Value[]): Value {
  const [first, ...rest] = lanes;
  if (!first) bug("no lanes");
  let all = v128(spread(code, first, 4));
  for (const [i, v] of rest.entries()) {
    all =
      v.dtype === "f32"
        ? code.ops.f32x4.replace(all, i + 1, f32(v))
        : code.ops.i32x4.replace(all, i + 1, laneBits(code, v));
  }
  return held(code, first.dtype, all);
}

const laneBits = (code: Code, v: Value): I32 =>
  v.dtype === "bool" ? code.ops.i32.sub(code.int(0), i32(v)) : i32(v);

/** Reads a word, or the words of four lanes `step` (0 or 1) apart. */
export function load(
  code: Code,
  dtype: DType,
  { base, offset }: Address,
  lanes: Lanes,
  step: number,
): Value {
  if (lanes === 1) {
    const scalar = dtype === "f32" ? code.loadFloat(base, offset) : code.loadInt(base, offset);
    return held(code, dtype, scalar);
  }
  const words = step === 0 ? code.loadSplat(base, offset) : code.load128(base, offset);
  if (dtype !== "bool") return held(code, dtype, words);
  return held(code, dtype, code.ops.i32x4.ne(words, code.ints(0)));
}

/** Writes a word, or four neighbours. */
export function store(code: Code, { base, offset }: Address, v: Value): void {
  if (v.lanes === 4) {
    const bits = v.dtype === "bool" ? code.ops.v128.and(v128(v), code.ints(1)) : v128(v);
    code.store128(base, offset, bits);
  } else if (v.dtype === "f32") code.storeFloat(base, offset, f32(v));
  else code.storeInt(base, offset, i32(v));
}

/** As a number: truth is 1 and 0. */
export function toFloat(code: Code, v: Value): Value {
  if (v.dtype === "f32") return v;
  const { ops } = code;
  if (v.lanes === 1) {
    const constant = known(v);
    if (constant !== null) return literal(code, "f32", constant);
    return held(code, "f32", ops.f32.convert(i32(v)));
  }
  if (v.dtype === "bool") return held(code, "f32", ops.v128.and(v128(v), code.floats(1)));
  return held(code, "f32", ops.f32x4.convert(v128(v)));
}

/** As an integer: towards zero. */
export function toInteger(code: Code, v: Value): Value {
  if (v.dtype === "i32") return v;
  const { ops } = code;
  if (v.dtype === "bool") {
    if (v.lanes === 1) return { ...v, dtype: "i32" };
    return held(code, "i32", ops.v128.and(v128(v), code.ints(1)));
  }
  if (v.lanes === 1) return held(code, "i32", ops.i32.trunc(f32(v)));
  return held(code, "i32", ops.i32x4.trunc(v128(v)));
}

/** a where the condition holds, else b; for all lanes alike. */
export function chosen(code: Code, condition: I32, a: Value, b: Value): Value {
  if (a.lanes === 4) return held(code, a.dtype, code.choose(condition, v128(a), v128(b)));
  if (a.dtype === "f32") return held(code, a.dtype, code.choose(condition, f32(a), f32(b)));
  return held(code, a.dtype, code.choose(condition, i32(a), i32(b)));
}
