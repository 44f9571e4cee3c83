/** Recurrences against loops that go row by row: chains, trees, attention inside, a token fed back. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import type { Model } from "../../compiler/ir/model.js";
import { graphOf, graphSpace, receiverOf, senderOf } from "../../compiler/ir/space.js";
import type { TensorOf } from "../../compiler/ir/tensor.js";
import {
  add,
  aggregate,
  at,
  contract,
  draw,
  f32,
  get,
  groupSoftmax,
  index,
  input,
  lit,
  map,
  model,
  mul,
  openField,
  param,
  pull,
  relation,
  rowwise,
  set,
  slice,
  training,
} from "./support/model.js";
import { run, tensorsOf } from "./support/run.js";
import { matmul, numbers } from "./support/values.js";

const nodes = set("word", "seq");
const chain = relation("chain", nodes, nodes, { kind: "chain", reverse: false });
const back = relation("back", nodes, nodes, { kind: "chain", reverse: true });
const sets = { word: [3, 1, 2] };
const edges = {
  chain: { senders: [0, 1, 4], receivers: [1, 2, 5] },
  back: { senders: [1, 2, 5], receivers: [0, 1, 4] },
};
const x = input("x", nodes, f32(2));
const start = input("start", graphSpace, f32(3));
const W = param("W", 2, 3);
const U = param("U", 3, 3);
const b = param("b", 3);
const params = { W: numbers(6, 1), U: numbers(9, 2), b: numbers(3, 3), V: numbers(9, 4) };
const inputs = { "word.x": numbers(12, 5), "global.start": numbers(9, 6) };
const batch = { sets, edges, inputs, params };
const graphs = [0, 0, 0, 1, 2, 2];

const recursOf = (made: Model): readonly TensorOf<"recur">[] =>
  tensorsOf(lower(made).inference).flatMap((t) => (t.op === "recur" ? [t] : []));

function expectClose(got: readonly number[] | undefined, want: readonly number[]): void {
  expect(got?.length).toBe(want.length);
  got?.forEach((v, i) => {
    expect(v).toBeCloseTo(want[i] ?? Number.NaN, 10);
  });
}

const base = { sets: [nodes], relations: [chain, back], inputs: [x, start], parameters: [W, U, b] };

function rnn(relation = chain) {
  const h = openField("h", nodes, f32(3));
  const before = aggregate("sum", receiverOf(relation), pull(senderOf(relation), get(h)), {
    empty: pull(graphOf(nodes), get(start)),
  });
  h.close(map("tanh", add(add(contract(get(x), get(W)), contract(before, get(U))), get(b))));
  const order = { kind: "index", set: nodes, reverse: relation === back } as const;
  return { ...base, fields: [h], recurrences: [{ fields: [h], order }], outputs: [h] };
}

/** tanh(x W + before U + b), row after row. */
function rnnByHand(order: readonly number[], before: (row: number) => number | null): number[] {
  const h: number[][] = [];
  for (const row of order) {
    const from = before(row);
    const graph = graphs[row] ?? 0;
    const last =
      from === null ? inputs["global.start"].slice(3 * graph, 3 * graph + 3) : (h[from] ?? []);
    const xw = matmul(inputs["word.x"].slice(2 * row, 2 * row + 2), params.W, 2);
    const hu = matmul(last, params.U, 3);
    h[row] = xw.map((v, i) => Math.tanh(v + (hu[i] ?? 0) + (params.b[i] ?? 0)));
  }
  return h.flat();
}

describe("a recurrent layer", () => {
  it("goes along a chain, and starts where nothing comes before", () => {
    const want = rnnByHand([0, 1, 2, 3, 4, 5], (r) => ([0, 3, 4].includes(r) ? null : r - 1));
    expectClose(run(model(rnn()), batch).outputs.h, want);
  });
  it("goes along a reversed chain", () => {
    const want = rnnByHand([5, 4, 3, 2, 1, 0], (r) => ([2, 3, 5].includes(r) ? null : r + 1));
    expectClose(run(model(rnn(back)), batch).outputs.h, want);
  });
  it("has one unknown, and is one tensor in both modes", () => {
    const loss = aggregateLoss();
    const made = model({ ...rnn(), losses: [loss] });
    expect(recursOf(made).map((r) => [r.attrs.unknowns.length, r.inputs.length])).toEqual([[1, 1]]);
    const program = lower(made);
    expect(program.training?.outputs[0]?.value).toBe(program.inference.outputs[0]?.value);
  });
  it("is another recurrence in training when it draws there", () => {
    const h = openField("h", nodes, f32());
    const noise = map("select", training, draw("uniform", "h"), lit(0));
    h.close(
      add(aggregate("sum", receiverOf(chain), pull(senderOf(chain), get(h))), add(noise, lit(1))),
    );
    const order = { kind: "index", set: nodes, reverse: false } as const;
    const made = model({
      ...base,
      fields: [h],
      recurrences: [{ fields: [h], order }],
      outputs: [h],
      losses: [aggregateLoss()],
    });
    expect(run(made, batch).outputs.h).toEqual([1, 2, 3, 1, 1, 2]);
    expect(run(made, batch, "training").outputs.h?.every((v, i) => v > (i < 3 ? i + 1 : 0))).toBe(
      true,
    );
    const program = lower(made);
    expect(program.training?.outputs[0]?.value).not.toBe(program.inference.outputs[0]?.value);
  });
});

const aggregateLoss = () => ({
  name: "loss",
  space: nodes,
  value: at(get(x), 0),
  where: null,
  span: x.span,
});

describe("an LSTM", () => {
  const G = param("G", 2, 12);
  const R = param("R", 3, 12);
  const h = openField("h", nodes, f32(3));
  const c = openField("c", nodes, f32(3));
  const last = (f: typeof h) => aggregate("sum", receiverOf(chain), pull(senderOf(chain), get(f)));
  const gates = openField("gates", nodes, f32(12));
  gates.close(add(contract(get(x), get(G)), contract(last(h), get(R))));
  const gate = (i: number, f: "sigmoid" | "tanh" = "sigmoid") =>
    map(f, slice(get(gates), 3 * i, 3));
  c.close(add(mul(gate(1), last(c)), mul(gate(0), gate(2, "tanh"))));
  h.close(mul(gate(3), map("tanh", get(c))));
  const order = { kind: "index", set: nodes, reverse: false } as const;
  const made = model({
    ...base,
    parameters: [G, R],
    fields: [gates, c, h],
    recurrences: [{ fields: [gates, c, h], order }],
    outputs: [h, gates],
  });
  it("solves for its two states and exports what is asked for", () => {
    const [recur] = recursOf(made);
    expect(recur?.attrs.unknowns.map((u) => u.label)).toEqual(["c", "h"]);
    expect(recur?.inputs).toHaveLength(3);
  });
  it("gives what the equations say", () => {
    const given = { ...params, G: numbers(24, 7), R: numbers(36, 8) };
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    const want: number[][] = [];
    const cell: number[][] = [];
    for (let row = 0; row < 6; row++) {
      const first = [0, 3, 4].includes(row);
      const [hb, cb] = first
        ? [
            [0, 0, 0],
            [0, 0, 0],
          ]
        : [want[row - 1] ?? [], cell[row - 1] ?? []];
      const r = matmul(hb, given.R, 3);
      const g = matmul(inputs["word.x"].slice(2 * row, 2 * row + 2), given.G, 2).map(
        (v, i) => v + (r[i] ?? 0),
      );
      const part = (k: number, f: (v: number) => number) => g.slice(3 * k, 3 * k + 3).map(f);
      const [i, f, z, o] = [
        part(0, sigmoid),
        part(1, sigmoid),
        part(2, Math.tanh),
        part(3, sigmoid),
      ];
      cell[row] = [0, 1, 2].map((n) => (f[n] ?? 0) * (cb[n] ?? 0) + (i[n] ?? 0) * (z[n] ?? 0));
      want[row] = [0, 1, 2].map((n) => (o[n] ?? 0) * Math.tanh(cell[row]?.[n] ?? 0));
    }
    expectClose(run(made, { ...batch, params: given }).outputs.h, want.flat());
  });
});

describe("a tree", () => {
  const tree = relation("tree", nodes, nodes, { kind: "tree" });
  it("sums its children first", () => {
    const s = openField("s", nodes, f32());
    const total = aggregate("sum", receiverOf(tree), pull(senderOf(tree), get(s)));
    s.close(add(total, at(get(x), 0)));
    const fields = [s];
    const order = { kind: "levels", relation: tree, reverse: false } as const;
    const made = model({
      ...base,
      relations: [tree],
      fields,
      recurrences: [{ fields, order }],
      outputs: [s],
    });
    const edges = { tree: { senders: [1, 2, 3, 5], receivers: [0, 0, 1, 4] } };
    const own = [0, 1, 2, 3, 4, 5].map((i) => inputs["word.x"][2 * i] ?? 0);
    const under = [[1, 2, 3], [3], [], [], [5], []];
    const want = own.map((v, i) => (under[i] ?? []).reduce((n, j) => n + (own[j] ?? 0), v));
    expectClose(run(made, { ...batch, sets: { word: [6] }, edges }).outputs.s, want);
  });
});

describe("a window that looks back", () => {
  it("adds the two rows before", () => {
    const shape = { taps: [2], stride: [1], dilation: [1], pad: [2] };
    const two = relation("two", nodes, nodes, { kind: "window", ...shape });
    const s = openField("s", nodes, f32());
    s.close(add(aggregate("sum", receiverOf(two), pull(senderOf(two), get(s))), lit(1)));
    const order = { kind: "index", set: nodes, reverse: false } as const;
    const fields = [s];
    const parts = { ...base, relations: [two], fields, recurrences: [{ fields, order }] };
    const edges = { two: { senders: [0, 0, 1, 1, 2], receivers: [1, 2, 2, 3, 3] } };
    const made = run(model({ ...parts, outputs: [s] }), { ...batch, sets: { word: [4] }, edges });
    expect(made.outputs.s).toEqual([1, 2, 4, 7]);
  });
});

describe("a decoder with attention inside", () => {
  const source = set("src", "seq");
  const align = relation("align", source, nodes, { kind: "complete", strict: false });
  const e = input("e", source, f32(3));
  const V = param("V", 3, 3);
  const s = openField("s", nodes, f32(3));
  const before = openField("before", nodes, f32(3));
  const a = openField("a", align, f32());
  before.close(aggregate("sum", receiverOf(chain), pull(senderOf(chain), get(s))));
  const query = contract(pull(receiverOf(align), get(before)), get(V));
  const score = rowwise("norm", map("tanh", add(query, pull(senderOf(align), get(e)))));
  a.close(groupSoftmax(receiverOf(align), score));
  const context = aggregate("sum", receiverOf(align), mul(get(a), pull(senderOf(align), get(e))));
  s.close(map("tanh", add(add(context, get(before)), contract(get(x), get(W)))));
  const fields = [before, a, s];
  const order = { kind: "index", set: nodes, reverse: false } as const;
  const made = model({
    ...base,
    sets: [source, nodes],
    relations: [align, chain],
    inputs: [x, e],
    parameters: [V, W],
    fields,
    recurrences: [{ fields, order }],
    outputs: [s, a],
  });
  const es = numbers(6, 9);
  const given = {
    sets: { word: [3], src: [2] },
    edges: {
      chain: { senders: [0, 1], receivers: [1, 2] },
      align: { senders: [0, 1, 0, 1, 0, 1], receivers: [0, 0, 1, 1, 2, 2] },
    },
    inputs: { ...inputs, "word.x": inputs["word.x"].slice(0, 6), "src.e": es },
    params,
  };
  it("solves for the state alone and exports the weights of the edges", () => {
    const [recur] = recursOf(made);
    expect(recur?.attrs.unknowns.map((u) => u.label)).toEqual(["s"]);
    expect(recur?.inputs.map((t) => t.space.name)).toEqual(["word", "align"]);
  });
  it("gives what the equations say", () => {
    const { s: states, a: weights } = run(made, given).outputs;
    let last = [0, 0, 0];
    for (let row = 0; row < 3; row++) {
      const q = matmul(last, params.V, 3);
      const scores = [0, 1].map((i) =>
        Math.hypot(...[0, 1, 2].map((c) => Math.tanh((q[c] ?? 0) + (es[3 * i + c] ?? 0)))),
      );
      const sum = scores.reduce((n, v) => n + Math.exp(v), 0);
      const alpha = scores.map((v) => Math.exp(v) / sum);
      const xw = matmul(inputs["word.x"].slice(2 * row, 2 * row + 2), params.W, 2);
      last = [0, 1, 2].map((c) =>
        Math.tanh(
          (alpha[0] ?? 0) * (es[c] ?? 0) +
            (alpha[1] ?? 0) * (es[3 + c] ?? 0) +
            (last[c] ?? 0) +
            (xw[c] ?? 0),
        ),
      );
      expectClose(states?.slice(3 * row, 3 * row + 3), last);
      expectClose(weights?.slice(2 * row, 2 * row + 2), alpha);
    }
  });
});

describe("a token fed back", () => {
  it("is the only unknown, an integer; keys and values are plain bodies", () => {
    const past = relation("past", nodes, nodes, { kind: "causal", strict: false });
    const E = param("E", 3, 3);
    const token = openField("token", nodes, index(3));
    const h = openField("h", nodes, f32(3));
    const logits = openField("logits", nodes, f32(3));
    const last = aggregate("max", receiverOf(chain), pull(senderOf(chain), get(token)), {
      empty: lit(2, "i32"),
    });
    h.close(at(get(E), last));
    logits.close(
      aggregate("sum", receiverOf(past), contract(pull(senderOf(past), get(h)), get(U))),
    );
    token.close({ ...rowwise("argmax", get(logits)), type: index(3) });
    const fields = [h, logits, token];
    const order = { kind: "index", set: nodes, reverse: false } as const;
    const made = model({
      ...base,
      relations: [chain, past],
      parameters: [E, U],
      fields,
      recurrences: [{ fields, order }],
      outputs: [token, logits],
    });
    const [recur] = recursOf(made);
    expect(recur?.attrs.unknowns.map((u) => [u.label, u.dtype])).toEqual([["token", "i32"]]);
    const given = {
      sets: { word: [3] },
      edges: {
        chain: { senders: [0, 1], receivers: [1, 2] },
        past: { senders: [0, 0, 1, 0, 1, 2], receivers: [0, 1, 1, 2, 2, 2] },
      },
      params: { ...params, E: numbers(9, 10) },
    };
    const { token: tokens, logits: scores } = run(made, given).outputs;
    let [sum, at0] = [[0, 0, 0], 2];
    for (let row = 0; row < 3; row++) {
      const hu = matmul(given.params.E.slice(3 * at0, 3 * at0 + 3), params.U, 3);
      sum = sum.map((v, i) => v + (hu[i] ?? 0));
      at0 = sum.indexOf(Math.max(...sum));
      expectClose(scores?.slice(3 * row, 3 * row + 3), sum);
      expect(tokens?.[row]).toBe(at0);
    }
  });
});
