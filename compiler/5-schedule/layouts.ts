/**
 * In which order the axes of a stored tensor lie in memory.
 *
 * Leaves and roots come with an order. Everything else follows its widest input, new axes outside, so that a pointwise
 * step runs along memory; a product with a matrix keeps the columns of the matrix innermost.
 */
import {
  type Axis,
  factorsOf,
  type Tensor,
  type TensorOf,
  union,
  type View,
  volume,
  without,
} from "../ir/tensor.js";
import { isUnitPull } from "./products.js";

type Order = readonly Axis[];

export class Layouts {
  readonly #known = new Map<Tensor, Order>();
  readonly #guessed = new Map<Tensor, Order>();

  /** The order that a root asks for, before anything else is ordered. */
  force(t: Tensor, order: Order): void {
    if (this.#known.has(t)) return;
    this.#known.set(t, order);
    const guessed = this.#guessed.get(t);
    if (guessed && !sameOrder(guessed, order)) this.#guessed.clear();
  }

  /** Whether nobody asked for another order, and none was chosen yet. */
  allows(t: Tensor, order: Order): boolean {
    const known = this.#known.get(t);
    return known === undefined || sameOrder(known, order);
  }

  isSettled(t: Tensor): boolean {
    return this.#known.has(t);
  }

  of(t: Tensor): Order {
    const known = this.#known.get(t);
    if (known) return known;
    const order = follow(t, (x) => this.of(x));
    this.#known.set(t, order);
    return order;
  }

  /** The order that a tensor will have if nobody asks for another. */
  likely(t: Tensor): Order {
    const known = this.#known.get(t) ?? this.#guessed.get(t);
    if (known) return known;
    const order = follow(t, (x) => this.likely(x));
    this.#guessed.set(t, order);
    return order;
  }
}

type OrderOf = (t: Tensor) => Order;

/** The order that follows from those of the inputs, with all axes of the tensor. */
function follow(t: Tensor, orderOf: OrderOf): Order {
  const order = followed(t, orderOf);
  return [...without(t.axes, order), ...order.filter((a) => t.axes.includes(a))];
}

function followed(t: Tensor, orderOf: OrderOf): Order {
  switch (t.op) {
    case "input":
    case "param":
    case "state":
    case "random":
      return t.attrs.layout;
    case "product":
      return ofProduct(t, orderOf);
    case "view":
      return through(t.attrs.view, orderOf(t.inputs[0]));
    case "result":
      return orderOf(t.inputs[0].inputs[t.attrs.index] ?? t.inputs[0]);
    case "recur":
      return [];
    default:
      return joined(byVolume(t.inputs), orderOf);
  }
}

const byVolume = (tensors: readonly Tensor[]): readonly Tensor[] =>
  [...tensors].sort((a, b) => volume(a.axes) - volume(b.axes));

/** The order of the last, the axes of the others outside of it. */
const joined = (tensors: readonly Tensor[], orderOf: OrderOf): Order =>
  tensors.reduce<Order>((order, x) => [...without(order, x.axes), ...orderOf(x)], []);

function ofProduct(t: TensorOf<"product">, orderOf: OrderOf): Order {
  const factors = factorsOf(t);
  const ofRow = union(...factors.filter((f) => !isUnitPull(f)).map((f) => f.axes));
  const isMatrix = (f: Tensor): boolean => isUnitPull(f) && without(f.axes, ofRow).length > 0;
  const rest = byVolume(factors.filter((f) => !isMatrix(f)));
  const order = without(joined([...rest, ...factors.filter(isMatrix)], orderOf), t.attrs.over);
  return [...without(t.attrs.slots, order), ...order];
}

/** The order of a view's result: what is made takes the place of what it is made from. */
function through(view: View, order: Order): Order {
  switch (view.kind) {
    case "place":
      return [view.to, ...order];
    case "pick":
      return without(order, [view.from]);
    case "split":
      return order.flatMap((a) => (a === view.from ? view.to : [a]));
    case "merge": {
      const last = order.findLastIndex((a) => view.from.includes(a));
      return order.flatMap((a, i) => (i === last ? [view.to] : view.from.includes(a) ? [] : [a]));
    }
    default:
      return order.map((a) => (a === view.from ? view.to : a));
  }
}

/** Whether two orders are the same. */
export const sameOrder = (a: Order, b: Order): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);
