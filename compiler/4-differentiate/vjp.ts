/**
 * How each op pulls the cotangent of its result back to its inputs: one row per op, the equation above it.
 *
 * g has no axis that y lacks; axes that g lacks are copies, and so are those that an answer lacks. A bar is a
 * cotangent, m a map from rows a to rows b, idx the indices of slots. Null where no gradient flows.
 */
import { bug } from "../bug.js";
import type { RowMap } from "../ir/space.js";
import {
  type Axis,
  type ForEachOp,
  factorsOf,
  type Slot,
  slotsOf,
  type Tensor,
  type TensorTable,
  union,
  type View,
  without,
} from "../ir/tensor.js";
import { type Algebra, algebra } from "./algebra.js";
import { pointwise } from "./pointwise.js";

export type Cotangents = readonly (Tensor | null)[];

const leaf = (): Cotangents => [];
const noGradient = (t: Tensor): Cotangents => t.inputs.map(() => null);

export const vjp: ForEachOp<[g: Tensor, table: TensorTable], Cotangents> = {
  input: leaf,
  param: leaf,
  state: leaf,
  const: leaf,
  iota: leaf,
  fact: leaf,
  random: leaf,
  unknown: leaf,

  // y = f(x ...)                      x̄ᵢ = Σ g ∂f/∂xᵢ over the axes that xᵢ lacks
  map: (y, g, table) => {
    const m = algebra(table);
    const bars = pointwise(m, y, y.attrs.f, g);
    return y.inputs.map((x, i) => sumOver(table, bars[i] ?? null, without(y.axes, x.axes)));
  },

  // y[b, idx] = k Σ Π xᵢ[a]           x̄ᵢ = k Σ g[m(a), idx] Πⱼ xⱼ over the axes that xᵢ lacks, j ≠ i
  product: (y, g, table) => {
    const factors = factorsOf(y);
    const slots = slotsOf(y);
    const loop = union(...y.inputs.map((x) => x.axes));
    const bar = read(table, g, y.attrs.map, slots);
    return y.inputs.map((x, i) => {
      if (i >= factors.length || factors.indexOf(x) !== i) return null;
      const power = factors.filter((other) => other === x).length;
      return table.product({
        factors: [bar, ...factors.slice(0, i), ...factors.slice(i + 1)],
        over: without(loop, x.axes),
        scale: y.attrs.scale * power,
      });
    });
  },

  // y[a] = x[m(a), idx]               x̄[b, idx] = Σ g[a] over the rows with m(a) = b
  pull: (y, g, table) => {
    const x = y.inputs[0] ?? bug("pull of nothing");
    const kept = without(x.axes, y.attrs.slots);
    const { map } = y.attrs;
    const over = without(y.axes, kept);
    const bar = table.product({ factors: [g], over, map, slots: slotsOf(y) });
    return y.inputs.map((_, i) => (i === 0 ? bar : null));
  },

  // y[b] = max x[a]                   x̄[a] = g[m(a)] where a = winner[m(a)]
  extreme: (y, g, table) => {
    const { over, map } = y.attrs;
    const [x] = y.inputs;
    const member = map ? table.fact("row", x.space) : position(table, over, x);
    const won = table.map("eq", [member, table.pull(table.winner(y), map)]);
    return [algebra(table).where(won, table.pull(g, map))];
  },
  winner: noGradient,

  // y[b] = log Σ exp x[a]             x̄[a] = g[m(a)] exp(x[a] - y[m(a)])
  lse: (y, g, table) => {
    const m = algebra(table);
    const { map } = y.attrs;
    const [x] = y.inputs;
    const weight = m.map("exp", m.sub(x, table.pull(isMasked(x) ? finite(m, y) : y, map)));
    return [m.mul(weight, table.pull(g, map))];
  },
  argmax: noGradient,

  // a view                            x̄ = the opposite view of g
  view: (y, g, table) => [
    table.view(algebra(table).spread(g, viewed(y.attrs.view)), opposite(y.attrs.view)),
  ],

  stop: noGradient,
  /** `recur.ts` takes the cotangents of all results of a recurrence together. */
  recur: () => bug("a recurrence has no cotangent of its own"),
  result: noGradient,
};

/** Whether x is -∞ where a condition fails. */
const isMasked = (x: Tensor): boolean =>
  x.op === "map" &&
  x.attrs.f === "select" &&
  x.inputs.some((arm) => arm.op === "const" && arm.attrs.value === Number.NEGATIVE_INFINITY);

/** y, and 0 for a group of nothing but -∞: e^(-∞ - 0) is 0 where e^(-∞ + ∞) is no number. */
const finite = (m: Algebra, y: Tensor): Tensor =>
  m.where(m.map("gt", y, m.constant(Number.NEGATIVE_INFINITY, y)), y);

/** Σ over axes; those that x lacks count as copies. */
function sumOver(table: TensorTable, x: Tensor | null, over: readonly Axis[]): Tensor | null {
  return x && over.length > 0 ? table.product({ factors: [x], over }) : x;
}

/** g[m(a), idx[a]]; a slot on an axis that g lacks reads the same everywhere. */
function read(table: TensorTable, g: Tensor, map: RowMap | null, slots: readonly Slot[]): Tensor {
  return table.pull(
    g,
    map,
    slots.filter((s) => g.axes.includes(s.axis)),
  );
}

/** The row-major position on `over`. */
function position(table: TensorTable, over: readonly Axis[], x: Tensor): Tensor {
  const integer = (value: number) => table.constant(value, x.space, [], "i32");
  return over.reduce((place, axis) => {
    const index = table.iota(axis, x.space);
    return table.map("add", [table.map("mul", [place, integer(axis.size)]), index]);
  }, integer(0));
}

/** The axes that a view makes. */
function viewed(view: View): readonly Axis[] {
  if (view.kind === "pick") return [];
  return view.kind === "split" ? view.to : [view.to];
}

function opposite(view: View): View {
  switch (view.kind) {
    case "rename":
      return { kind: "rename", from: view.to, to: view.from };
    case "slice":
      return { ...view, kind: "pad", from: view.to, to: view.from };
    case "pad":
      return { ...view, kind: "slice", from: view.to, to: view.from };
    case "pick":
      return { kind: "place", to: view.from, at: view.at };
    case "place":
      return { kind: "pick", from: view.to, at: view.at };
    case "merge":
      return { kind: "split", from: view.to, to: view.from };
    case "split":
      return { kind: "merge", from: view.to, to: view.from };
  }
}
