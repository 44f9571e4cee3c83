/**
 * The symmetries that hold unless something breaks them: renumbered nodes, reordered edges, graphs side by side. Each is
 * decided by looking for the first thing an output reads that the symmetry does not keep: `index`, the order of a
 * sequence, a random draw of a numbered row, a value of the whole batch.
 */
import type { Span } from "../../../grammar/source.js";
import type { Expr, Field } from "../../ir/model.js";
import type { NodeSet, Relation, RowMap, Space } from "../../ir/space.js";
import { followsOrder, touches } from "./components.js";
import { inOrder, liveBelow, type Standing } from "./live.js";
import type { Break } from "./symmetry.js";

/** What breaks a symmetry at one expression; null if nothing does. */
export type Breaking = (at: Standing) => string | null;

/** The first thing among all that a field depends on that breaks a symmetry. */
export function findBreak(root: Field, breaking: Breaking): Break | null {
  for (const field of inOrder([root]))
    for (const at of liveBelow({ e: field.value, on: field.space })) {
      const what = breaking(at);
      if (what !== null) return { what, at: at.e.span };
    }
  return null;
}

/** The map along which an expression leaves its row, if it does. */
export const mapOf = (e: Expr): RowMap | null =>
  e.kind === "pull" || e.kind === "aggregate" || e.kind === "group_softmax" || e.kind === "count"
    ? e.map
    : null;

/** Renumbering the nodes of a set keeps edges of data and edges between all pairs, not those between neighbours in order. */
export const breaksPermutation =
  (set: NodeSet): Breaking =>
  ({ e, on }) => {
    if (e.kind === "index" && on === set) return "`index`";
    if (e.kind === "draw" && touches(on, set)) return "random draws of numbered rows";
    if (e.kind === "offset" && touches(on, set)) return "`offset`";
    const from = mapOf(e)?.from;
    if (from?.kind === "edges" && touches(from, set) && followsOrder(from))
      return `the order of ${from.name}`;
    return null;
  };

/** Edges are sorted when they are read: only what is numbered by them can tell their order. */
export const breaksEdgeOrder =
  (relation: Relation): Breaking =>
  ({ e, on }) =>
    e.kind === "draw" && on === relation ? "random draws of numbered edges" : null;

/** A row of one graph sees another graph only through the batch. */
export const breaksGraphs: Breaking = ({ e }) => {
  const map = mapOf(e);
  if (e.kind === "draw") return "random draws, which go on from graph to graph";
  return map?.kind === "all" && e.kind !== "pull" ? "a value of the whole batch" : null;
};

/** All spaces that a field's value comes from. */
export function spacesSeen(root: Field): ReadonlySet<Space> {
  const seen = new Set<Space>([root.space]);
  for (const field of inOrder([root]))
    for (const { e, on } of liveBelow({ e: field.value, on: field.space })) {
      seen.add(on);
      const map = mapOf(e);
      if (map) seen.add(map.from).add(map.to);
    }
  return seen;
}

/** Where a span is: `std/conv:53`. */
export function placeOf({ source, start }: Span): string {
  const line = source.text.slice(0, start).split("\n").length;
  return `${source.name}:${line}`;
}
