/**
 * A world in the evaluator: float64, no kernels, the program as `2-lower` leaves it. Everything goes in and comes out as
 * the runtime takes and gives it: per graph, edges in the order of the user.
 */
import { lower } from "../../../compiler/2-lower/lower.js";
import { differentiate } from "../../../compiler/4-differentiate/differentiate.js";
import { bug } from "../../../compiler/bug.js";
import { evaluate } from "../../../compiler/ir/evaluate.js";
import type { Model } from "../../../compiler/ir/model.js";
import type { DifferentiatedProgram, Root } from "../../../compiler/ir/program.js";
import { type Axis, volume } from "../../../compiler/ir/tensor.js";
import { Batch } from "./batch.js";
import type { PerGraph, World } from "./world.js";

export interface Inferred {
  /** By `space.name`. */
  readonly outputs: ReadonlyMap<string, PerGraph>;
  /** Gradients of sum(output * cotangent), by path and by `space.name`. */
  readonly parameters: ReadonlyMap<string, ArrayLike<number>>;
  readonly inputs: ReadonlyMap<string, PerGraph>;
}

export interface Trained {
  /** `loss` and the metrics by name. */
  readonly scores: ReadonlyMap<string, readonly number[]>;
  /** Of the loss, by path. */
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>;
  /** After the step, by path. */
  readonly states: ReadonlyMap<string, ArrayLike<number>>;
}

/** What the module is held against. */
export const derive = (model: Model): DifferentiatedProgram =>
  differentiate(lower(model), { pullback: true });

/** Names of the f32 outputs by `space.name`: those that take cotangents. */
export type Cotangents = ReadonlyMap<string, PerGraph>;

export function infer(
  program: DifferentiatedProgram,
  world: World,
  seed: number,
  cotangents: Cotangents = new Map(),
): Inferred {
  const { model, inference, pullback } = program;
  const batch = new Batch(model, world);
  const spaceOf = new Map(model.outputs.map((o) => [o.name, o.field.space]));
  const named = (name: string): string => `${spaceOf.get(name)?.name}.${name}`;
  const seeds = (pullback?.cotangents ?? []).map(
    ({ name, value, layout }): [string, ArrayLike<number>] => {
      const given = cotangents.get(named(name.replace("cotangent.", "")));
      const length = batch.rows(value.space) * volume(layout);
      return [
        name,
        given ? batch.join(value.space, given, volume(layout)) : new Float64Array(length),
      ];
    },
  );
  const parameters = pullback?.parameters.map((g) => g.root) ?? [];
  const inputs = pullback?.inputs ?? [];
  const roots =
    cotangents.size > 0 ? [...inference.outputs, ...parameters, ...inputs] : inference.outputs;
  const found = evaluate(
    roots.map((r) => r.value),
    { ...batch.evaluation(seed), inputs: new Map([...batch.evaluation(seed).inputs, ...seeds]) },
  );
  const read = (root: Root): Float64Array =>
    inLayout(root, found[roots.indexOf(root)] ?? bug("not evaluated"));
  const cut = (root: Root): PerGraph => batch.cut(root.value.space, read(root));
  return {
    outputs: new Map(inference.outputs.map((o) => [named(o.name), cut(o)])),
    parameters: new Map(
      roots === inference.outputs ? [] : parameters.map((r) => [r.name, read(r)]),
    ),
    inputs: new Map(roots === inference.outputs ? [] : inputs.map((r) => [r.name, cut(r)])),
  };
}

/** The first training step. Null when the model has no loss. */
export function train(program: DifferentiatedProgram, world: World, seed: number): Trained | null {
  const { training, gradients, model } = program;
  if (!training?.loss) return null;
  const data = new Batch(model, world).evaluation(seed);
  const metrics = training.metrics.flatMap(({ total, rows }) => [total, rows]);
  const found = evaluate(
    [
      training.loss,
      ...metrics,
      ...gradients.map((g) => g.root.value),
      ...training.states.map((s) => s.next.value),
    ],
    data,
  );
  const scalar = (i: number): number => found[i]?.[0] ?? Number.NaN;
  const [firstGradient, firstState] = [1 + metrics.length, 1 + metrics.length + gradients.length];
  return {
    scores: new Map([
      ["loss", [scalar(0)]] as const,
      ...training.metrics.map(({ name }, i) => {
        const rows = scalar(2 + 2 * i);
        return [name, [rows === 0 ? 0 : scalar(1 + 2 * i) / rows]] as const;
      }),
    ]),
    gradients: new Map(
      gradients.map(({ parameter, root }, i) => [
        parameter.path,
        inLayout(root, found[firstGradient + i] ?? bug("no gradient")),
      ]),
    ),
    states: new Map(
      training.states.map(({ state, next }, i) => [
        state.path,
        inLayout(next, found[firstState + i] ?? bug("no state")),
      ]),
    ),
  };
}

/** Values with their axes in the order of the root's layout. */
export function inLayout({ value, layout }: Root, values: Float64Array): Float64Array {
  const width = volume(layout);
  const stride = (axes: readonly Axis[], axis: Axis) => volume(axes.slice(axes.indexOf(axis) + 1));
  const places = Array.from({ length: width }, (_, i) =>
    layout.reduce(
      (at, a) => at + (Math.floor(i / stride(layout, a)) % a.size) * stride(value.axes, a),
      0,
    ),
  );
  return values.map((_, i) => values[i - (i % width) + (places[i % width] ?? 0)] ?? Number.NaN);
}
