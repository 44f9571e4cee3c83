/**
 * Random programs in the closed op table: a list of choices is a program, so that a failing one shrinks.
 *
 * Each choice makes one tensor out of those before it. Values stay near 1, so that differences are exact.
 */
import * as fc from "fast-check";
import { allOf, graphOf, graphSpace, receiverOf, senderOf } from "../../compiler/ir/space.js";
import type { Axis, Tensor } from "../../compiler/ir/tensor.js";
import { type Case, causal, edges, Notation, nodes, sequence, sparse } from "./notation.js";

/** Which step to take, and which of the tensors that fit to take it with. */
export type Choice = readonly [step: number, first: number, second: number];

export const choices: fc.Arbitrary<readonly Choice[]> = fc.array(
  fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)),
  { minLength: 1, maxLength: 14 },
);

const word = nodes("word", sequence);
const atom = nodes("atom");
const bond = edges("bond", sparse, atom);
const past = edges("past", causal, word);
const relations = [bond, past];

/** The program that a list of choices stands for; its results are all tensors that nothing reads. */
export function programOf(list: readonly Choice[]): Case {
  const n = new Notation();
  const [i, j] = [n.axis("i", 2), n.axis("j", 3)];
  const axes = [i, j];
  const made: Tensor[] = [
    n.input("x", atom, i),
    n.input("y", word, i, j),
    n.input("e", bond, j),
    n.input("u", graphSpace, i),
    n.param("W", atom, i, j),
    n.param("V", word, j),
  ];
  for (const choice of list) {
    const t = take(n, axes, made, choice);
    if (t) made.push(t);
  }
  const read = new Set(made.flatMap((t) => t.inputs));
  const results = made.slice(6).filter((t) => !read.has(t));
  return { table: n.table, results, batch: { sets: [word, atom], relations } };
}

type Step = (
  n: Notation,
  axes: readonly Axis[],
  x: Tensor,
  other: Tensor,
  which: number,
) => Tensor | null;

const smooth = ["tanh", "sin", "sigmoid", "cos"] as const;

/** Keeps values small. */
const calm = (n: Notation, x: Tensor): Tensor => n.map("tanh", x);

const relationOf = (x: Tensor) => relations.find((r) => r === x.space);

const steps: readonly Step[] = [
  (n, _, x, __, which) => n.map(smooth[which % smooth.length] ?? "tanh", x),
  (n, _, x, other) => n.add(x, other),
  (n, _, x, other) => calm(n, n.mul(x, other)),
  (n, _, x, other) => calm(n, n.dot(x, other, ...x.axes.slice(0, 1))),
  (n, _, x, other) => n.map("select", n.map("lt", x, other), x, n.sub(other, x)),
  // to the edges that a node sends or hears
  (n, _, x, __, which) => {
    const relation = relations.find((r) => r.senders === x.space);
    return relation ? n.table.pull(x, (which % 2 ? senderOf : receiverOf)(relation)) : null;
  },
  // and back
  (n, _, x, other, which) => {
    const relation = relationOf(x);
    if (!relation) return null;
    const map = (which % 2 ? senderOf : receiverOf)(relation);
    return calm(n, n.table.product({ factors: [x, other], map }));
  },
  (n, _, x) => {
    const relation = relationOf(x);
    if (!relation) return null;
    const log = n.table.lse(x, [], receiverOf(relation));
    return n.map("exp", n.sub(x, n.table.pull(log, receiverOf(relation))));
  },
  (n, _, x) => (x.axes.length > 0 ? n.table.lse(x, x.axes.slice(0, 1), null) : null),
  (n, _, x, __, which) => {
    const axis = x.axes[which % Math.max(1, x.axes.length)];
    return axis ? n.table.view(x, { kind: "pick", from: axis, at: which % axis.size }) : null;
  },
  (n, axes, x, __, which) => {
    const axis = axes[which % axes.length];
    if (!axis || x.axes.includes(axis)) return null;
    return n.table.view(x, { kind: "place", to: axis, at: which % axis.size });
  },
  (n, _, x) =>
    x.space === graphSpace
      ? null
      : calm(n, n.table.product({ factors: [x], map: graphOf(x.space) })),
  (n, _, x) =>
    x.space === atom || x.space === bond ? null : n.table.pull(sumOf(n, x), allOf(atom)),
  // values put at a place that the row chooses, and read back from it
  (n, axes, x, other) => {
    const axis = axes.find((a) => !x.axes.includes(a) && other.axes.includes(a));
    if (!axis) return null;
    const row = n.table.fact("row", x.space);
    const slot = { axis, index: n.map("mod", row, n.number(axis.size, row)) };
    return n.mul(
      n.table.product({ factors: [x], slots: [slot] }),
      n.table.pull(other, null, [slot]),
    );
  },
];

const sumOf = (n: Notation, x: Tensor): Tensor =>
  calm(n, n.table.product({ factors: [x], map: allOf(x.space) }));

function take(
  n: Notation,
  axes: readonly Axis[],
  made: readonly Tensor[],
  [step, first, second]: Choice,
) {
  const x = made[first % made.length];
  const others = made.filter((t) => t.space === x?.space);
  const other = others[second % others.length];
  return x && other ? (steps[step % steps.length]?.(n, axes, x, other, second) ?? null) : null;
}
