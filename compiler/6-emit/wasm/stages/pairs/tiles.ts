/**
 * The two products of pairs, for eight rows at once, which lie in the lanes of two vectors (KERNELS, section 2):
 *
 *     s[j][r] = Σ_k far[j][k] near[k][r]      t[c][r] += Σ_j far[j][c] w[j][r]
 *
 * Tiles of 4 by 8, functions of the module for each shape. Every element is the sum of single products in the order of
 * k or j whatever tile it falls in.
 */
import { run } from "../../call.js";
import type { Code } from "../../code.js";
import type { I32, Local, V128 } from "../../operand.js";

/** Rows of a block, and the bytes that a value of each takes. */
export const blockRows = 8;
export const blockBytes = 4 * blockRows;

const tileSize = 4;

/** The first neighbour, what the rows have as [k][8], the results as [j][8], and how many neighbours. */
export type DotOperands = { readonly [N in "far" | "near" | "result" | "count"]: I32 };

/** `stride`: bytes from a neighbour to the next. */
export interface DotShape {
  readonly inner: number;
  readonly stride: number;
}

export function dots(code: Code, { inner, stride }: DotShape, operands: DotOperands): void {
  run(code, `pair_dots_${inner}_${stride}`, operands, (own, p) => {
    const { i32 } = own.ops;
    const tile = (first: I32, rows: number): void =>
      dotTile(own, { inner, stride }, rows, {
        a: own.hold(i32.add(p.far, own.int(own.mul(first, stride)))),
        near: p.near,
        to: own.hold(i32.add(p.result, own.int(own.mul(first, blockBytes)))),
      });
    const whole = own.hold(i32.and(p.count, own.int(-tileSize)));
    own.loop(0, whole, tileSize, (first) => tile(first, tileSize));
    own.when(i32.lt_s(whole, p.count), () => {
      own.when(
        i32.eqz(whole),
        () => own.loop(0, p.count, 1, (first) => tile(first, 1)),
        () => tile(own.hold(i32.sub(p.count, own.int(tileSize))), tileSize),
      );
    });
  });
}

interface DotTile {
  readonly a: Local<"i32">;
  readonly near: Local<"i32">;
  readonly to: Local<"i32">;
}

function dotTile(code: Code, { inner, stride }: DotShape, rows: number, t: DotTile): void {
  const { i32 } = code.ops;
  const sums = grid(rows, () => code.variable(code.ints(0)));
  const a = code.variable(t.a);
  const b = code.variable(t.near);
  const end = code.hold(i32.add(a, code.int(4 * inner)));
  code.repeat(() => {
    multiplyAdd(code, sums, b, (r) => code.loadSplat(a, r * stride));
    code.set(b, i32.add(b, code.int(blockBytes)));
    return i32.lt_u(a.tee(i32.add(a, code.int(4))), end);
  });
  storeSums(code, sums, t.to);
}

/** The first neighbour, the weights as [j][8], the totals so far as [c][8], and how many neighbours: at least one. */
export type SumOperands = { readonly [N in "far" | "weights" | "totals" | "count"]: I32 };

export interface SumShape {
  readonly columns: number;
  readonly stride: number;
}

export function sums(code: Code, { columns, stride }: SumShape, operands: SumOperands): void {
  run(code, `pair_sums_${columns}_${stride}`, operands, (own, p) => {
    const { i32 } = own.ops;
    const end = own.hold(i32.add(p.weights, own.int(own.mul(p.count, blockBytes))));
    const whole = columns - (columns % tileSize);
    const tile = (column: I32, width: number): void => {
      const to = own.hold(i32.add(p.totals, own.int(own.mul(column, blockBytes))));
      const a = own.variable(i32.add(p.far, own.int(own.mul(column, 4))));
      const b = own.variable(p.weights);
      const totals = loadSums(own, width, to);
      own.repeat(() => {
        multiplyAdd(own, totals, b, (r) => own.loadSplat(a, 4 * r));
        own.set(a, i32.add(a, own.int(stride)));
        return i32.lt_u(b.tee(i32.add(b, own.int(blockBytes))), end);
      });
      storeSums(own, totals, to);
    };
    own.loop(0, whole, tileSize, (column) => tile(column, tileSize));
    if (whole < columns) tile(own.hold(own.int(whole)), columns - whole);
  });
}

/** The weights alone, added up. */
export function totals(code: Code, operands: Omit<SumOperands, "far">): void {
  run(code, "pair_totals", operands, (own, p) => {
    const { i32, f32x4 } = own.ops;
    const end = own.hold(i32.add(p.weights, own.int(own.mul(p.count, blockBytes))));
    const [both = []] = loadSums(own, 1, p.totals);
    const b = own.variable(p.weights);
    own.repeat(() => {
      for (const [v, sum] of both.entries()) {
        own.set(sum, f32x4.add(sum, own.load128(b, 16 * v)));
      }
      return i32.lt_u(b.tee(i32.add(b, own.int(blockBytes))), end);
    });
    storeSums(own, [both], p.totals);
  });
}

/** For each row of a tile the two vectors of eight lanes. */
type Sums = readonly (readonly Local<"v128">[])[];

/** One turn: a number of each row of the tile times eight lanes. */
function multiplyAdd(code: Code, all: Sums, b: Local<"i32">, a: (row: number) => V128): void {
  const right = [0, 16].map((offset) => code.hold(code.load128(b, offset)));
  for (const [r, row] of all.entries()) {
    const left = code.hold(a(r));
    for (const [v, sum] of row.entries()) {
      code.set(sum, code.multiplyAdd(sum, left, right[v] ?? left));
    }
  }
}

const grid = (rows: number, make: (r: number, v: number) => Local<"v128">): Sums =>
  Array.from({ length: rows }, (_, r) => [0, 1].map((v) => make(r, v)));

const loadSums = (code: Code, rows: number, from: Local<"i32">): Sums =>
  grid(rows, (r, v) => code.variable(code.load128(from, r * blockBytes + 16 * v)));

function storeSums(code: Code, all: Sums, to: Local<"i32">): void {
  for (const [r, row] of all.entries()) {
    for (const [v, sum] of row.entries()) code.store128(to, r * blockBytes + 16 * v, sum);
  }
}
