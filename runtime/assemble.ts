/**
 * Checked graphs as one batch: their disjoint union. Rows of every space are numbered graph after graph; nothing is
 * padded and nothing is sorted again.
 */
import type { Manifest, SpaceName } from "./artifact.js";
import type { CheckedGraph, Topologies } from "./graph.js";
import type { LevelOrder } from "./level-order.js";

export interface Assembled {
  readonly graphs: readonly CheckedGraph[];
  /** Rows of each space in the batch. */
  readonly rows: Readonly<Record<SpaceName, number>>;
  /** Of each space but `batch` [graphs + 1] first row of each graph. */
  readonly starts: Readonly<Record<SpaceName, Int32Array>>;
  /** By the name of the recurrence order. */
  readonly orders: Readonly<Record<string, LevelOrder>>;
}

/** @throws GN5024 when graphs disagree on a field of `batch`. */
export function assemble(
  manifest: Manifest,
  graphs: readonly CheckedGraph[],
  parts: Topologies &
    Partial<typeof import("./level-order.js") & typeof import("./shared-inputs.js")>,
): Assembled {
  const rows: Record<SpaceName, number> = { batch: 1 };
  const first: Record<SpaceName, Int32Array> = {};
  for (const space of spacesOf(manifest)) {
    const start = new Int32Array(graphs.length + 1);
    let total = 0;
    graphs.forEach((graph, g) => {
      total += graph.rows[space] as number;
      start[g + 1] = total;
    });
    first[space] = start;
    rows[space] = total;
  }
  parts.checkShared?.(manifest, graphs);
  const orders = parts.levelOrders?.(manifest, graphs, parts) ?? {};
  return { graphs, rows, starts: first, orders };
}

const spacesOf = ({ sets, relations, inputs }: Manifest): SpaceName[] => [
  ...[...sets, ...relations].map(({ name }) => name),
  ...inputs.flatMap(({ sparse, space, name }) => (sparse ? [`nonzeros:${space}.${name}`] : [])),
  "global",
];
