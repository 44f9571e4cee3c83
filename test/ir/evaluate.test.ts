/** What the ops mean, on numbers small enough to check by eye. */
import { describe, expect, it } from "vitest";
import { erf, functions } from "../../compiler/ir/evaluate.functions.js";
import { type Evaluation, evaluate } from "../../compiler/ir/evaluate.js";
import { allOf, graphOf, receiverOf, rowOf, senderOf } from "../../compiler/ir/space.js";
import type { Tensor } from "../../compiler/ir/tensor.js";
import { chain, edges, Notation, nodes, sequence, sparse } from "../support/notation.js";

const n = new Notation();
const node = nodes("node", sequence);
const edge = edges("edge", sparse, node);
const x = { kind: "nonzeros", name: "node.x", of: node } as const;
const [i, j] = [n.axis("i", 2), n.axis("j", 3)];

/** Two graphs: nodes 0 1 2 and 3; edges 1>0, 2>0, 2>0, 3>3: nodes 1 and 2 hear nothing. */
const batch: Evaluation = {
  rows: (space) => ({ nodes: 4, edges: 4, nonzeros: 3, graph: 3, unit: 1 })[space.kind],
  mapIndex: (map) =>
    Int32Array.from(
      {
        sender: [1, 2, 2, 3],
        receiver: [0, 0, 0, 3],
        graph: map.from === node ? [0, 0, 0, 2] : [0, 0, 0, 2],
        all: [0, 0, 0, 0],
        row: [0, 0, 2],
      }[map.kind],
    ),
  fact: (fact) => ({ index: [0, 1, 2, 0], offset: [0, 1, 0, 1], column: [0, 1, 1] })[fact],
  inputs: new Map([
    ["h", [1, 2, 3, 4, 5, 6, 7, 8]],
    ["s", [1, 4, 2, 3]],
    ["e", [5, 7, 7, -1]],
    ["k", [1, 0, 1, 1]],
    ["v", [10, 20, 30]],
  ]),
  params: new Map([["W", [1, 2, 3, 4, 5, 6]]]),
  states: new Map([["m", [9]]]),
  seed: 1,
  step: 4,
};
const value = (t: Tensor): readonly number[] => [...(evaluate([t], batch)[0] ?? [])];

const h = n.input("h", node, i);
const s = n.input("s", node);
const e = n.input("e", edge);
const k = n.integers("k", node);
const t = n.table;
const [from, to] = [senderOf(edge), receiverOf(edge)];

describe("leaves", () => {
  it("come in the layout they say, and lie sorted by axis", () => {
    expect(value(t.param("W", [j, i]))).toEqual([1, 3, 5, 2, 4, 6]);
    expect(value(t.param("W", [i, j]))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(value(t.state("m", []))).toEqual([9]);
  });

  it("know places, rows, columns, counts and steps", () => {
    expect(value(t.fact("index", node))).toEqual([0, 1, 2, 0]);
    expect(value(t.fact("row", node))).toEqual([0, 1, 2, 3]);
    expect(value(t.fact("column", x))).toEqual([0, 1, 1]);
    expect(value(t.fact("count", node, to))).toEqual([3, 0, 0, 1]);
    expect(value(t.fact("count", graphOf(node).to, graphOf(node)))).toEqual([3, 0, 1]);
    expect(value(t.fact("step", allOf(node).to))).toEqual([4]);
    expect(value(t.iota(j, graphOf(node).to))).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it("draw the same wherever the axes lie", () => {
    const [a, b] = [t.random(3, node, [i, j]), t.random(3, node, [j, i])];
    const [da, db] = [value(a), value(b)];
    expect(new Set(da).size).toBe(24);
    expect(da[1]).toBe(db[3]);
    expect(da[0]).toBe(db[0]);
  });
});

describe("product", () => {
  it("contracts axes row by row", () => {
    expect(value(n.dot(h, n.param("W", node, i, j), i))).toEqual([
      9, 12, 15, 19, 26, 33, 29, 40, 51, 39, 54, 69,
    ]);
  });

  it("sums what arrives, zero at an isolated node", () => {
    expect(value(t.product({ factors: [t.pull(h, from)], map: to }))).toEqual([
      13, 16, 0, 0, 0, 0, 7, 8,
    ]);
    expect(value(t.product({ factors: [s, s], map: graphOf(node), scale: 2 }))).toEqual([
      42, 0, 18,
    ]);
  });

  it("sums what stored non-zeros give their row", () => {
    const W = t.pull(t.param("W", [i, j]), allOf(x), [{ axis: i, index: t.fact("column", x) }]);
    const v = t.input("v", x, [], "f32");
    expect(value(t.product({ factors: [v, W], map: rowOf(x) }))).toEqual([
      90, 120, 150, 0, 0, 0, 120, 150, 180, 0, 0, 0,
    ]);
  });

  it("puts values where slots say, and counts a repeated factor twice", () => {
    const slots = [{ axis: i, index: k }];
    expect(value(t.product({ factors: [s], slots }))).toEqual([0, 1, 4, 0, 0, 2, 0, 3]);
    expect(value(t.product({ factors: [s, s], map: allOf(node), slots }))).toEqual([16, 14]);
  });

  it("takes an axis that nothing has as its size", () => {
    const y = t.product({ factors: [s], over: [j] });
    expect(y.op === "product" && y.attrs.scale).toBe(3);
    expect(value(y)).toEqual([3, 12, 6, 9]);
  });
});

describe("pull", () => {
  it("reads rows through maps and positions through slots", () => {
    expect(value(t.pull(s, from))).toEqual([4, 2, 2, 3]);
    expect(value(t.pull(h, null, [{ axis: i, index: k }]))).toEqual([2, 3, 6, 8]);
  });

  it("lets an index bring axes along, its own slot's among them", () => {
    const flip = n.sub(t.constant(1, node, [], "i32"), t.iota(i, node));
    expect(value(t.pull(h, null, [{ axis: i, index: flip }]))).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
  });

  it("reads 0 outside of an axis, and writes nothing there", () => {
    const beyond = n.add(k, n.number(1, k));
    expect(value(t.pull(h, null, [{ axis: i, index: beyond }]))).toEqual([0, 4, 0, 0]);
    expect(value(t.product({ factors: [s], slots: [{ axis: i, index: beyond }] }))).toEqual([
      0, 0, 0, 4, 0, 0, 0, 0,
    ]);
  });
});

describe("extremes", () => {
  it("keep the first winner, and infinity for nothing", () => {
    const most = t.extreme(e, "max", [], to);
    expect(value(most)).toEqual([7, -Infinity, -Infinity, -1]);
    expect(value(t.winner(most))).toEqual([1, -1, -1, 3]);
    const least = t.extreme(h, "min", [i], null);
    expect(value(least)).toEqual([1, 3, 5, 7]);
    expect(value(t.winner(least))).toEqual([0, 0, 0, 0]);
    expect(value(t.argmax(h, i))).toEqual([1, 1, 1, 1]);
  });

  it("lse is the log of the sum of exponentials, -infinity for nothing", () => {
    const [all, one, two, own] = value(t.lse(e, [], to));
    expect(all).toBeCloseTo(Math.log(Math.exp(5) + 2 * Math.exp(7)), 12);
    expect([one, two, own]).toEqual([-Infinity, -Infinity, -1]);
    const huge = n.map("add", h, n.number(1e4, h));
    expect(value(t.lse(huge, [i], null))[0]).toBeCloseTo(10002 + Math.log1p(Math.exp(-1)), 8);
  });
});

describe("views", () => {
  const W = t.param("W", [i, j]);
  const [three, two, six] = [n.axis("a", 3), n.axis("b", 2), n.axis("c", 6)];
  it("rename, cut, pad, pick and place", () => {
    expect(value(t.view(W, { kind: "rename", from: i, to: two }))).toEqual([1, 4, 2, 5, 3, 6]);
    const cut = { kind: "slice", from: j, to: two, start: 0, step: 2 } as const;
    expect(value(t.view(W, cut))).toEqual([1, 3, 4, 6]);
    const back = { kind: "pad", from: two, to: j, start: 0, step: 2 } as const;
    expect(value(t.view(t.view(W, cut), back))).toEqual([1, 0, 3, 4, 0, 6]);
    expect(value(t.view(W, { kind: "pick", from: j, at: 1 }))).toEqual([2, 5]);
    const single = t.view(W, { kind: "pick", from: j, at: 1 });
    expect(value(t.view(single, { kind: "place", to: three, at: 2 }))).toEqual([0, 0, 2, 0, 0, 5]);
  });

  it("merge row-major in the order given, and split back", () => {
    const flat = t.view(W, { kind: "merge", from: [j, i], to: six });
    expect(value(flat)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(value(t.view(flat, { kind: "split", from: six, to: [j, i] }))).toEqual(value(W));
  });
});

describe("recurrence", () => {
  it("runs along a chain, graph by graph", () => {
    const step = edges("step", chain, node);
    const along: Evaluation = {
      ...batch,
      rows: (space) => (space.kind === "edges" ? 2 : batch.rows(space)),
      mapIndex: (map) =>
        map.from === step
          ? Int32Array.from(map.kind === "sender" ? [0, 1] : [1, 2])
          : batch.mapIndex(map),
    };
    const total = t.unknown("total", node, []);
    const before = t.product({ factors: [t.pull(total, senderOf(step))], map: receiverOf(step) });
    const twice = t.product({ factors: [before], scale: 2 });
    const order = { kind: "index", set: node, reverse: false } as const;
    const recur = t.recur([total], [n.add(s, twice), before], order);
    const [sums, earlier] = evaluate([t.result(recur, 0), t.result(recur, 1)], along);
    expect([...(sums ?? [])]).toEqual([1, 6, 14, 3]);
    expect([...(earlier ?? [])]).toEqual([0, 1, 6, 0]);
  });
});

describe("pointwise functions", () => {
  it("keep to the conventions of the language", () => {
    expect([-3, -2, -1, 0, 1, 2].map((a) => functions.mod(a, 3, 0))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(functions.mod(-5, -3, 0)).toBe(1);
    expect([-1.5, -0.5, 0.5, 1.5, 2.5].map((a) => functions.round(a, 0, 0))).toEqual([
      -2, 0, 0, 2, 2,
    ]);
    expect(functions.to_i32(-1.7, 0, 0)).toBe(-1);
    expect(functions.select(0, 1, 2)).toBe(2);
    expect(functions.sigmoid(-1000, 0, 0)).toBe(0);
    expect(functions.sigmoid(1000, 0, 0)).toBe(1);
  });

  it("erf agrees with the tables", () => {
    expect(erf(0)).toBe(0);
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 14);
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 14);
    expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 14);
    expect(erf(4)).toBeCloseTo(0.9999999845827421, 14);
  });
});
