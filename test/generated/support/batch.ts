/** A world as one batch: rows of all graphs one after the other, edges in the order of the language. */
import { bug } from "../../../compiler/bug.js";
import type { Evaluation } from "../../../compiler/ir/evaluate.js";
import type { Input, Model } from "../../../compiler/ir/model.js";
import { edgesOf, receiverMajor } from "../../../compiler/ir/relation/edges.js";
import type { Relation, RowMap, Space } from "../../../compiler/ir/space.js";
import { type Graph, type PerGraph, pathOf, volume, type World } from "./world.js";

interface Edge {
  readonly sender: number;
  readonly receiver: number;
  readonly offset: number;
  /** Its place among the edges that the user gave for its graph; -1 for an added loop. */
  readonly origin: number;
}

/** The rows of one space: of each its graph, and what maps and facts say of it. */
interface Rows {
  readonly graph: Int32Array;
  readonly index?: Int32Array;
  readonly edges?: readonly Edge[];
  readonly row?: readonly number[];
  readonly column?: readonly number[];
}

export class Batch {
  readonly #model: Model;
  readonly #world: World;
  readonly #rows = new Map<Space, Rows>();

  constructor(model: Model, world: World) {
    this.#model = model;
    this.#world = world;
    for (const set of model.sets) {
      const counts = world.graphs.map((g) => g.counts[set.name] ?? 0);
      const index = counts.flatMap((n) => Array.from({ length: n }, (_, i) => i));
      this.#rows.set(set, { graph: repeated(counts), index: Int32Array.from(index) });
    }
    for (const relation of model.relations) {
      const perGraph = world.graphs.map((graph) => edgesIn(graph, relation));
      const starts = [relation.senders, relation.receivers].map((set) =>
        running(world.graphs.map((g) => g.counts[set.name] ?? 0)),
      );
      const edges = perGraph.flatMap((list, g) =>
        list.map((e) => ({
          ...e,
          sender: e.sender + (starts[0]?.[g] ?? 0),
          receiver: e.receiver + (starts[1]?.[g] ?? 0),
        })),
      );
      this.#rows.set(relation, { graph: repeated(perGraph.map((l) => l.length)), edges });
    }
  }

  rows(space: Space): number {
    return this.#find(space).graph.length;
  }

  /** The batch for the evaluator. */
  evaluation(seed: number, step = 0): Evaluation {
    const weights = new Map(Object.entries(this.#world.weights));
    return {
      rows: (space) => this.rows(space),
      mapIndex: (map) => this.#mapIndex(map),
      fact: (fact, space) => this.#fact(fact, space),
      inputs: new Map(this.#model.inputs.map((input) => [pathOf(input), this.#input(input)])),
      params: weights,
      states: weights,
      seed,
      step,
    };
  }

  /** Values of the batch, per graph and in the order of the user. */
  cut(space: Space, values: ArrayLike<number>): PerGraph {
    const { graph, edges } = this.#find(space);
    if (space.kind === "unit") return this.#world.graphs.map(() => Array.from(values));
    const width = graph.length > 0 ? values.length / graph.length : 0;
    const out = this.#world.graphs.map((): number[] => []);
    const done = out.map(() => 0);
    graph.forEach((g, row) => {
      const place = isGiven(space) ? (edges?.[row]?.origin ?? -1) : (done[g] ?? 0);
      if (place < 0) return;
      done[g] = (done[g] ?? 0) + 1;
      for (let k = 0; k < width; k++)
        (out[g] ?? bug("no graph"))[place * width + k] = Number(values[row * width + k]);
    });
    return out;
  }

  /** The reverse of `cut`, `width` values a row; what belongs to an added loop is 0. */
  join(space: Space, parts: PerGraph, width: number): Float64Array {
    const { graph, edges } = this.#find(space);
    if (space.kind === "unit") return Float64Array.from(parts[0] ?? []);
    const out = new Float64Array(graph.length * width);
    const done = parts.map(() => 0);
    graph.forEach((g, row) => {
      const place = isGiven(space) ? (edges?.[row]?.origin ?? -1) : (done[g] ?? 0);
      if (place < 0) return;
      done[g] = (done[g] ?? 0) + 1;
      for (let k = 0; k < width; k++) out[row * width + k] = Number(parts[g]?.[place * width + k]);
    });
    return out;
  }

  #find(space: Space): Rows {
    const { graphs } = this.#world;
    if (space.kind === "graph") return { graph: Int32Array.from(graphs, (_, g) => g) };
    if (space.kind === "unit") return { graph: new Int32Array(1) };
    if (space.kind !== "nonzeros") return this.#rows.get(space) ?? bug(`no ${space.name}`);
    const stored = graphs.map((g) => g.fields[space.name]);
    const lists = stored.map((s) => (s && "indptr" in s ? s : bug(`${space.name} is not sparse`)));
    const starts = running(lists.map((l) => l.indptr.length - 1));
    return {
      graph: repeated(lists.map((l) => l.values.length)),
      column: lists.flatMap((l) => l.indices),
      row: lists.flatMap(({ indptr, values }, g) =>
        values.map((_, k) => (starts[g] ?? 0) + indptr.findLastIndex((first) => first <= k)),
      ),
    };
  }

  #mapIndex(map: RowMap): Int32Array {
    const { edges, graph, row } = this.#find(map.from);
    switch (map.kind) {
      case "sender":
      case "receiver":
        return Int32Array.from(edges ?? bug("no edges"), (e) => e[map.kind]);
      case "row":
        return Int32Array.from(row ?? bug("no rows"));
      case "graph":
        return graph;
      case "all":
        return new Int32Array(graph.length);
    }
  }

  #fact(fact: "index" | "offset" | "column", space: Space): ArrayLike<number> {
    const { edges, index, column } = this.#find(space);
    if (fact === "offset") return (edges ?? bug("no edges")).map((e) => e.offset);
    return (fact === "index" ? index : column) ?? bug(`no ${fact} on ${space.name}`);
  }

  #input(input: Input): ArrayLike<number> {
    const fields = this.#world.graphs.map((g) => g.fields[pathOf(input)] ?? []);
    const values = fields.map((f) => ("indptr" in f ? f.values : f));
    return input.sparse ? values.flat() : this.join(input.space, values, volume(input.type.shape));
  }
}

const isGiven = (space: Space): boolean => space.kind === "edges" && space.given;

const repeated = (counts: readonly number[]): Int32Array =>
  Int32Array.from(counts.flatMap((n, g) => new Array<number>(n).fill(g)));

/** The sum of all counts before each. */
const running = (counts: readonly number[]): readonly number[] =>
  counts.map((_, g) => counts.slice(0, g).reduce((a, b) => a + b, 0));

/** The edges of one graph, receiver-major. */
function edgesIn(graph: Graph, relation: Relation): readonly Edge[] {
  const { topology, senders, receivers } = relation;
  const [from, to] = [graph.counts[senders.name] ?? 0, graph.counts[receivers.name] ?? 0];
  if (!relation.given) {
    const own = edgesOf(
      topology,
      { count: from, layout: senders.layout },
      { count: to, layout: receivers.layout },
    );
    return Array.from(own.senders, (sender, e) => ({
      sender,
      receiver: own.receivers[e] ?? -1,
      offset: own.offset[e] ?? 0,
      origin: e,
    }));
  }
  const ends = graph.edges[relation.name] ?? bug(`no edges of ${relation.name}`);
  const list = ends.senders.map((sender, e): Edge => {
    return { sender, receiver: ends.receivers[e] ?? -1, offset: 0, origin: e };
  });
  const looped = new Set(list.filter((e) => e.sender === e.receiver).map((e) => e.sender));
  if (topology.kind === "sparse" && topology.selfLoops)
    for (let n = 0; n < to; n++)
      if (!looped.has(n)) list.push({ sender: n, receiver: n, offset: 0, origin: -1 });
  const order = receiverMajor(
    list.map((e) => e.sender),
    list.map((e) => e.receiver),
  );
  return Array.from(order, (e) => list[e] ?? bug("no edge"));
}
