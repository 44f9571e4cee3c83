/**
 * Reductions along a map: for each row, over its elements in order, with results in registers (KERNELS, section 3).
 * Within chunks a result goes on where the last tile left it.
 */
import type { RowMap } from "../../../ir/space.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import type { Row } from "../rows.js";
import { load, store } from "../values.js";
import type { StageContext, StageOf } from "./context.js";
import { type Elements, elementsOf } from "./elements.js";
import { running } from "./gather.js";
import { writeRow } from "./map.js";
import { eachGroup, type Unit } from "./units.js";

export function walk({ map, targets }: StageOf<"walk">, c: StageContext): void {
  eachBase(map, c, (row, elements) => {
    for (const target of targets) walkTarget(target, map, row, elements, c);
  });
}

/** The rows whose elements are walked: those of the tile; in chunks the batch, with the tile as its elements. */
export function eachBase(
  map: RowMap,
  c: StageContext,
  body: (row: Row, elements: Elements) => void,
): void {
  const { e, kernel } = c;
  if (kernel.domain.over === "chunks" && map.kind === "all") {
    body(e.rows.unit, elementsOf(map, e.rows.unit, e, c.tile));
  } else {
    c.tile.each((row) => body(row, elementsOf(map, row, e, null)));
  }
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

/** The units of a group share the loops over the elements. */
export function reduceGroup(
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
