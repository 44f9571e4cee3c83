/** Tensors made again in another table, with other axes; renames between axes that are now one are gone. */
import { bug } from "../bug.js";
import {
  type Axis,
  apply,
  type ForEachOp,
  factorsOf,
  slotsOf,
  type Tensor,
  type TensorTable,
  type View,
} from "../ir/tensor.js";

/** The new axis of every old one: one for each class. */
export class AxisMap {
  readonly #made = new Map<Axis, Axis>();
  readonly #table: TensorTable;
  readonly #classOf: (axis: Axis) => Axis;

  constructor(table: TensorTable, classOf: (axis: Axis) => Axis) {
    this.#table = table;
    this.#classOf = classOf;
  }

  one(axis: Axis): Axis {
    const old = this.#classOf(axis);
    const known = this.#made.get(old);
    if (known) return known;
    const made = this.#table.axis(old.name, old.size, old.span);
    this.#made.set(old, made);
    return made;
  }

  all(axes: readonly Axis[]): readonly Axis[] {
    return axes.map((a) => this.one(a));
  }

  /** The axes of a view. */
  of(view: View): View {
    switch (view.kind) {
      case "pick":
        return { ...view, from: this.one(view.from) };
      case "place":
        return { ...view, to: this.one(view.to) };
      case "merge":
        return { ...view, from: this.all(view.from), to: this.one(view.to) };
      case "split":
        return { ...view, from: this.one(view.from), to: this.all(view.to) };
      default:
        return { ...view, from: this.one(view.from), to: this.one(view.to) };
    }
  }
}

/** Remembers the new tensor of every old one. Inputs are added before their users. */
export class Rebuilder {
  readonly table: TensorTable;
  readonly axes: AxisMap;
  readonly #made = new Map<Tensor, Tensor>();

  constructor(table: TensorTable, axes: AxisMap) {
    this.table = table;
    this.axes = axes;
  }

  add(t: Tensor): void {
    if (this.#made.has(t)) return;
    const made = apply(again, t, this);
    this.#made.set(t, t.label === null ? made : this.table.named(made, t.label));
  }

  now(t: Tensor): Tensor {
    return this.#made.get(t) ?? bug(`${t.op} is made again after its user`);
  }

  first(t: Tensor): Tensor {
    return this.now(t.inputs[0] ?? bug(`${t.op} without an input`));
  }
}

const again: ForEachOp<[to: Rebuilder], Tensor> = {
  input: (t, { table, axes }) =>
    table.input(t.attrs.path, t.space, axes.all(t.attrs.layout), t.dtype, t.span),
  param: (t, { table, axes }) => table.param(t.attrs.path, axes.all(t.attrs.layout), t.span),
  state: (t, { table, axes }) => table.state(t.attrs.path, axes.all(t.attrs.layout), t.span),
  const: (t, { table, axes }) => table.constant(t.attrs.value, t.space, axes.all(t.axes), t.dtype),
  iota: (t, { table, axes }) => table.iota(axes.one(t.attrs.axis), t.space),
  fact: (t, { table }) => table.fact(t.attrs.fact, t.space, t.attrs.map),
  random: (t, { table, axes }) => table.random(t.attrs.site, t.space, axes.all(t.attrs.layout)),
  map: (t, to) =>
    to.table.map(
      t.attrs.f,
      t.inputs.map((x) => to.now(x)),
      t.span,
    ),
  product: (t, to) => {
    const factors = factorsOf(t).map((x) => to.now(x));
    const over = to.axes.all(t.attrs.over);
    return to.table.product({ ...t.attrs, factors, over, slots: slotsAgain(t, to) }, t.span);
  },
  pull: (t, to) => to.table.pull(to.first(t), t.attrs.map, slotsAgain(t, to), t.span),
  extreme: (t, to) => {
    const { which, over, map } = t.attrs;
    return to.table.extreme(to.first(t), which, to.axes.all(over), map, t.span);
  },
  winner: (t, to) => to.table.winner(to.first(t)),
  lse: (t, to) => to.table.lse(to.first(t), to.axes.all(t.attrs.over), t.attrs.map, t.span),
  argmax: (t, to) => to.table.argmax(to.first(t), to.axes.one(t.attrs.axis), t.span),
  view: (t, to) => viewAgain(to.first(t), to.axes.of(t.attrs.view), to.table, t.span),
  stop: (t, to) => to.table.stop(to.first(t)),
  unknown: (t, { table, axes }) => table.unknown(t.attrs.name, t.space, axes.all(t.axes), t.dtype),
  recur: (t, to) => {
    for (const u of t.attrs.unknowns) to.add(u);
    const unknowns = t.attrs.unknowns.map((u) => to.now(u));
    const bodies = t.inputs.map((x) => to.now(x));
    return to.table.recur(unknowns, bodies, t.attrs.order);
  },
  result: (t, to) => to.table.result(to.first(t), t.attrs.index),
};

type Slotted = Parameters<typeof slotsOf>[0];
const slotsAgain = (t: Slotted, to: Rebuilder) =>
  slotsOf(t).map(({ axis, index }) => ({ axis: to.axes.one(axis), index: to.now(index) }));

/** A rename of a leaf is another leaf; between axes that are one it is nothing. */
function viewAgain(x: Tensor, view: View, table: TensorTable, span: Tensor["span"]): Tensor {
  if (view.kind !== "rename") return table.view(x, view, span);
  const { from, to } = view;
  if (from === to) return x;
  const renamed = (axes: readonly Axis[]) => axes.map((a) => (a === from ? to : a));
  switch (x.op) {
    case "param":
      return table.param(x.attrs.path, renamed(x.attrs.layout), x.span);
    case "state":
      return table.state(x.attrs.path, renamed(x.attrs.layout), x.span);
    case "const":
      return table.constant(x.attrs.value, x.space, renamed(x.axes), x.dtype);
    case "iota":
      return table.iota(to, x.space);
    default:
      return table.view(x, view, span);
  }
}
