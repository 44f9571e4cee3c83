/** Numbers of two runs beside each other: how far apart rows are that should be equal. */

import type { Checked } from "../../compiler/explain/index.js";
import type { Model, Output } from "../../compiler/ir/model.js";
import type { Model as Loaded } from "../../runtime/index.js";
import { type Graph, graphInput } from "./graphs.js";

/** The rows of each output of one graph. */
export type Outputs = ReadonlyMap<Output, readonly ArrayLike<number>[]>;

/** A row of the first run and the row of the second that should equal it. */
export type RowPair = readonly [number, number];

/** The outputs of each graph of a batch. */
export function run(loaded: Loaded, model: Model, graphs: readonly Graph[]): readonly Outputs[] {
  const results = loaded.run(graphs.map(graphInput));
  return results.map(
    (result) =>
      new Map(
        model.outputs.map((output) => {
          const { space, type } = output.field;
          const width = type.shape.reduce((a, b) => a * b, 1);
          return [output, inRows(result[space.name]?.[output.name] ?? [], width)] as const;
        }),
      ),
  );
}

function inRows(values: ArrayLike<number>, width: number): readonly ArrayLike<number>[] {
  const rows = width === 0 ? 0 : values.length / width;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: width }, (_, k) => values[i * width + k] ?? Number.NaN),
  );
}

export const nothingYet: Checked = { deviation: 0, compared: 0 };

/**
 * What goes in is of size 1; an output below this, a variance of equal numbers, say, may be nothing but rounding.
 */
const least = 1e-2;

/** Differences are told in terms of the largest number of the output. */
export function compare(
  before: readonly ArrayLike<number>[],
  after: readonly ArrayLike<number>[],
  pairs: readonly RowPair[],
): Checked {
  let [largest, apart, compared] = [0, 0, 0];
  for (const [i, j] of pairs) {
    const [a, b] = [before[i] ?? [], after[j] ?? []];
    for (let k = 0; k < Math.max(a.length, b.length); k++) {
      const [x, y] = [Number(a[k]), Number(b[k])];
      compared++;
      if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      if (!Object.is(x, y) && x !== y) apart = Math.max(apart, distance(x, y));
    }
  }
  return { deviation: apart / Math.max(largest, least), compared };
}

/** What is no number on one side alone is as far as can be. */
function distance(x: number, y: number): number {
  const d = Math.abs(x - y);
  return Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
}

export const worse = (a: Checked, b: Checked): Checked => ({
  deviation: Math.max(a.deviation, b.deviation),
  compared: a.compared + b.compared,
});
