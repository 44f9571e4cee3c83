/** Small programs, one for each law, written as naively as the language allows. */
import {
  allOf,
  graphOf,
  graphSpace,
  type Nonzeros,
  receiverOf,
  rowOf,
  senderOf,
  type Topology,
} from "../../../compiler/ir/space.js";
import type { Axis, Tensor } from "../../../compiler/ir/tensor.js";
import {
  type Case,
  complete,
  edges,
  grid,
  Notation,
  nodes,
  sequence,
  sparse,
} from "../../support/notation.js";
import { randomIntegers } from "../../support/random-graph.js";

const selfLoops: Topology = { kind: "sparse", symmetric: false, selfLoops: true };

/** One node set with one relation, and the words of the field for it. */
export class Graph extends Notation {
  readonly atom;
  readonly bond;
  readonly sender;
  readonly receiver;

  constructor(topology: Topology = sparse, layout: Parameters<typeof nodes>[1] = undefined) {
    super();
    this.atom = nodes("atom", layout);
    this.bond = edges("bond", topology, this.atom);
    this.sender = senderOf(this.bond);
    this.receiver = receiverOf(this.bond);
  }
  sent(x: Tensor): Tensor {
    return this.table.pull(x, this.sender);
  }
  received(x: Tensor): Tensor {
    return this.table.pull(x, this.receiver);
  }
  sum(...factors: readonly Tensor[]): Tensor {
    return this.table.product({ factors: [this.mul(...factors)], map: this.receiver });
  }
  degree(): Tensor {
    return this.map("to_f32", this.table.fact("count", this.atom, this.receiver));
  }
  concat(whole: Axis, ...parts: readonly (readonly [Tensor, Axis])[]): Tensor {
    let start = 0;
    const padded = parts.map(([x, from]) => {
      const view = { kind: "pad", from, to: whole, start, step: 1 } as const;
      start += from.size;
      return this.table.view(x, view);
    });
    return this.add(...padded);
  }
  case(...results: readonly Tensor[]): Case {
    return {
      table: this.table,
      results,
      batch: { sets: [this.atom], relations: [this.bond], graphs: 4 },
    };
  }
}

export type Spelling = "sum, then project" | "project on the edge" | "project on the node";

/** GCN (Kipf & Welling 2017, eq. 2) in three spellings over one table, so that equal forms are one tensor. */
export function gcn(inputs: number, outputs: number, topology: Topology = selfLoops) {
  const n = new Graph(topology);
  const [i, o] = [n.axis("in", inputs), n.axis("out", outputs)];
  const x = n.input("x", n.atom, i);
  const W = n.table.param("W", [i, o]);
  const d = n.map("rsqrt", n.degree());
  const scale = [n.sent(d), n.received(d)];
  const spellings: Readonly<Record<Spelling, Tensor>> = {
    "sum, then project": n.dot(n.sum(...scale, n.sent(x)), n.on(n.atom, W), i),
    "project on the edge": n.sum(...scale, n.dot(n.sent(x), n.on(n.bond, W), i)),
    "project on the node": n.sum(...scale, n.sent(n.dot(x, n.on(n.atom, W), i))),
  };
  return { n, spellings };
}

/** Scaled before a function of the edge, so that the scaling is gathered and not summed. */
export function scaledMessages(): Case {
  const n = new Graph({ kind: "sparse", symmetric: true, selfLoops: false });
  const d = n.map("rsqrt", n.degree());
  const x = n.input("x", n.atom, n.axis("in", 2));
  return n.case(n.sum(n.map("tanh", n.mul(n.sent(d), n.sent(x))), n.input("e", n.bond)));
}

/** GraphSAGE (Hamilton et al. 2017): own W + near V of the mean. */
export function sage(): Case {
  const n = new Graph();
  const [i, o] = [n.axis("in", 4), n.axis("out", 3)];
  const x = n.input("x", n.atom, i);
  const many = n.map("max", n.degree(), n.number(1, n.degree()));
  const mean = n.map("div", n.sum(n.sent(x)), many);
  const own = n.dot(x, n.param("W", n.atom, i, o), i);
  return n.case(n.add(own, n.dot(mean, n.param("V", n.atom, i, o), i)));
}

/** The mean taken on the edge: every message divided by the receiver's degree. */
export function meanOnEdge(): Case {
  const n = new Graph();
  const x = n.input("x", n.atom, n.axis("in", 4));
  return n.case(n.sum(n.map("div", n.sent(x), n.received(n.degree()))));
}

/** GIN (Xu et al. 2019): MLP((1 + eps) x + sum of neighbours). */
export function gin(): Case {
  const n = new Graph();
  const [i, h, o] = [n.axis("in", 4), n.axis("h", 5), n.axis("out", 2)];
  const x = n.input("x", n.atom, i);
  const eps = n.param("eps", n.atom);
  const near = n.add(n.mul(n.add(n.number(1, eps), eps), x), n.sum(n.sent(x)));
  const hidden = n.map("tanh", n.dot(near, n.param("W1", n.atom, i, h), i));
  return n.case(n.dot(hidden, n.param("W2", n.atom, h, o), h));
}

/** R-GCN (Schlichtkrull et al. 2018, eq. 2): a matrix for each type of edge, normalised per type. */
/** GIN (Xu et al. 2019) whose first layer narrows, its own value scaled in two terms. */
export function ginThatNarrows(): Case {
  const n = new Graph();
  const [i, h] = [n.axis("in", 6), n.axis("h", 2)];
  const x = n.input("x", n.atom, i);
  const own = n.add(x, n.mul(n.param("eps", n.atom), x));
  return n.case(n.dot(n.add(own, n.sum(n.sent(x))), n.param("W", n.atom, i, h), i));
}

/** The state of a chain and an input side by side, as wide as the result: the sum over the state keeps an axis of its name. */
export function squareConcatenation(): Case {
  const n = new Graph();
  const [i, h] = [n.axis("in", 2), n.axis("h", 3)];
  const whole = n.axis("joined", 5);
  const x = n.input("x", n.atom, i);
  const y = n.input("y", n.atom, h);
  const both = n.concat(whole, [x, i], [n.sum(n.sent(y)), h]);
  return n.case(n.dot(both, n.param("W", n.atom, whole, h), whole));
}

/** Luong's general score with its matrix at the senders, whose rows are gathered for the sum anyway. */
export function scoreAtSenders(): Case {
  const n = new Graph(complete);
  const [i, j] = [n.axis("s", 3), n.axis("h", 3)];
  const [s, h] = [n.input("s", n.atom, i), n.input("h", n.atom, j)];
  const key = n.dot(h, n.param("W", n.atom, i, j), j);
  const score = n.dot(n.received(s), n.sent(key), i);
  return n.case(n.sum(n.map("tanh", score), n.sent(h)));
}

/** A factor of the degree of both ends, worked out on the edge. */
export function degreesOnEdges(): Case {
  const n = new Graph();
  const count = n.table.fact("count", n.atom, n.receiver);
  const factor = (c: Tensor): Tensor => {
    const some = n.map("gt", c, n.number(0, c));
    const root = n.map("rsqrt", n.map("to_f32", n.map("max", c, n.number(1, c))));
    return n.map("select", some, root, n.number(0, root));
  };
  const x = n.sent(n.input("x", n.atom, n.axis("in", 2)));
  return n.case(n.sum(factor(n.sent(count)), factor(n.received(count)), x));
}

/** A label picked by a comparison, and a mean divided by a root. */
export function comparisons(): Case {
  const n = new Graph();
  const c = n.axis("class", 3);
  const label = n.integers("label", n.atom);
  const x = n.input("x", n.atom, c);
  const hit = n.map("eq", label, n.table.iota(c, n.atom));
  const one = n.map("select", hit, n.number(1, x), n.number(0, x));
  const scale = n.map("sqrt", n.add(n.dot(x, x, c), n.number(1, x)));
  const fill: Case["fill"] = (batch, random) =>
    batch.inputs.set("label", randomIntegers(random, batch.rows(n.atom), 3));
  return { ...n.case(n.map("div", x, scale), n.dot(one, x, c)), fill };
}

export function rgcn(types: number, inputs: number, outputs: number): Case {
  const n = new Graph();
  const [k, i, o] = [n.axis("k", types), n.axis("in", inputs), n.axis("out", outputs)];
  const c = n.axis("class", types);
  const type = n.integers("type", n.bond);
  const one = n.map("to_f32", n.map("eq", type, n.table.iota(c, n.bond)));
  const number = n.sum(one);
  const mine = n.table.pull(number, n.receiver, [{ axis: c, index: type }]);
  const lifted = n.param("W", n.bond, k, i, o);
  const W = n.table.pull(lifted, null, [{ axis: k, index: type }]);
  const m = n.map("div", n.dot(n.sent(n.input("x", n.atom, i)), W, i), mine);
  const fill: Case["fill"] = (batch, random) =>
    batch.inputs.set("type", randomIntegers(random, batch.rows(n.bond), types));
  return { ...n.case(n.sum(m)), fill };
}

/** Interaction network (Battaglia et al. 2016): an edge network of a concatenation. */
export function interaction(): Case {
  const n = new Graph();
  const [i, e, h] = [n.axis("in", 3), n.axis("e", 2), n.axis("h", 5)];
  const [j, o, whole] = [n.axis("in2", 3), n.axis("out", 2), n.axis("whole", 8)];
  const x = n.input("x", n.atom, i);
  const joined = n.concat(
    whole,
    [n.sent(x), i],
    [n.rename(n.received(x), i, j), j],
    [n.input("r", n.bond, e), e],
  );
  const W = n.param("W", n.bond, whole, h);
  const hidden = n.map("tanh", n.add(n.dot(joined, W, whole), n.param("b", n.bond, h)));
  const m = n.dot(hidden, n.param("V", n.bond, h, o), h);
  return n.case(n.sum(m));
}

/** A first layer on one-hot features: a lookup, and a count of types. */
export function oneHot(): Case {
  const n = new Graph();
  const [c, o] = [n.axis("class", 4), n.axis("out", 3)];
  const kind = n.integers("kind", n.atom);
  const x = n.map("to_f32", n.map("eq", kind, n.table.iota(c, n.atom)));
  const fill: Case["fill"] = (batch, random) =>
    batch.inputs.set("kind", randomIntegers(random, batch.rows(n.atom), 4));
  return { ...n.case(n.dot(x, n.param("W", n.atom, c, o), c), n.sum(n.sent(x))), fill };
}

/** Shaw et al. 2018, values: a short table read at the distance, added to what is gathered. */
export function shawValues(): Case {
  const n = new Graph(complete, sequence);
  const [h, d, r] = [n.axis("h", 2), n.axis("d", 6), n.axis("rel", 3)];
  const far = n.map(
    "sub",
    n.sent(n.table.fact("index", n.atom)),
    n.received(n.table.fact("index", n.atom)),
  );
  const one = n.number(1, far);
  const clipped = n.map("min", n.map("max", far, n.map("neg", one)), one);
  const index = n.map("add", clipped, one);
  const table = (path: string): Tensor =>
    n.table.pull(n.param(path, n.bond, r, d), null, [{ axis: r, index }]);
  const [q, k, v] = ["q", "k", "v"].map((path) => n.input(path, n.atom, h, d)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const a = n.map("tanh", n.dot(n.received(q), n.add(n.sent(k), table("RK")), d));
  return n.case(n.sum(a, n.add(n.sent(v), table("RV"))));
}

/** Fully connected: every pair of places has its own weight. */
export function dense(): Case {
  const n = new Graph(complete, grid(2, 2));
  const [a, b] = [n.axis("n", 4), n.axis("m", 4)];
  const index = n.table.fact("index", n.atom);
  const slots = [
    { axis: a, index: n.sent(index) },
    { axis: b, index: n.received(index) },
  ];
  const W = n.table.pull(n.param("W", n.bond, a, b), null, slots);
  return n.case(n.sum(W, n.sent(n.input("x", n.atom))));
}

/** Weights for each place, summed to the graph: a flatten and a linear layer. */
export function flatten(): Case {
  const n = new Graph(sparse, grid(2, 3));
  const [p, c, o] = [n.axis("place", 6), n.axis("c", 2), n.axis("out", 2)];
  const x = n.input("x", n.atom, c);
  const slots = [{ axis: p, index: n.table.fact("index", n.atom) }];
  const W = n.table.pull(n.param("W", n.atom, p, c, o), null, slots);
  return n.case(n.table.product({ factors: [x, W], over: [c], map: graphOf(n.atom) }));
}

/** Everyone hears everyone. */
export function meanField(): Case {
  const n = new Graph(complete, sequence);
  const x = n.input("x", n.atom, n.axis("in", 2));
  return n.case(n.map("tanh", n.sum(n.sent(x))));
}

/** Dropout of sparse features, scaled by their row, then a projection; also their sum over neighbours. */
export function sparseDropout(): Case {
  const n = new Graph();
  const [f, i, o] = [n.axis("f", 5), n.axis("i", 5), n.axis("out", 3)];
  const stored: Nonzeros = { kind: "nonzeros", name: "atom.x", of: n.atom };
  const slots = [{ axis: f, index: n.table.fact("column", stored) }];
  const v = n.input("atom.x", stored);
  const x = n.table.product({ factors: [v], map: rowOf(stored), slots });
  const draw = n.table.random(1, n.atom, [i]);
  const keep = n.map("ge", draw, n.number(0.5, draw));
  const scaled = n.mul(n.rename(x, f, i), n.number(2, draw));
  const kept = n.map("select", keep, scaled, n.number(0, draw));
  const own = n.mul(n.map("relu", kept), n.input("s", n.atom));
  const W = n.table.param("W", [f, o]);
  const near = n.sum(n.sent(x));
  const results = [n.dot(own, n.on(n.atom, n.rename(W, f, i)), i), n.dot(near, n.on(n.atom, W), f)];
  const base = n.case(...results);
  return { ...base, batch: { ...base.batch, nonzeros: [{ space: stored, columns: 5 }] } };
}

/** A message with a constant of the group, a global and an own part, before and after a matrix. */
export function messages(): Case {
  const n = new Graph();
  const [i, o] = [n.axis("in", 3), n.axis("out", 3)];
  const [x, e] = [n.input("x", n.atom, i), n.input("e", n.bond, i)];
  const u = n.input("u", graphSpace, i);
  const m = n.add(
    n.sent(x),
    n.received(x),
    n.sent(n.table.pull(u, graphOf(n.atom))),
    n.param("b", n.bond, i),
    e,
  );
  const away = n.sum(n.sub(n.received(x), n.sent(x)));
  const weight = n.sum(n.mul(n.received(n.input("w", n.atom)), n.input("a", n.bond)), n.sent(x));
  const toGraph = n.table.product({ factors: [n.map("tanh", m)], map: graphOf(n.bond) });
  const y = n.dot(n.sum(n.map("tanh", m)), n.param("W", n.atom, i, o), i);
  return n.case(y, away, weight, toGraph);
}

/** `Σ aₑ (g · vₛ)` beside `Σ aₑ vₛ`, as the backward of attention has them. */
export function weightedDot(): Case {
  const n = new Graph();
  const d = n.axis("d", 3);
  const [g, v, a] = [n.input("g", n.atom, d), n.input("v", n.atom, d), n.input("a", n.bond)];
  const score = n.dot(n.received(g), n.sent(v), d);
  return n.case(n.sum(a, n.sent(v)), n.sum(a, score), n.map("tanh", score));
}

/** Two equations that read one field under names of their own. */
export function twoNames(): Case {
  const n = new Graph();
  const [i, h, k, l] = [n.axis("in", 3), n.axis("h", 2), n.axis("k", 2), n.axis("l", 2)];
  const x = n.input("x", n.atom, i);
  const W = n.table.param("W", [i, h]);
  const project = (to: Axis): Tensor => n.dot(x, n.on(n.atom, n.rename(W, h, to)), i);
  const a = n.param("a", n.atom, l);
  const score = n.dot(n.rename(project(h), h, l), a, l);
  return n.case(n.rename(n.mul(project(k), score), k, l), n.map("tanh", project(h)));
}

/** Parts of concatenations, whole axes, and splits of merges. */
export function parts(): Case {
  const n = new Graph();
  const [a, b, whole] = [n.axis("a", 2), n.axis("b", 3), n.axis("whole", 5)];
  const [flat, c, d, last] = [n.axis("flat", 6), n.axis("c", 2), n.axis("d", 3), n.axis("l", 3)];
  const [x, y] = [n.input("x", n.atom, a), n.input("y", n.atom, b)];
  const joined = n.concat(whole, [x, a], [y, b]);
  const back = n.table.view(joined, { kind: "slice", from: whole, to: last, start: 2, step: 1 });
  const at = n.table.view(joined, { kind: "pick", from: whole, at: 1 });
  const padded = n.table.view(x, { kind: "pad", from: a, to: whole, start: 1, step: 2 });
  const merged = n.table.view(n.mul(x, y), { kind: "merge", from: [a, b], to: flat });
  const split = n.table.view(n.map("tanh", merged), { kind: "split", from: flat, to: [c, d] });
  return n.case(
    n.map("tanh", back),
    n.sum(n.sent(at)),
    split,
    n.sum(n.sent(joined)),
    n.sent(padded),
  );
}

/** Gradients of a weight and of a bias that two steps share, and the cotangents that others want too. */
export function sharedWeights(): Case {
  const n = new Graph();
  const [c, i, d] = [n.axis("c", 2), n.axis("i", 3), n.axis("d", 4)];
  const all = allOf(n.atom);
  const steps = ["a", "b"].map((name) => ({
    x: n.input(`x${name}`, n.atom, c, i),
    g: n.map("tanh", n.input(`g${name}`, n.atom, c, d)),
  }));
  const outers = steps.map(({ x, g }) => n.dot(x, g, c));
  const weight = n.table.product({ factors: [n.add(...outers)], map: all });
  const sums = steps.map(({ g }) => n.table.product({ factors: [g], over: [c] }));
  const bias = n.table.product({ factors: [n.add(...sums)], map: all });
  const others = steps.map(({ g }) => n.dot(g, n.param("W", n.atom, i, d), d));
  return n.case(weight, bias, ...others);
}

/** A recurrence: projections of what it captures leave it, the rest is cheap on its own row. */
export function recurrence(): Case {
  const n = new Graph({ kind: "chain", reverse: false }, sequence);
  const [i, h, k] = [n.axis("in", 3), n.axis("h", 2), n.axis("k", 2)];
  const [x, whole] = [n.input("x", n.atom, i), n.axis("whole", 5)];
  const state = n.table.unknown("h", n.atom, [h]);
  const before = n.rename(n.sum(n.sent(state)), h, k);
  const W = n.param("W", n.atom, whole, h);
  const body = n.map("tanh", n.dot(n.concat(whole, [x, i], [before, k]), W, whole));
  const order = { kind: "index", set: n.atom, reverse: false } as const;
  return n.case(n.table.result(n.table.recur([state], [body], order), 0));
}

/** A sum where anything arrives, else a number that is given: 0 in one, 3 in the other. */
export function emptySums(): Case {
  const n = new Graph();
  const h = n.axis("h", 3);
  const y = n.sum(n.sent(n.input("x", n.atom, h)));
  const some = n.map("gt", n.degree(), n.table.constant(0, n.atom));
  const orElse = (value: number): Tensor =>
    n.map("select", some, y, n.table.constant(value, n.atom, [h]));
  return n.case(orElse(0), orElse(3));
}
