/**
 * Reverse accumulation: from cotangents of some tensors to cotangents of others, users before inputs.
 *
 * Only what lies between is touched: tensors that depend on a wanted one through f32 values. The wanted ones are
 * held independent: the walk stops at them.
 */
import { dependencies, outerPostorder } from "../ir/recur.js";
import { apply, type Tensor, type TensorTable } from "../ir/tensor.js";
import { algebra } from "./algebra.js";
import { type Bars, recurrence, type Seed } from "./recur.js";
import { vjp } from "./vjp.js";

/** The cotangents of the wanted tensors; those that no seed depends on are missing. */
export function reverse(
  table: TensorTable,
  seeds: readonly Seed[],
  wanted: ReadonlySet<Tensor>,
): Bars {
  const order = outerPostorder(seeds.map((s) => s.value));
  const reached = dependents(order, wanted);
  const bars = new Map<Tensor, Tensor>();
  const { add } = algebra(table);
  const accumulate = ({ value, cotangent }: Seed): void => {
    if (!reached.has(value)) return;
    const before = bars.get(value);
    bars.set(value, before ? add(before, cotangent) : cotangent);
  };
  seeds.forEach(accumulate);
  for (const t of order.toReversed()) {
    if (wanted.has(t) || !reached.has(t)) continue;
    if (t.op === "recur") recurrence(t, bars, reached, table, reverse).forEach(accumulate);
    else step(t, bars, table).forEach(accumulate);
  }
  return new Map([...bars].filter(([t]) => wanted.has(t)));
}

/** The cotangents of the inputs of one tensor. */
function step(t: Tensor, bars: Bars, table: TensorTable): readonly Seed[] {
  const g = bars.get(t);
  if (!g) return [];
  return apply(vjp, t, g, table).flatMap((cotangent, i) => {
    const value = t.inputs[i];
    return value && cotangent ? [{ value, cotangent }] : [];
  });
}

/** The wanted tensors and those that depend on them by a path that a gradient can go back. */
function dependents(order: readonly Tensor[], wanted: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const reached = new Set<Tensor>();
  for (const t of order) {
    const carries = t.dtype === "f32" && t.op !== "stop";
    if (wanted.has(t) || (carries && dependencies(t).some((x) => reached.has(x)))) reached.add(t);
  }
  return reached;
}
