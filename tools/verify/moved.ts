/** Graphs whose ordered sets are moved, cut or taken in stretches, and the rows that should come out the same. */
import type { Component } from "../../compiler/explain/bias/components.js";
import type { Footprint } from "../../compiler/explain/bias/footprint.js";
import type { NodeSet, Relation, Space } from "../../compiler/ir/space.js";
import type { RowPair } from "./compare.js";
import { drawRows, type Ends, endsOf, type Graph, placesOf } from "./graphs.js";
import type { Random, Row } from "./rows.js";

/** The nodes of a set per axis, in one graph. */
const extentsOf = (set: NodeSet, { counts }: Graph): readonly number[] =>
  set.layout.kind === "grid" ? set.layout.extents : [counts.get(set) ?? 0];

/** Where a node is, per axis, in the coordinates of the component. */
function coordinates(row: number, set: NodeSet, graph: Graph, { scale }: Component): number[] {
  const places: number[] = [];
  let rest = row;
  for (const extent of extentsOf(set, graph).toReversed()) {
    places.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return places.map((place, axis) => place * (scale.get(set)?.[axis] ?? 1));
}

/** The node at some coordinates; null outside. */
function rowAt(
  at: readonly number[],
  set: NodeSet,
  graph: Graph,
  { scale }: Component,
): number | null {
  let row = 0;
  for (const [axis, extent] of extentsOf(set, graph).entries()) {
    const place = (at[axis] ?? 0) / (scale.get(set)?.[axis] ?? 1);
    if (place < 0 || place >= extent || !Number.isInteger(place)) return null;
    row = row * extent + place;
  }
  return row;
}

/** Every field of the component moved by `by`; what comes in from outside is new. */
export function moveAll(
  graph: Graph,
  component: Component,
  by: readonly number[],
  random: Random,
): Graph {
  const fields = new Map(graph.fields);
  for (const [input, rows] of graph.fields) {
    const { space: set } = input;
    if (set.kind !== "nodes" || !component.sets.includes(set)) continue;
    const fresh: Row[] = [...drawRows(input, rows.length, random)];
    rows.forEach((row, i) => {
      const to = rowAt(plus(coordinates(i, set, graph, component), by), set, graph, component);
      if (to !== null) fresh[to] = row;
    });
    fields.set(input, fresh);
  }
  return { ...graph, fields };
}

const plus = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((x, i) => x + (b[i] ?? 0));

/** Rows of a set that see nothing outside, where they are and where they are moved to. */
export function insideRows(
  graph: Graph,
  component: Component,
  set: NodeSet,
  sees: Footprint,
  by: readonly number[],
): readonly RowPair[] {
  const inside = (at: readonly number[]): boolean =>
    [...sees].every(([of, intervals]) =>
      intervals.every(([low, high], axis) => {
        const last = (extentsOf(of, graph)[axis] ?? 0) - 1;
        const place = at[axis] ?? 0;
        return place + low >= 0 && place + high <= last * (component.scale.get(of)?.[axis] ?? 1);
      }),
    );
  const rows = Array.from({ length: graph.counts.get(set) ?? 0 }, (_, i) => i);
  return rows.flatMap((i): RowPair[] => {
    const from = coordinates(i, set, graph, component);
    const to = plus(from, by);
    const j = rowAt(to, set, graph, component);
    return j !== null && inside(from) && inside(to) ? [[i, j]] : [];
  });
}

/**
 * The stretch of sequences from coordinate `from` up to `to`, with the edges between what is left; sets that are not of the
 * component stay whole.
 */
export function stretch(graph: Graph, component: Component, from: number, to: number): Graph {
  const range = (set: NodeSet): readonly [number, number] => {
    const count = graph.counts.get(set) ?? 0;
    const scale = component.scale.get(set)?.[0];
    if (scale === undefined) return [0, count];
    return [Math.min(count, from / scale), Math.min(count, Math.ceil(to / scale))];
  };
  const counts = new Map(
    [...graph.counts.keys()].map((set) => {
      const [low, high] = range(set);
      return [set, high - low] as const;
    }),
  );
  const edges = new Map(
    [...graph.edges.keys()].map((r) => [r, keptEnds(graph, r, range)] as const),
  );
  const part = { counts, edges };
  const kept = (space: Space): readonly number[] | null => {
    if (space.kind === "nodes") return upTo(...range(space));
    return space.kind === "edges" ? keptRows(graph, part, space, range) : null;
  };
  const fields = new Map(
    [...graph.fields].map(([input, rows]) => {
      const own = kept(input.space);
      return [input, own ? own.flatMap((i) => rows[i] ?? []) : rows] as const;
    }),
  );
  return { ...part, fields };
}

type RangeOf = (set: NodeSet) => readonly [low: number, high: number];

const upTo = (low: number, high: number): readonly number[] =>
  Array.from({ length: high - low }, (_, i) => low + i);

/** Edges of the data whose ends are both left. */
function leftEdges(graph: Graph, relation: Relation, range: RangeOf): readonly number[] {
  const { senders, receivers } = endsOf(graph, relation);
  const [from, to] = [range(relation.senders), range(relation.receivers)];
  const inside = (i: number | undefined, [low, high]: readonly [number, number]): boolean =>
    i !== undefined && low <= i && i < high;
  return upTo(0, senders.length).filter(
    (e) => inside(senders[e], from) && inside(receivers[e], to),
  );
}

function keptEnds(graph: Graph, relation: Relation, range: RangeOf): Ends {
  const left = leftEdges(graph, relation, range);
  const { senders, receivers } = endsOf(graph, relation);
  return {
    senders: left.map((e) => (senders[e] ?? 0) - range(relation.senders)[0]),
    receivers: left.map((e) => (receivers[e] ?? 0) - range(relation.receivers)[0]),
  };
}

/** Which edge of the whole each edge of the part is. */
function keptRows(
  graph: Graph,
  part: Pick<Graph, "counts" | "edges">,
  relation: Relation,
  range: RangeOf,
): readonly number[] {
  if (relation.given) return leftEdges(graph, relation, range);
  const places = placesOf(endsOf(graph, relation));
  const { senders, receivers } = endsOf(part, relation);
  const [from, to] = [range(relation.senders)[0], range(relation.receivers)[0]];
  return upTo(0, senders.length).map(
    (e) => places.get(`${(senders[e] ?? 0) + from},${(receivers[e] ?? 0) + to}`) ?? -1,
  );
}
