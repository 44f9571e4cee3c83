/** How far the senders of a relation are from their receivers, in the coordinates of a component. */
import type { Relation } from "../../ir/space.js";
import { axesOf, type Component } from "./components.js";
import type { Interval } from "./footprint.js";

/** Per axis; `no` when edges do not follow the coordinates: a chain along the rows of a grid. */
export function betweenEnds(
  { topology, senders }: Relation,
  { scale, axes }: Component,
): readonly Interval[] | "no" {
  const apart = scale.get(senders) ?? [];
  const each = (interval: (axis: number, scale: number) => Interval): readonly Interval[] =>
    Array.from({ length: axes }, (_, axis) => interval(axis, apart[axis] ?? 1));
  const along = (interval: (scale: number) => Interval): readonly Interval[] | "no" =>
    axesOf(senders) > 1 ? "no" : each((_, s) => interval(s));
  switch (topology.kind) {
    case "complete":
      return each(() => [-Infinity, Infinity]);
    case "self":
      return each(() => [0, 0]);
    case "causal":
      return along((s) => [-Infinity, topology.strict ? -s : 0]);
    case "chain":
      return along((s) => (topology.reverse ? [s, s] : [-s, -s]));
    case "window":
      return each((axis, s) => {
        const pad = topology.pad[axis] ?? 0;
        const reach = ((topology.taps[axis] ?? 1) - 1) * (topology.dilation[axis] ?? 1);
        return [-pad * s, (reach - pad) * s];
      });
    case "sparse":
    case "tree":
    case "dag":
      return "no";
  }
}
