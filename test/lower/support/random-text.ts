/** Equations at random: every kind of expression on every kind of space, well typed. */
import type { Binder, Expr, Field, Input, Parameter } from "../../../compiler/ir/model.js";
import {
  allOf,
  graphOf,
  graphSpace,
  type RowMap,
  receiverOf,
  type Space,
  senderOf,
  unitSpace,
} from "../../../compiler/ir/space.js";
import * as m from "./model.js";

type Shape = readonly number[];

export const nodes = m.set("n", "seq");
export const edges = m.relation("r", nodes);
export const spaces: readonly Space[] = [nodes, edges, graphSpace, unitSpace];
export const shapes: readonly Shape[] = [[], [3], [3, 3], [2, 3]];

/** On every space a field of every shape, an index and a bool; of every shape a parameter. */
export const inputs: readonly Input[] = spaces.flatMap((space) => [
  ...shapes.map((shape, i) => m.input(`x${i}`, space, m.f32(...shape))),
  m.input("k", space, m.index(3)),
  m.input("on", space, m.bool()),
]);
export const parameters: readonly Parameter[] = shapes.map((s, i) => m.param(`W${i}`, ...s));

const maps: readonly RowMap[] = [
  senderOf(edges),
  receiverOf(edges),
  graphOf(edges),
  graphOf(nodes),
  allOf(nodes),
];
const reducers = ["sum", "mean", "max", "min", "var"] as const;
const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Where a piece of text stands, and how deep it may still go. */
interface Place {
  readonly space: Space;
  readonly bound: readonly Binder[];
  readonly depth: number;
}

/** A way to write an f32 of a shape at a place. */
type Way = (writer: Writer, shape: Shape, at: Place) => Expr;

const inside = (at: Place, change: Partial<Place> = {}): Place => ({
  ...at,
  ...change,
  depth: at.depth - 1,
});

/** Ways that serve every shape. */
const general: readonly Way[] = [
  (w, shape, at) => m.add(w.write(shape, inside(at)), w.write(shape, inside(at))),
  (w, shape, at) => m.map("sub", w.write(shape, inside(at)), w.write([], inside(at))),
  (w, shape, at) => m.mul(w.write(shape, inside(at)), w.write(shape, inside(at))),
  (w, shape, at) => m.map("tanh", w.write(shape, inside(at))),
  (w, shape, at) => m.map("div", w.write(shape, inside(at)), m.lit(3)),
  (w, shape, at) =>
    m.map("select", w.condition(at), w.write(shape, inside(at)), w.write(shape, inside(at))),
  (w, shape, at) => m.contract(w.write([3], inside(at)), w.write([3, ...shape], inside(at))),
  (w, shape, at) =>
    m.contract(m.rowwise("one_hot", w.integer(at), 3), w.write([3, ...shape], inside(at))),
  (w, shape, at) => m.at(w.write([3, ...shape], inside(at)), w.integer(at)),
  (w, shape, at) => {
    const b = w.binder(3);
    return m.reduce(w.pick(reducers), [b], w.write(shape, inside(at, { bound: [...at.bound, b] })));
  },
  (w, shape, at) => w.define(w.write(shape, inside(at, { bound: [] })), at.space),
];

/** Ways that need a last axis. */
const shaped: readonly Way[] = [
  (w, [head = 1, ...tail], at) => {
    const b = w.binder(head);
    return m.each([b], w.write(tail, inside(at, { bound: [...at.bound, b] })));
  },
  (w, [head = 1, ...tail], at) =>
    m.stack(...Array.from({ length: head }, () => w.write(tail, inside(at)))),
  (w, shape, at) => m.rowwise("softmax", w.write(shape, inside(at))),
  (w, shape, at) => {
    const joined = m.concat(w.write(shape, inside(at)), w.write(shape, inside(at)));
    return m.slice(joined, 1, shape.at(-1) ?? 1);
  },
];

/** Ways that need exactly one axis. */
const flat: readonly Way[] = [
  (w, [n = 1], at) => {
    const joined = m.concat(
      w.write([], inside(at)),
      m.rowwise("flatten", w.write([2, 3], inside(at))),
    );
    return m.slice(joined, 0, n);
  },
];

const pulled =
  (map: RowMap): Way =>
  (w, shape, at) =>
    m.pull(map, w.write(shape, inside(at, { space: map.to })));

const aggregated =
  (map: RowMap): Way =>
  (w, shape, at) => {
    const rows = inside(at, { space: map.from });
    const where = w.pick([null, w.condition(rows)]);
    const empty = w.pick([null, w.leaf(shape, at)]);
    const options = { ...(where && { where }), ...(empty && { empty }) };
    return m.aggregate(w.pick(reducers), map, w.write(shape, rows), options);
  };

const attention =
  (map: RowMap): Way =>
  (w, shape, at) =>
    m.groupSoftmax(map, w.write(shape, inside(at)), w.pick([null, w.condition(inside(at))]));

/** Writes expressions; the fields they define are kept. */
export class Writer {
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

  /** An f32 of this shape at this place. */
  write(shape: Shape, at: Place): Expr {
    if (at.depth <= 0) return this.leaf(shape, at);
    const ways: readonly Way[] = [
      ...general,
      ...(shape.length > 0 ? shaped : []),
      ...(shape.length === 1 && size(shape) <= 7 ? flat : []),
      ...maps
        .filter((map) => map.from === at.space)
        .flatMap((map) => [pulled(map), attention(map)]),
      ...maps.filter((map) => map.to === at.space).map(aggregated),
    ];
    return this.pick(ways)(this, shape, at);
  }

  leaf(shape: Shape, { space }: Place): Expr {
    const same = (s: Shape): boolean => s.join() === shape.join();
    const own = inputs.filter((i) => i.space === space && i.type.dtype === "f32");
    const fields = [...own, ...this.fields.filter((f) => f.space === space)];
    const known = [
      ...fields.filter((f) => same(f.type.shape)),
      ...parameters.filter((p) => same(p.shape)),
    ];
    return known.length > 0 ? m.get(this.pick(known)) : m.fill(0.5, ...shape);
  }

  binder(size: number): Binder {
    return m.binder(`b${this.#binders++}`, size);
  }

  /** An integer in 0..2: data, a number, or a bound index. */
  integer({ space, bound }: Place): Expr {
    const data = inputs.filter((i) => i.space === space && i.name === "k");
    const small = bound.filter((b) => b.size <= 3);
    return this.pick([m.int(1), ...data.map(m.get), ...small.map(m.of), ...small.map(m.of)]);
  }

  condition(at: Place): Expr {
    const data = inputs.filter((i) => i.space === at.space && i.name === "on");
    return this.pick([m.map("lt", this.write([], inside(at)), m.lit(0.1)), ...data.map(m.get)]);
  }

  /** A field with this text. */
  define(value: Expr, space: Space): Expr {
    const made = m.field(`f${this.fields.length}`, space, value);
    this.fields.push(made);
    return m.get(made);
  }
}
