/**
 * Fields that depend on themselves become one `recur` (ARCHITECTURE, idea 3).
 *
 * The unknowns are the fields that are read where the order has been before: through the step that surely moves. All
 * other fields of the component stand in the bodies as plain expressions of the unknowns.
 */
import { bug } from "../bug.js";
import type { Expr, Field, Recurrence, RecurrenceOrder } from "../ir/model.js";
import type { RowMap, Topology } from "../ir/space.js";
import { fieldsReadBy, inOrder } from "./equations.js";
import { partsOf } from "./expression-table.js";

/** Which end of an edge surely has the lower index in its set. */
function earlierEnd(topology: Topology): "sender" | "receiver" | null {
  switch (topology.kind) {
    case "chain":
      return topology.reverse ? "receiver" : "sender";
    case "causal":
      return topology.strict ? "sender" : null;
    case "window":
      return earlierEndOfWindow(topology);
    default:
      return null;
  }
}

/** A window that sees no row itself looks back on every axis, or ahead on every axis, or neither. */
function earlierEndOfWindow(window: Extract<Topology, { kind: "window" }>) {
  const reach = window.taps.map((taps, axis) => {
    const nearest = -(window.pad[axis] ?? 0);
    return { from: nearest, to: nearest + (taps - 1) * (window.dilation[axis] ?? 1) };
  });
  if (reach.every((r) => r.from <= 0 && r.to >= 0)) return null;
  if (reach.every((r) => r.to <= 0)) return "sender";
  return reach.every((r) => r.from >= 0) ? "receiver" : null;
}

/** Whether reading along `map` surely goes to a row that the order has done before. */
function goesBack(map: RowMap, order: RecurrenceOrder): boolean {
  if (map.kind !== "sender" && map.kind !== "receiver") return false;
  if (order.kind === "levels")
    return map.relation === order.relation && map.kind === (order.reverse ? "receiver" : "sender");
  const { relation } = map;
  if (relation.senders !== order.set || relation.receivers !== order.set) return false;
  const earlier = earlierEnd(relation.topology);
  if (earlier === null) return false;
  return (map.kind === earlier) !== order.reverse;
}

/** The fields that a text reads through a step back. */
function readBehind(text: Expr, order: RecurrenceOrder): ReadonlySet<Field> {
  const found = new Set<Field>();
  const seen = { here: new Set<Expr>(), behind: new Set<Expr>() };
  const visit = (e: Expr, where: "here" | "behind"): void => {
    if (seen[where].has(e)) return;
    seen[where].add(e);
    if (e.kind === "field" && e.field.kind === "field" && where === "behind") found.add(e.field);
    const back = e.kind === "pull" && goesBack(e.map, order);
    for (const part of partsOf(e)) visit(part, back ? "behind" : where);
  };
  visit(text, "here");
  return found;
}

/** Whether the fields of the component depend on themselves when `cut` is taken for known. */
function isCyclic(fields: readonly Field[], cut: ReadonlySet<Field>): boolean {
  const place = new Map(bodiesInOrder(fields, cut).map((f, i) => [f, i]));
  return fields.some((f) =>
    fieldsReadBy(f.value).some(
      (r) => !cut.has(r) && place.has(r) && (place.get(r) ?? 0) >= (place.get(f) ?? 0),
    ),
  );
}

/** The fields of a component, each after those that its text reads; unknowns are known. */
export const bodiesInOrder = (
  fields: readonly Field[],
  unknowns: ReadonlySet<Field>,
): readonly Field[] =>
  inOrder(fields, (f) =>
    fieldsReadBy(f.value).filter((r) => fields.includes(r) && !unknowns.has(r)),
  );

/** The fewest fields read behind that break every cycle: one goes if the others still do. */
export function unknownsOf({ fields, order }: Recurrence): readonly Field[] {
  const behind = new Set(fields.flatMap((f) => [...readBehind(f.value, order)]));
  const cut = new Set(fields.filter((f) => behind.has(f)));
  if (isCyclic(fields, cut)) bug(`a cycle of ${fields[0]?.name} stays on its row`);
  for (const f of [...cut].reverse()) {
    cut.delete(f);
    if (isCyclic(fields, cut)) cut.add(f);
  }
  return fields.filter((f) => cut.has(f));
}
