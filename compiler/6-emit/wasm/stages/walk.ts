/**
 * Reductions along a map, for each row over its elements in order. Dear values of elements are kept in scratch. What
 * follows a sum pointwise is stored in its place.
 */
import type { RowMap } from "../../../ir/space.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { Row } from "../rows.js";
import { type Block, eachPart } from "./blocks.js";
import type { StageContext, StageOf } from "./context.js";
import { type Elements, elementsOf } from "./elements.js";
import { fill } from "./fill.js";
import type { Finish } from "./finish.js";
import { passesBy } from "./in-order.js";
import { listBlock, listWords } from "./listing.js";
import { map as mapStage, writeRow } from "./map.js";
import { writePairs } from "./pairs/pairs.js";
import { pairsOf } from "./pairs/plan.js";
import { type Base, reduceAll, reduceTarget } from "./reduce.js";
import { withStash, wordsOf, worthStashing } from "./stash.js";
import { touch } from "./touch.js";

export function walk(
  { map, targets: all }: StageOf<"walk">,
  c: StageContext,
  finish: Finish | null = null,
): void {
  const done = inPairs(map, all, c);
  const targets = all.filter((t) => !done.has(t));
  const dear = dearOf(map, targets, c);
  const [only] = targets;
  if (finish && only && dear.length === 0 && !passesBy(only, null, c)) {
    touch(map, targets, c);
    eachBase(map, c, (row, elements) =>
      reduceTarget(only, { row, elements, fresh: null }, c, finish.target),
    );
    return;
  }
  if (targets.length > 0) walkAll(map, targets, dear, c);
  if (finish) mapStage(finish, c);
}

function walkAll(
  map: RowMap,
  targets: readonly Tensor[],
  dear: readonly Tensor[],
  c: StageContext,
): void {
  if (dear.length === 0) {
    touch(map, targets, c);
    eachBase(map, c, (row, elements) => walkRow(map, targets, { row, elements, fresh: null }, c));
    return;
  }
  const list = listWords(map, dear, c.e);
  const words = wordsOf(dear) + list;
  const inner = withStash(dear, words, c);
  eachPart(map, words, inner, (block, fresh) => {
    fillBlock(dear, map, block, list > 0 ? words : null, inner);
    block.each((row, elements) => walkRow(map, targets, { row, elements, fresh }, inner));
  });
}

/** Writes what is made of products of pairs, and tells what that was. */
function inPairs(map: RowMap, targets: readonly Tensor[], c: StageContext): ReadonlySet<Tensor> {
  const done = new Set<Tensor>();
  for (const lse of targets) {
    if (lse.op !== "lse") continue;
    const softmax = { lse, logits: lse.inputs[0], weights: null };
    const pairs = pairsOf({ map, softmax, targets: [] }, c);
    if (!pairs) continue;
    writePairs(pairs, true, c);
    done.add(lse);
  }
  const pairs = pairsOf({ map, softmax: null, targets }, c);
  if (!pairs) return done;
  writePairs(pairs, false, c);
  return new Set([...done, ...pairs.sums.map((s) => s.target)]);
}

/** Reductions to the row, and fields of its elements. */
function walkRow(map: RowMap, targets: readonly Tensor[], base: Base, c: StageContext): void {
  const isField = (t: Tensor): boolean => t.space === map.from;
  for (const target of targets.filter(isField)) {
    base.elements((element) => writeRow(target, element, c));
  }
  reduceAll(
    targets.filter((t) => !isField(t)),
    base,
    c,
  );
}

/** What is kept of the elements. Winners look at rows again, which may be gone by then. */
function dearOf(map: RowMap, targets: readonly Tensor[], c: StageContext): readonly Tensor[] {
  if (!isListed(map, c) || targets.some((t) => t.op === "winner")) return [];
  const reductions = targets.filter((t) => t.space !== map.from);
  return worthStashing(reductions, map, c.e);
}

/** Whether the elements of a row are a run in a list. */
const isListed = (map: RowMap, { kernel }: StageContext): boolean =>
  map.kind !== "all" && kernel.domain.over !== "count";

/** Computes what is kept of the elements of a block; `words` as `listBlock` has it. */
export function fillBlock(
  tensors: readonly Tensor[],
  map: RowMap,
  block: Block,
  words: number | null,
  c: StageContext,
): void {
  const each: Elements = (body) => block.each((_, elements) => elements(body));
  fill(tensors, each, listBlock(map, block, each, words, c), c);
}

/** The rows whose elements are walked: those of the tile; in chunks the batch, with the tile as its elements. */
export function eachBase(
  map: RowMap,
  { e, kernel, tile }: StageContext,
  body: (row: Row, elements: Elements) => void,
): void {
  if (kernel.domain.over === "chunks" && map.kind === "all") body(e.rows.unit, tile.each);
  else tile.each((row) => body(row, elementsOf(map, row, e)));
}
