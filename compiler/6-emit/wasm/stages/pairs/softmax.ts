/**
 * Softmax of eight rows side by side, part by part (Milakov & Gimelshein 2018): scores lie as [j][8] in scratch. Of the
 * parts so far there are the largest score m and the sum z of the powers e^(s - m).
 */
import { run } from "../../call.js";
import type { Code } from "../../code.js";
import { finite } from "../../expressions/accumulators.js";
import { inlineExpOfLess } from "../../math/exp.js";
import type { I32, Local, V128 } from "../../operand.js";
import { type Value, v128 } from "../../values.js";
import { blockBytes } from "./tiles.js";

/** The scores of at least one neighbour, and what is kept for the rows. */
type Scores = { readonly [K in "first" | "end" | "most" | "sum" | "factor"]: I32 };

export const halves = [0, 16] as const;

/** m' = max(m, s); f = e^(m - m'); z = f z + Σ e^(s - m'): the powers in place of the scores, f as the factor. */
export function powers(code: Code, operands: Scores): void {
  run(code, "pair_powers", operands, (own, { first, end, most, sum, factor }) => {
    const { f32x4 } = own.ops;
    const before = halves.map((half) => own.hold(own.load128(most, half)));
    const largest = before.map((m) => own.variable(m));
    each(own, first, end, (p) => {
      for (const [i, m] of largest.entries()) {
        own.set(m, f32x4.pmax(m, own.load128(p, 16 * i)));
      }
    });
    const all = largest.map((m, i) => {
      own.store128(most, 16 * i, m);
      const bounded = own.hold(v128(finite(own, vector(m))));
      const f = own.hold(inlineExpOfLess(own, f32x4.sub(before[i] ?? m, bounded)));
      own.store128(factor, 16 * i, f);
      return { bounded, z: own.variable(f32x4.mul(own.load128(sum, 16 * i), f)) };
    });
    each(own, first, end, (p) => {
      for (const [i, { bounded, z }] of all.entries()) {
        const power = own.hold(inlineExpOfLess(own, f32x4.sub(own.load128(p, 16 * i), bounded)));
        own.store128(p, 16 * i, power);
        own.set(z, f32x4.add(z, power));
      }
    });
    for (const [i, { z }] of all.entries()) own.store128(sum, 16 * i, z);
  });
}

const vector = (operand: Local<"v128">): Value => ({ dtype: "f32", lanes: 4, operand });

/** x = x * factor for eight rows: at least one position of each. */
export function scaled(
  code: Code,
  operands: { readonly [K in "first" | "end" | "factor"]: I32 },
): void {
  run(code, "pair_scaled", operands, (own, { first, end, factor }) => {
    const all = halves.map((half) => own.hold(own.load128(factor, half)));
    each(own, first, end, (p) => {
      for (const [i, k] of all.entries()) {
        const value: V128 = own.ops.f32x4.mul(own.load128(p, 16 * i), k);
        own.store128(p, 16 * i, value);
      }
    });
  });
}

function each(
  code: Code,
  first: Local<"i32">,
  end: Local<"i32">,
  body: (p: Local<"i32">) => void,
): void {
  const p = code.variable(first);
  code.repeat(() => {
    body(p);
    return code.ops.i32.lt_u(p.tee(code.ops.i32.add(p, code.int(blockBytes))), end);
  });
}
