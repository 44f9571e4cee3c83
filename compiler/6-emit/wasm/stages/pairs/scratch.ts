/** Where the parts of a block of pairs lie in the scratch of the emitter. */
import { volume } from "../../../../ir/tensor.js";
import type { I32 } from "../../operand.js";
import type { StageContext } from "../context.js";
import type { Pairs } from "./plan.js";
import { blockRows } from "./tiles.js";

/** Words for scores and weights: of a softmax those of all neighbours, if they are not too many. */
const softmaxWords = 131072;
const sumWords = 16384;

export interface ScratchOfPairs {
  /** How many neighbours there is room for. */
  readonly capacity: number;
  /** What the rows have, as [over][8]. */
  readonly near: (dot: number) => I32;
  /** Inner products and weights, as [neighbours][8]: weights may take the place of inner products. */
  readonly scores: (dot: number) => I32;
  readonly weights: (weight: number) => I32;
  /** Where the softmax takes place. */
  readonly softmax: I32;
  /** Bytes of these from the first of the scores on. */
  readonly offsetOf: Readonly<Record<"scores" | "weights", (index: number) => number>> & {
    readonly softmax: number;
  };
  /** As [columns][8]. */
  readonly totals: (sum: number) => I32;
  /** Eight words each: of a softmax the largest score, the sum of the powers, and its inverse. */
  readonly most: I32;
  readonly sum: I32;
  readonly factor: I32;
}

export function scratchOfPairs(pairs: Pairs, c: StageContext): ScratchOfPairs {
  const { code } = c;
  const { dots, sums, weights, softmax } = pairs;
  const apart = softmaxApart(pairs);
  const arrays = Math.max(dots.length + (apart ? 1 : 0), weights.length);
  const capacity = Math.floor((softmax ? softmaxWords : sumWords) / (blockRows * arrays));
  const array = blockRows * capacity;
  const nears = starts(dots.map((d) => blockRows * volume(d.over)));
  const results = starts(sums.map((s) => blockRows * volume(s.columns)));
  const [first, second, third] = [arrays * array, nears.end, results.end];
  const origin = c.scratch.words(first + second + third + 3 * blockRows);
  const at = (words: number): I32 => code.ops.i32.add(code.scratch, code.int(4 * (origin + words)));
  const offsetOf = {
    scores: (i: number) => 4 * array * i,
    weights: (i: number) => 4 * array * (isPlain(pairs) && apart ? dots.length : i),
    softmax: apart ? 4 * array * dots.length : 0,
  };
  const state = first + second + third;
  return {
    capacity,
    near: (i) => at(first + (nears.at[i] ?? 0)),
    scores: (i) => at(offsetOf.scores(i) / 4),
    weights: (i) => at(offsetOf.weights(i) / 4),
    get softmax() {
      return at(offsetOf.softmax / 4);
    },
    offsetOf,
    totals: (i) => at(first + second + (results.at[i] ?? 0)),
    get most() {
      return at(state);
    },
    get sum() {
      return at(state + blockRows);
    },
    get factor() {
      return at(state + 2 * blockRows);
    },
  };
}

/** Whether the only weights are those of the softmax: they are used where they lie. */
export const isPlain = ({ softmax, weights }: Pairs): boolean =>
  softmax !== null &&
  weights.length === 1 &&
  weights[0]?.length === 1 &&
  weights[0][0] === softmax.weights;

/** Whether the softmax needs a place that no inner product has. */
function softmaxApart({ softmax, dots, ofLogits, weights }: Pairs): boolean {
  if (!softmax) return false;
  return ofLogits === 0 || dots.length > ofLogits || weights.length > 1;
}

function starts(sizes: readonly number[]): {
  readonly at: readonly number[];
  readonly end: number;
} {
  let end = 0;
  const at = sizes.map((size) => {
    end += size;
    return end - size;
  });
  return { at, end };
}
