/** What the rows of a block have of an inner product, as [over][8]: rows in the lanes. */
import type { TensorOf } from "../../../../ir/tensor.js";
import { number } from "../../expressions/accumulators.js";
import type { At } from "../../expressions/at.js";
import { eachVector } from "../../expressions/loops.js";
import type { I32, Local } from "../../operand.js";
import type { Row } from "../../rows.js";
import { f32, held, type Value, v128 } from "../../values.js";
import type { StageContext } from "../context.js";
import { addressIn } from "./field.js";
import type { InStrip } from "./pairs.js";
import type { Dot } from "./plan.js";
import { blockBytes, blockRows } from "./tiles.js";

/** Writes it to an address, for the rows from `first` on; the scale of the product is taken here. */
export function packNear(
  dot: Dot,
  first: Local<"i32">,
  to: I32,
  { strip, stack, c }: InStrip,
): void {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  const start = code.hold(to);
  const last = code.hold(i32.sub(strip.rows[1], code.int(1)));
  code.loop(0, blockRows, 1, (r) => {
    const row = tile.row(code.hold(code.int(code.min(code.add(first, r), last))));
    const lane = code.hold(i32.add(start, code.int(code.mul(r, 4))));
    const reads = dot.near.flatMap((f) => f.inputs.slice(0, 1));
    eachVector(e, dot.over, reads, { overlap: true }, (placed, lanes) => {
      const at: At = { row, positions: new Map([...stack, ...placed]), lanes };
      const value = nearOf(dot, at, row, c);
      const { base, offset } = addressIn(dot.over, placed, lane, c);
      if (lanes === 1) code.storeFloat(base, offset, f32(value));
      else code.scatter(base, offset, blockBytes, code.hold(v128(value)));
    });
  });
}

function nearOf(dot: Dot, at: At, row: Row, { code, e }: StageContext): Value {
  const { scale } = dot.tensor.attrs;
  const times = (a: Value, b: Value): Value =>
    a.lanes === 4
      ? held(code, "f32", code.ops.f32x4.mul(v128(a), v128(b)))
      : held(code, "f32", code.ops.f32.mul(f32(a), f32(b)));
  const values = dot.near.map((f) => {
    const { inputs, attrs } = f as TensorOf<"pull">;
    const [x] = inputs;
    return e.number(x as NonNullable<typeof x>, {
      ...at,
      row: attrs.map?.kind === "all" ? e.rows.unit : row,
    });
  });
  const all = scale === 1 ? values : [...values, number(code, scale, at.lanes)];
  return all.reduce(times);
}
