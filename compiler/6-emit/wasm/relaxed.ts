/**
 * Relaxed SIMD: a b + c as one instruction, rounded once where the machine can, else twice. Bits differ between machines,
 * never between ranges of rows: only columns stand in lanes where it is used.
 *
 * binaryen knows the instruction, but its JavaScript has no function that makes it. So kernels call a function of its
 * name, and the text of the finished module says the instruction in place of the call.
 */
import type binaryen from "binaryen";
import { bug } from "../../bug.js";

type Binaryen = typeof binaryen;

/** a b + c: three vectors to one. */
export const fused = "f32x4.relaxed_madd";

/** Makes the function that stands for the instruction. */
export function declareFused({ createType, v128 }: Binaryen, m: binaryen.Module): void {
  m.addFunctionImport(fused, "env", fused, createType([v128, v128, v128]), v128);
}

/** The same module with the instruction for each call. Takes the place of the one that is handed in. */
export function withFused(wasm: Binaryen, m: binaryen.Module): binaryen.Module {
  const text = m.emitText();
  const declared = text.split("\n").filter((line) => line.includes(`(import "env" "${fused}"`));
  if (declared.length > 1) bug("the fused product is declared twice");
  const features = m.getFeatures() | wasm.Features.RelaxedSIMD;
  const said = text.replace(declared[0] ?? "", "").replaceAll(`(call $${fused}`, `(${fused}`);
  m.dispose();
  const made = wasm.parseText(said);
  made.setFeatures(features);
  return made;
}
