/**
 * Reductions along a map: for each row, over its elements in order, with results in registers (KERNELS, section 3).
 * Within chunks a result goes on where the last tile left it. Dear values of elements are kept in scratch.
 */
import type { RowMap } from "../../../ir/space.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import { eachPosition, type Placed } from "../expressions/loops.js";
import type { Row } from "../rows.js";
import { load, store } from "../values.js";
import { type Block, eachBlock } from "./blocks.js";
import type { StageContext, StageOf } from "./context.js";
import { type Elements, elementsOf, listOf } from "./elements.js";
import { fill } from "./fill.js";
import { running } from "./gather.js";
import { writeRow } from "./map.js";
import { withStash, wordsOf, worthStashing } from "./stash.js";
import { eachGroup, type Unit } from "./units.js";

export function walk({ map, targets }: StageOf<"walk">, c: StageContext): void {
  const all = (row: Row, elements: Elements, context = c): void => {
    for (const target of targets) walkTarget(target, map, row, elements, context);
  };
  const singly = (row: Row, elements: Elements): void => {
    for (const t of targets) {
      if (t.space === map.from) walkTarget(t, map, row, elements, c);
      else reduceSingly(t, row, elements, c);
    }
  };
  const dear = isListed(map, c)
    ? worthStashing(
        targets.filter((t) => t.space !== map.from),
        map,
        c.e,
      )
    : [];
  if (dear.length === 0) {
    eachBase(map, c, all);
    return;
  }
  const words = wordsOf(dear);
  const inner = withStash(dear, words, c);
  eachBlock(
    map,
    words,
    inner,
    (block) => {
      fillBlock(dear, map, block, inner);
      block.each((row, elements) => all(row, elements, inner));
    },
    singly,
  );
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
): void {
  if (target.space === map.from) elements((element) => writeRow(target, element, c));
  else reduceTarget(target, row, elements, c);
}

export function reduceTarget(target: Tensor, row: Row, elements: Elements, c: StageContext): void {
  const { layout } = c.e.bufferOf(target);
  eachGroup(c.e, layout, target.inputs, (units) => reduceGroup(target, units, row, elements, c));
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
): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const runs = units.map((unit) => {
    const at: At = { row, positions: new Map(unit.positions), lanes: unit.lanes };
    const address = places.address(buffer, row, at.positions);
    const before = (): ReturnType<typeof load> => load(code, target.dtype, address, at.lanes, 1);
    const run = running(target, at, buffer.place.kind === "partials" ? before : null, e);
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
