/**
 * Relaxed SIMD: a b + c as one instruction, rounded once where the machine can, else twice. Bits differ between machines,
 * never between ranges of rows: only columns stand in lanes where it is used.
 */
import { Op, simd } from "./module/op.js";

/** a b + c */
export const fused = new Op(simd(0x105));
