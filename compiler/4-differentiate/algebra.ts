/**
 * The few words that derivatives are written in: pointwise arithmetic on one space, in the normal form of the IR.
 */
import type { Axis, MapFunction, Tensor, TensorTable } from "../ir/tensor.js";
import { without } from "../ir/tensor.js";

export interface Algebra {
  readonly table: TensorTable;
  map(f: MapFunction, ...args: readonly Tensor[]): Tensor;
  /** A constant on the space of `like`. */
  constant(value: number, like: Tensor): Tensor;
  mul(...factors: readonly Tensor[]): Tensor;
  scale(k: number, x: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  div(a: Tensor, b: Tensor): Tensor;
  /** x where the condition holds, else 0. */
  where(condition: Tensor, x: Tensor): Tensor;
  /** x with every one of `axes`: copied along those that it lacks. */
  spread(x: Tensor, axes: readonly Axis[]): Tensor;
}

export function algebra(table: TensorTable): Algebra {
  const map: Algebra["map"] = (f, ...args) => table.map(f, args);
  const constant: Algebra["constant"] = (value, like) => table.constant(value, like.space);
  const mul: Algebra["mul"] = (...factors) => table.product({ factors });
  return {
    table,
    map,
    constant,
    mul,
    scale: (k, x) => (k === 1 ? x : table.product({ factors: [x], scale: k })),
    add: (a, b) => map("add", a, b),
    sub: (a, b) => map("sub", a, b),
    div: (a, b) => map("div", a, b),
    where: (condition, x) => map("select", condition, x, constant(0, x)),
    spread: (x, axes) => {
      const missing = without(axes, x.axes);
      return missing.length === 0 ? x : mul(x, table.constant(1, x.space, missing));
    },
  };
}
