/**
 * Weight gradients: the sum over the rows of a chunk of left x right, added to the partials. Rows are added one after
 * another, so tiles leave no trace in the bits.
 *
 * Both sides lie as matrices, one row after another, summed axes as further rows: tiles of 4 x 8 of the result stay in registers while the rows of
 * the tile pass by (KERNELS, section 2).
 */
import { bug } from "../../../bug.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import { run } from "../call.js";
import type { Code } from "../code.js";
import { accumulator, floats } from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import { eachPosition } from "../expressions/loops.js";
import { multiplied } from "../expressions/reductions.js";
import { at as constant } from "../index.js";
import type { Index, Local } from "../operand.js";
import { load, store } from "../values.js";
import type { StageContext, StageOf } from "./context.js";
import { eachGroup } from "./units.js";

type Stage = StageOf<"outer">;

export function outer(stage: Stage, c: StageContext): void {
  const sides = matrices(stage, c);
  if (sides) rankUpdate(sides, c.code);
  else anyhow(stage, c);
}

/** The result [rows of the first side, columns of the second]. */
interface Sides {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly result: Local<"i32">;
  readonly height: number;
  readonly width: number;
  /** How many results take turns along a row of each side. */
  readonly stack: number;
  /** Bytes from one row of the space to the next, of b. */
  readonly last: Local<"i32">;
  readonly scale: number;
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
  if (!inOrder || !tile.contiguous) return null;
  const row = tile.row(tile.begin);
  const [height, width, turns] = [volume(rows), volume(columns), volume(stack)];
  const b = start(second, row, c);
  const count = code.mul(code.ops.i32.sub(tile.end, tile.begin), volume(over));
  const last = code.hold(code.int(code.add(b, code.mul(count, 4 * turns * width))));
  const result = start(target, e.rows.unit, c);
  const { scale } = target.attrs;
  return { a: start(first, row, c), b, result, height, width, stack: turns, last, scale };
}

function start(t: Tensor, row: At["row"], { e, places }: StageContext): Local<"i32"> {
  const buffer = e.bufferOf(t);
  return places.pointer(buffer, row, new Map(buffer.layout.map((axis) => [axis, constant(0)])));
}

const tileHeight = 4;
const tileWidth = 8;

/** Calls the function of the module that updates matrices of this shape. */
function rankUpdate({ a, b, result, last, ...shape }: Sides, code: Code): void {
  const { height, width, stack, scale } = shape;
  const turns = stack === 1 ? "" : `_of_${stack}`;
  const name = `update_${height}x${width}${turns}${scale === 1 ? "" : `_by_${scale}`}`;
  const once = (of: Index): void => {
    const from = (x: Local<"i32">, words: number) => code.int(code.add(x, code.mul(of, 4 * words)));
    const sides = {
      a: from(a, height),
      b: from(b, width),
      result: from(result, height * width),
      last: from(last, width),
    };
    run(code, name, sides, (inner, p) => updateAll({ ...shape, ...p }, inner));
  };
  if (stack === 1) once(0);
  else code.loop(0, stack, 1, once);
}

/** Bytes from one row of a to the next from which on only so many rows pass by at once. */
const far = 2048;
const rowsApart = 32;

/** Rows that lie apart touch a page each: more than the processor has at hand would cost more than the arithmetic. */
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

/** One tile of the result: += a row of a by a row of b, for all rows. */
function update(code: Code, s: Sides, t: Tile): void {
  const { f32x4, i32 } = code.ops;
  const lanesOf = (v: number): number => Math.min(4, t.width - 4 * v);
  const vectors = Array.from({ length: Math.ceil(t.width / 4) }, (_, v) => v);
  const rows = Array.from({ length: t.height }, (_, r) => r);
  const to = code.hold(
    code.int(code.add(s.result, code.add(code.mul(t.row, 4 * s.width), code.mul(t.column, 4)))),
  );
  const at = (r: number, v: number): number => 4 * s.width * r + 16 * v;
  const sums = rows.map((r) =>
    vectors.map((v) => code.variable(code.loadLanes(to, at(r, v), lanesOf(v)))),
  );
  const a = code.variable(code.int(code.add(s.a, code.mul(t.row, 4))));
  const b = code.variable(code.int(code.add(s.b, code.mul(t.column, 4))));
  const end = code.hold(code.int(code.add(s.last, code.mul(t.column, 4))));
  code.repeat(() => {
    const right = vectors.map((v) => code.hold(code.loadLanes(b, 16 * v, lanesOf(v))));
    for (const r of rows) {
      const splat = code.loadSplat(a, 4 * r);
      const left = code.hold(s.scale === 1 ? splat : f32x4.mul(splat, code.floats(s.scale)));
      for (const v of vectors) {
        const [sum, x] = [sums[r]?.[v] ?? bug("no sum"), right[v] ?? bug("no vector")];
        code.set(sum, code.multiplyAdd(sum, left, x));
      }
    }
    code.set(a, i32.add(a, code.int(4 * s.stack * s.height)));
    return i32.lt_u(b.tee(i32.add(b, code.int(4 * s.stack * s.width))), end);
  });
  for (const r of rows)
    for (const v of vectors)
      code.storeLanes(to, at(r, v), sums[r]?.[v] ?? bug("no sum"), lanesOf(v));
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
