/** A small batch for any model: sizes, edges and values by the declared topologies and types. */
import type { Input, Model, ValueType } from "../../../compiler/ir/model.js";
import type { NodeSet, Relation, Topology } from "../../../compiler/ir/space.js";
import type { Batch, Edges } from "./run.js";

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = (seed * 7919 + 12345) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The nodes of a set in every graph: one graph full, one small, one empty where the layout allows. */
function sizesOf(set: NodeSet, graphs: number, random: Random): number[] {
  const { layout } = set;
  if (layout.kind === "grid") return upTo(graphs).map(() => product(layout.extents));
  if (layout.kind === "set" && layout.size !== null)
    return upTo(graphs).map(() => layout.size ?? 0);
  const most = layout.kind === "seq" ? Math.min(layout.max ?? 4, 4) : 4;
  return upTo(graphs).map((g) => (g === 1 ? 0 : 1 + Math.floor(random() * most)));
}

/** Edges within one graph of n senders and m receivers; ends count from 0. */
interface Pair {
  readonly sender: number;
  readonly receiver: number;
  readonly offset: number;
}

type Make<T extends Topology> = (
  t: T,
  n: number,
  m: number,
  random: Random,
  r: Relation,
) => readonly Pair[];

const pairs = (n: number, m: number, keep: (s: number, r: number) => boolean): Pair[] =>
  upTo(m).flatMap((receiver) =>
    upTo(n).flatMap((sender) => (keep(sender, receiver) ? [{ sender, receiver, offset: 0 }] : [])),
  );

const extentsOf = (set: NodeSet, size: number): readonly number[] =>
  set.layout.kind === "grid" ? set.layout.extents : [size];

/** Row-major position to one index per axis. */
const unravel = (i: number, extents: readonly number[]): number[] =>
  extents.map((e, axis) => Math.floor(i / product(extents.slice(axis + 1))) % e);

type Window = Extract<Topology, { kind: "window" }>;
function windowEdges(t: Window, n: number, m: number, r: Relation): Pair[] {
  const [from, to] = [extentsOf(r.senders, n), extentsOf(r.receivers, m)];
  return upTo(m).flatMap((receiver) =>
    upTo(product(t.taps)).flatMap((offset) => {
      const tap = unravel(offset, t.taps);
      const at = unravel(receiver, to).map(
        (i, a) => i * (t.stride[a] ?? 1) + (tap[a] ?? 0) * (t.dilation[a] ?? 1) - (t.pad[a] ?? 0),
      );
      if (at.some((s, a) => s < 0 || s >= (from[a] ?? 0))) return [];
      const sender = at.reduce((s, i, a) => s * (from[a] ?? 1) + i, 0);
      return [{ sender, receiver, offset }];
    }),
  );
}

const makers: { readonly [K in Topology["kind"]]: Make<Extract<Topology, { kind: K }>> } = {
  sparse: (t, n, m, random) => pairs(n, m, (s, r) => random() < 0.4 || (t.selfLoops && s === r)),
  tree: (_, n, m, random) => {
    const parents = upTo(n).map((s) => s + 1 + Math.floor(random() * (m - s - 1)));
    return pairs(n, m, (s, r) => s < m - 1 && parents[s] === r);
  },
  dag: (_, n, m, random) => pairs(n, m, (s, r) => s < r && random() < 0.5),
  complete: (t, n, m) => pairs(n, m, (s, r) => !t.strict || s !== r),
  causal: (t, n, m) => pairs(n, m, (s, r) => s < r || (s === r && !t.strict)),
  chain: (t, n, m) => pairs(n, m, (s, r) => s + (t.reverse ? -1 : 1) === r),
  self: (_, n, m) => pairs(n, m, (s, r) => s === r),
  window: (t, n, m, _, r) => windowEdges(t, n, m, r),
};

function edgesOf(r: Relation, sizes: Readonly<Record<string, number[]>>, random: Random): Edges {
  const [from, to] = [sizes[r.senders.name] ?? [], sizes[r.receivers.name] ?? []];
  const make = makers[r.topology.kind] as Make<Topology>;
  const before = (counts: readonly number[], g: number) =>
    counts.slice(0, g).reduce((a, b) => a + b, 0);
  const all = from.flatMap((n, g) =>
    make(r.topology, n, to[g] ?? 0, random, r).map((p) => ({
      sender: p.sender + before(from, g),
      receiver: p.receiver + before(to, g),
      offset: p.offset,
    })),
  );
  return {
    senders: all.map((p) => p.sender),
    receivers: all.map((p) => p.receiver),
    offsets: all.map((p) => p.offset),
  };
}

function elementOf({ dtype, range }: ValueType, random: Random): number {
  if (dtype === "bool") return Number(random() < 0.5);
  if (dtype === "f32") return random() * 2 - 1;
  const low = Math.max(range?.low ?? 0, -3);
  const high = Math.min(range?.high ?? 3, low + 6);
  return low + Math.floor(random() * (high - low + 1));
}

export function randomBatch(model: Model, seed = 1): Batch {
  const random = randomFrom(seed);
  const graphs = 3;
  const sizes = Object.fromEntries(model.sets.map((s) => [s.name, sizesOf(s, graphs, random)]));
  const edges = Object.fromEntries(model.relations.map((r) => [r.name, edgesOf(r, sizes, random)]));
  const rows = (input: Input): number => {
    const { space } = input;
    if (space.kind === "nodes") return (sizes[space.name] ?? []).reduce((a, b) => a + b, 0);
    if (space.kind === "edges") return edges[space.name]?.senders.length ?? 0;
    return space.kind === "graph" ? graphs : 1;
  };
  const nonzeros: Record<string, { rows: number[]; columns: number[] }> = {};
  const inputs = model.inputs.map((input): [string, number[]] => {
    const path = `${input.space.name}.${input.name}`;
    if (!input.sparse)
      return [
        path,
        upTo(rows(input) * product(input.type.shape)).map(() => elementOf(input.type, random)),
      ];
    const width = product(input.type.shape);
    const cells = upTo(rows(input) * width).filter(() => random() < 4 / width);
    nonzeros[path] = {
      rows: cells.map((c) => Math.floor(c / width)),
      columns: cells.map((c) => c % width),
    };
    return [path, cells.map(() => random() * 2 - 1)];
  });
  const leaf = (l: {
    readonly path: string;
    readonly shape: readonly number[];
  }): [string, number[]] => {
    const fan = l.shape.at(-2) ?? 1;
    return [l.path, upTo(product(l.shape)).map(() => (random() * 2 - 1) / Math.sqrt(fan))];
  };
  return {
    sets: sizes,
    edges,
    nonzeros,
    inputs: Object.fromEntries(inputs),
    params: Object.fromEntries(model.parameters.map(leaf)),
    states: Object.fromEntries(
      model.states.map(leaf).map(([path, v]) => [path, v.map((x) => 1 + x / 2)]),
    ),
    step: 3,
  };
}
