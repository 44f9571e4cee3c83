/**
 * Gradients against differences: along a random direction d, (∂L/∂x) · d must be the slope of L(x + t d) at t = 0.
 */
import { gradientsOf } from "../../compiler/4-differentiate/differentiate.js";
import { share } from "../../compiler/4-differentiate/share.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { allOf, unitSpace } from "../../compiler/ir/space.js";
import { postorder, type Tensor, type TensorTable } from "../../compiler/ir/tensor.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import { type Batch, fillLeaves, type Random } from "./random-graph.js";

/** The slope of f at 0 by five points; the error falls with the fourth power of h. */
export function slope(f: (t: number) => number, h = 2e-4): number {
  return (f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h);
}

/** L = Σ y w over all rows and axes, on the batch. */
export function weighted(table: TensorTable, y: Tensor, w: Tensor): Tensor {
  const map = y.space === unitSpace ? null : allOf(y.space);
  return table.product({ factors: [y, w], over: y.axes, map });
}

export interface Comparison {
  readonly path: string;
  readonly slope: number;
  readonly gradient: number;
  /** The difference of the two, relative to the size of the terms of the gradient. */
  readonly error: number;
}

/** The f32 leaves that y depends on and that have a direction to go: inputs and parameters. */
export const leavesOf = (roots: readonly Tensor[]): readonly Tensor[] =>
  postorder(roots).filter((t) => (t.op === "input" || t.op === "param") && t.dtype === "f32");

/**
 * Compares the gradients of Σ y w, w random, at every leaf of y. Gradients are taken with values shared between the
 * forward and backward recurrences, as `differentiate` does, and verified.
 */
export function compareGradients(
  table: TensorTable,
  y: Tensor,
  batch: Batch,
  random: Random,
): readonly Comparison[] {
  const wrt = leavesOf([y]);
  const w = table.input(`weight.${y.id}`, y.space, y.axes, "f32");
  const gradients = gradientsOf(table, [{ value: y, cotangent: w }], wrt);
  const found = wrt.flatMap((x, i) => (gradients[i] ? [{ x, bar: gradients[i] }] : []));
  const roots = [weighted(table, y, w), ...found.map((f) => f.bar)];
  fillLeaves(batch, [...roots, ...wrt], random);
  const shared = share(table, roots);
  verify([...roots, ...shared]);
  const [, ...bars] = evaluate(shared, batch);
  const loss = roots.slice(0, 1);
  const byPath = new Map<string, Leaf[]>();
  for (const [i, { x }] of found.entries()) {
    const { path } = placeOf(x, batch);
    const leaf = { x, bar: bars[i] ?? new Float64Array() };
    byPath.set(path, [...(byPath.get(path) ?? []), leaf]);
  }
  return [...byPath.values()].map((leaves) => compareAt(leaves, loss, batch, random));
}

/** A leaf and the values of its gradient. */
interface Leaf {
  readonly x: Tensor;
  readonly bar: Float64Array;
}

/** Leaves of one path move together. */
function compareAt(
  leaves: readonly Leaf[],
  loss: readonly Tensor[],
  batch: Batch,
  random: Random,
): Comparison {
  const { path, fields } = placeOf(leaves[0]?.x, batch);
  const before = Array.from(fields.get(path) ?? []);
  const direction = before.map(() => 2 * random() - 1);
  fields.set(path, direction);
  const terms = leaves.flatMap(({ x, bar }) =>
    Array.from(evaluate([x], batch)[0] ?? [], (d, i) => d * Number(bar[i])),
  );
  const measured = slope((t) => {
    const moved = before.map((v, i) => v + t * Number(direction[i]));
    fields.set(path, moved);
    return evaluate(loss, batch)[0]?.[0] ?? Number.NaN;
  });
  fields.set(path, before);
  const gradient = terms.reduce((sum, term) => sum + term, 0);
  const size = terms.reduce((sum, term) => sum + Math.abs(term), Math.abs(measured)) + 1e-3;
  return { path, slope: measured, gradient, error: Math.abs(measured - gradient) / size };
}

function placeOf(x: Tensor | undefined, batch: Batch) {
  if (x?.op === "input") return { path: x.attrs.path, fields: batch.inputs };
  if (x?.op === "param") return { path: x.attrs.path, fields: batch.params };
  throw new Error(`a ${x?.op} cannot be moved`);
}

/** Σ over leaves of gradient · v, v random: its own gradients are second derivatives of y. Null if y has none. */
export function gradientSum(table: TensorTable, y: Tensor): Tensor | null {
  const wrt = leavesOf([y]);
  const w = table.input(`first.${y.id}`, y.space, y.axes, "f32");
  const gradients = gradientsOf(table, [{ value: y, cotangent: w }], wrt);
  const sums = gradients.flatMap((bar, i) => {
    const x = wrt[i];
    if (!bar || !x) return [];
    return [weighted(table, bar, table.input(`second.${y.id}.${i}`, x.space, x.axes, "f32"))];
  });
  return sums.length === 0 ? null : sums.reduce((a, b) => table.map("add", [a, b]));
}
