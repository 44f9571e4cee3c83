/**
 * Sums of pairs on blocks of eight rows (KERNELS, section 5): for each head, strip of rows and part of the neighbours what
 * these have is copied; then for each block the scores go into scratch as [j][8] by the register tile, become weights there,
 * and weigh by the tile again what is added to the totals of the block.
 *
 * Parts begin at fixed places of a graph and totals go through them in order, so neither the tile nor the block that a row
 * falls in changes its bits.
 */
import { type Axis, volume } from "../../../../ir/tensor.js";
import { finite, logarithm } from "../../expressions/accumulators.js";
import { eachPosition, eachVector, type Placed } from "../../expressions/loops.js";
import type { I32, Local } from "../../operand.js";
import { f32, gathered, held, store, type Value, v128 } from "../../values.js";
import type { StageContext } from "../context.js";
import { blockAt, eachStrip, intervalOf, type PairBlock, type Strip } from "./block.js";
import { addressIn } from "./field.js";
import { packNear } from "./near.js";
import { isSame, type Pairs, type WeightedSum } from "./plan.js";
import { type ScratchOfPairs, scratchOfPairs } from "./scratch.js";
import { copySlices, farRows } from "./slices.js";
import { halves, powers, scaled } from "./softmax.js";
import { blockBytes, blockRows, dots, sums, totals } from "./tiles.js";
import { type Part, writeLogits, writeWeights } from "./weights.js";

/** One strip, at one position of the stack. */
export interface InStrip {
  readonly pairs: Pairs;
  readonly places: ScratchOfPairs;
  readonly strip: Strip;
  readonly stack: Placed;
  readonly c: StageContext;
}

/** One block of it; `offset`: bytes to what it keeps. */
export interface Work extends InStrip {
  readonly block: PairBlock;
  readonly offset: Local<"i32">;
}

/** Writes sums of pairs; `isRead` tells whether anything reads the logarithms of their softmax. */
export function writePairs(pairs: Pairs, isRead: boolean, c: StageContext): void {
  const places = scratchOfPairs(pairs, c);
  const each = (stack: Placed): void =>
    eachStrip(pairs, c, (strip) => {
      const here: InStrip = { pairs, places, strip, stack, c };
      eachBlock(here, (first, offset) => begin(first, offset, here));
      eachPart(here, (part) => {
        copySlices(part, here);
        eachBlock(here, (first, offset) => {
          const block = blockAt(first, strip, pairs, c);
          goOn(part, { ...here, block, offset });
        });
      });
      eachBlock(here, (first, offset) => finish(first, offset, isRead, here));
    });
  eachPosition(c.e, pairs.stack, [], each, 1);
}

/** Writes a loop over the first rows of blocks, and the bytes to what these keep. */
function eachBlock(
  { places, strip, c: { code } }: InStrip,
  body: (first: Local<"i32">, offset: Local<"i32">) => void,
): void {
  const [begin, end] = strip.rows;
  const offset = code.variable(code.int(0));
  code.loop(begin, end, blockRows, (first) => {
    body(first, offset);
    code.set(offset, code.ops.i32.add(offset, code.int(places.perBlock)));
  });
}

const beside = (place: I32, offset: Local<"i32">, { code }: StageContext): I32 =>
  code.ops.i32.add(place, offset);

/** What a block begins with: its side of the inner products, and totals of nothing. */
function begin(first: Local<"i32">, offset: Local<"i32">, here: InStrip): void {
  const { pairs, places, c } = here;
  const { code } = c;
  for (const [i, dot] of pairs.dots.entries()) {
    packNear(dot, first, beside(places.near(i), offset, c), here);
  }
  for (const [i, { columns }] of pairs.sums.entries()) {
    code.zero(beside(places.totals(i), offset, c), code.int(blockBytes * volume(columns)));
  }
  if (!pairs.softmax) return;
  const [most, sum] = [places.most, places.sum].map((p) => code.hold(beside(p, offset, c)));
  for (const half of halves) {
    if (most) code.store128(most, half, code.floats(Number.NEGATIVE_INFINITY));
    if (sum) code.store128(sum, half, code.floats(0));
  }
}

/** The parts of the neighbours of a strip. */
function eachPart({ pairs, places, strip, c }: InStrip, body: (part: Part) => void): void {
  const { code } = c;
  const { i32 } = code.ops;
  const [first, end] = strip.rows;
  const last = c.tile.row(code.hold(i32.sub(end, code.int(1))));
  const [low, high] = intervalOf(pairs, strip, c.tile.row(first), last, c);
  const [origin] = strip.others;
  const before = i32.rem_s(i32.sub(low, origin), code.int(places.part));
  code.loop(i32.sub(low, before), high, places.part, (start) => {
    const from = code.hold(code.int(code.max(start, low)));
    body({ from, to: code.hold(code.int(code.min(code.add(start, places.part), high))) });
  });
}

/** From what rows and neighbours of a part have to the totals of a block. */
function goOn(part: Part, work: Work): void {
  const { block, c } = work;
  const { code } = c;
  const from = code.hold(code.int(code.max(part.from, block.interval[0])));
  const to = code.hold(code.int(code.min(part.to, block.interval[1])));
  const own: Part = { from, to };
  code.when(code.ops.i32.lt_s(from, to), () => {
    multiply(own, part, work);
    if (work.pairs.softmax) normalise(own, part, work);
    if (work.pairs.sums.length === 0) return;
    writeWeights(own, work);
    addUp(own, part, work);
  });
}

/** Inner products of some neighbours with all rows, each to its place. */
function multiply({ from, to }: Part, part: Part, work: Work): void {
  const { pairs, places, offset, c } = work;
  for (const [i, { far, over }] of pairs.dots.entries()) {
    const { start, stride } = farRows(far, over, from, part.from, work);
    const near = beside(places.near(i), offset, c);
    const count = c.code.ops.i32.sub(to, from);
    const shape = { inner: volume(over), stride };
    dots(c.code, shape, { far: start, near, result: places.scores(i), count });
  }
}

/** Powers in place of the scores; the totals so far are brought down to them. */
function normalise(own: Part, part: Part, work: Work): void {
  const { pairs, places, offset, c } = work;
  const { code } = c;
  const { i32 } = code.ops;
  writeLogits(own, work);
  const first = code.hold(i32.add(places.scores(0), code.int(places.offsetOf.softmax)));
  const end = i32.add(first, code.int(code.mul(i32.sub(own.to, own.from), blockBytes)));
  const [most, sum] = [beside(places.most, offset, c), beside(places.sum, offset, c)];
  powers(code, { first, end, most, sum, factor: places.factor });
  code.when(i32.lt_s(work.strip.others[0], part.from), () => {
    for (const [i, { columns }] of pairs.sums.entries()) {
      const start = code.hold(beside(places.totals(i), offset, c));
      const stop = i32.add(start, code.int(blockBytes * volume(columns)));
      scaled(code, { first: start, end: stop, factor: places.factor });
    }
  });
}

function addUp({ from, to }: Part, part: Part, work: Work): void {
  const { pairs, places, offset, c } = work;
  for (const [i, { terms, columns }] of pairs.sums.entries()) {
    for (const { weight, far } of terms) {
      const weights = places.weights(pairs.weights.findIndex((w) => isSame(w, weight)));
      const count = c.code.ops.i32.sub(to, from);
      const own = { weights, totals: beside(places.totals(i), offset, c), count };
      if (!far) totals(c.code, own);
      else {
        const { start, stride } = farRows(far, columns, from, part.from, work);
        sums(c.code, { columns: volume(columns), stride }, { far: start, ...own });
      }
    }
  }
}

/** What a block ends with: logarithms where they are read, and the totals to where they belong. */
function finish(first: Local<"i32">, offset: Local<"i32">, isRead: boolean, here: InStrip): void {
  const { pairs, places, strip, c } = here;
  const { code } = c;
  const { i32 } = code.ops;
  const count = code.int(code.min(i32.sub(strip.rows[1], first), blockRows));
  const rows: Rows = { first, count: code.hold(count) };
  const factor = code.hold(places.factor);
  if (pairs.softmax) {
    const [most, sum] = [places.most, places.sum].map((p) => code.hold(beside(p, offset, c)));
    if (most && sum) invert({ most, sum, factor }, isRead, c);
    if (sum && isRead) writeLogarithms(rows, sum, here);
  }
  for (const [i, sum] of pairs.sums.entries()) {
    writeTotals(sum, rows, code.hold(beside(places.totals(i), offset, c)), factor, here);
  }
}

/** The factors 1 / z, 0 for 0, and m + log z in the place of z. */
function invert(
  { most, sum, factor }: { readonly [N in "most" | "sum" | "factor"]: Local<"i32"> },
  isRead: boolean,
  { code }: StageContext,
): void {
  const { f32x4, v128: bits } = code.ops;
  for (const half of halves) {
    const z = held(code, "f32", code.load128(sum, half));
    const none = f32x4.eq(v128(z), code.floats(0));
    code.store128(factor, half, bits.andnot(f32x4.div(code.floats(1), v128(z)), none));
    if (!isRead) continue;
    const m = finite(code, held(code, "f32", code.load128(most, half)));
    code.store128(sum, half, v128(logarithm(code, z, m)));
  }
}

/** The rows of a block. */
interface Rows {
  readonly first: Local<"i32">;
  readonly count: Local<"i32">;
}

/** Each row's own. */
function writeLogarithms(rows: Rows, from: Local<"i32">, here: InStrip): void {
  const { pairs, stack, c } = here;
  const { code, e } = c;
  const lse = pairs.softmax?.lse;
  if (!lse) return;
  const positions = new Map(stack);
  code.loop(0, rows.count, 1, (r) => {
    const row = c.tile.row(code.hold(code.ops.i32.add(rows.first, r)));
    const at = code.ops.i32.add(from, code.int(code.mul(r, 4)));
    const value = held(code, "f32", code.loadFloat(at));
    store(code, c.places.address(e.bufferOf(lse), row, positions), value);
  });
}

/** Each row's own; those of a softmax divided by the sum of its powers. */
function writeTotals(
  { target, columns }: WeightedSum,
  rows: Rows,
  from: Local<"i32">,
  factor: Local<"i32">,
  here: InStrip,
): void {
  const { pairs, stack, c } = here;
  const { code, e, places } = c;
  const { f32: one, f32x4, i32 } = code.ops;
  const { scale } = target.attrs;
  const buffer = e.bufferOf(target);
  const even = isEven(buffer.layout, columns);
  code.loop(0, rows.count, 1, (r) => {
    const row = c.tile.row(code.hold(i32.add(rows.first, r)));
    const inLane = (start: Local<"i32">): Local<"i32"> =>
      code.hold(i32.add(start, code.int(code.mul(r, 4))));
    const lane = inLane(from);
    const inverse = pairs.softmax ? code.loadFloat(inLane(factor)) : code.float(1);
    const times = code.hold(scale === 1 ? inverse : one.mul(inverse, code.float(scale)));
    const all = code.hold(f32x4.splat(times));
    const isOne = !pairs.softmax && scale === 1;
    eachVector(e, columns, [], { overlap: true, lanes: even ? 4 : 1 }, (placed, lanes) => {
      const total = read(columns, placed, lane, lanes, c);
      const value = lanes === 4 ? f32x4.mul(v128(total), all) : one.mul(f32(total), times);
      const result = isOne ? total : held(code, "f32", value);
      store(code, places.address(buffer, row, new Map([...stack, ...placed])), result);
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
