/**
 * Softmax of eight rows side by side, over scores that lie as [j][8] in scratch: the largest m, the powers e^(s - m) and
 * their sum, and the weights, each a function of the module that goes over a part of the neighbours.
 */
import { run } from "../../call.js";
import type { Code } from "../../code.js";
import { inlineExpOfLess } from "../../math/exp.js";
import type { I32, Local, V128 } from "../../operand.js";
import { blockBytes } from "./tiles.js";

/** The scores of at least one neighbour, and what has been found for each row: its address. */
type Scores<N extends string> = { readonly [K in N | "first" | "end"]: I32 };

const halves = [0, 16] as const;

/** most = max(most, s) */
export function largest(code: Code, operands: Scores<"most">): void {
  run(code, "pair_largest", operands, (own, { first, end, most }) => {
    const all = halves.map((half) => own.variable(own.load128(most, half)));
    each(own, first, end, (p) => {
      for (const [i, m] of all.entries()) {
        own.set(m, own.ops.f32x4.pmax(m, own.load128(p, 16 * i)));
      }
    });
    for (const [i, m] of all.entries()) own.store128(most, 16 * i, m);
  });
}

/** s = e^(s - most), and their sum added to `sum` */
export function powers(code: Code, operands: Scores<"most" | "sum">): void {
  run(code, "pair_powers", operands, (own, { first, end, most, sum }) => {
    const { f32x4 } = own.ops;
    const all = halves.map((half) => ({
      m: own.hold(own.load128(most, half)),
      z: own.variable(own.load128(sum, half)),
    }));
    each(own, first, end, (p) => {
      for (const [i, { m, z }] of all.entries()) {
        const power = own.hold(inlineExpOfLess(own, f32x4.sub(own.load128(p, 16 * i), m)));
        own.store128(p, 16 * i, power);
        own.set(z, f32x4.add(z, power));
      }
    });
    for (const [i, { z }] of all.entries()) own.store128(sum, 16 * i, z);
  });
}

/** s = s * factor */
export function scaled(code: Code, operands: Scores<"factor">): void {
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
