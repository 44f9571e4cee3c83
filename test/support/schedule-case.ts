/** Cases as programs to schedule, and the check that a schedule computes what the tensors mean. */
import { expect } from "vitest";
import { optimize } from "../../compiler/3-optimize/optimize.js";
import { differentiate } from "../../compiler/4-differentiate/differentiate.js";
import { schedule } from "../../compiler/5-schedule/schedule.js";
import { bug } from "../../compiler/bug.js";
import { strideOf } from "../../compiler/ir/evaluate.context.js";
import { type Evaluation, evaluate } from "../../compiler/ir/evaluate.js";
import type { Schedule } from "../../compiler/ir/kernel.js";
import { verifySchedule } from "../../compiler/ir/kernel.verify.js";
import type { Model, Parameter } from "../../compiler/ir/model.js";
import type { DifferentiatedProgram, Program, Root } from "../../compiler/ir/program.js";
import {
  type Axis,
  postorder,
  type Tensor,
  type TensorTable,
  volume,
} from "../../compiler/ir/tensor.js";
import type { Case } from "./notation.js";
import { fillLeaves, randomBatch, randomFrom } from "./random-graph.js";
import { ScheduleRun } from "./run-schedule.js";
import { positions } from "./schedule-memory.js";

const span = { source: { name: "test", text: "" }, start: 0, end: 0 };
const origin = { declaration: "test", instance: "" };

/** Some tensors as the outputs of a model without text. */
export function programOf(table: TensorTable, results: readonly Tensor[]): Program {
  const parameters = postorder(results).flatMap((t): Parameter[] => {
    if (t.op !== "param") return [];
    const shape = t.attrs.layout.map((a) => a.size);
    const init = { kind: "constant", value: 0 } as const;
    return [{ kind: "parameter", path: t.attrs.path, shape, families: 0, init, origin, span }];
  });
  const model: Model = {
    name: "Test",
    doc: null,
    span,
    sets: [],
    relations: [],
    inputs: [],
    parameters,
    states: [],
    fields: [],
    recurrences: [],
    applications: [],
    outputs: [],
    losses: [],
    metrics: [],
    optimizers: [],
  };
  const outputs = results.map((value, i): Root => ({ name: `y${i}`, value, layout: value.axes }));
  const inference = { outputs, loss: null, metrics: [], states: [] };
  return { model, table, inference, training: null, optimizers: [] };
}

/** A case with the pullback of its results, through the laws unless told otherwise. */
export function derived(c: Case, laws: boolean): DifferentiatedProgram {
  const improve = <P extends Program>(p: P): P => (laws ? optimize(p) : p);
  return improve(differentiate(improve(programOf(c.table, c.results)), { pullback: true }));
}

export function checkCase(c: Case, laws: boolean, seed: number): Schedule {
  const random = randomFrom(seed);
  const batch = randomBatch(random, c.batch);
  c.fill?.(batch, random);
  const program = derived(c, laws);
  const scheduled = schedule(program);
  verifySchedule(scheduled);
  const pullback = program.pullback ?? bug("no pullback");
  const roots = [
    ...program.inference.outputs,
    ...pullback.parameters.map((g) => g.root),
    ...pullback.inputs,
  ];
  fillLeaves(
    batch,
    roots.map((r) => r.value),
    random,
  );
  for (const p of program.model.parameters) {
    if (!batch.params.has(p.path)) batch.params.set(p.path, new Float64Array(volumeOf(p.shape)));
  }
  checkPrograms(program, scheduled, batch);
  return scheduled;
}

const volumeOf = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

/** Runs inference and pullback both ways. */
function checkPrograms(
  program: DifferentiatedProgram,
  scheduled: Schedule,
  data: Evaluation,
): void {
  const run = new ScheduleRun(scheduled, data);
  const { arenas, ends } = scheduled;
  run.run("prepare");
  run.run("bind");
  run.run("bind_more");
  run.run("infer");
  for (const root of program.inference.outputs) {
    expectRoot(root, run.values(ends.outputs.get(root.name) ?? bug("no output")), data);
  }
  run.run("pullback");
  for (const { parameter, root } of program.pullback?.parameters ?? []) {
    const { offset } =
      arenas.parameters.find((p) => p.parameter === parameter) ?? bug("no parameter");
    expectRoot(root, run.arena("gradients", offset, volume(root.layout)), data);
  }
  for (const root of program.pullback?.inputs ?? []) {
    expectRoot(root, run.values(ends.inputGradients?.get(root.name) ?? bug("no input")), data);
  }
}

/** The values that lie in memory are those that the tensor means. */
export function expectRoot(root: Root, got: readonly number[], data: Evaluation): void {
  const [want] = evaluate([root.value], data);
  const inMemory = relaid(want ?? bug("no value"), root.value.axes, root.layout);
  expect(got.length, root.name).toBe(inMemory.length);
  got.forEach((v, i) => {
    const w = inMemory[i] ?? Number.NaN;
    const close = Object.is(v, w) || Math.abs(v - w) <= 1e-9 * Math.max(1, Math.abs(w));
    if (!close) expect(v, `${root.name}[${i}]`).toBe(w);
  });
}

function relaid(
  values: ArrayLike<number>,
  axes: readonly Axis[],
  layout: readonly Axis[],
): readonly number[] {
  const width = volume(axes);
  const places = positions(layout).map((p) =>
    axes.reduce((n, a) => n + (p.get(a) ?? 0) * strideOf(axes, a), 0),
  );
  return Array.from(values, (_, i) => Number(values[i - (i % width) + (places[i % width] ?? 0)]));
}
