/**
 * A program with its derivatives: gradients of the training loss, and pullbacks of the outputs on request.
 */
import { bug } from "../bug.js";
import type { Parameter } from "../ir/model.js";
import type { DifferentiatedProgram, Forward, Gradient, Program, Root } from "../ir/program.js";
import {
  type Axis,
  postorder,
  type Tensor,
  type TensorOf,
  type TensorTable,
} from "../ir/tensor.js";
import { algebra } from "./algebra.js";
import type { Seed } from "./recur.js";
import { reverse } from "./reverse.js";
import { share } from "./share.js";

/**
 * The gradient of Σ value · cotangent with respect to each of `wrt`, on exactly its axes; null where none flows.
 * The tensors of `wrt` are held independent of one another.
 */
export function gradientsOf(
  table: TensorTable,
  outputs: readonly Seed[],
  wrt: readonly Tensor[],
): readonly (Tensor | null)[] {
  const bars = reverse(table, outputs, new Set(wrt));
  return wrt.map((x) => {
    const bar = bars.get(x);
    return bar ? algebra(table).spread(bar, x.axes) : null;
  });
}

export function differentiate(
  program: Program,
  options: { readonly pullback: boolean },
): DifferentiatedProgram {
  const trained = withGradients(program);
  return options.pullback ? withPullback(program, trained) : trained;
}

/** The training program with the gradient of its loss. */
function withGradients(program: Program): DifferentiatedProgram {
  const { training, table } = program;
  if (!training?.loss) return { ...program, gradients: [], pullback: null };
  const seeds = [{ value: training.loss, cotangent: table.constant(1) }];
  const gradients = parameterGradients(program, seeds);
  const shared = sharing(table, [...tensorsOf(training), ...gradients.map((g) => g.root.value)]);
  return {
    ...program,
    training: mapForward(training, shared),
    gradients: gradients.map((g) => ({ ...g, root: mapRoot(g.root, shared) })),
    pullback: null,
  };
}

/** The inference program with the pullback of its f32 outputs. */
function withPullback(program: Program, trained: DifferentiatedProgram): DifferentiatedProgram {
  const { table, inference } = program;
  const outputs = inference.outputs.filter((o) => o.value.dtype === "f32");
  const cotangents = outputs.map((o) => cotangentOf(table, o));
  const seeds = outputs.map(({ value }, i) => ({
    value,
    cotangent: cotangents[i]?.value ?? bug("output without cotangent"),
  }));
  const parameters = parameterGradients(program, seeds);
  const inputs = inputGradients(table, seeds);
  const roots = [...parameters.map((g) => g.root), ...inputs];
  const shared = sharing(table, [...tensorsOf(inference), ...roots.map((r) => r.value)]);
  return {
    ...trained,
    inference: mapForward(inference, shared),
    pullback: {
      cotangents,
      parameters: parameters.map((g) => ({ ...g, root: mapRoot(g.root, shared) })),
      inputs: inputs.map((r) => mapRoot(r, shared)),
    },
  };
}

function cotangentOf(table: TensorTable, { name, value, layout }: Root): Root {
  const path = `cotangent.${name}`;
  return { name: path, value: table.input(path, value.space, layout, "f32"), layout };
}

function parameterGradients(
  { table, model }: Program,
  seeds: readonly Seed[],
): readonly Gradient[] {
  const byPath = new Map(model.parameters.map((p): [string, Parameter] => [p.path, p]));
  return leafGradients(table, seeds, "param").map((root) => ({
    parameter: byPath.get(root.name) ?? bug(`no parameter \`${root.name}\` in the model`),
    root,
  }));
}

const inputGradients = (table: TensorTable, seeds: readonly Seed[]): readonly Root[] =>
  leafGradients(table, seeds, "input").filter((r) => !r.name.startsWith("cotangent."));

/** The gradient for every path that leaves of this kind have; leaves that share a path are taken together. */
function leafGradients(
  table: TensorTable,
  seeds: readonly Seed[],
  kind: "param" | "input",
): readonly Root[] {
  const leaves = postorder(seeds.map((s) => s.value)).filter(
    (t): t is TensorOf<"param"> | TensorOf<"input"> => t.op === kind && t.dtype === "f32",
  );
  const bars = gradientsOf(table, seeds, leaves);
  const roots = new Map<string, Root>();
  leaves.forEach((leaf, i) => {
    const bar = bars[i];
    if (!bar) return;
    const { path, layout } = leaf.attrs;
    const first = roots.get(path);
    const value = first
      ? algebra(table).add(first.value, relayout(table, bar, layout, first.layout))
      : bar;
    roots.set(path, { name: path, value, layout: first?.layout ?? layout });
  });
  return [...roots.values()];
}

/** x with each axis of `from` renamed to its partner in `to`, which may be the same axes in another order. */
function relayout(
  table: TensorTable,
  x: Tensor,
  from: readonly Axis[],
  to: readonly Axis[],
): Tensor {
  const rename = (t: Tensor, a: readonly Axis[], b: readonly Axis[]): Tensor =>
    a.reduce((u, axis, i) => {
      const target = b[i] ?? bug("layouts of different rank");
      return axis === target ? u : table.view(u, { kind: "rename", from: axis, to: target });
    }, t);
  if (!from.some((axis) => to.includes(axis))) return rename(x, from, to);
  const between = to.map((axis) => table.axis(axis.name, axis.size, axis.span));
  return rename(rename(x, from, between), between, to);
}

/** Exports instead of doing again what recurrences did, for all of `roots` together. */
function sharing(table: TensorTable, roots: readonly Tensor[]): (t: Tensor) => Tensor {
  const shared = share(table, roots);
  const now = new Map(roots.map((t, i) => [t, shared[i] ?? t]));
  return (t) => now.get(t) ?? bug("not among the roots");
}

const tensorsOf = ({ outputs, loss, metrics, states }: Forward): readonly Tensor[] => [
  ...outputs.map((o) => o.value),
  ...(loss ? [loss] : []),
  ...metrics.flatMap((m) => [m.total, m.rows]),
  ...states.map((s) => s.next.value),
];

const mapRoot = (root: Root, f: (t: Tensor) => Tensor): Root => ({ ...root, value: f(root.value) });

const mapForward = (forward: Forward, f: (t: Tensor) => Tensor): Forward => ({
  outputs: forward.outputs.map((o) => mapRoot(o, f)),
  loss: forward.loss && f(forward.loss),
  metrics: forward.metrics.map((m) => ({ ...m, total: f(m.total), rows: f(m.rows) })),
  states: forward.states.map((s) => ({ ...s, next: mapRoot(s.next, f) })),
});
