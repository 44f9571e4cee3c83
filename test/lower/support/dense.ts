/** Arrays of the shape of one element, and what is done to them alone. */
import type { ExprOf } from "../../../compiler/2-lower/expression-table.js";
import { bug } from "../../../compiler/bug.js";
import type { Reducer } from "../../../compiler/ir/model.js";

/** An array of the shape of one element. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const scalar = (value: number): Dense => ({ shape: [], data: [value] });
export const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const first = (d: Dense): number => d.data[0] ?? bug("an empty value");
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** f at every position; a scalar argument is the same everywhere. */
export function zip(args: readonly Dense[], f: (...values: number[]) => number): Dense {
  const { shape } = args.reduce((a, b) => (b.shape.length > a.shape.length ? b : a));
  const at = (d: Dense, i: number): number =>
    (d.shape.length === 0 ? d.data[0] : d.data[i]) ?? Number.NaN;
  return { shape, data: upTo(volume(shape)).map((i) => f(...args.map((a) => at(a, i)))) };
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const reducers: Readonly<Record<Reducer, (values: readonly number[]) => number>> = {
  sum,
  mean,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  var: (values) => mean(values.map((v) => (v - mean(values)) ** 2)),
  count: (values) => values.length,
};

/** The reducer at every position of values of one shape. */
export const over = (reducer: Reducer, values: readonly Dense[]): Dense =>
  reducer === "count" ? scalar(values.length) : zip(values, (...xs) => reducers[reducer](xs));

/** Values of the last axis, one row after the other. */
export function alongLast(
  d: Dense,
  f: (row: readonly number[]) => readonly number[],
): readonly number[] {
  const width = d.shape.at(-1) ?? 1;
  return upTo(volume(d.shape.slice(0, -1))).flatMap((i) =>
    f(d.data.slice(i * width, (i + 1) * width)),
  );
}

export function contraction(left: Dense, right: Dense): Dense {
  const inner = right.shape[0] ?? 1;
  const columns = volume(right.shape.slice(1));
  const data = alongLast(left, (row) =>
    upTo(columns).map((c) =>
      sum(upTo(inner).map((k) => (row[k] ?? 0) * (right.data[k * columns + c] ?? 0))),
    ),
  );
  return { shape: [...left.shape.slice(0, -1), ...right.shape.slice(1)], data };
}

const softmax = (row: readonly number[]): readonly number[] => {
  const top = Math.max(...row);
  const n = sum(row.map((v) => Math.exp(v - top)));
  return row.map((v) => Math.exp(v - top) / n);
};

type Rowwise = ExprOf<"rowwise">;
export const rowwise: Readonly<Record<Rowwise["f"], (d: Dense, e: Rowwise) => readonly number[]>> =
  {
    softmax: (d) => alongLast(d, softmax),
    log_softmax: (d) => alongLast(d, (row) => softmax(row).map(Math.log)),
    argmax: (d) => alongLast(d, (row) => [row.indexOf(Math.max(...row))]),
    norm: (d) => alongLast(d, (row) => [Math.hypot(...row)]),
    one_hot: (d, e) =>
      d.data.flatMap((v) => upTo(e.type.shape.at(-1) ?? 0).map((c) => Number(c === v))),
    flatten: (d) => d.data,
    stop: (d) => d.data,
  };
