/**
 * Random programs made of what the laws speak of: products and sums without anything pointwise between them, gathers,
 * concatenations, names, lookups, one-hot vectors, sparse fields. A list of choices is a program, so that it shrinks.
 */
import * as fc from "fast-check";
import {
  graphOf,
  graphSpace,
  type Nonzeros,
  receiverOf,
  rowOf,
  senderOf,
} from "../../../compiler/ir/space.js";
import type { Axis, Tensor } from "../../../compiler/ir/tensor.js";
import {
  type Case,
  complete,
  edges,
  Notation,
  nodes,
  sequence,
  sparse,
} from "../../support/notation.js";
import { randomIntegers } from "../../support/random-graph.js";

export type Choice = readonly [step: number, first: number, second: number, third: number];

export const productChoices: fc.Arbitrary<readonly Choice[]> = fc.array(
  fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999)),
  { minLength: 1, maxLength: 16 },
);

const atom = nodes("atom");
const word = nodes("word", sequence);
const bond = edges("bond", sparse, atom);
const pair = edges("pair", complete, word);
const relations = [bond, pair];
const stored: Nonzeros = { kind: "nonzeros", name: "atom.f", of: atom };

class World extends Notation {
  readonly i = this.axis("i", 2);
  readonly j = this.axis("j", 3);
  readonly k = this.axis("k", 2);
  readonly whole = this.axis("whole", 5);
  readonly made: Tensor[] = [
    this.input("x", atom, this.i),
    this.input("s", atom),
    this.input("w", word, this.i, this.j),
    this.input("e", bond, this.j),
    this.input("u", graphSpace, this.i),
    this.param("W", atom, this.i, this.j),
    this.param("W", bond, this.i, this.j),
    this.param("V", word, this.j, this.k),
    this.param("T", bond, this.k, this.j),
    this.table.product({
      factors: [this.input("atom.f", stored)],
      map: rowOf(stored),
      slots: [{ axis: this.j, index: this.table.fact("column", stored) }],
    }),
  ];
  readonly leaves = this.made.length;

  axes(): readonly Axis[] {
    return [this.i, this.j, this.k];
  }
  type(x: Tensor): Tensor | null {
    return x.space.kind === "edges" || x.space.kind === "nodes"
      ? this.integers(`${x.space.name}.type`, x.space)
      : null;
  }
}

type Step = (w: World, x: Tensor, other: Tensor, which: number) => Tensor | null;

const some = (x: Tensor, which: number): readonly Axis[] =>
  x.axes.filter((_, n) => (which >> n) % 2 === 1);

const steps: readonly Step[] = [
  (w, x, other, which) => w.dot(x, other, ...some(x, which)),
  (w, x, other, which) =>
    w.table.product({ factors: [x, other, other], over: some(other, which), scale: 0.5 }),
  (w, x, other) => w.add(x, other),
  (w, x, _, which) => {
    const relation = relations.find((r) => r.senders === x.space);
    return relation ? w.table.pull(x, (which % 2 ? senderOf : receiverOf)(relation)) : null;
  },
  (w, x, other, which) => {
    const relation = relations.find((r) => r === x.space);
    if (!relation) return null;
    const map = (which % 2 ? senderOf : receiverOf)(relation);
    return w.table.product({ factors: [x, other], map, over: some(x, which >> 1) });
  },
  (w, x) =>
    x.space.kind === "nodes" || x.space.kind === "edges"
      ? w.table.product({ factors: [x], map: graphOf(x.space) })
      : null,
  (w, x) => (x.space === graphSpace ? w.table.pull(x, graphOf(atom)) : null),
  // under another name
  (w, x, _, which) => {
    const [from, to] = which % 2 ? [w.i, w.k] : [w.k, w.i];
    return x.axes.includes(from) && !x.axes.includes(to) ? w.rename(x, from, to) : null;
  },
  // beside another
  (w, x, other) => {
    if (!x.axes.includes(w.i) || !other.axes.includes(w.j)) return null;
    const pad = (t: Tensor, from: Axis, start: number): Tensor =>
      w.table.view(t, { kind: "pad", from, to: w.whole, start, step: 1 });
    if ([x, other].some((t) => t.axes.includes(w.whole))) return null;
    return w.add(pad(x, w.i, 0), pad(other, w.j, 2));
  },
  // a part, or a product with a matrix
  (w, x, _, which) => {
    if (!x.axes.includes(w.whole)) return null;
    if (which % 2 && !x.axes.includes(w.k))
      return w.table.view(x, { kind: "slice", from: w.whole, to: w.k, start: which % 4, step: 1 });
    return w.dot(x, w.on(x.space, w.table.param("Wide", [w.whole, w.j])), w.whole);
  },
  // at a place that the row chooses
  (w, x, other, which) => {
    const index = w.type(x);
    const axis = other.axes[which % Math.max(1, other.axes.length)];
    return index && axis ? w.table.pull(other, null, [{ axis, index }]) : null;
  },
  (w, x, other, which) => {
    const index = w.type(x);
    if (!index) return null;
    const hot = w.map("to_f32", w.map("eq", index, w.table.iota(w.k, x.space)));
    return which % 2 ? w.mul(x, hot) : w.dot(other, hot, w.k);
  },
  (w, x, other) => w.map("div", x, w.add(w.number(1, other), w.mul(other, other))),
  (w, x, other) => w.map("relu", w.sub(x, other)),
];

/** The program that a list of choices stands for; its results are all tensors that nothing reads. */
export function productsOf(list: readonly Choice[]): Case {
  const w = new World();
  for (const [step, first, second, third] of list) {
    const x = w.made[first % w.made.length];
    const others = w.made.filter((t) => t.space === x?.space);
    const other = others[second % others.length];
    const made = x && other ? steps[step % steps.length]?.(w, x, other, third) : null;
    if (made) w.made.push(made);
  }
  const read = new Set(w.made.flatMap((t) => t.inputs));
  const results = w.made.slice(w.leaves).filter((t) => !read.has(t));
  const spaces = { sets: [atom, word], relations, nonzeros: [{ space: stored, columns: 3 }] };
  const fill: Case["fill"] = (batch, random) => {
    for (const space of [atom, word, bond, pair])
      batch.inputs.set(`${space.name}.type`, randomIntegers(random, batch.rows(space), 2));
  };
  return { table: w.table, results, batch: { ...spaces, graphs: 4, largest: 4 }, fill };
}
