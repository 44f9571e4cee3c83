/**
 * Updates of a matrix: += a[k] x b[k], the columns a and the rows b lying one after another. Every element takes its
 * products in their order, however rows are grouped.
 */
import { run } from "../call.js";
import type { Code } from "../code.js";
import type { Index, Local } from "../operand.js";
import type { StageContext } from "./context.js";
import { paysToPack, updatePacked, wordsToPack } from "./rank-packed.js";
import { addRows, type Sides, tileHeight, tileWidth } from "./rank-tile.js";

/** Calls the function of the module that updates matrices of this shape. */
export function rankUpdate({ a, b, result, last, ...shape }: Sides, c: StageContext): void {
  const { height, width, stack, scale } = shape;
  const { code, scratch } = c;
  const turns = stack === 1 ? "" : `_of_${stack}`;
  const name = `update_${height}x${width}${turns}${scale === 1 ? "" : `_by_${scale}`}`;
  const offset = paysToPack(shape) ? 4 * scratch.words(wordsToPack(shape)) : null;
  const once = (of: Index): void => {
    const from = (x: Local<"i32">, words: number) => code.int(code.add(x, code.mul(of, 4 * words)));
    const sides = {
      a: from(a, height),
      b: from(b, width),
      result: from(result, height * width),
      last: from(last, width),
    };
    if (offset === null) {
      run(code, name, sides, (inner, p) => updateAll({ ...shape, ...p }, inner));
    } else {
      const room = code.int(code.add(code.scratch, offset));
      run(code, name, { ...sides, room }, (inner, p) => updatePacked({ ...shape, ...p }, inner));
    }
  };
  if (stack === 1) once(0);
  else code.loop(0, stack, 1, once);
}

/** Bytes from one row of a to the next from which on only so many rows pass by at once. */
const far = 2048;
const rowsApart = 16;

/** Rows that lie apart touch a page each, and memory follows few at once: more would cost more than the arithmetic. */
function updateAll(s: Sides, code: Code): void {
  if (4 * s.stack * s.height < far) {
    updateRows(s, code);
    return;
  }
  const { i32 } = code.ops;
  const a = code.variable(s.a);
  const bytesOf = (width: number): number => 4 * s.stack * width * rowsApart;
  code.loop(0, code.hold(i32.sub(s.last, s.b)), bytesOf(s.width), (passed) => {
    const b = code.hold(i32.add(s.b, passed));
    const next = code.hold(i32.add(b, code.int(bytesOf(s.width))));
    const last = code.hold(code.choose(i32.lt_u(next, s.last), next, s.last));
    updateRows({ ...s, a, b, last }, code);
    code.set(a, i32.add(a, code.int(bytesOf(s.height))));
  });
}

function updateRows(s: Sides, code: Code): void {
  const across = (row: Index, height: number): void => {
    const whole = s.width - (s.width % tileWidth);
    code.loop(0, whole, tileWidth, (column) =>
      update(code, s, { row, column, height, width: tileWidth }),
    );
    if (whole < s.width) {
      update(code, s, { row, column: whole, height, width: s.width - whole });
    }
  };
  const whole = s.height - (s.height % tileHeight);
  code.loop(0, whole, tileHeight, (row) => across(row, tileHeight));
  if (whole < s.height) across(whole, s.height - whole);
}

interface Tile {
  readonly row: Index;
  readonly column: Index;
  readonly height: number;
  readonly width: number;
}

/** One tile of the result, for all rows as they lie. */
function update(code: Code, s: Sides, t: Tile): void {
  const ahead = (from: Local<"i32">, by: Index): Local<"i32"> =>
    code.hold(code.int(code.add(from, by)));
  const words = code.add(code.mul(t.row, 4 * s.width), code.mul(t.column, 4));
  addRows(code, {
    a: ahead(s.a, code.mul(t.row, 4)),
    b: ahead(s.b, code.mul(t.column, 4)),
    end: ahead(s.last, code.mul(t.column, 4)),
    result: ahead(s.result, words),
    steps: [4 * s.stack * s.height, 4 * s.stack * s.width],
    across: 4 * s.width,
    height: t.height,
    width: t.width,
    scale: s.scale,
  });
}
