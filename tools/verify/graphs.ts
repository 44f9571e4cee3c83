/**
 * Graphs to check a symmetry on: random ones that are valid for a model, held by rows so that rows can be moved about. There
 * are nodes that nothing reaches, repeated edges and self-loops, wherever the model allows them.
 */
import type { Input, Model } from "../../compiler/ir/model.js";
import { edgesOf } from "../../compiler/ir/relation/edges.js";
import type { NodeSet, Nonzeros, Relation, Space } from "../../compiler/ir/space.js";
import type { GraphInput } from "../../runtime/index.js";
import { drawRow, drawStored, type Random, type Row } from "./rows.js";

export interface Ends {
  readonly senders: readonly number[];
  readonly receivers: readonly number[];
}

/** One graph; a field is a list of rows under `space.name`. */
export interface Graph {
  readonly counts: ReadonlyMap<NodeSet, number>;
  /** Of relations that come with the data. */
  readonly edges: ReadonlyMap<Relation, Ends>;
  readonly fields: ReadonlyMap<Input, readonly Row[]>;
}

/** How many nodes a set has when as many are wished. */
export function countOf({ layout }: NodeSet, wished: number): number {
  if (layout.kind === "grid") return layout.extents.reduce((a, b) => a * b, 1);
  if (layout.kind === "set") return layout.size ?? wished;
  return Math.min(wished, layout.max ?? wished);
}

/** How many edges a relation has, or a sparse input stored values, when it matters. */
export type Stored = (of: Relation | Nonzeros) => number;

/** A random graph; `shared` are the fields of the batch, which all graphs have in common. */
export function randomGraph(
  model: Model,
  wished: (set: NodeSet) => number,
  random: Random,
  shared: Graph["fields"],
  stored?: Stored,
): Graph {
  const counts = new Map(model.sets.map((set) => [set, countOf(set, wished(set))]));
  const edges = new Map(
    model.relations.flatMap((r) =>
      r.given
        ? [
            [
              r,
              randomEdges(
                r,
                counts.get(r.senders) ?? 0,
                counts.get(r.receivers) ?? 0,
                random,
                stored?.(r),
              ),
            ],
          ]
        : [],
    ),
  );
  const graph = { counts, edges };
  const fields = new Map(
    model.inputs.map((input) => [
      input,
      shared.get(input) ?? drawRows(input, rowsOf(graph, input.space), random, stored),
    ]),
  );
  return { ...graph, fields };
}

/** What is given once for the whole batch. */
export const sharedFields = (model: Model, random: Random): Graph["fields"] =>
  new Map(
    model.inputs.flatMap((i) => (i.space.kind === "unit" ? [[i, drawRows(i, 1, random)]] : [])),
  );

export function drawRows(
  input: Input,
  rows: number,
  random: Random,
  stored?: Stored,
): readonly Row[] {
  const { sparse, space, name, type } = input;
  if (!sparse) return Array.from({ length: rows }, () => drawRow(type, random));
  const of =
    space.kind === "nodes" || space.kind === "edges" || space.kind === "graph" ? space : null;
  const all = of && stored?.({ kind: "nonzeros", name: `${space.name}.${name}`, of });
  const each = (i: number): number | undefined =>
    all === null || all === undefined
      ? undefined
      : Math.floor(((i + 1) * all) / rows) - Math.floor((i * all) / rows);
  return Array.from({ length: rows }, (_, i) => drawStored(type, random, each(i)));
}

/** The rows of a space in one graph. */
export function rowsOf(graph: Pick<Graph, "counts" | "edges">, space: Space): number {
  if (space.kind === "nodes") return graph.counts.get(space) ?? 0;
  return space.kind === "edges" ? endsOf(graph, space).senders.length : 1;
}

/** The edges of a relation, in the order in which its rows are given and come out. */
export function endsOf(
  { counts, edges }: Pick<Graph, "counts" | "edges">,
  relation: Relation,
): { readonly senders: ArrayLike<number>; readonly receivers: ArrayLike<number> } {
  const given = edges.get(relation);
  if (given) return given;
  const [from, to] = [relation.senders, relation.receivers].map((set) => ({
    count: counts.get(set) ?? 0,
    layout: set.layout,
  }));
  return from && to ? edgesOf(relation.topology, from, to) : { senders: [], receivers: [] };
}

/** The row of each edge, by its ends. */
export const placesOf = ({
  senders,
  receivers,
}: ReturnType<typeof endsOf>): ReadonlyMap<string, number> =>
  new Map(Array.from(senders, (s, e) => [`${s},${receivers[e]}`, e]));

type Pair = readonly [sender: number, receiver: number];

function randomEdges(
  { topology }: Relation,
  senders: number,
  receivers: number,
  random: Random,
  wished: number | undefined,
): Ends {
  const symmetric = topology.kind === "sparse" && topology.symmetric;
  const count = wished === undefined ? undefined : Math.ceil(symmetric ? wished / 2 : wished);
  const pairs =
    topology.kind === "tree" || topology.kind === "dag"
      ? downhill(topology.kind, senders, random)
      : anyPairs(senders, receivers, random, count);
  const all = symmetric
    ? pairs.flatMap(([s, r]): Pair[] =>
        s === r
          ? [[s, r]]
          : [
              [s, r],
              [r, s],
            ],
      )
    : pairs;
  const order = random.shuffled(all.length);
  return {
    senders: order.map((i) => all[i]?.[0] ?? 0),
    receivers: order.map((i) => all[i]?.[1] ?? 0),
  };
}

/** Edges from earlier to later in some order of the nodes: no cycle; of a tree one parent each. */
function downhill(kind: "tree" | "dag", nodes: number, random: Random): readonly Pair[] {
  const order = random.shuffled(nodes);
  return order.flatMap((s, i): Pair[] => {
    const later = order.slice(i + 1);
    if (kind === "dag") return later.flatMap((r): Pair[] => (random.unit() < 0.5 ? [[s, r]] : []));
    const parent = later[random.below(later.length)];
    return parent === undefined || random.unit() < 0.2 ? [] : [[s, parent]];
  });
}

/**
 * So many edges between any nodes. Else about two a node; node 0 hears nothing in half of the graphs, one edge comes twice,
 * one is a loop.
 */
function anyPairs(
  senders: number,
  receivers: number,
  random: Random,
  count?: number,
): readonly Pair[] {
  if (senders === 0 || receivers === 0) return [];
  if (count !== undefined)
    return Array.from(
      { length: count },
      (): Pair => [random.below(senders), random.below(receivers)],
    );
  const first = receivers > 1 && random.unit() < 0.5 ? 1 : 0;
  const pairs = Array.from(
    { length: 2 * receivers },
    (): Pair => [random.below(senders), first + random.below(receivers - first)],
  );
  const loop = Math.min(senders, receivers) - 1;
  return [...pairs, ...pairs.slice(0, 1), [loop, loop]];
}

/** A graph as the runtime takes it. */
export function graphInput({ counts, edges, fields }: Graph): GraphInput {
  const out: Record<string, Record<string, number | readonly number[] | object>> = {};
  const into = (space: string): Record<string, number | readonly number[] | object> => {
    out[space] ??= {};
    return out[space];
  };
  for (const [set, count] of counts) into(set.name).count = count;
  for (const [relation, { senders, receivers }] of edges)
    Object.assign(into(relation.name), { senders, receivers });
  for (const [input, rows] of fields) into(input.space.name)[input.name] = fieldInput(input, rows);
  return out as GraphInput;
}

function fieldInput(input: Input, rows: readonly Row[]): readonly number[] | object {
  if (!input.sparse) return rows.flatMap((row) => row.values);
  const indptr = [0];
  for (const { values } of rows) indptr.push((indptr.at(-1) ?? 0) + values.length);
  return {
    indptr,
    indices: rows.flatMap((row) => row.columns ?? []),
    values: rows.flatMap((row) => row.values),
  };
}
