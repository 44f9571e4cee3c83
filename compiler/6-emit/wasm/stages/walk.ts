/**
 * Reductions along a map: for each row, over its elements in order, with results in registers (KERNELS, section 3).
 * Within chunks a result goes on where the last tile left it. Dear values of elements are kept in scratch.
 */
import type { RowMap } from "../../../ir/space.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import { eachPosition, type Placed } from "../expressions/loops.js";
import type { Local } from "../operand.js";
import type { Row } from "../rows.js";
import { chosen, load, store, type Value } from "../values.js";
import { type Block, eachPart } from "./blocks.js";
import { nothing } from "./chunks.js";
import type { StageContext, StageOf } from "./context.js";
import { type Elements, elementsOf, listOf } from "./elements.js";
import { fill } from "./fill.js";
import { running } from "./gather.js";
import { writeRow } from "./map.js";
import { withStash, wordsOf, worthStashing } from "./stash.js";
import { eachGroup, type Unit } from "./units.js";

export function walk({ map, targets }: StageOf<"walk">, c: StageContext): void {
  const dear = dearOf(map, targets, c);
  if (dear.length === 0) {
    eachBase(map, c, (row, elements) => {
      for (const target of targets) walkTarget(target, map, row, elements, c);
    });
    return;
  }
  const words = wordsOf(dear);
  const inner = withStash(dear, words, c);
  eachPart(map, words, inner, (block, fresh) => {
    fillBlock(dear, map, block, inner);
    block.each((row, elements) => {
      for (const target of targets) walkTarget(target, map, row, elements, inner, fresh);
    });
  });
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

/** Computes what is kept of the elements of a block. */
export function fillBlock(
  tensors: readonly Tensor[],
  map: RowMap,
  block: Block,
  c: StageContext,
): void {
  const each: Elements = (body) => block.each((_, elements) => elements(body));
  fill(tensors, each, listOf(map, block, c.e), c);
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

/** A reduction to the row, or a field of its elements. */
function walkTarget(
  target: Tensor,
  map: RowMap,
  row: Row,
  elements: Elements,
  c: StageContext,
  fresh: Local<"i32"> | null = null,
): void {
  if (target.space === map.from) elements((element) => writeRow(target, element, c));
  else reduceTarget(target, row, elements, c, fresh);
}

/** Reduces to a row; unless `fresh`, on from what is there. */
export function reduceTarget(
  target: Tensor,
  row: Row,
  elements: Elements,
  c: StageContext,
  fresh: Local<"i32"> | null = null,
): void {
  const { layout } = c.e.bufferOf(target);
  eachGroup(c.e, layout, target.inputs, (units) =>
    reduceGroup(target, units, row, elements, c, fresh),
  );
}

/** One position after another: little code for the few rows that nothing is kept of. */
export function reduceSingly(target: Tensor, row: Row, elements: Elements, c: StageContext): void {
  const { layout } = c.e.bufferOf(target);
  const one = (positions: Placed): void =>
    reduceGroup(target, [{ positions, lanes: 1 }], row, elements, c);
  eachPosition(c.e, layout, target.inputs, one, 0);
}

/** The units of a group share the loops over the elements. */
function reduceGroup(
  target: Tensor,
  units: readonly Unit[],
  row: Row,
  elements: Elements,
  c: StageContext,
  fresh: Local<"i32"> | null = null,
): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const runs = units.map((unit) => {
    const at: At = { row, positions: new Map(unit.positions), lanes: unit.lanes };
    const address = places.address(buffer, row, at.positions);
    const before = (): Value => {
      const value = load(code, target.dtype, address, at.lanes, 1);
      return fresh ? chosen(code, fresh, nothing(target, at.lanes, code), value) : value;
    };
    const goesOn = fresh !== null || buffer.place.kind === "partials";
    const run = running(target, at, goesOn ? before : null, e);
    return { at, address, run };
  });
  const passes = runs[0]?.run.passes.length ?? 0;
  for (let pass = 0; pass < passes; pass++) {
    const steps = runs.map(({ at, run }) => ({ at, step: run.passes[pass]?.() }));
    elements((element) => {
      for (const { at, step } of steps) step?.({ ...at, row: element });
    });
  }
  // units may overlap: all is read before anything is written
  const results = runs.map(({ address, run }) => ({ address, value: run.result() }));
  for (const { address, value } of results) store(code, address, value);
}
