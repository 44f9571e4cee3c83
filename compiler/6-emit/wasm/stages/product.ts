/**
 * Rows times packed parameters: y[free, stack, columns] = scale * Σ left[free, stack, over] * panels[stack, over, columns].
 * The free axes count as further rows; for each position of the stack both operands lie as matrices.
 */
import { bug } from "../../../bug.js";
import { panelsIn } from "../../../ir/kernel.js";
import type { Tensor } from "../../../ir/tensor.js";
import { volume, without } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import type { Index } from "../operand.js";
import type { Row } from "../rows.js";
import type { StageContext, StageOf } from "./context.js";
import type { ProductFinish } from "./finish.js";
import { multiply } from "./matmul.js";
import type { Shape } from "./matrices.js";

export function product(
  stage: StageOf<"product">,
  c: StageContext,
  finish: ProductFinish | null = null,
): void {
  const { target, left, stack, over, columns, panels } = stage;
  if (target.op !== "product") bug(`product stage of ${target.op}`);
  const { place } = panels;
  if (place.kind !== "panels") bug(`${panels.name} is not made of panels`);
  const { code, tile, e } = c;
  const free = volume(without(e.bufferOf(target).layout, [...stack, ...columns]));
  const shape: Shape = {
    inner: volume(over),
    columns: volume(columns),
    stack: volume(stack),
    scale: target.attrs.scale,
    rectified: finish?.rectified ?? false,
  };
  const result = finish?.target ?? target;
  const words = panelsIn(place).words / shape.stack;
  const start = (t: Tensor, row: Row) => c.places.start(e.bufferOf(t), row);
  const run = (row: Row, rows: Index): void => {
    const [from, to] = [start(left, row), start(result, row)];
    const addends = finish?.added ? c.places.start(finish.added, e.rows.unit) : null;
    const packed = c.frame.word({ kind: "buffer", buffer: panels });
    each(code, shape.stack, (matrix) =>
      multiply(code, shape, {
        a: code.int(code.add(from, code.mul(matrix, 4 * shape.inner))),
        c: code.int(code.add(to, code.mul(matrix, 4 * shape.columns))),
        panels: code.int(code.add(packed, code.mul(matrix, 4 * words))),
        rows: code.int(rows),
        addends,
      }),
    );
  };
  if (isContiguous(left, c) && isContiguous(result, c)) {
    run(tile.row(tile.begin), code.mul(code.ops.i32.sub(tile.end, tile.begin), free));
  } else tile.each((row) => run(row, free));
}

/** Once for each of a stack of matrices. */
function each(code: Code, matrices: number, body: (matrix: Index) => void): void {
  if (matrices === 1) body(0);
  else code.loop(0, matrices, 1, body);
}

/** Whether the rows of the tile lie one after another. */
const isContiguous = (t: Tensor, { e, tile }: StageContext): boolean =>
  tile.contiguous || e.bufferOf(t).place.kind === "scratch";
