/** In which order a recurrence meets the rows of a batch. `load` fetches it with models that have one. */
import type { Manifest } from "./artifact.js";
import { countingOrder, starts } from "./edges.js";
import { fail } from "./errors.js";
import type { CheckedGraph, Topologies } from "./graph.js";

/** Rows in the order of a recurrence, level after level, ascending within each; and where each level begins. */
export interface LevelOrder {
  readonly order: Int32Array;
  readonly level_start: Int32Array;
}

/** All orders of a batch by name, each made when asked for: a batch of the same edges as the last does without. */
export function levelOrders(
  manifest: Manifest,
  graphs: readonly CheckedGraph[],
  topologies: Topologies,
): Readonly<Record<string, LevelOrder>> {
  const orders = {};
  for (const { kind, of } of manifest.structures) {
    if (kind !== "level_start") continue;
    let order: LevelOrder | undefined;
    const get = () => {
      order ??= levelOrder(graphs, of, topologies);
      return order;
    };
    Object.defineProperty(orders, of, { enumerable: true, get });
  }
  return orders;
}

/** `index(word)`: by place in the graph; `levels(up)`: by level of the relation; `, reverse` runs the other way. */
function levelOrder(
  graphs: readonly CheckedGraph[],
  name: string,
  { levels }: Topologies,
): LevelOrder {
  const [, kind, of = "", reverse] = /^(index|levels)\((.+?)(, reverse)?\)$/.exec(name) ?? [];
  const level = graphs.flatMap(({ edges, rows }) => {
    const relation = kind === "levels" ? edges[of] : null;
    if (relation) return [...levels(relation, of, !!reverse)];
    const count = rows[of] ?? fail("GN5001", `the artifact has no order ${name}`);
    return Array.from({ length: count }, (_, i) => (reverse ? count - 1 - i : i));
  });
  const start = starts(
    level,
    level.reduce((a, b) => Math.max(a, b + 1), 0),
  );
  return { order: countingOrder(level, start), level_start: start };
}
