/**
 * Weight gradients: the sum over the rows of a chunk of left x right, added to the partials. Rows are added one after
 * another, so tiles leave no trace in the bits.
 */
import { bug } from "../../../bug.js";
import { accumulator, floats } from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import { eachPosition } from "../expressions/loops.js";
import { multiplied } from "../expressions/reductions.js";
import { load, store } from "../values.js";
import type { StageContext, StageOf } from "./context.js";
import { eachGroup } from "./units.js";

export function outer(stage: StageOf<"outer">, c: StageContext): void {
  const { target, left, right } = stage;
  if (target.op !== "product") bug(`outer of ${target.op}`);
  const { e, code, places, tile } = c;
  const { scale } = target.attrs;
  const buffer = e.bufferOf(target);
  const [last] = buffer.layout.slice(-1);
  const inner = last && left.axes.includes(last) ? left : right;
  const slow = buffer.layout.filter((a) => !inner.axes.includes(a));
  const fast = buffer.layout.filter((a) => inner.axes.includes(a));
  eachPosition(e, slow, [left, right], (placed) => {
    eachGroup(e, fast, [left, right], (units) => {
      const sums = units.map(({ positions, lanes }) => {
        const at: At = { row: e.rows.unit, positions: new Map([...placed, ...positions]), lanes };
        const address = places.address(buffer, e.rows.unit, at.positions);
        return { at, address, sum: accumulator(code, load(code, "f32", address, lanes, 1)) };
      });
      tile.each((row) => {
        for (const { at, sum } of sums) {
          const term = multiplied([left, right], scale, { ...at, row }, e);
          sum.set(floats(code, at.lanes).add(sum.value, term));
        }
      });
      for (const { address, sum } of sums) store(code, address, sum.value);
    });
  });
}
