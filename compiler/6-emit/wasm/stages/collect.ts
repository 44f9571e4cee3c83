/**
 * A product whose slots say where each element goes: y[i(a)] += Π x[a]. The row begins at zero (within chunks: where
 * the last tile left it); what points outside of it is left out. Where the taps of a window are the places, rows are
 * copied (`patches.ts`).
 */
import { bug } from "../../../bug.js";
import { type Axis, factorsOf, slotsOf, type TensorOf, union } from "../../../ir/tensor.js";
import { floats } from "../expressions/accumulators.js";
import { type At, extended } from "../expressions/at.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { slotPositions } from "../expressions/lookups.js";
import { eachVector, type Placed } from "../expressions/loops.js";
import { multiplied } from "../expressions/reductions.js";
import type { Row } from "../rows.js";
import { held, type Lanes, load, store } from "../values.js";
import { clear } from "./chunks.js";
import type { StageContext, StageOf } from "./context.js";
import { layOut, patchesOf } from "./patches.js";
import { eachBase } from "./walk.js";

export function collect({ target, map }: StageOf<"collect">, c: StageContext): void {
  if (target.op !== "product") bug(`collect of ${target.op}`);
  const patches = patchesOf(target, map, c);
  if (patches) {
    layOut(patches, c);
    return;
  }
  const inChunks = c.e.bufferOf(target).place.kind === "partials";
  eachBase(map, c, (row, elements) => {
    if (!inChunks) clear(target, row, c);
    elements((element) => addElement(target, row, element, c));
  });
}

function addElement(t: TensorOf<"product">, row: Row, element: Row, c: StageContext): void {
  const { e } = c;
  const order = loopOrder(t, e);
  const visit = (placed: Placed, lanes: Lanes): void =>
    addAt(t, row, { row: element, positions: new Map(placed), lanes }, c);
  eachVector(
    e,
    order,
    t.inputs,
    { overlap: false, lanes: vectorisable(t, order, e) ? 4 : 1 },
    visit,
  );
}

/** Summed axes and those of indices outside, the innermost of the target inside. */
function loopOrder(t: TensorOf<"product">, e: Evaluator): readonly Axis[] {
  const all = union(...t.inputs.map((x) => x.axes));
  const { layout } = e.bufferOf(t);
  const inside = layout.filter((a) => all.includes(a) && !t.attrs.slots.includes(a));
  return [...all.filter((a) => !inside.includes(a)), ...inside];
}

/** Whether neighbours on the innermost axis are neighbours in the target. */
function vectorisable(t: TensorOf<"product">, order: readonly Axis[], e: Evaluator): boolean {
  const last = order.at(-1);
  const { layout } = e.bufferOf(t);
  const indexed = slotsOf(t).some(({ index }) => last && index.axes.includes(last));
  return last !== undefined && last === layout.at(-1) && !indexed;
}

function addAt(t: TensorOf<"product">, row: Row, at: At, { e, code, places }: StageContext): void {
  const { positions, inside } = slotPositions(slotsOf(t), at, e);
  const add = (): void => {
    const address = places.address(e.bufferOf(t), row, extended(at, positions).positions);
    const term = multiplied(factorsOf(t), t.attrs.scale, at, e);
    const before = load(code, "f32", address, at.lanes, 1);
    store(code, address, held(code, "f32", floats(code, at.lanes).add(before, term)));
  };
  if (inside) code.when(inside, add);
  else add();
}
