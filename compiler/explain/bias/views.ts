/** The views of all fields of a model: what a cycle sees is the least that its equations allow, widened where it grows. */
import type { Field, Input, Recurrence } from "../../ir/model.js";
import type { Component } from "./components.js";
import { equal, type Footprint } from "./footprint.js";
import { inOrder } from "./live.js";
import { blind, broken, type Mode, type Seen, type Viewing, viewOf, viewOfInput } from "./view.js";

/** Passes over a cycle before what still grows is taken to have no bound, and before one gives up. */
const patience = 6;
const most = 60;

export function viewsOf(
  roots: readonly Field[],
  recurrences: readonly Recurrence[],
  component: Component,
  mode: Mode,
): (field: Field | Input) => Seen {
  const known = new Map<Field, Seen>();
  const viewing: Viewing = {
    component,
    mode,
    of: (field) =>
      field.kind === "input"
        ? viewOfInput({ component, mode }, field)
        : (known.get(field) ?? blind),
  };
  const see = (field: Field): Seen => viewOf(viewing, { e: field.value, on: field.space });
  const cycles = new Map(recurrences.flatMap((r) => r.fields.map((f) => [f, r] as const)));
  const order = inOrder(roots);
  for (const field of order) {
    const cycle = cycles.get(field);
    if (!cycle) known.set(field, see(field));
    const members = cycle ? order.filter((f) => cycles.get(f) === cycle) : [];
    if (members.at(-1) === field) settleCycle(members, known, see);
  }
  return viewing.of;
}

/** All that its members read besides is known when the last of them is reached: it is the one the walk came in by. */
function settleCycle(
  members: readonly Field[],
  known: Map<Field, Seen>,
  see: (field: Field) => Seen,
): void {
  for (let pass = 0, changed = true; changed; pass++) {
    changed = false;
    for (const field of members) {
      const before = known.get(field);
      const seen = pass < most ? see(field) : broken("a cycle that does not settle", field.span);
      const after = widened(before, seen, pass >= patience);
      if (before && same(before, after)) continue;
      known.set(field, after);
      changed = true;
    }
  }
}

function widened(before: Seen | undefined, after: Seen, widen: boolean): Seen {
  if (before?.broken) return before;
  if (!before || !widen || after.broken) return after;
  return { ...after, sees: grown(before.sees, after.sees) };
}

/** Bounds that still move go to infinity. */
function grown(before: Footprint, after: Footprint): Footprint {
  return new Map(
    [...after].map(([set, intervals]) => {
      const old = before.get(set);
      const bounds = intervals.map(([low, high], axis) => {
        const [l, h] = old?.[axis] ?? [low, high];
        return [low < l ? -Infinity : low, high > h ? Infinity : high] as const;
      });
      return [set, bounds] as const;
    }),
  );
}

const same = (a: Seen, b: Seen): boolean =>
  Boolean(a.broken) === Boolean(b.broken) &&
  equal(a.sees, b.sees) &&
  a.drift.every((d, i) => d === (b.drift[i] ?? 0)) &&
  b.drift.every((d, i) => d === (a.drift[i] ?? 0));
