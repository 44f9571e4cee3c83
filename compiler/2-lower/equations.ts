/**
 * Which equations matter, and in which order they are lowered: what they read before they are read.
 *
 * A unit is one field, or all fields of a recurrence. Equations that nothing asks for do not appear.
 */
import type { Expr, Field, Model, Recurrence } from "../ir/model.js";
import { allPartsOf } from "./expression-table.js";

export interface Unit {
  readonly fields: readonly Field[];
  readonly recurrence: Recurrence | null;
  /** Fields of the unit that something outside it reads. */
  readonly wanted: ReadonlySet<Field>;
  /** Whether its value differs between inference and training. */
  readonly differs: boolean;
}

/** All expressions of a model that are asked for by themselves, in the order of their kinds. */
export const rootTexts = (model: Model): readonly Expr[] => [
  ...[...model.losses, ...model.metrics].flatMap((o) => (o.where ? [o.value, o.where] : [o.value])),
  ...model.states.flatMap((s) => (s.next ? [s.next] : [])),
  ...model.optimizers.flatMap((o) => Object.values(o.settings)),
];

/** The fields that a text reads, each once. */
export function fieldsReadBy(text: Expr): readonly Field[] {
  const read = new Set<Field>();
  for (const e of allPartsOf(text))
    if (e.kind === "field" && e.field.kind === "field") read.add(e.field);
  return [...read];
}

/** The units of everything that a model's outputs, losses, metrics and states depend on. */
export function unitsOf(model: Model): readonly Unit[] {
  const recurrenceOf = new Map(model.recurrences.flatMap((r) => r.fields.map((f) => [f, r])));
  // One list per unit: `inOrder` tells them apart by identity.
  const groupOf = memoized((f: Field) => recurrenceOf.get(f)?.fields ?? [f]);
  const roots = [...model.outputs.map((o) => o.field), ...rootTexts(model).flatMap(fieldsReadBy)];
  const reads = memoized((f: Field) => fieldsReadBy(f.value));
  const groups = inOrder(roots.map(groupOf), (group) => group.flatMap(reads).map(groupOf));

  const wanted = new Set(roots);
  for (const group of groups)
    for (const f of group.flatMap(reads)) if (!group.includes(f)) wanted.add(f);

  const differing = new Set<Field>();
  return groups.map((fields) => {
    const differs = fields.some((f) => saysTraining(f) || reads(f).some((r) => differing.has(r)));
    if (differs) for (const f of fields) differing.add(f);
    const recurrence = (fields[0] && recurrenceOf.get(fields[0])) ?? null;
    return { fields, recurrence, differs, wanted: new Set(fields.filter((f) => wanted.has(f))) };
  });
}

const saysTraining = (f: Field): boolean =>
  [...allPartsOf(f.value)].some((e) => e.kind === "training");

/** Everything reachable, each once, what it needs before it; with its own stack, as models are deep. */
export function inOrder<T>(roots: readonly T[], needs: (item: T) => readonly T[]): readonly T[] {
  const seen = new Set<T>();
  const done: T[] = [];
  const stack: { readonly item: T; readonly needs: readonly T[]; next: number }[] = [];
  const enter = (item: T): void => {
    if (seen.has(item)) return;
    seen.add(item);
    stack.push({ item, needs: needs(item), next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need !== undefined) enter(need);
      else {
        done.push(top.item);
        stack.pop();
      }
    }
  }
  return done;
}

function memoized<K, V>(f: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? f(key);
    known.set(key, value);
    return value;
  };
}
