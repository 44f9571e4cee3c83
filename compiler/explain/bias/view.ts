/**
 * What a value sees of the ordered sets of a component, worked out over its equation: how far from its own place it reads
 * (`footprint.ts`), and whether moving all places by a common distance changes it (LANGUAGE 4: a window's taps, a chain's
 * neighbours and differences of places move along; a place itself does not).
 *
 * Coordinates of an edge are those of its receiver, or of its sender where only that is of the component.
 */
import type { Span } from "../../../grammar/source.js";
import type { Expr, Field, Input } from "../../ir/model.js";
import type { NodeSet, Relation, RowMap, Space } from "../../ir/space.js";
import { carriedView } from "./carried.js";
import type { Component } from "./components.js";
import { betweenEnds } from "./edges-between.js";
import { type Footprint, moved, negated, nothing, seeing, unbounded, union } from "./footprint.js";
import { livePartsOf, type Standing } from "./live.js";
import type { Break } from "./symmetry.js";

/**
 * What is asked: whether all may be moved, chains handing on a state that is given at the borders; whether what comes behind, or
 * before, may be cut off; or, whatever the edges are, whether a place is read other than by a difference.
 */
export type Mode = "translation" | "prefix" | "suffix" | "differences";

export interface Seen {
  readonly sees: Footprint;
  /** By how much the value grows when all places move by one, per axis: 1 for `index` of a sequence. */
  readonly drift: readonly number[];
  /** Where the place is read that drifts. */
  readonly place: Span | null;
  readonly broken: Break | null;
}

/** A walk over the equations of one model for one component. */
export interface Viewing {
  readonly component: Component;
  readonly mode: Mode;
  readonly of: (field: Field | Input) => Seen;
}

export const blind: Seen = { sees: nothing, drift: [], place: null, broken: null };

export const broken = (what: string, at: Span): Seen => ({ ...blind, broken: { what, at } });

const drifts = ({ drift }: Seen): boolean => drift.some((d) => d !== 0);

/** A value that is neither moved nor a sum of moved ones: what drifts breaks it. */
function settled(parts: readonly Seen[]): Seen {
  const wrong = parts.find((p) => p.broken) ?? parts.find(drifts);
  if (wrong?.broken) return wrong;
  if (wrong?.place) return broken("`index`", wrong.place);
  return { ...blind, sees: union(parts.map((p) => p.sees)) };
}

const withSees = (seen: Seen, sees: Footprint): Seen => (seen.broken ? seen : { ...seen, sees });

const within = ({ component }: Viewing, space: Space): space is NodeSet =>
  space.kind === "nodes" && component.sets.includes(space);

const ends = (viewing: Viewing, r: Relation) => ({
  from: within(viewing, r.senders),
  to: within(viewing, r.receivers),
});

/** Whether a space moves: to differences of places alone, nothing else does. */
const isOf = (viewing: Viewing, space: Space): boolean =>
  viewing.mode === "differences" ? false : isOfComponent(viewing, space);

const isOfComponent = (viewing: Viewing, space: Space): boolean =>
  space.kind === "edges"
    ? within(viewing, space.senders) || within(viewing, space.receivers)
    : within(viewing, space);

/** Every set of the component that a space stands for, seen as a whole. */
function wholeOf(viewing: Viewing, space: Space): Footprint {
  const sets = space.kind === "edges" ? [space.senders, space.receivers] : [space];
  const here = sets.filter((set) => within(viewing, set));
  const all = Array.from({ length: viewing.component.axes }, () => [-Infinity, Infinity] as const);
  return union(here.map((set) => seeing(set, all)));
}

/** What an expression sees from the place one stands on. */
export function viewOf(viewing: Viewing, { e, on }: Standing): Seen {
  switch (e.kind) {
    case "field":
      return viewing.of(e.field);
    case "index":
      return within(viewing, on) ? placeOfRow(viewing, on, e.span) : blind;
    case "draw":
      return isOf(viewing, on) ? broken("random draws of numbered rows", e.span) : blind;
    case "pull":
      return pulled(viewing, e, on);
    case "aggregate":
      return aggregated(viewing, e, on);
    case "count":
      return gathered(viewing, e.map, e.span, blind);
    case "group_softmax":
      return normalised(viewing, e, on);
    case "pointwise":
      return pointwise(viewing, e, on);
    case "each":
    case "fill":
      return sameAs(livePartsOf({ e, on }).map((part) => viewOf(viewing, part)));
    default:
      return settled(livePartsOf({ e, on }).map((part) => viewOf(viewing, part)));
  }
}

const sameAs = (parts: readonly Seen[]): Seen =>
  parts.length === 1 && parts[0] ? parts[0] : settled(parts);

/** `index` grows by one when a sequence moves by one place, by a row's length when a grid moves down. */
function placeOfRow({ component, mode }: Viewing, set: NodeSet, span: Span): Seen {
  if (mode === "prefix") return blind;
  const extents = set.layout.kind === "grid" ? set.layout.extents : [1];
  const drift = (component.scale.get(set) ?? []).map(
    (scale, axis) => extents.slice(axis + 1).reduce((a, b) => a * b, 1) / scale,
  );
  return { ...blind, drift, place: span };
}

function pulled(viewing: Viewing, e: Extract<Expr, { kind: "pull" }>, on: Space): Seen {
  const { map } = e;
  const inner = viewOf(viewing, { e: e.value, on: map.to });
  if (map.kind !== "sender" && map.kind !== "receiver") return inner;
  if (viewing.mode === "differences") return inner;
  const { from, to } = ends(viewing, map.relation);
  const between = from && to ? betweenEnds(map.relation, viewing.component) : null;
  if ((from || to) && map.relation.given) return ofData(map.relation, e.span);
  if (between === "no") return broken(`the order of ${map.relation.name}`, e.span);
  if (map.kind === "sender" && between) return withSees(inner, moved(inner.sees, between));
  return isOf(viewing, on) ? inner : withSees(inner, unbounded(inner.sees));
}

const ofData = ({ name }: Relation, span: Span): Seen =>
  broken(`the edges of ${name}, which do not move with the nodes`, span);

function aggregated(viewing: Viewing, e: Extract<Expr, { kind: "aggregate" }>, on: Space): Seen {
  const parts = livePartsOf({ e, on });
  const inside = settled(parts.filter((p) => p.e !== e.empty).map((part) => viewOf(viewing, part)));
  const carried = carriedView(viewing, e, inside);
  if (carried) return carried;
  const own = gathered(viewing, e.map, e.span, inside);
  return settled([own, ...(e.empty ? [viewOf(viewing, { e: e.empty, on })] : [])]);
}

/** What rows see that are gathered from all rows of `map.from` that belong to one's own. */
function gathered(viewing: Viewing, map: RowMap, span: Span, inside: Seen): Seen {
  if (inside.broken || !isOf(viewing, map.from)) return inside;
  const whole = { ...inside, sees: unbounded(union([inside.sees, wholeOf(viewing, map.from)])) };
  if (map.kind !== "sender" && map.kind !== "receiver") return whole;
  const { relation } = map;
  const { from, to } = ends(viewing, relation);
  if (relation.given) return ofData(relation, span);
  if (!(map.kind === "receiver" ? to : from)) return whole;
  if (!(from && to)) return inside;
  const between = betweenEnds(relation, viewing.component);
  if (between === "no") return broken(`the order of ${relation.name}`, span);
  if (map.kind === "receiver")
    return withSees(inside, union([inside.sees, seeing(relation.senders, between)]));
  const back = between.map(negated);
  return withSees(inside, union([moved(inside.sees, back), seeing(relation.receivers, back)]));
}

/** A softmax stays on its rows, and each sees all rows of its group. */
function normalised(
  viewing: Viewing,
  e: Extract<Expr, { kind: "group_softmax" }>,
  on: Space,
): Seen {
  const inside = settled(livePartsOf({ e, on }).map((part) => viewOf(viewing, part)));
  const group = gathered(viewing, e.map, e.span, inside);
  if (e.map.kind !== "sender" || group.broken || viewing.mode === "differences")
    return settled([inside, group]);
  const { from, to } = ends(viewing, e.map.relation);
  if (!(from && to)) return settled([inside, group]);
  const between = betweenEnds(e.map.relation, viewing.component);
  if (between === "no") return broken(`the order of ${e.map.relation.name}`, e.span);
  return settled([inside, withSees(group, moved(group.sees, between))]);
}

/** Sums and differences of what drifts drift by the sum or difference; all else must not drift. */
function pointwise(viewing: Viewing, e: Extract<Expr, { kind: "pointwise" }>, on: Space): Seen {
  const parts = livePartsOf({ e, on });
  const views = parts.map((part) => viewOf(viewing, part));
  const [a, b] = views;
  if (!views.some(drifts) || views.some((v) => v.broken) || !a) return settled(views);
  const sees = union(views.map((v) => v.sees));
  const linear = (by: (x: number, y: number) => number): Seen => {
    const drift = Array.from({ length: viewing.component.axes }, (_, i) =>
      by(a.drift[i] ?? 0, b?.drift[i] ?? 0),
    );
    return { sees, drift, place: a.place ?? b?.place ?? null, broken: null };
  };
  const factor = parts.map(({ e: part }) => constantOf(part));
  if (e.f === "add") return linear((x, y) => x + y);
  if (e.f === "sub") return linear((x, y) => x - y);
  if (e.f === "neg") return linear((x) => -x);
  if (e.f === "to_f32") return linear((x) => x);
  const [first, second] = factor;
  if (e.f === "mul" && typeof first === "number") return linear((_, y) => first * y);
  if (e.f === "mul" && typeof second === "number") return linear((x) => x * second);
  return settled(views);
}

function constantOf(e: Expr): number | null {
  if (e.kind === "literal") return Number(e.value);
  return e.kind === "pointwise" && e.f === "to_f32" && e.args[0] ? constantOf(e.args[0]) : null;
}

/** What an input is of the component: its own place, or nothing of it. */
export function viewOfInput(viewing: Pick<Viewing, "component" | "mode">, input: Input): Seen {
  const { component, mode } = viewing;
  if (mode === "differences") return blind;
  const { space } = input;
  const own = Array.from({ length: component.axes }, () => [0, 0] as const);
  if (space.kind === "nodes" && component.sets.includes(space))
    return { ...blind, sees: seeing(space, own) };
  if (
    space.kind === "edges" &&
    [space.senders, space.receivers].some((s) => component.sets.includes(s))
  )
    return broken(`${space.name}.${input.name}, which is given for each edge`, input.span);
  return blind;
}
