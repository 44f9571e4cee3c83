/**
 * softmax by a map and the sums weighted by it, on blocks of rows in three phases (KERNELS, section 3): the logits of
 * the elements of a row into scratch, their softmax there, and the weighted sums as a walk.
 */
import { bug } from "../../../bug.js";
import type { Buffer } from "../../../ir/kernel.js";
import { targetsOf } from "../../../ir/kernel.verify.js";
import { weightsIn } from "../../../ir/softmax.js";
import type { RowMap } from "../../../ir/space.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import { Evaluator } from "../expressions/evaluator.js";
import type { I32 } from "../operand.js";
import type { Row } from "../rows.js";
import { type Block, eachBlock } from "./blocks.js";
import { readBy, type StageContext, type StageOf } from "./context.js";
import { type Elements, runOf } from "./elements.js";
import { listWords } from "./listing.js";
import { copyRow } from "./map.js";
import { normaliseRow } from "./normalise.js";
import { areLinear } from "./pairs/linear.js";
import { writePairs } from "./pairs/pairs.js";
import { pairsOf } from "./pairs/plan.js";
import { reduceAll, reduceSingly, reduceTarget } from "./reduce.js";
import { evenLayout, withStash, wordsOf, worthStashing } from "./stash.js";
import { touch } from "./touch.js";
import { eachBase, fillBlock, walk } from "./walk.js";

type Stage = StageOf<"softmax">;

/** Lines of the caches that a row has from which on reading ahead is worth its code here: what is done with it takes long. */
const wide = 8;

export function softmax(stage: Stage, c: StageContext): void {
  const { map, lse, sums } = stage;
  const [logits] = lse.inputs;
  const weights = weightsOf(stage, c.e);
  const plain = (row: Row, elements: Elements): void => {
    for (const t of [lse, ...sums]) reduceTarget(t, { row, elements, fresh: null }, c);
  };
  const singly = (row: Row, elements: Elements): void => {
    for (const t of [lse, ...sums]) reduceSingly(t, { row, elements, fresh: null }, c);
  };
  if (!weights || !logits || map.kind === "all" || c.kernel.domain.over === "count") {
    eachBase(map, c, plain);
    return;
  }
  const pairs = pairsOf({ map, softmax: softmaxOf(lse, logits, weights), targets: sums }, c);
  if (pairs?.sums.length === sums.length) {
    if (areLinear(pairs)) writePairs(pairs, isLseRead(stage, knowing(weights, c), c), c);
    else for (const targets of [[lse], sums]) walk({ kind: "walk", map, targets }, c);
    return;
  }
  const first = volume(weights.axes);
  const { layout } = c.e.bufferOf(lse);
  const inLayout = (t: Tensor): readonly Axis[] => (t === weights ? layout : evenLayout(t, c.e));
  const known = withStash([weights], first, c, inLayout);
  const dear = worthStashing(sums, map, known.e);
  const list = listWords(map, dear, known.e);
  const words = first + wordsOf(dear) + list;
  const inner = withStash([weights, ...dear], words, c, inLayout);
  const isRead = isLseRead(stage, inner.e, c);
  touch(map, sums, inner, wide);
  eachBlock(
    map,
    words,
    inner,
    (block) => {
      normalise({ lse, logits, weights, isRead }, map, block, inner);
      if (dear.length > 0) fillBlock(dear, map, block, list > 0 ? words : null, inner);
      block.each((row, elements) => {
        reduceAll(sums, { row, elements, fresh: null }, inner);
      });
    },
    singly,
  );
}

/** exp(logits - pull(lse)), where the sums have it. */
function weightsOf({ lse, sums }: Stage, e: Evaluator): Tensor | null {
  if (lse.op !== "lse") return null;
  for (const sum of sums) {
    const found = sum.op === "product" ? weightsIn(sum, lse, (t) => e.stored(t) !== null) : null;
    if (found) return found;
  }
  return null;
}

const softmaxOf = (lse: Tensor, logits: Tensor, weights: Tensor) =>
  lse.op === "lse" ? { lse, logits, weights } : null;

/** An evaluator that need not look into a value. */
const knowing = (t: Tensor, { e, kernel }: StageContext): Evaluator =>
  new Evaluator(e, new Map([...kernel.stored, [t, placeless(t)]]));

const placeless = (t: Tensor): Buffer => ({
  id: -t.id,
  name: "at hand",
  space: t.space,
  layout: t.axes,
  dtype: t.dtype,
  place: { kind: "buffer" },
});

interface Softmax {
  readonly lse: Tensor;
  readonly logits: Tensor;
  readonly weights: Tensor;
  /** Whether anything reads the logarithms. */
  readonly isRead: boolean;
}

/** Whether anything reads the logarithms: a sum beside the weights (`here` has them), or another stage, which has not. */
function isLseRead(stage: Stage, here: Evaluator, { e, kernel }: StageContext): boolean {
  const { lse, sums } = stage;
  if (e.bufferOf(lse).place.kind !== "scratch") return true;
  const others = kernel.stages.filter((s) => s !== stage).flatMap(targetsOf);
  return sums.some((t) => readBy(t, here).has(lse)) || others.some((t) => readBy(t, e).has(lse));
}

/** Fills the place of the weights row by row, and writes the logarithms of the sums. */
function normalise(
  { lse, logits, weights, isRead }: Softmax,
  map: RowMap,
  block: Block,
  c: StageContext,
): void {
  const { code, e, places } = c;
  const { i32 } = code.ops;
  const buffer = e.bufferOf(weights);
  const heads = volume(buffer.layout);
  const scratch =
    buffer.place.kind === "scratch" ? buffer.place.offset : bug("weights in a buffer");
  const start = code.hold(code.int(code.add(code.scratch, 4 * scratch)));
  block.each((row, elements) => {
    elements((element) => copyRow(logits, buffer, element, c));
    const [begin, end] = runOf(map, row, e);
    const address = (element: I32): I32 => {
      const before = i32.sub(element, block.origin);
      return i32.add(start, code.int(code.mul(before, 4 * heads)));
    };
    const result = isRead ? places.start(e.bufferOf(lse), row) : null;
    normaliseRow(code, heads, { first: address(begin), end: address(end), result });
  });
}
