/**
 * Clipping by norm: the scale min(1, clip / |g|) of all gradients of an optimizer, written after its hyperparameters.
 * Squares are added in double precision, in one fixed order. A clip of 0 means none.
 */
import { hyperparameters } from "../../../../runtime/artifact.js";
import type { Local } from "../operand.js";
import type { StageContext, StageOf } from "./context.js";

export function norm({ ranges, settings }: StageOf<"norm">, c: StageContext): void {
  const { code, frame } = c;
  const { f32, f64 } = code.ops;
  const sum = code.variable<"f64">(code.double(0));
  for (const [first, words] of ranges) {
    const base = frame.word({ kind: "arena", arena: "gradients", offset: first });
    addSquares(base, words, sum, c);
  }
  const arena = frame.word({ kind: "arena", arena: "settings", offset: settings });
  const clip = code.hold(code.loadFloat(arena, 4 * hyperparameters.indexOf("clip")));
  const size = f32.demote(f64.sqrt(sum));
  const ratio = code.hold(f32.div(clip, size));
  const smaller = code.ops.i32.and(f32.lt(ratio, code.float(1)), f32.gt(clip, code.float(0)));
  const scale = code.choose(smaller, ratio, code.float(1));
  code.storeFloat(arena, 4 * hyperparameters.length, scale);
}

/** Adds x^2 for a stretch of words: pairs in two lanes, then the last one. */
function addSquares(
  base: Local<"i32">,
  words: number,
  sum: Local<"f64">,
  { code }: StageContext,
): void {
  const { f64, f64x2, i32, v128 } = code.ops;
  const whole = words & ~3;
  if (whole > 0) {
    const [low, high] = [code.variable(code.ints(0)), code.variable(code.ints(0))];
    code.loop(0, 4 * whole, 16, (i) => {
      const x = code.hold(code.load128(i32.add(base, i)));
      const [a, b] = [
        code.hold(f64x2.promote(x)),
        code.hold(f64x2.promote(v128.shuffle(x, x, [2, 3, 2, 3]))),
      ];
      code.set(low, f64x2.add(low, f64x2.mul(a, a)));
      code.set(high, f64x2.add(high, f64x2.mul(b, b)));
    });
    const both = code.hold(f64x2.add(low, high));
    code.set(sum, f64.add(sum, f64.add(f64x2.lane(both, 0), f64x2.lane(both, 1))));
  }
  for (let i = whole; i < words; i++) {
    const x = code.hold(f64.promote(code.loadFloat(base, 4 * i)));
    code.set(sum, f64.add(sum, f64.mul(x, x)));
  }
}
