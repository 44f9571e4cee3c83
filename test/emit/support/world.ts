/** A small batch for tests: sets, relations, graphs and sparse features, as structures and for the evaluator. */

import type { Evaluation } from "../../../compiler/ir/evaluate.js";
import type { RecurrenceOrder } from "../../../compiler/ir/model.js";
import type {
  NodeSet,
  Nonzeros,
  Relation,
  RowMap,
  Space,
  Topology,
} from "../../../compiler/ir/space.js";
import type { StructureKind } from "../../../runtime/artifact.js";
import { MadeEdges } from "../../../runtime/made-edges.js";

const span = { source: { name: "test", text: "" }, start: 0, end: 0 };

/** A node set of which graph g has counts[g] rows. */
export interface SetRows {
  readonly set: NodeSet;
  readonly counts: readonly number[];
}

export interface Edges {
  readonly relation: Relation;
  /** Sorted by receiver. */
  readonly senders: readonly number[];
  readonly receivers: readonly number[];
  /** Of windows: the tap of each. */
  readonly taps?: readonly number[];
  /** Of intervals: the first sender of each receiver, and the first receiver of each sender. */
  readonly first?: { readonly senders: readonly number[]; readonly receivers: readonly number[] };
}

export interface Sparse {
  readonly nonzeros: Nonzeros;
  /** Sorted by row. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly width: number;
}

export const nodeSet = (name: string): NodeSet => ({
  kind: "nodes",
  name,
  layout: { kind: "set", size: null },
  span,
});

const sparse: Topology = { kind: "sparse", symmetric: false, selfLoops: false };

export const relation = (
  name: string,
  senders: NodeSet,
  receivers: NodeSet,
  topology: Topology = sparse,
): Relation => ({
  kind: "edges",
  name,
  given: topology.kind === "sparse",
  topology,
  senders,
  receivers,
  span,
});

/** Numbers in [0, 1), the same every time. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export class World {
  readonly sets: readonly SetRows[];
  readonly edges: readonly Edges[];
  readonly sparse: readonly Sparse[];
  readonly order: readonly number[];

  constructor(parts: {
    readonly sets: readonly SetRows[];
    readonly edges?: readonly Edges[];
    readonly sparse?: readonly Sparse[];
    readonly order?: readonly number[];
  }) {
    this.sets = parts.sets;
    this.edges = parts.edges ?? [];
    this.sparse = parts.sparse ?? [];
    this.order = parts.order ?? [];
  }

  rows(space: Space): number {
    switch (space.kind) {
      case "unit":
        return 1;
      case "graph":
        return this.sets[0]?.counts.length ?? 0;
      case "nodes":
        return this.#set(space).counts.reduce((a, b) => a + b, 0);
      case "edges":
        return this.#edges(space).senders.length;
      case "nonzeros":
        return this.#sparse(space).rows.length;
    }
  }

  mapIndex(map: RowMap): Int32Array {
    switch (map.kind) {
      case "all":
        return new Int32Array(this.rows(map.from));
      case "sender":
        return Int32Array.from(this.#edges(map.relation).senders);
      case "receiver":
        return Int32Array.from(this.#edges(map.relation).receivers);
      case "graph":
        return this.graphOf(map.from);
      case "row":
        return Int32Array.from(this.#sparse(map.nonzeros).rows);
    }
  }

  graphOf(space: Space): Int32Array {
    if (space.kind === "edges") {
      const nodes = this.graphOf(space.receivers);
      return Int32Array.from(this.#edges(space).receivers, (r) => nodes[r] ?? 0);
    }
    if (space.kind !== "nodes") return new Int32Array(this.rows(space));
    return Int32Array.from(this.#set(space).counts.flatMap((n, g) => new Array<number>(n).fill(g)));
  }

  structure(kind: StructureKind, of: Space | RecurrenceOrder): Int32Array {
    if (kind === "order") return Int32Array.from(this.order);
    if (!("name" in of)) throw new Error(`no ${kind} of an order`);
    switch (kind) {
      case "graph_of":
        return this.graphOf(of);
      case "graph_start":
        return starts(this.graphOf(of), this.rows({ kind: "graph", name: "global" }));
      case "index":
        return placesInGraph(this.graphOf(of));
    }
    if (of.kind === "edges") return this.#ofEdges(kind, this.#edges(of));
    if (of.kind === "nonzeros") return this.#ofSparse(kind, this.#sparse(of));
    throw new Error(`no ${kind} of ${of.name}`);
  }

  evaluation(values: Pick<Evaluation, "inputs" | "params" | "states">): Evaluation {
    return {
      ...values,
      seed: seed.low + seed.high * 2 ** 32,
      step: seed.step,
      rows: (space) => this.rows(space),
      mapIndex: (map) => this.mapIndex(map),
      fact: (fact, space) => this.structure(fact === "column" ? "columns" : fact, space),
    };
  }

  #ofEdges(kind: StructureKind, edges: Edges): Int32Array {
    const { relation: r, senders, receivers, first, taps } = edges;
    const bySender = [...senders.keys()].sort(
      (a, b) => (senders[a] ?? 0) - (senders[b] ?? 0) || a - b,
    );
    switch (kind) {
      case "senders":
        return Int32Array.from(senders);
      case "receivers":
        return Int32Array.from(receivers);
      case "receiver_start":
        return starts(receivers, this.rows(r.receivers));
      case "sender_start":
        return starts(
          bySender.map((e) => senders[e] ?? 0),
          this.rows(r.senders),
        );
      case "edge_of":
        return Int32Array.from(bySender);
      case "receiver_of":
        return Int32Array.from(bySender, (e) => receivers[e] ?? 0);
      case "first_sender":
        return Int32Array.from(found(first).senders);
      case "first_receiver":
        return Int32Array.from(found(first).receivers);
      case "offset":
        return Int32Array.from(taps ?? senders.map((_, e) => (e * 7) % 3));
      default:
        throw new Error(`no ${kind} of edges`);
    }
  }

  #ofSparse(kind: StructureKind, { nonzeros, rows, columns, width }: Sparse): Int32Array {
    const byColumn = [...columns.keys()].sort(
      (a, b) => (columns[a] ?? 0) - (columns[b] ?? 0) || a - b,
    );
    switch (kind) {
      case "rows":
        return Int32Array.from(rows);
      case "columns":
        return Int32Array.from(columns);
      case "row_start":
        return starts(rows, this.rows(nonzeros.of));
      case "column_start":
        return starts(
          byColumn.map((k) => columns[k] ?? 0),
          width,
        );
      case "nonzero_of":
        return Int32Array.from(byColumn);
      case "row_of":
        return Int32Array.from(byColumn, (k) => rows[k] ?? 0);
      default:
        throw new Error(`no ${kind} of non-zeros`);
    }
  }

  #set = (set: NodeSet): SetRows => found(this.sets.find((s) => s.set === set));
  #edges = (r: Relation): Edges => found(this.edges.find((s) => s.relation === r));
  #sparse = (n: Nonzeros): Sparse => found(this.sparse.find((s) => s.nonzeros === n));
}

export const seed = { low: 0x12345678, high: 0x1abc, step: 5 } as const;

export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not found");
  return value;
}

/** First place of each group in a sorted list, and the end. */
function starts(groups: ArrayLike<number>, count: number): Int32Array {
  const result = new Int32Array(count + 1);
  for (const g of Array.from(groups)) result[g + 1] = (result[g + 1] ?? 0) + 1;
  for (let i = 0; i < count; i++) result[i + 1] = (result[i + 1] ?? 0) + (result[i] ?? 0);
  return result;
}

function placesInGraph(graphs: Int32Array): Int32Array {
  return graphs.map((g, i) => i - graphs.indexOf(g));
}

/** A random graph: isolated rows, repeated edges and self-loops occur. */
export function randomEdges(
  r: Relation,
  sets: readonly SetRows[],
  count: number,
  next: () => number,
): Edges {
  const total = (set: NodeSet): number =>
    found(sets.find((s) => s.set === set)).counts.reduce((a, b) => a + b, 0);
  const [from, to] = [total(r.senders), total(r.receivers)];
  const pairs = Array.from({ length: from * to > 0 ? count : 0 }, () => [
    Math.floor(next() * from),
    Math.floor(next() * to),
  ]);
  pairs.sort((a, b) => (a[1] ?? 0) - (b[1] ?? 0));
  return {
    relation: r,
    senders: pairs.map((p) => p[0] ?? 0),
    receivers: pairs.map((p) => p[1] ?? 0),
  };
}

/** The edges that a word makes, graph by graph. */
export function madeEdges(r: Relation, sets: readonly SetRows[]): Edges {
  const counts = (set: NodeSet): readonly number[] => found(sets.find((s) => s.set === set)).counts;
  const senders: number[] = [];
  const receivers: number[] = [];
  const first = { senders: [] as number[], receivers: [] as number[] };
  const [from, into] = [counts(r.senders), counts(r.receivers)];
  let [s, q] = [0, 0];
  for (const [g, n] of from.entries()) {
    const m = found(into[g]);
    const made = new MadeEdges(r.topology, n, m, [r.senders.layout, r.receivers.layout]);
    for (const sender of made.senders) senders.push(s + sender);
    for (const receiver of made.receivers) receivers.push(q + receiver);
    for (const low of made.firstSender) first.senders.push(s + low);
    for (const low of made.firstReceiver) first.receivers.push(q + low);
    [s, q] = [s + n, q + m];
  }
  return { relation: r, senders, receivers, first };
}
