/**
 * Nodes of large graphs in an order in which neighbours lie close together, so that what kernels gather is in the cache.
 * The user's own order comes back in every output: a renumbered graph keeps where each row stood.
 *
 * Breadth first, as Cuthill & McKee 1969 number a matrix, but for their sorting of neighbours by degree.
 */
import type { Manifest, SpaceName } from "./artifact.js";
import { ends } from "./both-ends.js";
import { countingOrder, type Edges, listedEdges, starts } from "./edges.js";
import type { CheckedGraph } from "./graph.js";

/** Graphs that fit into the cache gain nothing. */
const fewestNodes = 1 << 14;
const fewestEdges = 1 << 16;
/** Neighbours that lie this close on average are close enough. */
const near = 1 << 10;

/** Those of a set: `to[old]` and `origin[new]`. */
interface Order {
  readonly to: Int32Array;
  readonly origin: Int32Array;
}

/**
 * Gives the same graph with its nodes in another order, where the model allows it and neighbours come four times closer.
 * Keeps what it has found for as long as the edges live.
 */
export function renumberer(manifest: Manifest): (graph: CheckedGraph) => CheckedGraph {
  const known: Known = { orders: new WeakMap(), moved: new WeakMap() };
  return (graph) => renumbered(manifest, graph, known);
}

interface Known {
  readonly orders: WeakMap<Edges, Order | null>;
  readonly moved: WeakMap<
    Edges,
    { readonly by: readonly (Order | undefined)[]; readonly edges: Edges }
  >;
}

function renumbered(manifest: Manifest, graph: CheckedGraph, known: Known): CheckedGraph {
  const orders = new Map<SpaceName, Order>();
  for (const { name, free } of manifest.sets) {
    const own = manifest.relations.filter((r) => r.senders === name && r.receivers === name);
    const [most] = own.map((r) => graph.edges[r.name] as Edges).sort((a, b) => b.count - a.count);
    if (!free || !most || most.receiverCount < fewestNodes || most.count < fewestEdges) continue;
    if (!known.orders.has(most)) known.orders.set(most, orderOf(most));
    const order = known.orders.get(most);
    if (order) orders.set(name, order);
  }
  if (!orders.size) return graph;
  const edges = { ...graph.edges };
  for (const { name, senders, receivers } of manifest.relations) {
    const by = [orders.get(senders), orders.get(receivers)] as const;
    if (!by[0] && !by[1]) continue;
    const old = graph.edges[name] as Edges;
    const made = known.moved.get(old);
    const same = made?.by.every((order, i) => order === by[i]);
    edges[name] = same && made ? made.edges : movedEdges(old, by[0]?.to, by[1]?.to);
    known.moved.set(old, { by, edges: edges[name] });
  }
  return { ...graph, edges, order: Object.fromEntries([...orders].map(([s, o]) => [s, o.origin])) };
}

/** Null where it would not pay. */
function orderOf(edges: Edges): Order | null {
  const before = distance(edges, null);
  if (before < near) return null;
  const origin = breadthFirst(edges);
  const to = new Int32Array(origin.length);
  for (let i = 0; i < origin.length; i++) to[origin[i] as number] = i;
  return distance(edges, to) * 4 < before ? { to, origin } : null;
}

/** How far the two ends of an edge lie apart, on average. */
function distance(edges: Edges, to: Int32Array | null): number {
  const { senders } = edges;
  const { receivers } = ends(edges);
  let sum = 0;
  for (let e = 0; e < senders.length; e++) {
    const [s, r] = [senders[e] as number, receivers[e] as number];
    sum += Math.abs(to ? (to[s] as number) - (to[r] as number) : s - r);
  }
  return sum / senders.length;
}

/** Nodes in the order in which a search meets them that goes along edges either way, from one node of each part. */
function breadthFirst(edges: Edges): Int32Array {
  const { senders, start } = edges;
  const { transpose } = ends(edges);
  const nodes = start.length - 1;
  const order = new Int32Array(nodes);
  const seen = new Uint8Array(nodes);
  let end = 0;
  const meet = (node: number): void => {
    if (seen[node]) return;
    seen[node] = 1;
    order[end++] = node;
  };
  for (let root = 0, at = 0; root < nodes; root++) {
    meet(root);
    for (; at < end; at++) {
      const node = order[at] as number;
      for (let e = start[node] as number; e < (start[node + 1] as number); e++)
        meet(senders[e] as number);
      const last = transpose.start[node + 1] as number;
      for (let k = transpose.start[node] as number; k < last; k++)
        meet(transpose.receivers[k] as number);
    }
  }
  return order;
}

/** The same edges between nodes of other numbers, sorted again; each keeps its place in the user's list. */
function movedEdges(old: Edges, from?: Int32Array, into?: Int32Array): Edges {
  const senders = from ? old.senders.map((s) => from[s] as number) : old.senders;
  const given = ends(old).receivers;
  const receivers = into ? given.map((r) => into[r] as number) : given;
  const first = starts(senders, old.senderCount);
  const bySender = countingOrder(senders, first);
  const start = starts(receivers, old.receiverCount);
  const next = start.slice();
  const [sorted, origin] = [new Int32Array(old.count), new Int32Array(old.count)];
  for (const e of bySender) {
    const r = receivers[e] as number;
    const place = next[r] as number;
    next[r] = place + 1;
    sorted[place] = senders[e] as number;
    origin[place] = old.origin ? (old.origin[e] as number) : e;
  }
  return listedEdges(sorted, start, old.senderCount, origin, old.given);
}
