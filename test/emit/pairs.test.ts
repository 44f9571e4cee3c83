/** Sums over neighbours side by side, weighted by inner products: softmax attention and what its derivatives sum. */
import { describe, expect, it } from "vitest";
import { emitText } from "../../compiler/6-emit/wasm/emit.js";
import type { Kernel, Stage } from "../../compiler/ir/kernel.js";
import { receiverOf, senderOf, type Topology } from "../../compiler/ir/space.js";
import { type Axis, type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine } from "./support/machine.js";
import { madeEdges, nodeSet, relation, type SetRows, World } from "./support/world.js";

const words: Readonly<Record<string, Topology>> = {
  complete: { kind: "complete", strict: false },
  "complete(strict)": { kind: "complete", strict: true },
  causal: { kind: "causal", strict: false },
  "causal(strict)": { kind: "causal", strict: true },
};

/** Nodes of each graph: at one end, at the other. */
type Counts = readonly (readonly [near: number, far: number])[];

const ragged: Counts = [
  [13, 5],
  [1, 3],
  [0, 2],
  [4, 0],
  [17, 30],
  [8, 9],
  [3, 1],
];

interface Case {
  readonly word: keyof typeof words;
  /** From which end the edges are walked. */
  readonly by: "receiver" | "sender";
  /** Whether both ends are one set. */
  readonly self?: boolean;
  readonly heads: number;
  readonly inner: number;
  readonly columns: number;
  readonly form: Form;
  readonly counts?: Counts;
}

/** What a form is made from; `near` is where the walk stands. */
interface Parts {
  readonly table: TensorTable;
  readonly of: (name: string, end: "near" | "far", axes: readonly Axis[]) => Tensor;
  readonly edges: Tensor["space"];
  readonly index: (end: "near" | "far") => Tensor;
  readonly h: Axis;
  readonly k: Axis;
  readonly c: Axis;
  readonly map: ReturnType<typeof receiverOf>;
}

interface Made {
  readonly lse?: Tensor;
  readonly sums: readonly Tensor[];
}

type Form = (parts: Parts) => Made;

const scores = ({ table, of, h, k }: Parts): Tensor =>
  table.product({
    factors: [of("q", "near", [h, k]), of("k", "far", [h, k])],
    over: [k],
    scale: 0.4,
  });

function weighted(parts: Parts, logits: Tensor, more = (w: Tensor): Tensor => w): Made {
  const { table, of, h, c, map } = parts;
  const lse = table.lse(logits, [], map);
  const weight = table.map("exp", [table.map("sub", [logits, table.pull(lse, map)])]);
  const sum = table.product({ factors: [more(weight), of("v", "far", [h, c])], map, scale: 3 });
  return { lse, sums: [sum] };
}

/** Vaswani et al. 2017, eq. 1. */
const attention: Form = (p) => weighted(p, scores(p));

/** Only near neighbours take part: rows may have none of them. */
const masked: Form = (p) => {
  const { table, edges, index } = p;
  const far = table.map("abs", [table.map("sub", [index("near"), index("far")])]);
  const near = table.map("le", [far, table.constant(2, edges, [], "i32")]);
  const none = table.constant(Number.NEGATIVE_INFINITY, edges);
  const zero = table.constant(0, edges);
  const logits = table.map("select", [near, scores(p), none]);
  return weighted(p, logits, (w) => table.map("select", [near, w, zero]));
};

/** A bias of each end, one looked up by distance, and weights that are dropped. */
const biased: Form = (p) => {
  const { table, of, edges, index, h } = p;
  const b = table.axis("b", 5);
  const two = table.constant(2, edges, [], "i32");
  const far = table.map("sub", [index("near"), index("far")]);
  const bound = (f: "min" | "max", x: Tensor, n: number): Tensor =>
    table.map(f, [x, table.constant(n, edges, [], "i32")]);
  const place = table.map("add", [bound("min", bound("max", far, -2), 2), two]);
  const [x, y] = [of("x", "near", [h]), of("y", "far", [])];
  const looked = of("z", "near", [h, b]);
  const slots = [{ axis: b, index: place }];
  const bias = table.pull(looked.inputs[0] as Tensor, p.map, slots);
  const logits = table.map("add", [
    table.map("add", [scores(p), bias]),
    table.product({ factors: [x, y] }),
  ]);
  const keep = table.map("ge", [table.random(3, edges, [h]), table.constant(0.4, edges)]);
  return weighted(p, logits, (w) => table.map("select", [keep, w, table.constant(0, edges)]));
};

/** Weights that are no multiples of the softmax, and its logarithm read besides. */
const bent: Form = (p) => {
  const { table, map } = p;
  const logits = scores(p);
  const lse = table.pull(table.lse(logits, [], map), map);
  return weighted(p, logits, (w) => table.map("add", [table.product({ factors: [w, w] }), lse]));
};

/** Weights that are made of the scores besides, and two terms in one sum. */
const twofold: Form = (p) => {
  const { table, of, h, c, map } = p;
  const s = scores(p);
  const lse = table.lse(s, [], map);
  const w = table.map("exp", [table.map("sub", [s, table.pull(lse, map)])]);
  const v = of("v", "far", [h, c]);
  const one = table.product({ factors: [w, v], scale: 2 });
  const other = table.product({ factors: [w, s, of("u", "far", [c])] });
  return { lse, sums: [table.product({ factors: [table.map("sub", [one, other])], map })] };
};

/** What the derivatives sum: weights of two inner products, and one weight of its own. */
const derivative: Form = (p) => {
  const { table, of, edges, h, k, c, map } = p;
  const s = scores(p);
  const given = table.map("exp", [table.map("sub", [s, of("l", "far", [h])])]);
  const g = table.product({
    factors: [of("g", "far", [h, c]), of("w", "near", [h, c])],
    over: [c],
  });
  const inner = table.product({ factors: [given, table.map("sub", [g, of("t", "near", [h])])] });
  const one = table.constant(1, edges);
  return {
    sums: [
      table.product({ factors: [inner, of("k", "far", [h, k])], map, scale: -0.4 }),
      table.product({ factors: [given, of("g", "far", [h, c])], map }),
      table.product({ factors: [given, inner], map }),
      table.product({ factors: [table.map("add", [s, one]), of("u", "far", [c])], map }),
    ],
  };
};

function make({ word, by, self, heads, inner, columns, form, counts = ragged }: Case) {
  const table = new TensorTable();
  const near = nodeSet("near");
  const far = self ? near : nodeSet("far");
  const ends = by === "receiver" ? ([far, near] as const) : ([near, far] as const);
  const edges = relation("edge", ...ends, words[word]);
  const [map, across] =
    by === "receiver" ? [receiverOf(edges), senderOf(edges)] : [senderOf(edges), receiverOf(edges)];
  const sets: readonly SetRows[] = [
    { set: near, counts: counts.map(([n]) => n) },
    ...(self ? [] : [{ set: far, counts: counts.map(([, n]) => n) }]),
  ];
  const m = new Machine(new World({ sets, edges: [madeEdges(edges, sets)] }));
  const of: Parts["of"] = (name, end, axes) => {
    const t = table.input(name, end === "near" ? near : far, axes, "f32");
    if (!m.stored.has(t)) m.store(t);
    return table.pull(t, end === "near" ? map : across);
  };
  const index: Parts["index"] = (end) =>
    table.pull(table.fact("index", end === "near" ? near : far), end === "near" ? map : across);
  const [h, k, c] = [table.axis("h", heads), table.axis("k", inner), table.axis("c", columns)];
  const { lse, sums } = form({ table, of, edges, index, h, k, c, map });
  const targets = lse ? [lse, ...sums] : sums;
  for (const t of targets) m.store(t);
  const stage: Stage = lse
    ? { kind: "softmax", map, lse, sums }
    : { kind: "walk", map, targets: sums };
  const kernel = m.kernel({ domain: { over: "rows", space: near }, stages: [stage], tile: 24 });
  return { m, targets, kernel };
}

const isTiled = async (kernel: Kernel): Promise<boolean> =>
  (await emitText([kernel])).includes("pair_dots");

async function agrees(of: Case, tolerance = 4e-6): Promise<void> {
  const { m, targets, kernel } = make(of);
  expect(await isTiled(kernel)).toBe(true);
  await m.run([kernel], "whole");
  m.check(targets, tolerance);
  const whole = targets.map((t) => m.bits(t));
  for (const split of ["single", "halves"] as const) {
    await m.run([kernel], split);
    expect(targets.map((t) => m.bits(t))).toEqual(whole);
  }
}

const forms = { attention, masked, biased, bent, twofold, derivative };
const shapes = [
  [1, 8, 8],
  [2, 9, 5],
  [3, 16, 1],
  [5, 11, 14],
] as const;

describe("sums of pairs", () => {
  for (const word of Object.keys(words)) {
    for (const [name, form] of Object.entries(forms)) {
      it(`agree over ${word}: ${name}`, async () => {
        for (const [i, [heads, inner, columns]] of shapes.entries()) {
          const by = i % 2 === 0 ? "receiver" : "sender";
          await agrees({ word, by, heads, inner, columns, form, self: i > 1 });
          await agrees({ word, by, heads, inner, columns, form, self: i <= 1 });
        }
      });
    }
  }

  it("take parts of the neighbours where they are many", async () => {
    const many: Counts = [
      [2, 20000],
      [3, 7],
    ];
    const shape = { word: "complete", by: "receiver", heads: 1, inner: 8, columns: 5 } as const;
    await agrees({ ...shape, form: attention, counts: many }, 4e-5);
    await agrees({ ...shape, form: biased, counts: many }, 4e-5);
    await agrees({ ...shape, form: derivative, counts: many }, 4e-5);
  });

  it("have nothing to add without nodes", () =>
    agrees({
      word: "complete",
      by: "receiver",
      heads: 2,
      inner: 8,
      columns: 8,
      form: attention,
      counts: [
        [0, 0],
        [2, 0],
      ],
    }));

  it("are left to walks where the inner products are short", async () => {
    const { kernel } = make({
      word: "causal",
      by: "receiver",
      heads: 2,
      inner: 4,
      columns: 8,
      form: attention,
    });
    expect(await isTiled(kernel)).toBe(false);
  });
});
