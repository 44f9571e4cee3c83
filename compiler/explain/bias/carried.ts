/**
 * Along a chain a place reads the one before it, and so on back to the first. Cut there, the sequence goes on as before when
 * the value that came over the cut is given: what a chain carries is seen at the border alone.
 */

import { freeBinders } from "../../1-check/rebind.js";
import type { Expr } from "../../ir/model.js";
import type { Relation, RowMap } from "../../ir/space.js";
import { all, mapped } from "./footprint.js";
import type { Seen, Viewing } from "./view.js";

type Aggregate = Extract<Expr, { readonly kind: "aggregate" }>;

/** The chain that an aggregation reads the neighbour over, where the value over a cut can be given. */
export function carriedBy(e: Aggregate): Relation | null {
  const { map } = e;
  const alone = map.kind === "receiver" && map.relation.topology.kind === "chain" && !e.where;
  return alone && onOneSet(map) && freeBinders(e).size === 0 ? map.relation : null;
}

const onOneSet = (map: Extract<RowMap, { readonly kind: "receiver" }>): boolean =>
  map.relation.senders === map.relation.receivers && map.relation.senders.layout.kind === "seq";

/** What is seen through a carried value: nothing, if the neighbour sees its own place alone; else all on its side. */
export function carriedView(viewing: Viewing, e: Aggregate, inside: Seen): Seen | null {
  const relation = viewing.mode === "translation" ? carriedBy(e) : null;
  if (!relation || inside.broken || !viewing.component.sets.includes(relation.receivers))
    return null;
  const { topology } = relation;
  const reverse = topology.kind === "chain" && topology.reverse;
  const step = viewing.component.scale.get(relation.senders)?.[0] ?? 1;
  const near = all(inside.sees, ([low, high]) =>
    reverse ? low >= 0 && high <= step : low >= -step && high <= 0,
  );
  if (near) return { ...inside, sees: new Map() };
  return {
    ...inside,
    sees: mapped(inside.sees, ([low, high]) => (reverse ? [low, Infinity] : [-Infinity, high])),
  };
}
