/**
 * Topologies that only some models have, and `load` fetches with those: the edges of relations that come without data
 * (complete, causal, chain, window, self), what trees and dags promise, and their levels.
 */
import type {
  Manifest,
  ManifestLayout,
  ManifestRelation,
  ManifestTopology,
  SpaceName,
} from "./artifact.js";
import { ends } from "./both-ends.js";
import type { Edges } from "./edges.js";
import { fail } from "./errors.js";
import { MadeEdges } from "./made-edges.js";

/** All edges of a relation that comes without data, between `senders` and `receivers` nodes of one graph. */
export const expand = (
  topology: ManifestTopology,
  senders: number,
  receivers: number,
  layouts: readonly [ManifestLayout, ManifestLayout],
): MadeEdges => new MadeEdges(topology, senders, receivers, layouts);

/** What has been made of late, by relation and numbers of nodes. */
interface Kept {
  readonly edges: Map<string, Edges>;
  count: number;
}

const kept = new WeakMap<Manifest, Kept>();
const mostKept = 1 << 22;

/** The edges of a relation of a model, made once for equal numbers of nodes. */
export function made(
  manifest: Manifest,
  { name, topology, senders, receivers }: ManifestRelation,
  rows: Readonly<Record<SpaceName, number>>,
): Edges {
  const all = kept.get(manifest) ?? { edges: new Map(), count: 0 };
  kept.set(manifest, all);
  const [from, to] = [rows[senders] as number, rows[receivers] as number];
  const key = `${name} ${from} ${to}`;
  const known = all.edges.get(key);
  if (known) return known;
  const layout = (of: string) =>
    manifest.sets.find((set) => set.name === of)?.layout as ManifestLayout;
  const edges = expand(topology, from, to, [layout(senders), layout(receivers)]);
  all.count += edges.count;
  if (all.count > mostKept) {
    all.edges.clear();
    all.count = edges.count;
  }
  all.edges.set(key, edges);
  return edges;
}

/** Checks what trees and dags promise. @throws GN5020 (cycle), GN5021 (two parents). */
export function checkOrder(topology: ManifestTopology, edges: Edges, name: string): void {
  if (topology.kind === "tree") checkParents(edges, name);
  levels(edges, name, false);
}

/** Edges of a tree run from child to parent. */
function checkParents(edges: Edges, name: string): void {
  const { transpose } = ends(edges);
  for (let s = 0; s < edges.senderCount; s++) {
    const [a, b] = transpose.receivers.subarray(transpose.start[s], transpose.start[s + 1]);
    if (b !== undefined)
      fail(
        "GN5021",
        `${name} is a tree (child -> parent), but node ${s} has two parents, ${a} and ${b}`,
      );
  }
}

/**
 * The level of each node: the length of the longest path that leads to it, or from it when `reverse`.
 * @throws GN5020 with the cycle, if there is one.
 */
export function levels(edges: Edges, name: string, reverse: boolean): Int32Array {
  const { start, senders, receiverCount: nodes } = edges;
  const { transpose } = ends(edges);
  const [before, previous] = reverse ? [transpose.start, transpose.receivers] : [start, senders];
  const [after, next] = reverse ? [start, senders] : [transpose.start, transpose.receivers];
  const level = new Int32Array(nodes);
  const waits = level.map((_, v) => (before[v + 1] as number) - (before[v] as number));
  const ready = [...waits.keys()].filter((v) => waits[v] === 0);
  for (const v of ready)
    for (const w of next.subarray(after[v], after[v + 1])) {
      level[w] = Math.max(level[w] as number, (level[v] as number) + 1);
      waits[w] = (waits[w] as number) - 1;
      if (waits[w] === 0) ready.push(w);
    }
  if (ready.length < nodes) {
    // Each node that still waits has such a node before it: walk back until one comes again.
    const path = [waits.findIndex((n) => n > 0)];
    for (;;) {
      const v = path.at(-1) as number;
      const u = previous
        .subarray(before[v], before[v + 1])
        .find((w) => (waits[w] as number) > 0) as number;
      const met = path.indexOf(u);
      path.push(u);
      if (met < 0) continue;
      const cycle = reverse ? path.slice(met) : path.slice(met).reverse();
      fail(
        "GN5020",
        `${name} has a cycle: ${cycle.slice(0, 12).join(" -> ")}${cycle.length > 12 ? " -> .." : ""}`,
      );
    }
  }
  return level;
}
