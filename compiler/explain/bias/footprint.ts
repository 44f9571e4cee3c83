/**
 * What a value sees of the ordered sets of a component, around its own place: an interval of coordinates per axis. Intervals
 * are hulls, so a footprint may be larger than what is really read, never smaller.
 */
import type { NodeSet } from "../../ir/space.js";

export type Interval = readonly [low: number, high: number];
export type Footprint = ReadonlyMap<NodeSet, readonly Interval[]>;

export const nothing: Footprint = new Map();

const everywhere: Interval = [-Infinity, Infinity];

export const hull = (a: Interval, b: Interval): Interval => [
  Math.min(a[0], b[0]),
  Math.max(a[1], b[1]),
];

/** Of sums of both: places seen from places seen. */
export const plus = (a: Interval, b: Interval): Interval => [a[0] + b[0], a[1] + b[1]];

export const negated = ([low, high]: Interval): Interval => [-high, -low];

export const seeing = (set: NodeSet, intervals: readonly Interval[]): Footprint =>
  new Map([[set, intervals]]);

/** All that any of them sees. */
export function union(footprints: readonly Footprint[]): Footprint {
  const out = new Map<NodeSet, readonly Interval[]>();
  for (const footprint of footprints)
    for (const [set, intervals] of footprint) {
      const known = out.get(set);
      out.set(set, known ? known.map((i, a) => hull(i, intervals[a] ?? i)) : intervals);
    }
  return out;
}

/** What is seen from places at these distances. */
export const moved = (footprint: Footprint, by: readonly Interval[]): Footprint =>
  mapped(footprint, (interval, axis) => plus(interval, by[axis] ?? [0, 0]));

/** What is seen when all places are. */
export const unbounded = (footprint: Footprint): Footprint => mapped(footprint, () => everywhere);

/** The same sets with other intervals. */
export function mapped(
  footprint: Footprint,
  to: (interval: Interval, axis: number) => Interval,
): Footprint {
  return new Map([...footprint].map(([set, intervals]) => [set, intervals.map(to)]));
}

export const all = (footprint: Footprint, holds: (interval: Interval) => boolean): boolean =>
  [...footprint.values()].every((intervals) => intervals.every(holds));

export const equal = (a: Footprint, b: Footprint): boolean =>
  a.size === b.size &&
  [...a].every(([set, intervals]) =>
    intervals.every(([low, high], axis) => {
      const other = b.get(set)?.[axis];
      return other !== undefined && other[0] === low && other[1] === high;
    }),
  );
