/** Graphs renumbered: nodes of a set, or edges of a relation, and where each row of a space goes to. */
import type { NodeSet, Relation, Space } from "../../compiler/ir/space.js";
import type { RowPair } from "./compare.js";
import { endsOf, type Graph, placesOf, rowsOf } from "./graphs.js";
import type { Row } from "./rows.js";

/** A changed graph, and for each space which row became which. */
export interface Renumbered {
  readonly graph: Graph;
  readonly rows: (space: Space) => readonly RowPair[];
}

/** Node `i` of `set` becomes node `to[i]`. */
export function renumberNodes(graph: Graph, set: NodeSet, to: readonly number[]): Renumbered {
  const number = (of: NodeSet, i: number): number => (of === set ? (to[i] ?? i) : i);
  const edges = new Map(
    [...graph.edges].map(([r, { senders, receivers }]) => [
      r,
      {
        senders: senders.map((s) => number(r.senders, s)),
        receivers: receivers.map((v) => number(r.receivers, v)),
      },
    ]),
  );
  const after = { counts: graph.counts, edges };
  const rows = (space: Space): readonly RowPair[] => {
    if (space.kind === "edges" && !space.given) {
      const places = placesOf(endsOf(after, space));
      const { senders, receivers } = endsOf(graph, space);
      return Array.from(senders, (s, e): RowPair => {
        const ends = [number(space.senders, s), number(space.receivers, receivers[e] ?? 0)];
        return [e, places.get(ends.join()) ?? -1];
      });
    }
    return everyRow(graph, space).map((i) => [i, space === set ? (to[i] ?? i) : i]);
  };
  return { graph: { ...after, fields: movedFields(graph, rows) }, rows };
}

/** Edge `e` of `relation` becomes edge `to[e]`. */
export function reorderEdges(graph: Graph, relation: Relation, to: readonly number[]): Renumbered {
  const given = graph.edges.get(relation) ?? { senders: [], receivers: [] };
  const moved = {
    senders: placed(given.senders, to),
    receivers: placed(given.receivers, to),
  };
  const rows = (space: Space): readonly RowPair[] =>
    everyRow(graph, space).map((i) => [i, space === relation ? (to[i] ?? i) : i]);
  const edges = new Map(graph.edges).set(relation, moved);
  return { graph: { ...graph, edges, fields: movedFields(graph, rows) }, rows };
}

export const everyRow = (graph: Graph, space: Space): readonly number[] =>
  Array.from({ length: rowsOf(graph, space) }, (_, i) => i);

function placed<T>(list: readonly T[], to: readonly number[]): readonly T[] {
  const out = [...list];
  list.forEach((value, i) => {
    out[to[i] ?? i] = value;
  });
  return out;
}

function movedFields(
  { fields }: Graph,
  rows: (space: Space) => readonly RowPair[],
): Graph["fields"] {
  return new Map(
    [...fields].map(([input, own]) => {
      const out: Row[] = [...own];
      for (const [from, to] of rows(input.space)) out[to] = own[from] ?? { values: [] };
      return [input, out];
    }),
  );
}
