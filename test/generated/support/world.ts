/**
 * Random ragged batches for any model, as a user would give them: edges in any order, ends local to their graph.
 *
 * Sizes come from outside, so that a failing batch shrinks; all else follows from a seed. There are repeated edges,
 * self-loops and nodes without edges; every number is an f32, so that module and evaluator read the same.
 */
import type { Input, Model, Parameter, State } from "../../../compiler/ir/model.js";
import { edgesOf } from "../../../compiler/ir/relation/edges.js";
import type { NodeSet, Relation } from "../../../compiler/ir/space.js";
import { between, type Random, randomFrom } from "../../support/random-graph.js";

export interface Ends {
  readonly senders: readonly number[];
  readonly receivers: readonly number[];
}

/** The stored values of a sparse field, by rows. */
export interface Stored {
  readonly indptr: readonly number[];
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

export interface Graph {
  /** Nodes by set. */
  readonly counts: Readonly<Record<string, number>>;
  /** Edges by relation, of those that come with the data. */
  readonly edges: Readonly<Record<string, Ends>>;
  /** Row-major values by `space.name`. */
  readonly fields: Readonly<Record<string, readonly number[] | Stored>>;
}

export interface World {
  readonly graphs: readonly Graph[];
  /** By path of the parameter or state. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** Values of each graph. */
export type PerGraph = readonly ArrayLike<number>[];

/** Of every graph the wished number of nodes in each set, in the order of the model's sets. */
export type Sizes = readonly (readonly number[])[];

export const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export function randomWorld(model: Model, sizes: Sizes, seed: number): World {
  const random = randomFrom(seed);
  const shared = Object.fromEntries(
    model.inputs.flatMap((i) => (i.space.kind === "unit" ? [[pathOf(i), draw(i, 1, random)]] : [])),
  );
  return {
    graphs: sizes.map((wished) => randomGraph(model, wished, shared, random)),
    weights: Object.fromEntries(
      [...model.parameters, ...model.states].map((p) => [p.path, randomWeights(p, random)]),
    ),
  };
}

export const pathOf = (input: Input): string => `${input.space.name}.${input.name}`;

function randomGraph(
  model: Model,
  wished: readonly number[],
  shared: Graph["fields"],
  random: Random,
): Graph {
  const counts = Object.fromEntries(
    model.sets.map((set, i) => [set.name, countOf(set, wished[i] ?? 0)]),
  );
  const edges = Object.fromEntries(
    model.relations.flatMap((r) =>
      r.given
        ? [
            [
              r.name,
              randomEdges(r, counts[r.senders.name] ?? 0, counts[r.receivers.name] ?? 0, random),
            ],
          ]
        : [],
    ),
  );
  const rowsOf = ({ space }: Input): number => {
    if (space.kind === "nodes") return counts[space.name] ?? 0;
    return space.kind === "edges" ? edgeCount(space, counts, edges) : 1;
  };
  const own = model.inputs
    .filter((i) => i.space.kind !== "unit")
    .map((i) => [pathOf(i), draw(i, rowsOf(i), random)] as const);
  return { counts, edges, fields: { ...shared, ...Object.fromEntries(own) } };
}

function edgeCount(relation: Relation, counts: Graph["counts"], edges: Graph["edges"]): number {
  const [from, to] = [relation.senders, relation.receivers].map((set) => ({
    count: counts[set.name] ?? 0,
    layout: set.layout,
  }));
  if (relation.given || !from || !to) return edges[relation.name]?.senders.length ?? 0;
  return edgesOf(relation.topology, from, to).senders.length;
}

function countOf({ layout }: NodeSet, wished: number): number {
  if (layout.kind === "grid") return volume(layout.extents);
  if (layout.kind === "set") return layout.size ?? wished;
  return Math.min(wished, layout.max ?? wished);
}

const single = Math.fround;
const within = (random: Random, scale = 1): number => single(scale * (2 * random() - 1));

function draw(input: Input, rows: number, random: Random): readonly number[] | Stored {
  const width = volume(input.type.shape);
  if (input.sparse) return stored(rows, width, random);
  return upTo(rows * width).map(() => element(input, random));
}

function element({ type: { dtype, range } }: Input, random: Random): number {
  if (dtype === "f32") return within(random);
  if (dtype === "bool") return Number(random() < 0.6);
  const low = Number.isFinite(range?.low) ? Number(range?.low) : -3;
  return between(random, low, Number.isFinite(range?.high) ? Number(range?.high) : low + 6);
}

/** A few columns of each row, not in order; the second row has none. */
function stored(rows: number, columns: number, random: Random): Stored {
  const lists = upTo(rows).map((row) =>
    row === 1 ? [] : [...new Set(upTo(4).map(() => between(random, 0, columns - 1)))],
  );
  const indices = lists.flat();
  return {
    indptr: [0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)],
    indices,
    values: indices.map(() => within(random)),
  };
}

/** Small where many are summed; states near 1, since some are variances. */
function randomWeights(of: Parameter | State, random: Random): readonly number[] {
  const fan = of.shape.length > 1 ? (of.shape.at(-2) ?? 1) : 1;
  const scale = 1 / Math.sqrt(Math.max(1, fan));
  const middle = of.kind === "state" ? 1 : 0;
  return upTo(volume(of.shape)).map(() => single(middle + within(random, middle ? 0.3 : scale)));
}

type Pair = readonly [sender: number, receiver: number];

function randomEdges(relation: Relation, senders: number, receivers: number, random: Random): Ends {
  const pairs = shuffled(pairsOf(relation, senders, receivers, random), random);
  return { senders: pairs.map(([s]) => s), receivers: pairs.map(([, r]) => r) };
}

function pairsOf(
  { topology }: Relation,
  senders: number,
  receivers: number,
  random: Random,
): readonly Pair[] {
  if (senders === 0 || receivers === 0) return [];
  const order = shuffled(upTo(senders), random);
  if (topology.kind === "dag")
    return order.flatMap((s, i) =>
      order.slice(i + 1).flatMap((r): Pair[] => (random() < 0.5 ? [[s, r]] : [])),
    );
  if (topology.kind === "tree")
    return order.flatMap((s, i): Pair[] =>
      i + 1 < senders && random() < 0.8
        ? [[s, order[between(random, i + 1, senders - 1)] ?? 0]]
        : [],
    );
  const some = sparsePairs(senders, receivers, random);
  const symmetric = topology.kind === "sparse" && topology.symmetric;
  return symmetric
    ? some.flatMap(([s, r]): Pair[] =>
        s === r
          ? [[s, r]]
          : [
              [s, r],
              [r, s],
            ],
      )
    : some;
}

/** Some nodes hear nothing, one edge comes twice, one goes from a node to itself where that can be. */
function sparsePairs(senders: number, receivers: number, random: Random): readonly Pair[] {
  const first = random() < 0.5 && receivers > 1 ? 1 : 0;
  const pairs = upTo(between(random, 0, 2 * receivers)).map(
    (): Pair => [between(random, 0, senders - 1), between(random, first, receivers - 1)],
  );
  const [one] = pairs;
  const loop = Math.min(senders, receivers) - 1;
  return one ? [...pairs, one, [loop, loop]] : pairs;
}

export function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  const keyed = list.map((value) => ({ value, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
