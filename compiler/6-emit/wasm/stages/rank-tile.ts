/** A tile of a matrix that takes one product of a column and a row after another: += a[k] x b[k] for k = 0, 1, .. */
import { bug } from "../../../bug.js";
import type { Code } from "../code.js";
import type { Local } from "../operand.js";

export const tileHeight = 4;
export const tileWidth = 8;

/** The result [rows of the first side, columns of the second]. */
export interface Sides {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly result: Local<"i32">;
  readonly height: number;
  readonly width: number;
  /** How many results take turns along a row of each side. */
  readonly stack: number;
  /** Where b ends. */
  readonly last: Local<"i32">;
  readonly scale: number;
}

export interface RankTile {
  /** Where the first of its columns and rows begin, and where b ends. */
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly end: Local<"i32">;
  /** Bytes from one column to the next, and from one row to the next. */
  readonly steps: readonly [a: number, b: number];
  /** The tile in the result, and bytes from one of its rows to the next. */
  readonly result: Local<"i32">;
  readonly across: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
}

/** The tile stays in registers (KERNELS, section 2). */
export function addRows(code: Code, t: RankTile): void {
  const { f32x4, i32 } = code.ops;
  const lanesOf = (v: number): number => Math.min(4, t.width - 4 * v);
  const vectors = Array.from({ length: Math.ceil(t.width / 4) }, (_, v) => v);
  const rows = Array.from({ length: t.height }, (_, r) => r);
  const at = (r: number, v: number): number => t.across * r + 16 * v;
  const sums = rows.map((r) =>
    vectors.map((v) => code.variable(code.loadLanes(t.result, at(r, v), lanesOf(v)))),
  );
  const a = code.variable(t.a);
  const b = code.variable(t.b);
  code.repeat(() => {
    const right = vectors.map((v) => code.hold(code.loadLanes(b, 16 * v, lanesOf(v))));
    for (const r of rows) {
      const splat = code.loadSplat(a, 4 * r);
      const left = code.hold(t.scale === 1 ? splat : f32x4.mul(splat, code.floats(t.scale)));
      for (const v of vectors) {
        const [sum, x] = [sums[r]?.[v] ?? bug("no sum"), right[v] ?? bug("no vector")];
        code.set(sum, code.multiplyAdd(sum, left, x));
      }
    }
    code.set(a, i32.add(a, code.int(t.steps[0])));
    return i32.lt_u(b.tee(i32.add(b, code.int(t.steps[1]))), t.end);
  });
  for (const r of rows)
    for (const v of vectors)
      code.storeLanes(t.result, at(r, v), sums[r]?.[v] ?? bug("no sum"), lanesOf(v));
}
