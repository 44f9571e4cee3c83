/** Random equations mean the same as tensors and as text. */
import { describe, expect, it } from "vitest";
import type { Binder, Expr, Field } from "../../compiler/ir/model.js";
import {
  allOf,
  graphOf,
  graphSpace,
  receiverOf,
  type Space,
  senderOf,
  unitSpace,
} from "../../compiler/ir/space.js";
import { expectAgreement } from "./support/agreement.js";
import * as m from "./support/model.js";
import { randomBatch } from "./support/random-batch.js";

const nodes = m.set("n", "seq");
const rel = m.relation("r", nodes);
const spaces: readonly Space[] = [nodes, rel, graphSpace, unitSpace];
const shapes: readonly (readonly number[])[] = [[], [3], [3, 3], [2, 3]];
const inputs = spaces.flatMap((space) => [
  ...shapes.map((shape, i) => m.input(`x${i}`, space, m.f32(...shape))),
  m.input("k", space, m.index(3)),
  m.input("on", space, m.bool()),
]);
const parameters = shapes.map((shape, i) => m.param(`W${i}`, ...shape));

/** Makes expressions; `pick` chooses. */
class Writer {
  readonly fields: Field[] = [];
  readonly #random: () => number;
  #binders = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  pick<T>(choices: readonly T[]): T {
    const found = choices[Math.floor(this.#random() * choices.length)];
    if (found === undefined) throw new Error("nothing to pick from");
    return found;
  }

  binder(size: number): Binder {
    return m.binder(`b${this.#binders++}`, size);
  }

  leaf(space: Space, shape: readonly number[]): Expr {
    const same = (s: readonly number[]) => s.join() === shape.join();
    const own = inputs.filter(
      (i) => i.space === space && i.type.dtype === "f32" && same(i.type.shape),
    );
    const done = this.fields.filter((f) => f.space === space && same(f.type.shape));
    const params = parameters.filter((p) => same(p.shape));
    const known = [...own, ...done, ...done, ...params];
    return known.length > 0 ? m.get(this.pick(known)) : m.fill(0.5, ...shape);
  }

  integer(space: Space, bound: readonly Binder[]): Expr {
    const k = inputs.find((i) => i.space === space && i.name === "k");
    const small = bound.filter((b) => b.size <= 3);
    return this.pick([...(k ? [m.get(k)] : []), m.int(1), ...small.map(m.of), ...small.map(m.of)]);
  }

  condition(space: Space, depth: number, bound: readonly Binder[]): Expr {
    const on = inputs.find((i) => i.space === space && i.name === "on");
    const compared = () => m.map("lt", this.expr(space, [], depth - 1, bound), m.lit(0.1));
    return this.pick([...(on ? [() => m.get(on)] : []), compared])();
  }

  /** An f32 of this shape on this space. */
  expr(space: Space, shape: readonly number[], depth: number, bound: readonly Binder[]): Expr {
    if (depth <= 0) return this.leaf(space, shape);
    const more = (s: readonly number[] = shape, at: Space = space, b = bound) =>
      this.expr(at, s, depth - 1, b);
    const last = shape.at(-1);
    const [head, ...tail] = shape;
    const choices: (() => Expr)[] = [
      () => m.add(more(), more()),
      () => m.map("sub", more(), more([])),
      () => m.mul(more(), more()),
      () => m.map("tanh", more()),
      () => m.map("div", more(), m.lit(3)),
      () => m.map("select", this.condition(space, depth, bound), more(), more()),
      () => m.contract(more([3]), more([3, ...shape])),
      () => m.at(more([3, ...shape]), this.integer(space, bound)),
      () => this.reduction(space, shape, depth, bound),
      () => this.fieldOf(space, shape, depth),
      ...this.pulls(space).map((pull) => () => pull(shape, depth, bound)),
      ...this.groups(space).map((group) => () => group(shape, depth, bound)),
    ];
    if (head !== undefined)
      choices.push(() => {
        const b = this.binder(head);
        return m.each([b], more(tail, space, [...bound, b]));
      });
    if (last === 3)
      choices.push(
        () => m.rowwise("softmax", more()),
        () =>
          m.concat(more([...shape.slice(0, -1), 3]), more([])).type.shape.length === shape.length
            ? m.slice(m.concat(more(), more()), 2, 3)
            : more(),
      );
    if (shape.length === 1 && last)
      choices.push(() => m.stack(...Array.from({ length: last }, () => more([]))));
    if (shape.length === 2) choices.push(() => more());
    return this.pick(choices)();
  }

  reduction(space: Space, shape: readonly number[], depth: number, bound: readonly Binder[]): Expr {
    const b = this.binder(3);
    return m.reduce(
      this.pick(["sum", "mean", "max", "var"] as const),
      [b],
      this.expr(space, shape, depth - 1, [...bound, b]),
    );
  }

  /** A field of its own; its text sees no binders. */
  fieldOf(space: Space, shape: readonly number[], depth: number): Expr {
    const made = m.field(`f${this.fields.length}`, space, this.expr(space, shape, depth - 1, []));
    const named = { ...made, name: `f${this.fields.length}` };
    this.fields.push(named);
    return m.get(named);
  }

  pulls(space: Space) {
    const maps =
      space === rel
        ? [senderOf(rel), receiverOf(rel), graphOf(rel)]
        : space === nodes
          ? [graphOf(nodes), allOf(nodes)]
          : [];
    return maps.map(
      (map) => (shape: readonly number[], depth: number, bound: readonly Binder[]) =>
        m.pull(map, this.expr(map.to, shape, depth - 1, bound)),
    );
  }

  groups(space: Space) {
    const maps = spaces.flatMap((s) =>
      s === rel
        ? [senderOf(rel), receiverOf(rel), graphOf(rel)]
        : s === nodes
          ? [graphOf(nodes), allOf(nodes)]
          : [],
    );
    return maps
      .filter((map) => map.to === space)
      .map((map) => (shape: readonly number[], depth: number, bound: readonly Binder[]) => {
        const body = this.expr(map.from, shape, depth - 1, bound);
        const where = this.pick([null, this.condition(map.from, depth - 1, bound)]);
        const empty = this.pick([null, this.expr(space, shape, 0, bound)]);
        const reducer = this.pick(["sum", "mean", "max", "min", "var"] as const);
        return m.aggregate(reducer, map, body, {
          ...(where && { where }),
          ...(empty && { empty }),
        });
      });
  }
}

function randomFrom(seed: number): () => number {
  let state = seed * 7919 + 31;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

describe("a random model", () => {
  it.each(Array.from({ length: 200 }, (_, i) => i + 1))("means what its text says (%i)", (seed) => {
    const writer = new Writer(randomFrom(seed));
    const outputs = [0, 1].map((i) => {
      const space = writer.pick(spaces);
      const out = m.field(`out${i}`, space, writer.expr(space, writer.pick(shapes), 4, []));
      writer.fields.push(out);
      return out;
    });
    const made = m.model({
      sets: [nodes],
      relations: [rel],
      inputs,
      parameters,
      fields: writer.fields,
      outputs,
    });
    expectAgreement(made, randomBatch(made, seed));
    expect(outputs).toHaveLength(2);
  });
});
