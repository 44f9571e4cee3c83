/**
 * What an evaluation is given, and how values lie in memory while it runs.
 *
 * A value is one flat array: rows, then the axes in the order of `tensor.axes` (sorted by id), row-major.
 */
import { bug } from "../bug.js";
import type { RowMap, Space } from "./space.js";
import { type Axis, type Slot, type Tensor, volume } from "./tensor.js";

export type Values = Float64Array<ArrayBuffer>;

/** A batch, the parameters and the source of random draws: everything a tensor may depend on. */
export interface Evaluation {
  /** How many rows a space has in this batch. */
  rows(space: Space): number;
  /** For every row of `map.from` its row of `map.to`. */
  mapIndex(map: RowMap): Int32Array;
  /** For every row of `space`: its place in its graph, its tap, or its column. */
  fact(fact: "index" | "offset" | "column", space: Space): ArrayLike<number>;
  /** By path; rows, then the axes in the order of the leaf's `layout`. */
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>;
  readonly params: ReadonlyMap<string, ArrayLike<number>>;
  readonly states: ReadonlyMap<string, ArrayLike<number>>;
  readonly seed: number;
  /** Training steps done. */
  readonly step: number;
}

/** An evaluation under way. */
export interface Context {
  readonly data: Evaluation;
  /** The values of tensors already done. */
  readonly values: Map<Tensor, Values>;
  /** The values of the bodies of recurrences already solved. */
  readonly solutions: Map<Tensor, readonly Values[]>;
}

export const valuesOf = (t: Tensor, c: Context): Values =>
  c.values.get(t) ?? bug(`${t.op} ${t.id} is read before it is known`);

/** A value for `t`, full of `fill`. */
export const blank = (t: Tensor, c: Context, fill = 0): Values =>
  new Float64Array(c.data.rows(t.space) * volume(t.axes)).fill(fill);

/** The distance in memory between neighbours on `axis`; 0 if `axes` lack it. */
export function strideOf(axes: readonly Axis[], axis: Axis): number {
  const at = axes.indexOf(axis);
  return at < 0 ? 0 : volume(axes.slice(at + 1));
}

/** For every position of `loop`, row-major, the sum of its indices times their strides. */
export function positions(loop: readonly Axis[], stride: (axis: Axis) => number): Int32Array {
  let places = new Int32Array(1);
  for (const axis of loop) {
    const step = stride(axis);
    const next = new Int32Array(places.length * axis.size);
    places.forEach((place, i) => {
      for (let k = 0; k < axis.size; k++) next[i * axis.size + k] = place + k * step;
    });
    places = next;
  }
  return places;
}

/** For every position of `loop` the position of the same indices within `axes`. */
export const placesIn = (loop: readonly Axis[], axes: readonly Axis[]): Int32Array =>
  positions(loop, (axis) => strideOf(axes, axis));

/** Reads a tensor at a row and a position of `loop`. */
export function reader(
  t: Tensor,
  loop: readonly Axis[],
  c: Context,
): (row: number, p: number) => number {
  const x = valuesOf(t, c);
  const width = volume(t.axes);
  const places = placesIn(loop, t.axes);
  return (row, p) => x[row * width + (places[p] ?? 0)] ?? Number.NaN;
}

/**
 * Where in a row with `axes` a position of `loop` is found when the slots are filled in: -1 if a slot's index lies
 * outside its axis.
 */
export function slotReader(
  slots: readonly Slot[],
  axes: readonly Axis[],
  loop: readonly Axis[],
  c: Context,
): (row: number, p: number) => number {
  const chosen = new Set(slots.map((s) => s.axis));
  const places = positions(loop, (axis) => (chosen.has(axis) ? 0 : strideOf(axes, axis)));
  const indices = slots.map(({ axis, index }) => ({
    size: axis.size,
    stride: strideOf(axes, axis),
    read: reader(index, loop, c),
  }));
  return (row, p) => {
    let place = places[p] ?? 0;
    for (const { size, stride, read } of indices) {
      const i = read(row, p);
      if (!(i >= 0 && i < size)) return -1;
      place += i * stride;
    }
    return place;
  };
}
