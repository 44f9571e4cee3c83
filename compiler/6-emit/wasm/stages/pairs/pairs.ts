/**
 * Sums of pairs on blocks of eight rows (KERNELS, section 5): for each head and block the scores of all neighbours into
 * scratch as [j][8] by the register tile, softmax of whole rows there, then the weighted sums by the tile again.
 *
 * Neighbours come in parts that fit into scratch. Sums go on from part to part in the order of the neighbours, so neither
 * the part nor the block that a row falls in changes its bits.
 */
import { type Axis, volume } from "../../../../ir/tensor.js";
import { finite, logarithm } from "../../expressions/accumulators.js";
import { eachPosition, eachVector, type Placed } from "../../expressions/loops.js";
import type { I32, Local } from "../../operand.js";
import { f32, gathered, held, store, type Value, v128 } from "../../values.js";
import type { StageContext } from "../context.js";
import { eachPairBlock, type PairBlock } from "./block.js";
import { addressIn, pointerTo, strideOf } from "./field.js";
import { packNear } from "./near.js";
import { type Dot, isSame, type Pairs, type WeightedSum } from "./plan.js";
import { type ScratchOfPairs, scratchOfPairs } from "./scratch.js";
import { largest, powers, scaled } from "./softmax.js";
import { blockBytes, dots, sums, totals } from "./tiles.js";
import { type Part, writeLogits, writeWeights } from "./weights.js";

/** What the functions below work on: one block, at one position of the stack. */
export interface Work {
  readonly pairs: Pairs;
  readonly places: ScratchOfPairs;
  readonly block: PairBlock;
  readonly stack: Placed;
  readonly c: StageContext;
}

/** Writes sums of pairs; `isRead` tells whether anything reads the logarithms of their softmax. */
export function writePairs(pairs: Pairs, isRead: boolean, c: StageContext): void {
  const places = scratchOfPairs(pairs, c);
  const each = (stack: Placed): void =>
    eachPairBlock(pairs, c, (block) => {
      const work: Work = { pairs, places, block, stack, c };
      for (const [i, dot] of pairs.dots.entries()) packNear(dot, places.near(i), work);
      clear(work);
      if (pairs.softmax) attend(work, isRead);
      else eachPart(work, (part) => weigh(part, pairs.dots, work));
      for (const [i, sum] of pairs.sums.entries()) writeTotals(sum, places.totals(i), work);
    });
  eachPosition(c.e, pairs.stack, [], each, 1);
}

function clear({ pairs, places, c: { code } }: Work): void {
  for (const [i, { columns }] of pairs.sums.entries()) {
    code.zero(places.totals(i), code.int(blockBytes * volume(columns)));
  }
}

/** Parts of the interval that fit into scratch. */
function eachPart({ places, block, c }: Work, body: (part: Part) => void): void {
  const { code } = c;
  code.loop(block.low, block.high, places.capacity, (from) => {
    const to = code.hold(code.int(code.min(code.add(from, places.capacity), block.high)));
    body({ from, to, count: code.hold(code.ops.i32.sub(to, from)) });
  });
}

/** Inner products of some neighbours with all rows, each to its place. */
function multiply(part: Part, wanted: readonly Dot[], { pairs, places, stack, c }: Work): void {
  for (const dot of wanted) {
    const i = pairs.dots.indexOf(dot);
    const shape = { inner: volume(dot.over), stride: strideOf(dot.far) };
    const far = pointerTo(dot.far, part.from, new Map(stack), c);
    const result = places.scores(i);
    dots(c.code, shape, { far, near: places.near(i), result, count: part.count });
  }
}

/** From inner products to weights, and the sums that they weigh. */
function weigh(part: Part, wanted: readonly Dot[], work: Work): void {
  multiply(part, wanted, work);
  writeWeights(part, work);
  addUp(part, work);
}

function addUp(part: Part, { pairs, places, stack, c }: Work): void {
  const { count } = part;
  for (const [i, { far, weight, columns }] of pairs.sums.entries()) {
    const weights = places.weights(pairs.weights.findIndex((w) => isSame(w, weight)));
    const own = { weights, totals: places.totals(i), count };
    if (!far) totals(c.code, own);
    else {
      const shape = { columns: volume(columns), stride: strideOf(far) };
      sums(c.code, shape, { far: pointerTo(far, part.from, new Map(stack), c), ...own });
    }
  }
}

/**
 * Three passes: the largest score, the sum of the powers, the weighted sums. Where all neighbours are one part the scores
 * stay in their place; else each pass makes them again.
 */
function attend(work: Work, isRead: boolean): void {
  const { pairs, places, block, c } = work;
  const { code } = c;
  const { i32 } = code.ops;
  const logits = pairs.dots.slice(0, pairs.ofLogits);
  const others = pairs.dots.slice(pairs.ofLogits);
  for (const half of halves) {
    code.store128(places.most, half, code.floats(Number.NEGATIVE_INFINITY));
    code.store128(places.sum, half, code.floats(0));
  }
  const again = code.hold(i32.lt_s(code.int(places.capacity), i32.sub(block.high, block.low)));
  const sumsUp = pairs.sums.length > 0;
  code.loop(0, sumsUp ? 3 : 2, 1, (pass) => {
    const is = (n: number): I32 => i32.eq(pass, code.int(n));
    eachPart(work, (part) => {
      const first = code.hold(places.softmax);
      const end = code.hold(i32.add(first, code.int(code.mul(part.count, blockBytes))));
      code.when(i32.or(is(0), again), () => {
        multiply(part, logits, work);
        writeLogits(part, work);
      });
      code.when(is(0), () => largest(code, { first, end, most: places.most }));
      code.when(sumsUp ? i32.or(is(1), i32.and(is(2), again)) : is(1), () =>
        powers(code, { first, end, most: places.most, sum: places.sum }),
      );
      if (!sumsUp) return;
      code.when(is(2), () => {
        scaled(code, { first, end, factor: places.factor });
        weigh(part, others, work);
      });
    });
    code.when(is(0), () => finiteMost(work));
    code.when(is(1), () => finish(work, isRead));
  });
}

const halves = [0, 16] as const;

/** m, or 0 for rows of nothing but -inf. */
function finiteMost({ places, c: { code } }: Work): void {
  for (const half of halves) {
    const most = held(code, "f32", code.load128(places.most, half));
    code.store128(places.most, half, v128(finite(code, most)));
  }
}

/** The factors 1 / z, 0 for 0, and m + log z where it is read. */
function finish(work: Work, isRead: boolean): void {
  const { places, c } = work;
  const { code } = c;
  const { f32x4, v128: bits } = code.ops;
  for (const half of halves) {
    const z = held(code, "f32", code.load128(places.sum, half));
    const none = f32x4.eq(v128(z), code.floats(0));
    const inverse = bits.andnot(f32x4.div(code.floats(1), v128(z)), none);
    code.store128(places.factor, half, inverse);
    if (!isRead) continue;
    const most = held(code, "f32", code.load128(places.most, half));
    code.store128(places.sum, half, v128(logarithm(code, z, most)));
  }
  if (isRead) writeLogarithms(work);
}

/** Each row's own, from `sum`. */
function writeLogarithms({ pairs: { softmax }, places, block, stack, c }: Work): void {
  const { code, e } = c;
  if (!softmax) return;
  const buffer = e.bufferOf(softmax.lse);
  const positions = new Map(stack);
  code.loop(0, block.count, 1, (r) => {
    const row = c.tile.row(code.hold(code.ops.i32.add(block.first, r)));
    const from = code.ops.i32.add(places.sum, code.int(code.mul(r, 4)));
    const value = held(code, "f32", code.loadFloat(from));
    store(code, c.places.address(buffer, row, positions), value);
  });
}

/** The totals of each row to where they belong. */
function writeTotals({ target, columns }: WeightedSum, from: I32, work: Work): void {
  const { block, stack, c } = work;
  const { code, e, places } = c;
  const buffer = e.bufferOf(target);
  const even = isEven(buffer.layout, columns);
  const start = code.hold(from);
  code.loop(0, block.count, 1, (r) => {
    const row = c.tile.row(code.hold(code.ops.i32.add(block.first, r)));
    const lane = code.hold(code.ops.i32.add(start, code.int(code.mul(r, 4))));
    eachVector(e, columns, [], { overlap: true, lanes: even ? 4 : 1 }, (placed, lanes) => {
      const total = read(columns, placed, lane, lanes, c);
      const { scale } = target.attrs;
      const { f32: one, f32x4 } = code.ops;
      const value =
        lanes === 4
          ? f32x4.mul(v128(total), code.floats(scale))
          : one.mul(f32(total), code.float(scale));
      const positions = new Map([...stack, ...placed]);
      const result = scale === 1 ? total : held(code, "f32", value);
      store(code, places.address(buffer, row, positions), result);
    });
  });
}

/** Whether four neighbouring columns lie side by side. */
const isEven = (layout: readonly Axis[], columns: readonly Axis[]): boolean =>
  columns.length > 0 && layout.at(-1) === columns.at(-1);

/** Totals lie as [columns][8]. */
function read(
  columns: readonly Axis[],
  placed: Placed,
  lane: Local<"i32">,
  lanes: 1 | 4,
  c: StageContext,
): Value {
  const { code } = c;
  const { base, offset } = addressIn(columns, placed, lane, c);
  if (lanes === 1) return held(code, "f32", code.loadFloat(base, offset));
  const one = (i: number): Value =>
    held(code, "f32", code.loadFloat(base, offset + i * blockBytes));
  return gathered(code, [one(0), one(1), one(2), one(3)]);
}
