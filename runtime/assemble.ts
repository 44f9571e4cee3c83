/**
 * Checked graphs as one batch: their disjoint union. Rows of every space are numbered graph after graph; nothing is
 * padded and nothing is sorted again.
 */
import type { Manifest, SpaceName } from "./artifact.js";
import { countingOrder, starts } from "./edges.js";
import { fail } from "./errors.js";
import type { CheckedGraph } from "./graph.js";
import { levels } from "./topology.js";

/** Rows in the order of a recurrence: level after level, ascending within each. */
export interface LevelOrder {
  readonly order: Int32Array;
  readonly start: Int32Array;
}

export interface Assembled {
  readonly graphs: readonly CheckedGraph[];
  /** Rows of each space in the batch. */
  readonly rows: Readonly<Record<SpaceName, number>>;
  /** Of each space [graphs + 1] first row of each graph. */
  readonly starts: Readonly<Record<SpaceName, Int32Array>>;
  /** By the name of the recurrence order. */
  readonly orders: Readonly<Record<string, LevelOrder>>;
}

/** @throws GN5024 when graphs disagree on a field of `batch`. */
export function assemble(manifest: Manifest, graphs: readonly CheckedGraph[]): Assembled {
  checkShared(manifest, graphs);
  const { sets, relations, inputs } = manifest;
  const nonzeros = inputs
    .filter((input) => input.sparse)
    .map((input) => `nonzeros:${input.space}.${input.name}`);
  const spaces = [...sets, ...relations].map(({ name }) => name);
  const first: Record<SpaceName, Int32Array> = {};
  for (const space of [...spaces, ...nonzeros, "global"]) {
    const start = new Int32Array(graphs.length + 1);
    graphs.forEach((graph, g) => {
      start[g + 1] = (start[g] as number) + (graph.rows[space] as number);
    });
    first[space] = start;
  }
  const rows: Record<SpaceName, number> = { batch: 1 };
  for (const [space, start] of Object.entries(first)) rows[space] = start.at(-1) as number;
  const orders: Record<string, LevelOrder> = {};
  for (const { kind, of } of manifest.structures)
    if (kind === "level_start" || kind === "order") orders[of] ??= levelOrder(manifest, graphs, of);
  return { graphs, rows, starts: first, orders };
}

/** Inputs on `batch` have one row for all graphs, so all that give one must give the same. */
function checkShared({ inputs }: Manifest, graphs: readonly CheckedGraph[]): void {
  inputs.forEach(({ space, name }, i) => {
    if (space !== "batch") return;
    const given = graphs.map((graph) => graph.fields[i] ?? null);
    given.forEach((field, g) => {
      if (String(field && Object.values(field)) !== String(given[0] && Object.values(given[0])))
        fail(
          "GN5024",
          `batch.${name} is one value for the batch, but graphs 0 and ${g} differ in it`,
        );
    });
  });
}

/** Of which set and which level the rows of a recurrence order are: `index(word)`, `levels(up, reverse)`. */
function levelOrder(manifest: Manifest, graphs: readonly CheckedGraph[], name: string): LevelOrder {
  const { set, relation, reverse } = parseOrder(manifest, name);
  const level: number[] = [];
  for (const graph of graphs) {
    const edges = relation === null ? null : graph.edges[relation];
    if (edges) for (const depth of levels(edges, name, reverse)) level.push(depth);
    else {
      const count = graph.rows[set] as number;
      for (let i = 0; i < count; i++) level.push(reverse ? count - 1 - i : i);
    }
  }
  const start = starts(
    level,
    level.reduce((a, b) => Math.max(a, b + 1), 0),
  );
  return { order: countingOrder(level, start), start };
}

/** The set whose rows an order lists, and the relation whose levels it follows (null: the index order of the set). */
export function parseOrder(
  manifest: Manifest,
  name: string,
): { set: string; relation: string | null; reverse: boolean } {
  const [, kind, of, reverse] = /^(index|levels)\((.+?)(, reverse)?\)$/.exec(name) ?? [];
  const relation = kind === "levels" ? manifest.relations.find((r) => r.name === of) : undefined;
  if (!kind || (kind === "levels" && !relation))
    return fail("GN5001", `the artifact has no order ${name}`);
  return {
    set: relation?.receivers ?? (of as string),
    relation: relation?.name ?? null,
    reverse: !!reverse,
  };
}
