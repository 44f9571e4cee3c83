/**
 * Rows times packed parameters: y[free, columns] = scale * Σ left[free, over] * panels[over, columns]. The free axes
 * count as further rows: both operands lie as matrices.
 */
import { bug } from "../../../bug.js";
import type { Tensor } from "../../../ir/tensor.js";
import { volume, without } from "../../../ir/tensor.js";
import { at as constant } from "../index.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { StageContext, StageOf } from "./context.js";
import { multiply } from "./matmul.js";

export function product(stage: StageOf<"product">, c: StageContext): void {
  const { target, left, over, columns, panels } = stage;
  if (target.op !== "product") bug(`product stage of ${target.op}`);
  const { code, tile, e } = c;
  const free = volume(without(e.bufferOf(target).layout, columns));
  const shape = {
    inner: volume(over),
    columns: volume(columns),
    scale: target.attrs.scale,
  };
  const run = (row: Row, rows: Index): void =>
    multiply(code, shape, {
      a: start(left, row, c),
      c: start(target, row, c),
      panels: c.frame.word({ kind: "buffer", buffer: panels }),
      rows: code.int(rows),
    });
  if (isContiguous(left, c) && isContiguous(target, c)) {
    run(tile.row(tile.begin), code.mul(code.ops.i32.sub(tile.end, tile.begin), free));
  } else tile.each((row) => run(row, free));
}

/** Whether the rows of the tile lie one after another. */
const isContiguous = (t: Tensor, { e, tile }: StageContext): boolean =>
  tile.contiguous || e.bufferOf(t).place.kind === "scratch";

/** Where the matrix of a row begins. */
function start(t: Tensor, row: Row, { e, places }: StageContext): Local<"i32"> {
  const buffer = e.bufferOf(t);
  const origin = new Map(buffer.layout.map((axis) => [axis, constant(0)] as const));
  return places.pointer(buffer, row, origin);
}
