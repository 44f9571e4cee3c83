/** Where the parts of a strip of pairs lie in the scratch of the emitter. */
import { type Axis, volume } from "../../../../ir/tensor.js";
import type { I32 } from "../../operand.js";
import type { StageContext } from "../context.js";
import type { Field } from "./field.js";
import { dotsOf, type Pairs } from "./plan.js";
import { blockRows } from "./tiles.js";

/** Words for what neighbours have, and how many neighbours a part has at least and at most. */
const farWords = 32768;
const [fewest, most] = [32, 256];

/** What neighbours have at one position of the stack: copied, so that they lie one after another. */
export interface Slice {
  readonly field: Field;
  /** The innermost axes. */
  readonly axes: readonly Axis[];
}

export interface ScratchOfPairs {
  /** How many neighbours a part has. */
  readonly part: number;
  readonly slices: readonly Slice[];
  readonly slice: (index: number) => I32;
  /** Inner products and weights, as [neighbours][8]: weights take the place of inner products. */
  readonly scores: (dot: number) => I32;
  readonly weights: (weight: number) => I32;
  /** Bytes of these from the first of the scores on, and of what is beside them. */
  readonly offsetOf: Readonly<Record<"scores" | "weights", (index: number) => number>> & {
    readonly softmax: number;
  };
  /** Of the first block what its rows have, as [over][8]; bytes to the next block. */
  readonly near: (dot: number) => I32;
  /** The totals, as [columns][8]. */
  readonly totals: (sum: number) => I32;
  /** Eight words each, of a softmax: the largest score, the sum of the powers, a factor. */
  readonly most: I32;
  readonly sum: I32;
  readonly factor: I32;
  /** Bytes from a block to the next, for the last five. */
  readonly perBlock: number;
}

export function scratchOfPairs(pairs: Pairs, c: StageContext): ScratchOfPairs {
  const { code } = c;
  const { dots, sums, weights } = pairs;
  const apart = softmaxApart(pairs);
  const slices = slicesOf(pairs);
  const widths = slices.map(({ axes }) => volume(axes));
  const wide = Math.floor(farWords / Math.max(1, total(widths)) / blockRows) * blockRows;
  const part = Math.min(most, Math.max(fewest, wide));
  const arrays = Math.max(dots.length + (apart ? 1 : 0), weights.length);
  const array = blockRows * part;
  const copies = starts(widths.map((width) => part * width));
  const own = starts([
    ...dots.map((d) => blockRows * volume(d.over)),
    ...sums.map((s) => blockRows * volume(s.columns)),
    blockRows,
    blockRows,
    blockRows,
  ]);
  const blocks = Math.ceil(c.kernel.tile / blockRows) + 1;
  const first = copies.end + arrays * array;
  const origin = c.scratch.words(first + blocks * own.end);
  const at = (words: number): I32 => code.int(code.add(code.scratch, 4 * (origin + words)));
  const ofBlock = (index: number): I32 => at(first + (own.at[index] ?? 0));
  const state = dots.length + sums.length;
  const offsetOf = {
    scores: (i: number) => 4 * array * i,
    weights: (i: number) => (isPlain(pairs) && apart ? 4 * array * dots.length : 4 * array * i),
    softmax: apart ? 4 * array * dots.length : 0,
  };
  return {
    part,
    slices,
    slice: (i) => at(copies.at[i] ?? 0),
    scores: (i) => at(copies.end + offsetOf.scores(i) / 4),
    weights: (i) => at(copies.end + offsetOf.weights(i) / 4),
    offsetOf,
    near: (i) => ofBlock(i),
    totals: (i) => ofBlock(dots.length + i),
    get most() {
      return ofBlock(state);
    },
    get sum() {
      return ofBlock(state + 1);
    },
    get factor() {
      return ofBlock(state + 2);
    },
    perBlock: 4 * own.end,
  };
}

/** What is copied, once each; rows that lie one after another anyway stay where they are. */
function slicesOf({ dots, sums }: Pairs): readonly Slice[] {
  const found: Slice[] = [];
  const add = (field: Field | null, axes: readonly Axis[]): void => {
    if (!field || axes.length === field.layout.length) return;
    if (!found.some((s) => isSameSlice(s, field, axes))) found.push({ field, axes });
  };
  for (const { far, over } of dots) add(far, over);
  for (const { far, columns } of sums.flatMap((s) => s.terms)) add(far, columns);
  return found;
}

export const isSameSlice = (s: Slice, { buffer, layout }: Field, axes: readonly Axis[]): boolean =>
  s.field.buffer === buffer &&
  s.axes.length === axes.length &&
  s.field.layout.every((a, i) => a === layout[i]);

/** Whether the only weights are those of the softmax: they are used where they lie. */
export function isPlain({ softmax, weights: [only, ...more] }: Pairs): boolean {
  if (!softmax || !only || more.length > 0) return false;
  return only.scale === 1 && only.factors.length === 1 && only.factors[0] === softmax.weights;
}

/** Whether the softmax needs a place that no inner product has. */
function softmaxApart({ softmax, ofLogits, weights, sums }: Pairs): boolean {
  if (!softmax) return false;
  return ofLogits === 0 || weights.length > 1 || sums.some((s) => dotsOf(s).length > 0);
}

const total = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);

function starts(sizes: readonly number[]): {
  readonly at: readonly number[];
  readonly end: number;
} {
  return { at: sizes.map((_, i) => total(sizes.slice(0, i))), end: total(sizes) };
}
