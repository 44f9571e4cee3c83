/**
 * Pointwise work on the pairs of a block, neighbour by neighbour, four rows at once: logits from inner products, and the
 * weights of the sums from these and from the softmax. Where the interval has neighbours that are none of a row's, its
 * logits are -inf and its weights 0.
 */
import type { Tensor } from "../../../../ir/tensor.js";
import type { At } from "../../expressions/at.js";
import { Evaluator, type Given } from "../../expressions/evaluator.js";
import { multiplied } from "../../expressions/reductions.js";
import type { Local, V128 } from "../../operand.js";
import { held, spread, v128 } from "../../values.js";
import type { Work } from "./pairs.js";
import type { Weight } from "./plan.js";
import { isPlain } from "./scratch.js";
import { blockBytes } from "./tiles.js";

/** Neighbours `from` to `to`: one at least. */
export interface Part {
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
}

/** A value of each pair, and where it goes: bytes from the first of the scores on. */
interface Wanted {
  readonly weight: Weight;
  readonly offset: number;
}

/** The logits to the place of the softmax. */
export function writeLogits(part: Part, work: Work): void {
  const { pairs, places, block, c } = work;
  const { code } = c;
  const { softmax, dots } = pairs;
  if (!softmax) return;
  const isDot = dots[0]?.tensor === softmax.logits && places.offsetOf.softmax === 0;
  if (isDot && !block.partial) return;
  const weight = { factors: [softmax.logits], scale: 1 };
  const wanted = { weight, offset: places.offsetOf.softmax };
  const none = (value: V128, mask: V128): V128 =>
    code.ops.v128.select(value, code.floats(Number.NEGATIVE_INFINITY), mask);
  const [from, to] = isDot && block.partial ? block.partial : [part.from, part.to];
  const some = {
    from: code.hold(code.int(code.max(from, part.from))),
    to: code.hold(code.int(code.min(to, part.to))),
  };
  eachPair([wanted], part.from, isDot ? some : part, pairs.ofLogits, none, work);
}

/** All weights to their places. */
export function writeWeights(part: Part, work: Work): void {
  const { pairs, places, c } = work;
  if (isPlain(pairs)) return;
  const wanted = pairs.weights.map((weight, i) => ({
    weight,
    offset: places.offsetOf.weights(i),
  }));
  eachPair(wanted, part.from, part, pairs.dots.length, c.code.ops.v128.and, work);
}

/** Evaluates values of pairs; those of one pair are written when all have been read. Scores begin with those of `first`. */
function eachPair(
  wanted: readonly Wanted[],
  first: Local<"i32">,
  part: Part,
  dots: number,
  masked: (value: V128, mask: V128) => V128,
  work: Work,
): void {
  const { pairs, places, block, stack, c } = work;
  const { code } = c;
  const { i32 } = code.ops;
  const start = code.hold(places.scores(0));
  code.loop(part.from, part.to, 1, (number) => {
    const before = i32.sub(number, first);
    const at = code.hold(i32.add(start, code.int(code.mul(before, blockBytes))));
    const far = c.e.rows.make(pairs.across.to, number);
    const values = block.quarters.map((quarter, i) => {
      const e = evaluatorOf(at, 16 * i, dots, work);
      const here: At = { row: block.edges(quarter, far), positions: new Map(stack), lanes: 4 };
      return wanted.map(({ weight: { factors, scale } }) => {
        const value = code.hold(v128(spread(code, multiplied(factors, scale, here, e), 4)));
        return quarter.mask ? code.hold(masked(value, quarter.mask(number))) : value;
      });
    });
    for (const [i, all] of values.entries()) {
      for (const [j, value] of all.entries()) {
        code.store128(at, (wanted[j]?.offset ?? 0) + 16 * i, value);
      }
    }
  });
}

/** Evaluates with the inner products and the weights of the softmax at hand. */
function evaluatorOf(at: Local<"i32">, half: number, dots: number, work: Work): Evaluator {
  const { pairs, places, c } = work;
  const { code } = c;
  const read = (offset: number) => () => held(code, "f32", code.load128(at, offset + half));
  const given: (readonly [Tensor, ReturnType<typeof read>])[] = pairs.dots
    .slice(0, dots)
    .map(({ tensor }, i) => [tensor, read(places.offsetOf.scores(i))]);
  const weights = pairs.softmax?.weights;
  if (weights) given.push([weights, read(places.offsetOf.softmax)]);
  const all: Given = new Map(given);
  return new Evaluator(c.e, c.kernel.stored, all);
}
