/**
 * Weight gradients: the sum over the rows of a chunk of left x right, added to the partials; on the batch it begins at
 * nothing. Rows are added one after another, so tiles leave no trace in the bits. Where both sides lie as matrices, one
 * row after another, summed axes as further rows, they are updates of a matrix (`rank.ts`).
 */
import { bug } from "../../../bug.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import { accumulator, floats } from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import { eachPosition } from "../expressions/loops.js";
import { multiplied } from "../expressions/reductions.js";
import { load, store } from "../values.js";
import { clear } from "./chunks.js";
import type { StageContext, StageOf } from "./context.js";
import { rankUpdate } from "./rank.js";
import type { Sides } from "./rank-tile.js";
import { eachGroup } from "./units.js";

type Stage = StageOf<"outer">;

export function outer(stage: Stage, c: StageContext): void {
  const { e } = c;
  if (e.bufferOf(stage.target).place.kind !== "partials") clear(stage.target, e.rows.unit, c);
  const sides = matrices(stage, c);
  if (sides) rankUpdate(sides, c);
  else anyhow(stage, c);
}

/** The sides as matrices, if their axes and those of the result lie in the same order. */
function matrices({ target, left, right, over, stack }: Stage, c: StageContext): Sides | null {
  if (target.op !== "product") bug(`outer of ${target.op}`);
  const { e, code, tile } = c;
  const layout = e.bufferOf(target).layout;
  const leading = layout[stack.length];
  const leads = leading && right.axes.includes(leading) && !left.axes.includes(leading);
  const [first, second] = leads ? [right, left] : [left, right];
  const own = (t: Tensor): readonly Axis[] =>
    e.bufferOf(t).layout.slice(over.length + stack.length);
  const [rows, columns] = [own(first), own(second)];
  const together = [...stack, ...rows, ...columns];
  const inOrder = layout.length === together.length && layout.every((a, i) => a === together[i]);
  const side = (t: Tensor): boolean => tile.contiguous || e.bufferOf(t).place.kind === "scratch";
  if (!inOrder || !side(left) || !side(right)) return null;
  const row = tile.row(tile.begin);
  const [height, width, turns] = [volume(rows), volume(columns), volume(stack)];
  const start = (t: Tensor, at: At["row"]) => c.places.start(e.bufferOf(t), at);
  const b = start(second, row);
  const count = code.mul(code.ops.i32.sub(tile.end, tile.begin), volume(over));
  const last = code.hold(code.int(code.add(b, code.mul(count, 4 * turns * width))));
  const result = start(target, e.rows.unit);
  const { scale } = target.attrs;
  return { a: start(first, row), b, result, height, width, stack: turns, last, scale };
}

/** However the sides lie: position by position, four at a time where that is possible. */
function anyhow(
  { target, left, right, over }: Stage,
  { e, code, places, tile }: StageContext,
): void {
  if (target.op !== "product") bug(`outer of ${target.op}`);
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
        eachPosition(e, over, [left, right], (summed) => {
          for (const { at, sum } of sums) {
            const positions = new Map([...at.positions, ...summed]);
            const term = multiplied([left, right], scale, { ...at, positions, row }, e);
            sum.set(floats(code, at.lanes).add(sum.value, term));
          }
        });
      });
      for (const { address, sum } of sums) store(code, address, sum.value);
    });
  });
}
