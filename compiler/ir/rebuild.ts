/**
 * A tensor made again out of other inputs, and whole expressions with some tensors replaced.
 *
 * Everything else of a tensor stays: attributes, text, label. Equal results are one object, as always.
 */
import { bug } from "../bug.js";
import {
  apply,
  type ForEachOp,
  postorder,
  type Slot,
  type Tensor,
  type TensorTable,
} from "./tensor.js";

type Inputs = readonly Tensor[];

const at = (inputs: Inputs, i: number): Tensor => inputs[i] ?? bug("too few inputs");

const slots = (axes: readonly Slot["axis"][], indices: Inputs): Slot[] =>
  axes.map((axis, i) => ({ axis, index: at(indices, i) }));

const again: ForEachOp<[inputs: Inputs, table: TensorTable], Tensor> = {
  input: (t) => t,
  param: (t) => t,
  state: (t) => t,
  const: (t) => t,
  iota: (t) => t,
  fact: (t) => t,
  random: (t) => t,
  unknown: (t) => t,
  map: ({ attrs, span }, x, table) => table.map(attrs.f, x, span),
  product: ({ attrs, span }, x, table) =>
    table.product(
      {
        ...attrs,
        factors: x.slice(0, attrs.factors),
        slots: slots(attrs.slots, x.slice(attrs.factors)),
      },
      span,
    ),
  pull: ({ attrs, span }, x, table) =>
    table.pull(at(x, 0), attrs.map, slots(attrs.slots, x.slice(1)), span),
  extreme: ({ attrs: { which, over, map }, span }, x, table) =>
    table.extreme(at(x, 0), which, over, map, span),
  winner: (_, x, table) => table.winner(at(x, 0)),
  lse: ({ attrs: { over, map }, span }, x, table) => table.lse(at(x, 0), over, map, span),
  argmax: ({ attrs, span }, x, table) => table.argmax(at(x, 0), attrs.axis, span),
  view: ({ attrs, span }, x, table) => table.view(at(x, 0), attrs.view, span),
  stop: (_, x, table) => table.stop(at(x, 0)),
  recur: ({ attrs }, x, table) => table.recur(attrs.unknowns, x, attrs.order),
  result: ({ attrs }, x, table) => table.result(at(x, 0), attrs.index),
};

/** `t` with these inputs in place of its own. */
export function rebuild(table: TensorTable, t: Tensor, inputs: Inputs): Tensor {
  if (inputs.every((x, i) => x === t.inputs[i])) return t;
  const made = apply(again, t, inputs, table);
  return t.label === null ? made : table.named(made, t.label);
}

/** The roots with every key of `replaced` exchanged for its value, in one go: values are not looked into. */
export function substitute(
  table: TensorTable,
  roots: readonly Tensor[],
  replaced: ReadonlyMap<Tensor, Tensor>,
): readonly Tensor[] {
  const done = new Map<Tensor, Tensor>(replaced);
  const now = (t: Tensor): Tensor => done.get(t) ?? bug("an input after its user");
  for (const t of postorder(roots)) {
    if (!done.has(t)) done.set(t, rebuild(table, t, t.inputs.map(now)));
  }
  return roots.map(now);
}
