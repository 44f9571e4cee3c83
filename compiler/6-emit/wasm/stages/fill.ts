/**
 * Computes what is kept of the elements of a block: values of many positions element by element, others of four
 * elements at once.
 */
import { type Tensor, volume } from "../../../ir/tensor.js";
import { eachPosition } from "../expressions/loops.js";
import type { Four, Row } from "../rows.js";
import { v128 } from "../values.js";
import type { StageContext } from "./context.js";
import { fillDraws } from "./draws.js";
import type { Elements, List } from "./elements.js";
import { writeRow } from "./map.js";
import { isNarrow } from "./stash.js";

/** `each` writes a loop over the elements of the list. */
export function fill(
  tensors: readonly Tensor[],
  each: Elements,
  list: List,
  c: StageContext,
): void {
  const narrow = (t: Tensor | undefined): boolean => t !== undefined && isNarrow(t, c.e);
  const draws = tensors.filter((t) => t.op === "random");
  for (const t of draws) fillDraws(t, list.numbers, list.count, c);
  const others = tensors.filter((t) => t.op !== "random");
  for (const group of groups(others, narrow)) {
    if (narrow(group[0])) fillFour(group, list, c);
    else
      each((element) => {
        for (const t of group) writeRow(t, element, c);
      });
  }
}

/** Runs of narrow tensors and of others: each may read what is before it. */
function groups(
  tensors: readonly Tensor[],
  isNarrow: (t: Tensor | undefined) => boolean,
): readonly (readonly Tensor[])[] {
  const all: Tensor[][] = [];
  for (const t of tensors) {
    const last = all.at(-1);
    if (last && isNarrow(last[0]) === isNarrow(t)) last.push(t);
    else all.push([t]);
  }
  return all;
}

/** Four elements in the lanes; behind the last one of the list its values are repeated. */
function fillFour(tensors: readonly Tensor[], { count, at }: List, c: StageContext): void {
  const { code, e } = c;
  const { i32 } = code.ops;
  const last = code.hold(i32.sub(count, code.int(1)));
  code.loop(0, count, 4, (place) => {
    const lane = (i: number): Row => at(code.hold(code.int(code.min(code.add(place, i), last))));
    const four: Four = [lane(0), lane(1), lane(2), lane(3)];
    const row = e.rows.together(four, place);
    for (const t of tensors) writeFour(t, row, c);
  });
}

function writeFour(t: Tensor, row: Row, { code, e, places }: StageContext): void {
  const buffer = e.bufferOf(t);
  const width = volume(buffer.layout);
  eachPosition(e, buffer.layout, [t], (placed) => {
    const positions = new Map(placed);
    const value = code.hold(v128(e.definition(t, { row, positions, lanes: 4 })));
    const { base, offset } = places.address(buffer, row, positions);
    if (width === 1) code.store128(base, offset, value);
    else code.scatter(base, offset, 4 * width, value);
  });
}
