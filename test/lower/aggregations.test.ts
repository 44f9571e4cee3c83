/** Aggregations over edges, graphs and the batch, against plain loops: with `where`, with `empty:`, of nothing. */
import { describe, expect, it } from "vitest";
import type { Expr, Reducer } from "../../compiler/ir/model.js";
import {
  allOf,
  graphOf,
  graphSpace,
  type RowMap,
  receiverOf,
  type Space,
  senderOf,
  unitSpace,
} from "../../compiler/ir/space.js";
import {
  add,
  aggregate,
  bool,
  count,
  f32,
  field,
  fill,
  get,
  groupSoftmax,
  index,
  input,
  lit,
  map,
  model,
  mul,
  pull,
  relation,
  set,
} from "./support/model.js";
import { run } from "./support/run.js";
import { numbers } from "./support/values.js";

const nodes = set("atom");
const bond = relation("bond", nodes);
const x = input("x", nodes, f32());
const v = input("v", nodes, f32(2));
const e = input("e", bond, f32());
const k = input("k", bond, index(4));
const on = input("on", bond, bool());
const senders = [0, 1, 1, 3, 3, 0];
const receivers = [1, 0, 0, 3, 1, 1];
const sets = { atom: [2, 0, 3] };
const es = numbers(6, 2);
const ks = [3, 1, 2, 0, 3, 1];
/** Node 3 keeps none of its edges; what is dropped is no number. */
const ons = [1, 0, 1, 0, 1, 0];
const inputs = {
  "atom.x": numbers(5, 1),
  "atom.v": numbers(10, 3),
  "bond.e": es,
  "bond.k": ks,
  "bond.on": ons,
};

function computed(value: Expr, space: Space, edgeValues = es): number[] {
  const out = field("out", space, value);
  const made = model({
    sets: [nodes],
    relations: [bond],
    inputs: [x, v, e, k, on],
    fields: [out],
    outputs: [out],
  });
  const batch = {
    sets,
    edges: { bond: { senders, receivers } },
    inputs: { ...inputs, "bond.e": edgeValues },
  };
  return run(made, batch).outputs.out ?? [];
}

function expectClose(got: readonly number[], want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  got.forEach((v, i) => {
    expect(v).toBeCloseTo(want[i] ?? Number.NaN, 10);
  });
}

const plain: Readonly<Record<Reducer, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((a, b) => a + b, 0),
  mean: (values) => plain.sum(values) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  var: (values) => plain.mean(values.map((a) => (a - plain.mean(values)) ** 2)),
  count: (values) => values.length,
};

/** The members of group `g`. */
const members = (
  of: readonly number[],
  g: number,
  values: readonly number[],
  keep = of.map(() => 1),
) => values.filter((_, i) => of[i] === g && keep[i] === 1);

const reducers: readonly Reducer[] = ["sum", "mean", "max", "min", "var", "count"];
const grouped = (r: Reducer, of: readonly number[], n: number, keep?: number[], empty = 0) =>
  Array.from({ length: n }, (_, g) => {
    const group = members(of, g, es, keep);
    return group.length === 0 ? empty : plain[r](group);
  });

describe.each(reducers)("%s over edges", (r) => {
  it("goes to receivers and to senders, 0 of nothing", () => {
    expectClose(computed(aggregate(r, receiverOf(bond), get(e)), nodes), grouped(r, receivers, 5));
    expectClose(computed(aggregate(r, senderOf(bond), get(e)), nodes), grouped(r, senders, 5));
  });
  it("skips what `where` drops, whatever it is", () => {
    const spoilt = es.map((value, i) => (ons[i] ? value : Number.NaN));
    const value = aggregate(r, receiverOf(bond), get(e), { where: get(on) });
    expectClose(computed(value, nodes, spoilt), grouped(r, receivers, 5, ons));
  });
  it("gives what `empty:` says where nothing is", () => {
    if (r === "count") return;
    const value = aggregate(r, receiverOf(bond), get(e), { where: get(on), empty: lit(7) });
    expectClose(computed(value, nodes), grouped(r, receivers, 5, ons, 7));
  });
  it("goes by graph and by batch", () => {
    const graphs = receivers.map((i) => (i < 2 ? 0 : 2));
    expectClose(computed(aggregate(r, graphOf(bond), get(e)), graphSpace), grouped(r, graphs, 3));
    expectClose(computed(aggregate(r, allOf(bond), get(e)), unitSpace), [plain[r](es)]);
  });
});

describe("aggregation", () => {
  it("of integers stays an integer", () => {
    const sums = [0, 1, 2, 3, 4].map((g) => plain.sum(members(receivers, g, ks)));
    expectClose(computed(aggregate("sum", receiverOf(bond), get(k)), nodes), sums);
    const most = [0, 1, 2, 3, 4].map((g) => Math.max(0, ...members(receivers, g, ks)));
    expectClose(computed(aggregate("max", receiverOf(bond), get(k)), nodes), most);
  });
  it("of shaped values takes a shaped `empty:`", () => {
    const body = mul(get(e), pull(senderOf(bond), get(v)));
    const value = aggregate("sum", receiverOf(bond), body, { empty: add(get(v), fill(1, 2)) });
    const want = Array.from({ length: 10 }, (_, i) => {
      const [g, c] = [Math.floor(i / 2), i % 2];
      const own = (inputs["atom.v"][i] ?? 0) + 1;
      if (!receivers.includes(g)) return own;
      const at = (s: number) => inputs["atom.v"][2 * s + c] ?? 0;
      return receivers.reduce(
        (n, r, j) => n + (r === g ? (es[j] ?? 0) * at(senders[j] ?? 0) : 0),
        0,
      );
    });
    expectClose(computed(value, nodes), want);
  });
  it("counts rows when the body is a number", () => {
    const map = receiverOf(bond);
    expectClose(
      computed(aggregate("sum", map, lit(2)), nodes),
      grouped("count", receivers, 5).map((n) => 2 * n),
    );
    expectClose(computed(count(map), nodes), grouped("count", receivers, 5));
    expectClose(computed(count(graphOf(nodes)), graphSpace), [2, 0, 3]);
    expectClose(computed(count(allOf(nodes)), unitSpace), [5]);
  });
  it("keeps all when `where` is true, none when it is false", () => {
    const value = (where: boolean) =>
      aggregate("mean", receiverOf(bond), get(e), { where: lit(where) });
    expectClose(computed(value(true), nodes), grouped("mean", receivers, 5));
    expectClose(computed(value(false), nodes), [0, 0, 0, 0, 0]);
  });
});

describe("softmax by a group", () => {
  const softmax = (of: readonly number[], keep: readonly number[]) =>
    es.map((s, i) => {
      const sum = es.reduce((n, t, j) => n + (of[j] === of[i] && keep[j] ? Math.exp(t) : 0), 0);
      return keep[i] ? Math.exp(s) / sum : 0;
    });
  const all = es.map(() => 1);
  const by = (along: RowMap, where: Expr | null = null) =>
    computed(groupSoftmax(along, get(e), where), bond);
  it("sums to one in every group", () => {
    expectClose(by(receiverOf(bond)), softmax(receivers, all));
    expectClose(by(senderOf(bond)), softmax(senders, all));
    expectClose(by(allOf(bond)), softmax(all, all));
  });
  it("is 0 where `where` drops, also when nothing is kept", () => {
    expectClose(by(receiverOf(bond), get(on)), softmax(receivers, ons));
    expectClose(
      by(receiverOf(bond), map("lt", get(e), lit(-5))),
      es.map(() => 0),
    );
  });
});
