/** A sample of every op and of every pointwise function: gradients against differences. */
import { describe, expect, it } from "vitest";
import { gradientsOf } from "../../compiler/4-differentiate/differentiate.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { allOf, graphOf, receiverOf, rowOf, senderOf } from "../../compiler/ir/space.js";
import type { MapFunction, Op, Tensor } from "../../compiler/ir/tensor.js";
import { compareGradients, gradientSum, leavesOf } from "../support/central-difference.js";
import { chain, edges, grid, Notation, nodes, sequence, sparse } from "../support/notation.js";
import {
  type Batch,
  fillLeaves,
  randomBatch,
  randomFrom,
  randomIntegers,
} from "../support/random-graph.js";

const word = nodes("word", sequence);
const atom = nodes("atom");
const image = nodes("image", grid(3));
const bond = edges("bond", sparse, atom);
const step = edges("step", chain, word);
const stored = { kind: "nonzeros", name: "atom.f", of: atom } as const;

function batchFor(roots: readonly Tensor[], seed: number): Batch {
  const random = randomFrom(seed);
  const batch = randomBatch(random, {
    sets: [word, atom, image],
    relations: [bond, step],
    nonzeros: [{ space: stored, columns: 3 }],
  });
  batch.inputs.set("one", randomIntegers(random, batch.rows(atom), 3));
  batch.inputs.set("each", randomIntegers(random, batch.rows(atom) * 2, 3));
  fillLeaves(batch, roots, random);
  return batch;
}

/** The letters that samples are written in: x on atoms, e on bonds, W a parameter, integers below 3. */
function letters() {
  const n = new Notation();
  const [i, j, k] = [n.axis("i", 2), n.axis("j", 3), n.axis("k", 3)];
  return {
    n,
    t: n.table,
    i,
    j,
    k,
    x: n.input("x", atom, i, j),
    e: n.input("e", bond, j),
    W: n.table.param("W", [j, i]),
    one: n.integers("one", atom),
    each: n.table.input("each", atom, [i], "i32"),
  };
}
type Letters = ReturnType<typeof letters>;

const samples: { readonly [K in Op]: (l: Letters) => readonly Tensor[] } = {
  input: ({ x }) => [x],
  param: ({ W }) => [W],
  state: ({ n, t, W, i }) => [n.mul(t.state("m", [i]), W)],
  const: ({ n, t, x, k }) => [n.add(x, t.constant(3, atom, [k]))],
  iota: ({ n, t, x, j }) => [n.mul(x, n.map("to_f32", t.iota(j, atom)))],
  fact: ({ n, t, x }) =>
    [t.fact("index", atom), t.fact("row", atom), t.fact("count", atom, receiverOf(bond))].map((f) =>
      n.mul(x, n.map("to_f32", f)),
    ),
  random: ({ n, t, x, j }) => [n.mul(x, t.random(5, atom, [j]))],
  map: ({ n, t, x, W }) => [n.sub(n.map("tanh", x), n.on(atom, W)), n.map("sin", t.param("v", []))],
  product: ({ n, t, i, j, k, x, e, W, one, each }) => {
    const sent = t.pull(x, senderOf(bond));
    const slots = [{ axis: k, index: one }];
    return [
      n.dot(x, n.on(atom, W), j),
      n.mul(x, x, x),
      t.product({ factors: [sent, e], over: [j], map: receiverOf(bond), scale: -2 }),
      t.product({ factors: [sent, sent], map: senderOf(bond) }),
      t.product({ factors: [x], over: [i, k], map: allOf(atom), slots }),
      t.product({ factors: [x], over: [j], slots: [{ axis: j, index: each }] }),
      t.product({ factors: [t.input("f", stored, [], "f32")], map: rowOf(stored) }),
      t.product({ factors: [n.input("scalar", word)], over: [i] }),
    ];
  },
  pull: ({ n, t, i, j, x, W, one, each }) => {
    const flipped = n.sub(t.constant(2, atom, [], "i32"), t.iota(j, atom));
    const small = n.map("min", one, n.number(1, one));
    return [
      t.pull(x, senderOf(bond)),
      t.pull(W, allOf(atom), [{ axis: j, index: one }]),
      t.pull(x, null, [{ axis: j, index: one }]),
      t.pull(x, null, [{ axis: j, index: each }]),
      t.pull(x, null, [{ axis: j, index: flipped }]),
      t.pull(W, allOf(atom), [
        { axis: j, index: each },
        { axis: i, index: small },
      ]),
    ];
  },
  extreme: ({ n, t, i, j, x, e }) => {
    const some = (y: Tensor): Tensor => {
      const finite = n.map("lt", n.map("abs", y), n.number(1e9, y));
      return n.map("select", finite, y, n.number(0, y));
    };
    return [
      t.extreme(x, "max", [i, j], null),
      t.extreme(x, "min", [j], null),
      some(t.extreme(e, "max", [], receiverOf(bond))),
      some(t.extreme(e, "min", [], senderOf(bond))),
      some(t.extreme(x, "max", [], graphOf(atom))),
    ];
  },
  winner: ({ n, t, j, x }) => [n.mul(x, n.map("to_f32", t.winner(t.extreme(x, "max", [j], null))))],
  lse: ({ n, t, i, j, x, e }) => [
    t.lse(x, [j], null),
    t.lse(x, [i, j], null),
    n.map("exp", n.sub(e, t.pull(t.lse(e, [], receiverOf(bond)), receiverOf(bond)))),
    n.map("exp", t.lse(x, [], graphOf(atom))),
  ],
  argmax: ({ n, t, j, x }) => [n.mul(x, n.map("to_f32", t.argmax(x, j)))],
  view: ({ n, t, i, j, x }) => {
    const [two, six, seven] = [n.axis("two", 2), n.axis("six", 6), n.axis("seven", 7)];
    const flat = t.view(x, { kind: "merge", from: [j, i], to: six });
    return [
      t.view(x, { kind: "rename", from: i, to: two }),
      t.view(x, { kind: "slice", from: j, to: two, start: 0, step: 2 }),
      t.view(x, { kind: "pad", from: j, to: seven, start: 1, step: 2 }),
      t.view(x, { kind: "pick", from: j, at: 2 }),
      t.view(x, { kind: "place", to: seven, at: 3 }),
      flat,
      t.view(flat, { kind: "split", from: six, to: [i, j] }),
    ].flatMap((y) => [n.mul(y, y), t.product({ factors: [y], over: y.axes })]);
  },
  stop: ({ n, t, x }) => [n.add(n.mul(x, x), t.stop(n.number(2, x)))],
  unknown: (l) => recurrence(l),
  recur: (l) => recurrence(l),
  result: (l) => recurrence(l),
};

function recurrence({ n, t, j }: Letters): readonly Tensor[] {
  const u = t.unknown("u", word, [j]);
  const heard = t.product({ factors: [t.pull(u, senderOf(step))], map: receiverOf(step) });
  const order = { kind: "index", set: word, reverse: false } as const;
  const body = n.map("tanh", n.add(n.input("y", word, j), n.mul(heard, n.param("a", word, j))));
  const recur = t.recur([u], [body, n.mul(heard, heard)], order);
  const [own, squares] = [t.result(recur, 0), t.result(recur, 1)];
  return [own, squares, n.mul(own, squares)];
}

type FunctionSample = (n: Notation, x: Tensor, y: Tensor) => Tensor;

/** Each where it is smooth, x and y from -1 to 1; null where it has no derivative. */
const functionSamples: { readonly [F in MapFunction]: FunctionSample | null } = {
  add: (n, x, y) => n.map("add", x, y),
  sub: (n, x, y) => n.map("sub", x, y),
  mul: null,
  neg: null,
  div: (n, x, y) => n.map("div", x, n.add(y, n.number(2, y))),
  mod: (n, x, y) => n.map("mod", x, n.add(y, n.number(2, y))),
  abs: (n, x) => n.map("abs", x),
  min: (n, x, y) => n.map("min", x, y),
  max: (n, x, y) => n.map("max", x, y),
  pow: (n, x, y) => n.map("pow", n.add(x, n.number(1.5, x)), y),
  relu: (n, x) => n.map("relu", x),
  tanh: (n, x) => n.map("tanh", x),
  sigmoid: (n, x) => n.map("sigmoid", x),
  exp: (n, x) => n.map("exp", x),
  log: (n, x) => n.map("log", n.add(x, n.number(2, x))),
  sqrt: (n, x) => n.map("sqrt", n.add(x, n.number(2, x))),
  rsqrt: (n, x) => n.map("rsqrt", n.add(x, n.number(2, x))),
  sin: (n, x) => n.map("sin", x),
  cos: (n, x) => n.map("cos", x),
  erf: (n, x) => n.map("erf", x),
  floor: null,
  round: null,
  lt: null,
  le: null,
  gt: null,
  ge: null,
  eq: null,
  ne: null,
  and: null,
  or: null,
  not: null,
  select: (n, x, y) => n.map("select", n.map("lt", x, y), n.mul(x, x), y),
  to_f32: null,
  to_i32: null,
};

/** First and second derivatives of every sample by every leaf. */
function check(make: (l: Letters) => readonly Tensor[]): void {
  for (const index of make(letters()).keys()) {
    const l = letters();
    const y = make(l)[index];
    if (!y) throw new Error("no sample");
    const batch = batchFor([y], index + 1);
    const first = gradientSum(l.n.table, y);
    for (const [f, bound] of [
      [y, 1e-8],
      [first, 1e-7],
    ] as const) {
      if (!f) continue;
      for (const { path, error } of compareGradients(l.n.table, f, batch, randomFrom(index))) {
        expect(error, `sample ${index} by ${path}`).toBeLessThan(bound);
      }
    }
  }
}

describe("the gradient of an op is what differences show", () => {
  it.each(Object.entries(samples))("%s", (_, make) => check(make));
});

describe("the gradient of a function is what differences show", () => {
  const smooth = Object.entries(functionSamples).flatMap(([name, make]) =>
    make ? [[name, make] as const] : [],
  );
  // y lacks an axis of x: its gradient is summed
  it.each(smooth)("%s", (_, make) => check(({ n, i, x }) => [make(n, x, n.input("y", atom, i))]));
});

describe("where a function has a kink", () => {
  /** The gradient of f at a number, straight from the table. */
  const slopeAt = (f: (n: Notation, x: Tensor) => Tensor, at: number): number | undefined => {
    const n = new Notation();
    const x = n.table.param("x", []);
    const y = f(n, x);
    const [bar] = gradientsOf(n.table, [{ value: y, cotangent: n.number(1, y) }], [x]);
    const batch = randomBatch(randomFrom(1), {});
    batch.params.set("x", [at]);
    return bar ? evaluate([bar], batch)[0]?.[0] : undefined;
  };

  it("relu, abs, sqrt and the norm have gradient 0 at 0", () => {
    expect(slopeAt((n, x) => n.map("relu", x), 0)).toBe(0);
    expect(slopeAt((n, x) => n.map("abs", x), 0)).toBe(0);
    expect(slopeAt((n, x) => n.map("sqrt", x), 0)).toBe(0);
    expect(slopeAt((n, x) => n.map("sqrt", n.mul(x, x)), 0)).toBe(0);
  });

  it("a power of 0 has the gradient that the power has, and none by the exponent", () => {
    const power = (b: number) => (n: Notation, x: Tensor) => n.map("pow", x, n.number(b, x));
    expect(slopeAt(power(0), 0)).toBe(0);
    expect(slopeAt(power(1), 0)).toBe(1);
    expect(slopeAt(power(2), 0)).toBe(0);
    expect(slopeAt((n, x) => n.map("pow", n.number(0, x), x), 2)).toBe(0);
  });

  it("of equal arguments the first is the largest", () => {
    const twice = (n: Notation, x: Tensor) => n.map("max", x, n.mul(x, n.number(1, x)));
    expect(slopeAt(twice, 3)).toBe(1);
  });

  it("stop lets nothing through", () => {
    expect(slopeAt((n, x) => n.table.stop(x), 3)).toBeUndefined();
    expect(slopeAt((n, x) => n.mul(x, n.table.stop(x)), 3)).toBe(3);
  });

  it("a group that drops all its rows gives no NaN", () => {
    const n = new Notation();
    const x = n.input("x", atom);
    const none = n.map("gt", x, n.number(9, x));
    const masked = n.map("select", none, x, n.number(Number.NEGATIVE_INFINITY, x));
    const log = n.table.lse(masked, [], graphOf(atom));
    const y = n.map("select", n.map("gt", log, n.number(-1e9, log)), log, n.number(0, log));
    const g = n.table.input("g", y.space, [], "f32");
    const [bar] = gradientsOf(n.table, [{ value: y, cotangent: g }], leavesOf([y]));
    if (!bar) throw new Error("no gradient");
    const [found] = evaluate([bar], batchFor([bar], 3));
    expect(new Set(found)).toEqual(new Set([0]));
  });
});
