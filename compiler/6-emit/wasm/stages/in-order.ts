/**
 * Sums of long rows that lie one after another and are read once. Groups of a few vectors would touch a line of every
 * row, then the next line of every row: memory brings lines fast only in their order. So row after row is added to the
 * sum, which stays in the first cache. Every element of the sum takes its terms in the same order either way.
 */
import { factorsOf, type Tensor, type TensorOf, volume } from "../../../ir/tensor.js";
import { floats } from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import { multiplied } from "../expressions/reductions.js";
import { iteratorOf } from "../iterators/choose.js";
import { held, load, store } from "../values.js";
import { clear } from "./chunks.js";
import type { StageContext } from "./context.js";
import type { Base } from "./reduce.js";
import { eachGroup } from "./units.js";

/** Words of a row from which on it is long: four lines. */
const long = 64;

/** Whether a target is a plain sum of rows that pass by. */
export function passesBy(
  target: Tensor,
  fresh: Base["fresh"],
  { e }: StageContext,
): target is TensorOf<"product"> {
  const { layout, place } = e.bufferOf(target);
  if (target.op !== "product" || fresh || place.kind === "partials") return false;
  const { over, map, scale } = target.attrs;
  const [row, ...more] = factorsOf(target);
  if (!row || more.length > 0 || over.length > 0 || scale !== 1) return false;
  if (!map || map.kind === "all" || iteratorOf(map).numbers !== "places") return false;
  const stored = e.stored(row)?.layout;
  return volume(layout) >= long && layout.every((axis, i) => axis === stored?.[i]);
}

/** The row of the target begins at nothing; a row after another is added to it. */
export function reduceInOrder(target: TensorOf<"product">, base: Base, c: StageContext): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const factors = factorsOf(target);
  clear(target, base.row, c);
  base.elements((row) =>
    eachGroup(e, buffer.layout, factors, (units) => {
      const sums = units.map(({ positions, lanes }) => {
        const at: At = { row, positions: new Map(positions), lanes };
        const address = places.address(buffer, base.row, at.positions);
        const before = load(code, "f32", address, lanes, 1);
        const sum = floats(code, lanes).add(before, multiplied(factors, 1, at, e));
        return { address, sum: held(code, "f32", sum) };
      });
      for (const { address, sum } of sums) store(code, address, sum);
    }),
  );
}
