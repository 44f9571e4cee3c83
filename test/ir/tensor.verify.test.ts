import { describe, expect, it } from "vitest";
import { allOf, receiverOf } from "../../compiler/ir/space.js";
import type { Tensor } from "../../compiler/ir/tensor.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import { edges, Notation, nodes, sparse } from "../support/notation.js";

const n = new Notation();
const t = n.table;
const atom = nodes("atom");
const bond = edges("bond", sparse, atom);
const [i, j, k] = [n.axis("i", 2), n.axis("j", 3), n.axis("k", 2)];
const x = n.input("x", atom, i);
const whole = n.integers("whole", atom);

/** A tensor that no constructor would have made. */
const forged = <T extends Tensor>(of: T, change: Partial<T>): T => ({ ...of, ...change });

const u = t.unknown("u", atom, [i]);
const order = { kind: "levels", relation: bond, reverse: false } as const;

const broken: Readonly<Record<string, readonly [root: () => Tensor, complaint: RegExp]>> = {
  "axes out of order": [
    () => forged(n.input("y", atom, i, j), { axes: [j, i] }),
    /repeat or are out of order/,
  ],
  "a factor of integers": [() => t.product({ factors: [whole] }), /factor of type i32/],
  "an f32 product as a map": [() => n.map("mul", x, x), /`?mul`? is for i32/],
  "types that differ": [() => n.map("add", x, whole), /add of f32 and i32/],
  "a select without a condition": [() => n.map("select", x, x, x), /without a condition/],
  "a missing argument": [() => n.map("add", x), /takes 2 arguments, not 1/],
  "a slot at a float": [
    () => t.pull(x, null, [{ axis: i, index: n.input("f", atom) }]),
    /slot i at a f32/,
  ],
  "a slot on a missing axis": [() => t.pull(x, null, [{ axis: j, index: whole }]), /no axis j/],
  "a slot that stays a free axis": [
    () => t.product({ factors: [x], slots: [{ axis: i, index: whole }] }),
    /not summed over/,
  ],
  "a lse of an absent axis": [() => t.lse(x, [j], null), /no axis j/],
  "a reduction of nothing": [() => t.lse(x, [], null), /reduces nothing/],
  "a rename to another size": [
    () => t.view(x, { kind: "rename", from: i, to: j }),
    /sizes do not fit/,
  ],
  "a slice beyond the end": [
    () => t.view(x, { kind: "slice", from: i, to: k, start: 1, step: 1 }),
    /sizes do not fit/,
  ],
  "a place that is taken": [() => t.view(x, { kind: "place", to: i, at: 0 }), /there already/],
  "an unknown outside": [() => u, /belongs to no recurrence/],
  "an unknown seen from outside": [
    () => n.mul(u, t.result(t.recur([u], [n.map("tanh", u)], order), 0)),
    /sees the unknown `u`/,
  ],
  "a body with other axes": [
    () => t.result(t.recur([u], [n.rename(n.map("tanh", u), i, k)], order), 0),
    /differ in axes/,
  ],
  "a count of nothing": [() => t.fact("count", atom), /count goes along a map/],
};

describe("verify", () => {
  it.each(Object.entries(broken))("refuses %s", (_, [root, complaint]) => {
    expect(() => verify([root()])).toThrow(complaint);
  });

  it("accepts what is right", () => {
    const body = n.map("tanh", n.add(u, x));
    const sum = t.product({ factors: [x], map: allOf(atom) });
    const heard = t.fact("count", atom, receiverOf(bond));
    expect(() => verify([t.result(t.recur([u], [body], order), 0), sum, heard])).not.toThrow();
  });
});
