/**
 * The weight gradient of sparse features: for each column of the feature axis, over its stored non-zeros. A product
 * whose one slot is the column of the non-zero; every column is a fixed-order sum of its own.
 */
import { bug } from "../../../bug.js";
import { type Axis, type Slot, slotsOf, type TensorOf, without } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import type { Local } from "../operand.js";
import { store } from "../values.js";
import type { StageContext, StageOf } from "./context.js";
import { byColumn } from "./elements.js";
import { running } from "./gather.js";
import { eachGroup } from "./units.js";

export function columns({ target }: StageOf<"columns">, c: StageContext): void {
  if (target.op !== "product") bug(`columns of ${target.op}`);
  const slot = slotsOf(target).find((s) => isColumn(s)) ?? bug("no slot by column");
  c.code.loop(c.code.begin, c.code.end, 1, (column) => reduceColumn(target, slot.axis, column, c));
}

const isColumn = ({ index }: Slot): boolean => index.op === "fact" && index.attrs.fact === "column";

function reduceColumn(
  t: TensorOf<"product">,
  axis: Axis,
  column: Local<"i32">,
  c: StageContext,
): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(t);
  const map = t.attrs.map ?? bug("columns without a map");
  const elements = byColumn(map, column, e);
  const here = e.indices.opaque(column, axis.size - 1);
  eachGroup(e, without(buffer.layout, [axis]), t.inputs, (units) => {
    const runs = units.map(({ positions, lanes }) => {
      const at: At = { row: e.rows.unit, positions: new Map([...positions, [axis, here]]), lanes };
      return { at, run: running(t, at, null, e) };
    });
    const steps = runs.map(({ at, run }) => ({ at, step: run.passes[0]?.() }));
    elements((row) => {
      for (const { at, step } of steps) step?.({ ...at, row });
    });
    for (const { at, run } of runs) {
      store(code, places.address(buffer, at.row, at.positions), run.result());
    }
  });
}
