/**
 * Ragged batches for the evaluator: several graphs with empty ones among them, isolated nodes, self-loops, repeated
 * edges. Everything follows from a seed, so a failing case can be run again.
 */
import { bug } from "../../compiler/bug.js";
import type { Evaluation } from "../../compiler/ir/evaluate.js";
import { uniformAt } from "../../compiler/ir/philox.js";
import { edgesOf, receiverMajor } from "../../compiler/ir/relation/edges.js";
import type { NodeSet, Nonzeros, Relation, RowMap, Space } from "../../compiler/ir/space.js";
import { postorder, type Tensor, volume } from "../../compiler/ir/tensor.js";

/** Draws in [0, 1), one after the other. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let n = 0;
  return () => uniformAt({ seed, step: 0, site: 0 }, n++, 0);
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export interface BatchSpec {
  readonly sets?: readonly NodeSet[];
  readonly relations?: readonly Relation[];
  readonly nonzeros?: readonly { readonly space: Nonzeros; readonly columns: number }[];
  /** Default 3; the second has no nodes in sets that may be empty. */
  readonly graphs?: number;
  /** The most nodes that a set of free size has in a graph: 5. */
  readonly largest?: number;
}

/** A batch that fields can still be put into. */
export interface Batch extends Evaluation {
  readonly inputs: Map<string, ArrayLike<number>>;
  readonly params: Map<string, ArrayLike<number>>;
  readonly states: Map<string, ArrayLike<number>>;
}

/** The rows of one space over all graphs. */
interface Rows {
  /** Of every row, its graph. */
  readonly graph: Int32Array;
  readonly facts: { readonly [K in "index" | "offset" | "column"]?: Int32Array };
  readonly sender?: Int32Array;
  readonly receiver?: Int32Array;
  /** Of a non-zero, its row. */
  readonly row?: Int32Array;
}

export function randomBatch(random: Random, spec: BatchSpec): Batch {
  const graphs = spec.graphs ?? 3;
  const rows = new Map<Space, Rows>();
  const graphRows = Int32Array.from({ length: graphs }, (_, g) => g);
  const counts = new Map<NodeSet, readonly number[]>();
  for (const set of spec.sets ?? []) {
    const perGraph = Array.from({ length: graphs }, (_, g) => countOf(set, g, spec, random));
    counts.set(set, perGraph);
    rows.set(set, nodesOf(perGraph));
  }
  for (const relation of spec.relations ?? []) {
    const ends = [relation.senders, relation.receivers] as const;
    const [s, r] = ends.map((set) => counts.get(set) ?? bug(`no set ${set.name} in the batch`));
    rows.set(relation, edgeRows(relation, s ?? [], r ?? [], random));
  }
  const find = (space: Space): Rows => {
    if (space.kind === "graph") return { graph: graphRows, facts: {} };
    if (space.kind === "unit") return { graph: new Int32Array(1), facts: {} };
    return rows.get(space) ?? bug(`no ${space.kind} ${space.name} in the batch`);
  };
  for (const { space, columns } of spec.nonzeros ?? []) {
    rows.set(space, nonzeroRows(find(space.of), columns, random));
  }
  return {
    rows: (space) => find(space).graph.length,
    mapIndex: (map) => indexOf(map, find),
    fact: (fact, space) => find(space).facts[fact] ?? bug(`no ${fact} on ${space.name}`),
    inputs: new Map(),
    params: new Map(),
    states: new Map(),
    seed: between(random, 0, 2 ** 40),
    step: 3,
  };
}

/** Gives every leaf that has no value yet numbers from -1 to 1. */
export function fillLeaves(batch: Batch, roots: readonly Tensor[], random: Random): void {
  for (const t of postorder(roots)) {
    if (t.op !== "input" && t.op !== "param" && t.op !== "state") continue;
    const fields = { input: batch.inputs, param: batch.params, state: batch.states }[t.op];
    if (fields.has(t.attrs.path)) continue;
    if (t.dtype !== "f32") bug(`give \`${t.attrs.path}\` a value: it is ${t.dtype}`);
    const length = batch.rows(t.space) * volume(t.axes);
    fields.set(
      t.attrs.path,
      Float64Array.from({ length }, () => 2 * random() - 1),
    );
  }
}

/** Whole numbers below `size`, one per row (and position). */
export const randomIntegers = (random: Random, length: number, size: number): Int32Array =>
  Int32Array.from({ length }, () => between(random, 0, size - 1));

function countOf(set: NodeSet, graph: number, spec: BatchSpec, random: Random): number {
  const { layout } = set;
  const largest = spec.largest ?? 5;
  if (layout.kind === "grid") return layout.extents.reduce((n, e) => n * e, 1);
  if (layout.kind === "set" && layout.size !== null) return layout.size;
  if (graph === 1) return 0;
  const limit = layout.kind === "seq" && layout.max !== null ? layout.max : largest;
  return between(random, graph === 0 ? 2 : 1, Math.min(limit, largest));
}

function nodesOf(counts: readonly number[]): Rows {
  return {
    graph: Int32Array.from(counts.flatMap((n, g) => new Array<number>(n).fill(g))),
    facts: {
      index: Int32Array.from(counts.flatMap((n) => Array.from({ length: n }, (_, i) => i))),
    },
  };
}

interface Ends {
  readonly senders: ArrayLike<number>;
  readonly receivers: ArrayLike<number>;
  readonly offset: ArrayLike<number>;
}

/** The edges of all graphs, ends counted over the batch. */
function edgeRows(
  { topology, senders, receivers }: Relation,
  senderCounts: readonly number[],
  receiverCounts: readonly number[],
  random: Random,
): Rows {
  const edges: { s: number; r: number; offset: number; graph: number }[] = [];
  let [s0, r0] = [0, 0];
  receiverCounts.forEach((r, graph) => {
    const s = senderCounts[graph] ?? 0;
    const own: Ends =
      topology.kind === "sparse" || topology.kind === "tree" || topology.kind === "dag"
        ? sorted(given(topology, s, r, random))
        : edgesOf(
            topology,
            { count: s, layout: senders.layout },
            { count: r, layout: receivers.layout },
          );
    Array.from(own.senders).forEach((sender, e) => {
      const [receiver, offset] = [Number(own.receivers[e]), Number(own.offset[e])];
      edges.push({ s: s0 + sender, r: r0 + receiver, offset, graph });
    });
    [s0, r0] = [s0 + s, r0 + r];
  });
  return {
    graph: Int32Array.from(edges, (e) => e.graph),
    facts: { offset: Int32Array.from(edges, (e) => e.offset) },
    sender: Int32Array.from(edges, (e) => e.s),
    receiver: Int32Array.from(edges, (e) => e.r),
  };
}

type Pair = readonly [sender: number, receiver: number];

function sorted(pairs: readonly Pair[]): Ends {
  const [s, r] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
  const order = Array.from(receiverMajor(s, r));
  return {
    senders: order.map((e) => Number(s[e])),
    receivers: order.map((e) => Number(r[e])),
    offset: order.map(() => 0),
  };
}

type Given = Extract<Relation["topology"], { readonly kind: "sparse" | "tree" | "dag" }>;

/** Random edges of one graph for a relation whose edges come with the data. */
function given(
  topology: Given,
  senders: number,
  receivers: number,
  random: Random,
): readonly Pair[] {
  if (senders === 0 || receivers === 0) return [];
  if (topology.kind === "sparse") return sparseEdges(topology, senders, receivers, random);
  const order = shuffled(senders, random);
  const pairs: Pair[] = [];
  order.forEach((node, i) => {
    const later = order.slice(i + 1);
    if (topology.kind === "dag") {
      for (const other of later) if (random() < 0.5) pairs.push([node, other]);
    } else if (later.length > 0 && random() < 0.8) {
      pairs.push([node, later[between(random, 0, later.length - 1)] ?? 0]);
    }
  });
  return pairs;
}

/** The first receiver hears nothing, one edge comes twice, some go from a node to itself. */
function sparseEdges(
  { symmetric, selfLoops }: Extract<Given, { readonly kind: "sparse" }>,
  senders: number,
  receivers: number,
  random: Random,
): readonly Pair[] {
  const pairs: Pair[] = [];
  if (receivers > 1) {
    for (let e = 0; e < between(random, 1, 2 * receivers); e++) {
      pairs.push([between(random, 0, senders - 1), between(random, 1, receivers - 1)]);
    }
    const [first] = pairs;
    if (first) pairs.push(first, [Math.min(senders - 1, first[1]), first[1]]);
  }
  const both = symmetric ? pairs.flatMap(([s, r]): Pair[] => [[s, r], ...mirror(s, r)]) : pairs;
  const missing = (n: number) => !both.some(([s, r]) => s === n && r === n);
  const loops = Array.from({ length: selfLoops ? receivers : 0 }, (_, n) => n).filter(missing);
  return [...both, ...loops.map((n): Pair => [n, n])];
}

const mirror = (s: number, r: number): readonly Pair[] => (s === r ? [] : [[r, s]]);

function shuffled(count: number, random: Random): readonly number[] {
  const keyed = Array.from({ length: count }, (_, i) => ({ i, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ i }) => i);
}

/** About half of the positions, columns ascending within a row. */
function nonzeroRows(of: Rows, columns: number, random: Random): Rows {
  const kept: { row: number; column: number }[] = [];
  of.graph.forEach((_, row) => {
    for (let column = 0; column < columns; column++) if (random() < 0.5) kept.push({ row, column });
  });
  return {
    graph: Int32Array.from(kept, ({ row }) => of.graph[row] ?? 0),
    facts: { column: Int32Array.from(kept, (k) => k.column) },
    row: Int32Array.from(kept, (k) => k.row),
  };
}

function indexOf(map: RowMap, find: (space: Space) => Rows): Int32Array {
  const rows = find(map.from);
  switch (map.kind) {
    case "sender":
    case "receiver":
    case "row":
      return rows[map.kind] ?? bug(`no ${map.kind} on ${map.from.name}`);
    case "graph":
      return rows.graph;
    case "all":
      return new Int32Array(rows.graph.length);
  }
}
