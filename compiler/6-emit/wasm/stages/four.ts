/** Values of few positions in four rows at once, into scratch: what is drawn for one row costs no less than for four. */
import { type Tensor, volume } from "../../../ir/tensor.js";
import { eachPosition } from "../expressions/loops.js";
import type { Local } from "../operand.js";
import type { Four, Row } from "../rows.js";
import { v128 } from "../values.js";
import type { StageContext } from "./context.js";

/** Rows that are counted from 0, and how to come by each. */
export interface Listed {
  readonly count: Local<"i32">;
  readonly at: (place: Local<"i32">) => Row;
}

/** Four rows in the lanes; behind the last one its values are repeated. */
export function fillFour(tensors: readonly Tensor[], { count, at }: Listed, c: StageContext): void {
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
