/** Writes matrices as panels of w columns, [matrix][panel][row][w], columns that are not there as zeros. */
import { bug } from "../../../bug.js";
import { panelWidth } from "../../../ir/kernel.js";
import { volume } from "../../../ir/tensor.js";
import { spreadOver } from "../expressions/loops.js";
import { at as constant, only, type Position } from "../index.js";
import type { Index, Local } from "../operand.js";
import { f32 } from "../values.js";
import type { StageContext, StageOf } from "./context.js";

export function pack({ source, panels }: StageOf<"pack">, c: StageContext): void {
  const { e, code, frame } = c;
  const { place } = panels;
  if (place.kind !== "panels") bug(`${panels.name} is not made of panels`);
  const [rows, columns] = [volume(place.rows), volume(place.columns)];
  const width = panelWidth(columns);
  const { of, within } = numbering(volume(place.stack), Math.ceil(columns / width), c);
  const base = frame.word({ kind: "buffer", buffer: panels });
  const bytes = 4 * width * rows;
  code.loop(code.begin, code.end, 1, (panel) => {
    const start = code.hold(code.int(code.add(base, code.mul(panel, bytes))));
    const matrix = of(panel);
    const first = code.hold(code.int(code.mul(within(panel), width)));
    code.loop(0, 4 * rows, 4, (row) => {
      const k = only(e.indices.atom({ local: row, unit: 4, low: 0, high: rows - 1 }));
      const to = code.hold(code.int(code.add(start, code.mul(row, width))));
      for (let j = 0; j < width; j++) {
        const column = code.hold(code.int(code.add(first, j)));
        const inside = code.hold(code.ops.i32.lt_s(column, code.int(columns)));
        const at = e.indices.opaque(code.choose(inside, column, code.int(0)), columns - 1);
        const positions = new Map([
          ...spreadOver(place.stack, matrix, e),
          ...spreadOver(place.rows, k, e),
          ...spreadOver(place.columns, at, e),
        ]);
        const value = f32(e.number(source, { row: e.rows.unit, positions, lanes: 1 }));
        code.storeFloat(to, 4 * j, code.choose(inside, value, code.float(0)));
      }
    });
  });
}

interface Numbering {
  readonly of: (panel: Local<"i32">) => Position;
  readonly within: (panel: Local<"i32">) => Index;
}

/** To which matrix a panel belongs, and which of its panels it is. */
function numbering(matrices: number, each: number, { code, e }: StageContext): Numbering {
  if (matrices === 1) return { of: () => constant(0), within: (panel) => panel };
  const { i32 } = code.ops;
  return {
    of: (panel) => e.indices.opaque(code.hold(i32.div_s(panel, code.int(each))), matrices - 1),
    within: (panel) => code.hold(i32.rem_s(panel, code.int(each))),
  };
}
