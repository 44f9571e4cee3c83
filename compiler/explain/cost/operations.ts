/**
 * What one evaluation of a definition takes: floating-point operations, and calls of functions that are many operations
 * (`exp`, `tanh`, draws), which are counted apart. An addition, multiplication, division, square root or comparison is one
 * operation; choosing, converting and logic are none.
 */
import { factorsOf, type MapFunction, type Tensor } from "../../ir/tensor.js";

/** Of one position of the axes that a definition runs over, or of one result. */
export interface Operations {
  readonly flops: number;
  readonly functions: number;
}

export const none: Operations = { flops: 0, functions: 0 };
const flops = (count: number): Operations => ({ flops: count, functions: 0 });

const called: ReadonlySet<MapFunction> = new Set([
  "exp",
  "log",
  "tanh",
  "sigmoid",
  "erf",
  "sin",
  "cos",
  "pow",
]);
const free: ReadonlySet<MapFunction> = new Set(["select", "and", "or", "not", "to_f32", "to_i32"]);

/** Operations at every position that the definition of a tensor runs over: its own axes, those it sums, its elements. */
export function atEach(t: Tensor): Operations {
  switch (t.op) {
    case "map":
      if (called.has(t.attrs.f)) return { flops: 0, functions: 1 };
      return free.has(t.attrs.f) || !isReal(t) ? none : flops(1);
    case "product": {
      const { over, map, slots } = t.attrs;
      const sums = map !== null || over.length > 0 || slots.length > 0;
      return flops(factorsOf(t).length - 1 + (sums ? 1 : 0));
    }
    // the largest so far, the difference to it, its exponential and their sum
    case "lse":
      return { flops: 3, functions: 1 };
    case "random":
      return { flops: 0, functions: 1 };
    case "extreme":
    case "argmax":
      return flops(1);
    default:
      return none;
  }
}

/** Operations for every number of the result, when all positions are done. */
export function atEnd(t: Tensor): Operations {
  if (t.op === "product") return Math.abs(t.attrs.scale) === 1 ? none : flops(1);
  return t.op === "lse" ? { flops: 1, functions: 1 } : none;
}

/** What a function does to whole numbers is no floating-point operation. */
const isReal = (t: Tensor): boolean => t.dtype === "f32" || t.inputs.some((x) => x.dtype === "f32");

/** Per parameter and step: operations, words read and words written (`6-emit/wasm/stages/optimizer.ts`). */
const optimizers = {
  sgd: { flops: 11, read: 3, written: 2 },
  adam: { flops: 16, read: 4, written: 3 },
  adamw: { flops: 16, read: 4, written: 3 },
} as const;

export const optimizerOf = (kind: keyof typeof optimizers): (typeof optimizers)[typeof kind] =>
  optimizers[kind];
