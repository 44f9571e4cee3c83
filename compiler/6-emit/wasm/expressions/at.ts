/** Where an expression is evaluated: a row, a position on each of its axes, and how many neighbours at once. */
import { bug } from "../../../bug.js";
import type { Axis } from "../../../ir/tensor.js";
import type { Position } from "../index.js";
import type { Positions } from "../places.js";
import type { Row } from "../rows.js";
import type { Lanes } from "../values.js";

export interface At {
  readonly row: Row;
  readonly positions: Positions;
  readonly lanes: Lanes;
}

/** The position on an axis. */
export const on = (at: At, axis: Axis): Position =>
  at.positions.get(axis) ?? bug(`no position on axis ${axis.name}`);

/** With the positions of these axes alone. */
export function restricted(axes: readonly Axis[], at: At): At {
  const positions = new Map<Axis, Position>();
  for (const a of axes) positions.set(a, on(at, a));
  return { row: at.row, positions, lanes: at.lanes };
}

/** At the same place, with further positions. */
export const extended = (at: At, more: Iterable<readonly [Axis, Position]>): At => ({
  ...at,
  positions: new Map([...at.positions, ...more]),
});

/** Equal text, equal positions. */
export function printAll({ positions }: At): string {
  let text = "";
  for (const [a, p] of positions) text += `${a.id}:${p.text},`;
  return text;
}
