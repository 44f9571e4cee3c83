/**
 * The step that each dependency between fields takes (LANGUAGE 2, "Recurrence"): to the same row, back along a
 * relation, or to all rows.
 *
 * An edge belongs to the end it is aggregated at: from there its own end is the same row and the other end is a move.
 */
import type { Span } from "../../grammar/source.js";
import type { Expr, Field } from "../ir/model.js";
import type { Relation, RowMap } from "../ir/space.js";
import { leavesOf } from "./reach.js";
import { partsOf } from "./rebind.js";

export type End = "receiver" | "sender";

export interface Step {
  readonly from: Field;
  readonly to: Field;
  readonly span: Span;
  readonly kind: "same" | "all" | "move";
  /** Of a move: the relation, and whether it is walked against its direction. */
  readonly relation: Relation | null;
  readonly against: boolean;
  /** In words: `sender.h over chain(word)`. */
  readonly words: string;
}

/** A field as the user wrote it, without the instance it stands in. */
export const shortName = (field: Field): string => field.name.replace(/^.*\//, "");

/** Where the walk through an expression stands, seen from the row that asks. */
type Standing =
  | { readonly kind: "own" }
  | { readonly kind: "edges"; readonly relation: Relation; readonly end: End }
  | { readonly kind: "moved"; readonly relation: Relation; readonly against: boolean }
  | { readonly kind: "all"; readonly words: string };

/** Strongly connected components with a cycle, by Tarjan 1972 without recursion. */
export function components(fields: readonly Field[]): readonly (readonly Field[])[] {
  const reads = new Map(
    fields.map((f) => [f, [...leavesOf(f.value)].filter((l): l is Field => l.kind === "field")]),
  );
  const order = new Map<Field, number>();
  const low = new Map<Field, number>();
  const open: Field[] = [];
  const isOpen = new Set<Field>();
  const found: Field[][] = [];
  const close = (f: Field): void => {
    if (low.get(f) !== order.get(f)) return;
    const component: Field[] = [];
    for (let top = open.pop(); top; top = open.pop()) {
      isOpen.delete(top);
      component.push(top);
      if (top === f) break;
    }
    if (component.length > 1 || reads.get(f)?.includes(f)) found.push(component);
  };
  for (const root of fields) {
    if (order.has(root)) continue;
    const trail: { readonly f: Field; next: number }[] = [{ f: root, next: 0 }];
    for (let at = trail.at(-1); at; at = trail.at(-1)) {
      const { f } = at;
      if (at.next === 0 && !order.has(f)) {
        order.set(f, order.size);
        low.set(f, order.size - 1);
        open.push(f);
        isOpen.add(f);
      }
      const read = reads.get(f)?.[at.next++];
      const lowest = (value: number | undefined): void =>
        void low.set(f, Math.min(low.get(f) ?? 0, value ?? 0));
      if (read && !order.has(read)) trail.push({ f: read, next: 0 });
      else if (read && isOpen.has(read)) lowest(low.get(read));
      else if (!read) {
        close(f);
        trail.pop();
        const parent = trail.at(-1);
        if (parent && isOpen.has(f))
          low.set(parent.f, Math.min(low.get(parent.f) ?? 0, low.get(f) ?? 0));
      }
    }
  }
  const place = new Map(fields.map((f, i) => [f, i]));
  const byPlace = (a: Field, b: Field): number => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  return found
    .map((component) => component.sort(byPlace))
    .sort((a, b) => (a[0] && b[0] ? byPlace(a[0], b[0]) : 0));
}

/** The ends at which each edge field of a component is aggregated. */
export function endsOf(component: readonly Field[]): ReadonlyMap<Field, ReadonlySet<End>> {
  const inside = new Set(component);
  const ends = new Map<Field, Set<End>>();
  const add = (field: Field, end: End): boolean => {
    const known = ends.get(field) ?? new Set<End>();
    ends.set(field, known);
    const fresh = !known.has(end);
    known.add(end);
    return fresh;
  };
  let moved = true;
  const scan = (base: Field, e: Expr, end: ReadonlySet<End>): void => {
    if (
      e.kind === "field" &&
      e.field.kind === "field" &&
      e.field.space.kind === "edges" &&
      inside.has(e.field)
    )
      for (const one of end) if (add(e.field, one)) moved = true;
    const here: ReadonlySet<End> =
      e.kind === "aggregate" && (e.map.kind === "receiver" || e.map.kind === "sender")
        ? new Set([e.map.kind])
        : end;
    for (const part of partsOf(e)) scan(base, part, here);
  };
  while (moved) {
    moved = false;
    for (const field of component)
      scan(
        field,
        field.value,
        field.space.kind === "edges" ? (ends.get(field) ?? new Set()) : new Set(),
      );
  }
  return ends;
}

/** Every step from a field of a component to another of it. */
export function stepsOf(
  component: readonly Field[],
  ends: ReadonlyMap<Field, ReadonlySet<End>>,
): readonly Step[] {
  const inside = new Set(component);
  const steps: Step[] = [];
  for (const from of component) {
    const [end] = ends.get(from) ?? [];
    const start: Standing =
      from.space.kind === "edges"
        ? { kind: "edges", relation: from.space, end: end ?? "receiver" }
        : { kind: "own" };
    const walk = (e: Expr, at: Standing): void => {
      if (e.kind === "field" && e.field.kind === "field" && inside.has(e.field))
        steps.push(stepTo(from, e.field, e.span, at));
      const next = moveThrough(e, at);
      for (const part of partsOf(e))
        walk(part, e.kind === "aggregate" && part === e.empty ? at : next);
    };
    walk(from.value, start);
  }
  return steps;
}

function stepTo(from: Field, to: Field, span: Span, at: Standing): Step {
  const base = { from, to, span, relation: null, against: false };
  if (at.kind === "all") return { ...base, kind: "all", words: `${shortName(to)} ${at.words}` };
  if (at.kind !== "moved")
    return { ...base, kind: "same", words: `${shortName(to)} of the same row` };
  const word = at.against ? "receiver" : "sender";
  return {
    ...base,
    kind: "move",
    relation: at.relation,
    against: at.against,
    words: `${word}.${shortName(to)} over ${at.relation.name}`,
  };
}

/** Where one stands inside an expression. */
function moveThrough(e: Expr, at: Standing): Standing {
  if (e.kind === "aggregate" || e.kind === "group_softmax")
    return intoGroup(e.map, at, e.kind === "group_softmax");
  if (e.kind !== "pull") return at;
  const { map } = e;
  if (map.kind === "graph" || map.kind === "all")
    return { kind: "all", words: map.kind === "graph" ? "through the graph" : "through the batch" };
  if (map.kind === "row" || at.kind === "all") return at;
  if (at.kind === "edges" && at.relation === map.relation) {
    if (at.end === map.kind) return { kind: "own" };
    return { kind: "moved", relation: map.relation, against: map.kind === "receiver" };
  }
  return { kind: "all", words: "over two relations at once" };
}

function intoGroup(map: RowMap, at: Standing, stays: boolean): Standing {
  if (map.kind === "graph") return { kind: "all", words: "by graph" };
  if (map.kind === "all") return { kind: "all", words: "by batch" };
  if (map.kind === "row" || at.kind === "all") return at;
  if (stays) {
    if (at.kind === "edges" && at.end !== map.kind)
      return { kind: "all", words: `in a softmax by ${map.kind}` };
    return at;
  }
  if (at.kind === "own") return { kind: "edges", relation: map.relation, end: map.kind };
  if (at.kind === "edges" && at.relation === map.relation && at.end === map.kind) return at;
  return { kind: "all", words: "over two relations at once" };
}
