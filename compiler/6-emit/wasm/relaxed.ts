/**
 * Relaxed SIMD: a b + c as one instruction, rounded once where the machine can, else twice. Bits differ between machines,
 * never between ranges of rows: only columns stand in lanes where it is used.
 */
import { bug } from "../../bug.js";
import { type Binaryen, given, Op } from "./module/op.js";

/** What binaryen's JavaScript has to change an expression of three vectors, and its types leave out. */
interface Ternaries {
  readonly SIMDTernary?: { setOp(expression: number, operation: number): void };
}

/** a b + c. binaryen knows the instruction, but makes no expression of it: it is made of another one of three vectors. */
export const fused = new Op(({ wasm, m }, [a, b, c]) => {
  const made = m.v128.bitselect(given(a), given(b), given(c));
  const { SIMDTernary } = wasm as Binaryen & Ternaries;
  if (!SIMDTernary) bug("binaryen does not change expressions of three vectors");
  SIMDTernary.setOp(made, wasm.RelaxedMaddVecF32x4);
  return made;
});
