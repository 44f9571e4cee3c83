/** The same world told in another way: edges in another order, nodes with other numbers, without repeated edges. */
import type { Model } from "../../../compiler/ir/model.js";
import type { Relation, Space } from "../../../compiler/ir/space.js";
import { type Random, randomFrom } from "../../support/random-graph.js";
import { type Graph, type PerGraph, shuffled, type World } from "./world.js";

/** Of each row of a space, where its values now come from. */
type Order = readonly number[];

/** A retold world, and how rows of its graphs were moved. */
export interface Retold {
  readonly world: World;
  /** By the name of the space, for each graph. */
  readonly orders: readonly ReadonlyMap<string, Order>[];
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Rows of `values` in another order. */
export function inOrder(values: ArrayLike<number>, order: Order | undefined): number[] {
  if (!order) return Array.from(values);
  const width = order.length > 0 ? values.length / order.length : 0;
  return order.flatMap((row) => Array.from(values).slice(row * width, (row + 1) * width));
}

/** Outputs of the world as those of the retold one. */
export const retoldValues = (parts: PerGraph, space: Space, { orders }: Retold): PerGraph =>
  parts.map((values, g) => inOrder(values, orders[g]?.get(space.name)));

function retell(
  model: Model,
  world: World,
  ordersOf: (graph: Graph) => Map<string, Order>,
): Retold {
  const orders = world.graphs.map(ordersOf);
  const graphs = world.graphs.map((graph, g) => {
    const order = orders[g] ?? new Map<string, Order>();
    const fields = Object.entries(graph.fields).map(([path, values]) => {
      const space = path.slice(0, path.lastIndexOf("."));
      return [path, "indptr" in values ? values : inOrder(values, order.get(space))] as const;
    });
    const edges = model.relations
      .filter((r) => r.given)
      .map((r) => [r.name, movedEnds(r, graph, order)]);
    return { ...graph, fields: Object.fromEntries(fields), edges: Object.fromEntries(edges) };
  });
  return { world: { ...world, graphs }, orders };
}

function movedEnds(relation: Relation, graph: Graph, order: ReadonlyMap<string, Order>) {
  const { senders = [], receivers = [] } = graph.edges[relation.name] ?? {};
  const place = (set: string, ends: readonly number[]): number[] => {
    const rows = order.get(set);
    return inOrder(ends, order.get(relation.name)).map((n) => (rows ? rows.indexOf(n) : n));
  };
  return {
    senders: place(relation.senders.name, senders),
    receivers: place(relation.receivers.name, receivers),
  };
}

const edgeOrder = (graph: Graph, name: string, random: Random): Order =>
  shuffled(upTo(graph.edges[name]?.senders.length ?? 0), random);

/** Edges that come with the data, in another order. */
export function withEdgesShuffled(model: Model, world: World, seed: number): Retold {
  const random = randomFrom(seed);
  const given = model.relations.filter((r) => r.given);
  return retell(
    model,
    world,
    (graph) => new Map(given.map((r) => [r.name, edgeOrder(graph, r.name, random)])),
  );
}

/** Nodes of sets without an order, with other numbers. Materialised edges move with their ends. */
export function withNodesRenumbered(model: Model, world: World, seed: number): Retold {
  const random = randomFrom(seed);
  const sets = model.sets.filter((s) => s.layout.kind === "set");
  return retell(model, world, (graph) => {
    const orders = new Map(
      sets.map((s) => [s.name, shuffled(upTo(graph.counts[s.name] ?? 0), random)]),
    );
    for (const r of model.relations) if (!r.given) orders.set(r.name, madeOrder(r, graph, orders));
    return orders;
  });
}

/** Of complete and self relations, the edge that now stands at each place. */
function madeOrder(relation: Relation, graph: Graph, orders: ReadonlyMap<string, Order>): Order {
  const { topology, senders, receivers } = relation;
  const [from, to] = [graph.counts[senders.name] ?? 0, graph.counts[receivers.name] ?? 0];
  const has = (s: number, r: number): boolean =>
    topology.kind === "self"
      ? s === r
      : !(topology.kind === "complete" && topology.strict && s === r);
  const number = new Map<string, number>();
  const each = (body: (s: number, r: number) => void): void => {
    for (const r of upTo(to)) for (const s of upTo(from)) if (has(s, r)) body(s, r);
  };
  each((s, r) => number.set(`${s} ${r}`, number.size));
  const out: number[] = [];
  const [old, other] = [orders.get(senders.name), orders.get(receivers.name)];
  each((s, r) => out.push(number.get(`${old?.[s] ?? s} ${other?.[r] ?? r}`) ?? -1));
  return out;
}

/** Every pair of ends at most once; fields of the edges that go are dropped with them. */
export function withoutRepeats(model: Model, world: World): World {
  const firsts = (graph: Graph, name: string): Order => {
    const { senders = [], receivers = [] } = graph.edges[name] ?? {};
    const keys = senders.map((s, e) => `${s} ${receivers[e]}`);
    return upTo(keys.length).filter((e) => keys.indexOf(keys[e] ?? "") === e);
  };
  const graphs = world.graphs.map((graph) => {
    const edges = model.relations.filter((r) => r.given);
    const kept = new Map(edges.map((r) => [r.name, firsts(graph, r.name)]));
    const rows = (name: string) => graph.edges[name]?.senders.length ?? 0;
    const cut = (name: string, values: readonly number[]): number[] => {
      const width = rows(name) > 0 ? values.length / rows(name) : 0;
      return (kept.get(name) ?? []).flatMap((e) => values.slice(e * width, (e + 1) * width));
    };
    const fields = Object.entries(graph.fields).map(([path, values]) => {
      const space = path.slice(0, path.lastIndexOf("."));
      return [
        path,
        kept.has(space) && !("indptr" in values) ? cut(space, values) : values,
      ] as const;
    });
    const ends = edges.map(({ name }) => {
      const { senders = [], receivers = [] } = graph.edges[name] ?? {};
      return [name, { senders: cut(name, senders), receivers: cut(name, receivers) }] as const;
    });
    return { ...graph, fields: Object.fromEntries(fields), edges: Object.fromEntries(ends) };
  });
  return { ...world, graphs };
}
