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
  type View,
  volume,
  without,
} from "../ir/tensor.js";
import { isUnitPull } from "./products.js";

type Order = readonly Axis[];

export class Layouts {
  readonly #known = new Map<Tensor, Order>();

  /** The order that a root asks for, before anything else is ordered. */
  force(t: Tensor, order: Order): void {
    if (!this.#known.has(t)) this.#known.set(t, order);
  }

  /** Whether nobody asked for another order, and none was chosen yet. */
  allows(t: Tensor, order: Order): boolean {
    const known = this.#known.get(t);
    return known === undefined || sameOrder(known, order);
  }

  of(t: Tensor): Order {
    const known = this.#known.get(t);
    if (known) return known;
    const order = this.#follow(t);
    const complete = [...without(t.axes, order), ...order.filter((a) => t.axes.includes(a))];
    this.#known.set(t, complete);
    return complete;
  }

  #follow(t: Tensor): Order {
    switch (t.op) {
      case "input":
      case "param":
      case "state":
      case "random":
        return t.attrs.layout;
      case "product":
        return this.#product(t);
      case "view":
        return through(t.attrs.view, this.of(t.inputs[0]));
      case "result":
        return this.of(t.inputs[0].inputs[t.attrs.index] ?? t.inputs[0]);
      case "recur":
        return [];
      default:
        return this.#widest(t.inputs);
    }
  }

  /** The order of the widest input, the axes of the others outside of it. */
  #widest(inputs: readonly Tensor[]): Order {
    const sorted = [...inputs].sort((a, b) => volume(a.axes) - volume(b.axes));
    return this.#join(sorted);
  }

  #join(inputs: readonly Tensor[]): Order {
    return inputs.reduce<Order>((order, x) => [...without(order, x.axes), ...this.of(x)], []);
  }

  #product(t: TensorOf<"product">): Order {
    const factors = factorsOf(t);
    const matrices = factors.filter(isUnitPull);
    const rest = factors.filter((f) => !isUnitPull(f));
    const byVolume = [...rest].sort((a, b) => volume(a.axes) - volume(b.axes));
    const order = without(this.#join([...byVolume, ...matrices]), t.attrs.over);
    return [...without(t.attrs.slots, order), ...order];
  }
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
