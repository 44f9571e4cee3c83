/** Models made from models: expressions replaced where they stand, fields and recurrences made anew. */
import { withParts } from "../../1-check/rebind.js";
import { components } from "../../1-check/steps.js";
import type { Expr, Field, Recurrence } from "../../ir/model.js";
import type { Space } from "../../ir/space.js";
import type { Standing } from "./live.js";

/** What stands in the place of an expression; null to go on with its parts. */
export type Replacement = (at: Standing) => Expr | null;

export function rewritten(at: Standing, replace: Replacement): Expr {
  const { e, on } = at;
  return (
    replace(at) ?? withParts(e, (part) => rewritten({ e: part, on: spaceOf(e, part, on) }, replace))
  );
}

/** The space that a part of an expression stands on. */
function spaceOf(e: Expr, part: Expr, on: Space): Space {
  if (e.kind === "pull") return e.map.to;
  return e.kind === "aggregate" && part !== e.empty ? e.map.from : on;
}

/** The fields with their expressions rewritten; fields among them read each other's new selves. */
export function rewrittenFields(
  fields: readonly Field[],
  replace: Replacement,
  rename: (name: string) => string = (name) => name,
): ReadonlyMap<Field, Field> {
  const drafts = new Map(
    fields.map((f) => [
      f,
      { ...f, name: rename(f.name) } as { -readonly [K in keyof Field]: Field[K] },
    ]),
  );
  const swapped = (e: Expr): Expr | null => {
    const own = e.kind === "field" && e.field.kind === "field" ? drafts.get(e.field) : undefined;
    return own && e.kind === "field" ? { ...e, field: own } : null;
  };
  const swap: Replacement = (at) => {
    const own = swapped(at.e);
    const made = own ?? replace(at);
    return made && (own ?? swapped(made) ?? made);
  };
  for (const [field, draft] of drafts)
    draft.value = rewritten({ e: field.value, on: field.space }, swap);
  return drafts;
}

/** The cycles among new fields, each in the order of the old cycle it is of. */
export function recurrencesOf(
  fields: ReadonlyMap<Field, Field>,
  before: readonly Recurrence[],
): readonly Recurrence[] {
  const order = new Map(
    before.flatMap((r) =>
      r.fields.flatMap((f) => {
        const made = fields.get(f);
        return made ? [[made, r.order] as const] : [];
      }),
    ),
  );
  return components([...fields.values()]).flatMap((cycle) => {
    const known = cycle.map((f) => order.get(f)).find((o) => o !== undefined);
    return known ? [{ fields: cycle, order: known }] : [];
  });
}
