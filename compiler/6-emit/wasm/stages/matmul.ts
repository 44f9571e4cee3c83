/**
 * C = scale * A B for a block of rows, B packed in panels (KERNELS, section 2); or the same row added to each, and
 * max(C, 0).
 *
 * Tiles of 4 rows by 8 columns; rows that are left over go one by one through three panels at once. Every element is
 * the sum over k = 0, 1, .. of single products whatever tile it falls in, so its bits do not depend on the range.
 * Two or three columns lie in panels of one, and are inner products (`inner.ts`).
 */
import { bug } from "../../../bug.js";
import { panelWidth as widthOf } from "../../../ir/kernel.js";
import { run } from "../call.js";
import type { Code } from "../code.js";
import type { I32, Index, Local, V128 } from "../operand.js";
import { innerProducts } from "./inner.js";
import { type Addends, type Matrices, type Operands, type Shape, strideOf } from "./matrices.js";

const panelWidth = 8;
const tileRows = 4;
const panelsAtOnce = 3;
/** Rows whose part of C and A stays in the first cache while all panels pass by. */
const block = 64;
/** Registers for vectors that engines have left: accumulators and all loads of one turn must fit. */
const registers = 15;

/** Calls the function of the module that multiplies matrices of this shape. */
export function multiply(
  code: Code,
  shape: Shape,
  { addends, ...operands }: Operands<I32> & Addends<I32>,
): void {
  const { inner, columns, stack, scale, rectified } = shape;
  const turns = stack === 1 ? "" : `_of_${stack}`;
  const times = scale === 1 ? "" : `_by_${scale}`;
  const finish = `${addends ? "_added" : ""}${rectified ? "_rectified" : ""}`;
  const name = `multiply_${inner}x${columns}${turns}${times}${finish}`;
  const rows = widthOf(columns) === panelWidth ? multiplyRows : innerProducts;
  if (addends) run(code, name, { ...operands, addends }, (own, p) => rows(own, { ...shape, ...p }));
  else run(code, name, operands, (own, p) => rows(own, { ...shape, ...p, addends: null }));
}

function multiplyRows(code: Code, x: Matrices): void {
  const whole = code.hold(code.ops.i32.and(x.rows, code.int(-tileRows)));
  code.loop(0, whole, block, (first) => {
    const last = code.hold(code.int(code.min(code.add(first, block), whole)));
    eachPanel(code, x, 1, (panel, columns) => {
      code.loop(first, last, tileRows, (row) =>
        tile(code, x, { row, panel, columns, rows: tileRows }),
      );
    });
  });
  rest(code, x, whole);
}

/** Rows that fill no tile, one by one. */
function rest(code: Code, x: Matrices, from: Index): void {
  code.loop(from, x.rows, 1, (row) => {
    eachPanel(code, x, panelsAtOnce, (panel, columns) =>
      tile(code, x, { row, panel, columns, rows: 1 }),
    );
  });
}

/** Visits runs of panels: whole ones in a loop, then those that are fewer or cut. */
function eachPanel(
  code: Code,
  { columns }: Matrices,
  together: number,
  body: (panel: Index, columns: number) => void,
): void {
  const width = together * panelWidth;
  const whole = Math.floor(columns / width);
  if (whole === 1) body(0, width);
  else code.loop(0, whole * together, together, (panel) => body(panel, width));
  if (columns % width > 0) body(whole * together, columns % width);
}

interface Tile {
  readonly row: Index;
  readonly panel: Index;
  /** How many rows and columns it has, from the first column of the panel on. */
  readonly rows: number;
  readonly columns: number;
}

/** One tile: sums in registers, a turn for each k. */
function tile(code: Code, x: Matrices, t: Tile): void {
  const vectors = Math.ceil(t.columns / 4);
  if (t.rows * vectors + vectors + t.rows + 1 > registers)
    bug(`a tile of ${t.rows} x ${t.columns} spills`);
  const { i32 } = code.ops;
  const a = code.variable(code.int(code.add(x.a, code.mul(t.row, strideOf(x, x.inner)))));
  const panelBytes = 4 * panelWidth * x.inner;
  const b = code.variable(code.int(code.add(x.panels, code.mul(t.panel, panelBytes))));
  const sums = grid(t.rows, vectors, () => code.variable(code.ints(0)));
  const end = code.hold(i32.add(a, code.int(4 * x.inner)));
  code.repeat(() => {
    const right = range(vectors).map((v) =>
      code.hold(code.load128(b, (v >> 1) * panelBytes + (v & 1) * 16)),
    );
    for (const [r, row] of sums.entries()) {
      const left = code.hold(code.loadSplat(a, r * strideOf(x, x.inner)));
      for (const [v, sum] of row.entries()) {
        code.set(sum, code.multiplyAdd(sum, left, right[v] ?? bug("no vector")));
      }
    }
    code.set(b, i32.add(b, code.int(4 * panelWidth)));
    return i32.lt_u(a.tee(i32.add(a, code.int(4))), end);
  });
  storeTile(code, x, t, sums);
}

function storeTile(
  code: Code,
  x: Matrices,
  t: Tile,
  sums: readonly (readonly Local<"v128">[])[],
): void {
  const start = code.add(
    x.c,
    code.add(code.mul(t.row, strideOf(x, x.columns)), code.mul(t.panel, 4 * panelWidth)),
  );
  const to = code.hold(code.int(start));
  const { f32x4 } = code.ops;
  const lanesOf = (v: number): number => Math.min(4, t.columns - 4 * v);
  const addends = addendsOf(code, x, t);
  for (const [r, row] of sums.entries()) {
    for (const [v, sum] of row.entries()) {
      const scaled: V128 = x.scale === 1 ? sum : f32x4.mul(sum, code.floats(x.scale));
      const addend = addends[v];
      const total = addend ? f32x4.add(addend, scaled) : scaled;
      const value = x.rectified ? f32x4.pmax(total, code.floats(0)) : total;
      code.storeLanes(to, r * strideOf(x, x.columns) + 16 * v, code.hold(value), lanesOf(v));
    }
  }
}

/** What is added to the vectors of a row, if anything. */
function addendsOf(code: Code, x: Matrices, t: Tile): readonly Local<"v128">[] {
  if (!x.addends) return [];
  const from = code.hold(code.int(code.add(x.addends, code.mul(t.panel, 4 * panelWidth))));
  return range(Math.ceil(t.columns / 4)).map((v) =>
    code.hold(code.loadLanes(from, 16 * v, Math.min(4, t.columns - 4 * v))),
  );
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const grid = <T>(rows: number, columns: number, make: () => T): readonly (readonly T[])[] =>
  range(rows).map(() => range(columns).map(make));
