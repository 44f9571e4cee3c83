/** In which order a recurrence meets the rows of a batch. `load` fetches it with models that have one. */
import type { LevelOrder } from "./assemble.js";
import { countingOrder, starts } from "./edges.js";
import { fail } from "./errors.js";
import type { CheckedGraph, Topologies } from "./graph.js";

/** `index(word)`: by place in the graph; `levels(up)`: by level of the relation; `, reverse` runs the other way. */
export function levelOrder(
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
