/**
 * Products with few columns, whose panels are single columns: a row of A times each, in vectors along k (KERNELS,
 * section 2: more rows at once are slower). The lanes are added up in the end.
 */

import type { Code } from "../code.js";
import { transposedSum } from "../expressions/dots.js";
import type { Index, Local, V128 } from "../operand.js";
import { type Matrices, strideOf } from "./matrices.js";

/** Vectors of a row in one turn: sums that do not wait for one another. */
const side = 2;

export function innerProducts(code: Code, x: Matrices): void {
  const turn = 4 * side;
  const whole = x.inner - (x.inner % turn);
  const [a, c] = [code.variable(x.a), code.variable(x.c)];
  code.loop(0, x.rows, 1, () => {
    const sums = range(x.columns).map(() => range(side).map(() => code.variable(code.floats(0))));
    const add = (at: Index, vector: number, lanes: number): void => {
      const bytes = 16 * vector;
      const left = code.hold(code.loadLanes(code.hold(code.int(code.add(a, at))), bytes, lanes));
      const from = code.hold(code.int(code.add(x.panels, at)));
      for (const [column, own] of sums.entries()) {
        const sum = own[vector % side];
        const right = code.loadLanes(from, 4 * x.inner * column + bytes, lanes);
        if (sum) code.set(sum, code.multiplyAdd(sum, left, right));
      }
    };
    code.loop(0, 4 * whole, 4 * turn, (at) => {
      for (let vector = 0; vector < side; vector++) add(at, vector, 4);
    });
    for (let k = whole, vector = 0; k < x.inner; k += 4, vector++)
      add(4 * whole, vector, Math.min(4, x.inner - k));
    storeRow(code, x, c, sums);
    code.set(a, code.ops.i32.add(a, code.int(strideOf(x, x.inner))));
    code.set(c, code.ops.i32.add(c, code.int(strideOf(x, x.columns))));
  });
}

function storeRow(
  code: Code,
  x: Matrices,
  to: Local<"i32">,
  sums: readonly (readonly Local<"v128">[])[],
): void {
  const { f32x4 } = code.ops;
  const columns = range(4).map((i): Local<"v128"> => {
    const [one, ...others] = sums[i] ?? [];
    if (!one) return code.floats(0);
    return code.hold(others.reduce<V128>((all, v) => f32x4.add(all, v), one));
  });
  const total = transposedSum(code, columns);
  const scaled = x.scale === 1 ? total : f32x4.mul(total, code.floats(x.scale));
  code.storeLanes(to, 0, code.hold(scaled), x.columns);
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
