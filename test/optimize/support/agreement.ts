/** Programs before and after the laws, compared on random batches in f64: values, and gradients at every leaf. */
import { rewrite, type Trace } from "../../../compiler/3-optimize/optimize.js";
import { gradientsOf } from "../../../compiler/4-differentiate/differentiate.js";
import { share } from "../../../compiler/4-differentiate/share.js";
import { evaluate } from "../../../compiler/ir/evaluate.js";
import type { Space } from "../../../compiler/ir/space.js";
import {
  postorder,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
  volume,
} from "../../../compiler/ir/tensor.js";
import { verify } from "../../../compiler/ir/tensor.verify.js";
import { leavesOf } from "../../support/central-difference.js";
import type { Case } from "../../support/notation.js";
import {
  type Batch,
  fillLeaves,
  type Random,
  randomBatch,
  randomFrom,
} from "../../support/random-graph.js";

/** The largest difference of two values, relative to their size; infinite if one is not finite where the other is. */
export function difference(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const size = a.reduce((m, v) => Math.max(m, Number.isFinite(v) ? Math.abs(v) : 0), 1e-3);
  return a.reduce((worst, v, i) => {
    const w = b[i] ?? Number.NaN;
    if (Object.is(v, w) || v === w) return worst;
    const d = Math.abs(v - w) / size;
    return Math.max(worst, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d);
  }, 0);
}

const worst = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(0, ...a.map((x, i) => difference(x, b[i] ?? new Float64Array())));

/** Values and gradients of results in one list of roots: what `differentiate` makes of a program. */
export function joint(
  table: TensorTable,
  results: readonly Tensor[],
  wrt: readonly Tensor[],
  cotangents: readonly Tensor[],
): readonly Tensor[] {
  const seeds = results.map((value, i) => ({ value, cotangent: cotangents[i] ?? value }));
  const bars = gradientsOf(table, seeds, wrt);
  const zero = (x: Tensor): Tensor => table.constant(0, x.space, x.axes);
  return share(table, [...results, ...wrt.map((x, i) => bars[i] ?? zero(x))]);
}

export interface Agreement {
  readonly value: number;
  /** Of the gradients after laws before differentiation, and after laws before and behind it. */
  readonly gradient: number;
  readonly again: number;
  /** Of the laws on the gradients of the program as it was written. */
  readonly late: number;
}

/** A case's results as they are and after the laws. */
export function compare(c: Case, seed: number, trace?: Trace): Agreement {
  const { table, results } = c;
  const random: Random = randomFrom(seed);
  const batch: Batch = randomBatch(random, c.batch);
  c.fill?.(batch, random);
  const wrt = leavesOf(results);
  const cotangents = results.map((y, i) => table.input(`bar.${i}`, y.space, y.axes, "f32"));
  const plain = joint(table, results, wrt, cotangents);
  fillLeaves(batch, [...plain, ...wrt, ...cotangents], random);
  const first = rewrite(table, results, trace);
  const once = joint(table, first, wrt, cotangents);
  const twice = rewrite(table, once, trace, true);
  const late = rewrite(table, plain, trace, true);
  verify([...first, ...once, ...twice, ...late]);
  const expected = evaluate(plain, batch);
  const after = evaluate(once, batch);
  return {
    value: worst(evaluate(results, batch), evaluate(first, batch)),
    gradient: worst(expected, after),
    again: worst(expected, evaluate(twice, batch)),
    late: worst(expected, evaluate(late, batch)),
  };
}

/** How many tensors a program is made of. */
export const countOf = (roots: readonly Tensor[]): number => postorder(roots).length;

/** Rows of the kinds of spaces, as the laws suppose them: many more edges than nodes, many more nodes than graphs, few that is stored. */
const rows: { readonly [K in Space["kind"]]: number } = {
  nonzeros: 0,
  edges: 10_000,
  nodes: 1000,
  graph: 10,
  unit: 1,
};

/** Multiplications, additions, calls of functions and gathered numbers of a whole program; views are free. */
export const workOf = (roots: readonly Tensor[]): number =>
  postorder(roots).reduce((sum, t) => sum + workOfOne(t), 0);

const dear = new Set(["exp", "log", "tanh", "sigmoid", "sin", "cos", "erf", "pow", "rsqrt"]);

const isSum = ({ attrs }: TensorOf<"product">): boolean =>
  attrs.map !== null || attrs.over.length > 0;

function workOfOne(t: Tensor): number {
  const all = volume(union(t.axes, ...t.inputs.map((x) => x.axes)));
  switch (t.op) {
    case "product":
      return (
        rows[t.inputs[0]?.space.kind ?? "unit"] * all * (t.attrs.factors - 1 + Number(isSum(t)))
      );
    case "pull":
      return t.attrs.map?.kind === "all" ? 0 : rows[t.space.kind] * volume(t.axes);
    case "map":
      return rows[t.space.kind] * all * (dear.has(t.attrs.f) ? 8 : 1);
    case "lse":
    case "extreme":
    case "argmax":
      return rows[t.inputs[0]?.space.kind ?? "unit"] * all;
    default:
      return 0;
  }
}
