/** Whole models: what every program of their schedule leaves in memory is what the tensors mean. */

import { bug } from "../../compiler/bug.js";
import { toKernels } from "../../compiler/compile.js";
import type { Evaluation } from "../../compiler/ir/evaluate.js";
import type { Buffer, Schedule } from "../../compiler/ir/kernel.js";
import { verifySchedule } from "../../compiler/ir/kernel.verify.js";
import type { Model } from "../../compiler/ir/model.js";
import type { DifferentiatedProgram, Forward, Gradient, Root } from "../../compiler/ir/program.js";
import { type Tensor, volume } from "../../compiler/ir/tensor.js";
import { randomBatch } from "../lower/support/random-batch.js";
import { evaluation } from "../lower/support/run.js";
import { randomFrom } from "./random-graph.js";
import { ScheduleRun } from "./run-schedule.js";
import { expectRoot } from "./schedule-case.js";

interface Checking {
  readonly program: DifferentiatedProgram;
  readonly schedule: Schedule;
  readonly data: Evaluation;
  readonly run: ScheduleRun;
}

export function checkModel(model: Model, seed = 1): Schedule {
  const { joint, schedule } = toKernels(model);
  verifySchedule(schedule);
  const data = evaluation({ ...randomBatch(model, seed), step: 2 });
  const run = new ScheduleRun(schedule, withCotangents(joint, data));
  const checking = { program: joint, schedule, data: withCotangents(joint, data), run };
  run.run("prepare");
  run.run("bind");
  run.run("bind_more");
  checkInference(checking);
  checkTraining(checking);
  checkPullback(checking);
  return schedule;
}

/** Random cotangents of the outputs. */
function withCotangents(program: DifferentiatedProgram, data: Evaluation): Evaluation {
  const random = randomFrom(11);
  const inputs = new Map(data.inputs);
  for (const root of program.pullback?.cotangents ?? []) {
    const length = data.rows(root.value.space) * volume(root.layout);
    inputs.set(
      root.name,
      Float64Array.from({ length }, () => 2 * random() - 1),
    );
  }
  return { ...data, inputs };
}

function checkInference({ program, schedule, data, run }: Checking): void {
  const { outputs } = program.inference;
  run.run("infer");
  const { ends } = schedule;
  for (const root of outputs) {
    expectRoot(root, run.values(ends.outputs.get(root.name) ?? bug("no output")), data);
  }
  if (!schedule.programs.evaluate) return;
  run.run("evaluate");
  checkScalars("evaluate", program.inference, { program, schedule, data, run });
}

function checkTraining(c: Checking): void {
  const { training, gradients } = c.program;
  if (!training || !c.schedule.programs.train) return;
  c.run.run("train");
  checkScalars("train", training, c);
  checkGradients(gradients, c);
  const { arenas } = c.schedule;
  for (const { state, next } of training.states) {
    const { offset } = arenas.states.find((s) => s.state === state) ?? bug("no state");
    expectRoot(next, c.run.arena("next_states", offset, volume(next.layout)), c.data);
  }
}

function checkPullback(c: Checking): void {
  const { pullback } = c.program;
  if (!pullback) return;
  c.run.run("pullback");
  checkGradients(pullback.parameters, c);
  for (const root of pullback.inputs) {
    const buffer = c.schedule.ends.inputGradients?.get(root.name) ?? bug("no gradient");
    expectRoot(root, c.run.values(buffer), c.data);
  }
}

function checkGradients(gradients: readonly Gradient[], { schedule, run, data }: Checking): void {
  for (const { parameter, root } of gradients) {
    const { parameters } = schedule.arenas;
    const { offset } = parameters.find((p) => p.parameter === parameter) ?? bug("no parameter");
    expectRoot(root, run.arena("gradients", offset, volume(root.layout)), data);
  }
}

function checkScalars(name: "evaluate" | "train", forward: Forward, c: Checking): void {
  const { loss, metrics } = c.schedule.ends;
  const scalar = (value: Tensor, buffer: Buffer | undefined): void => {
    const root: Root = { name, value, layout: [] };
    expectRoot(root, c.run.values(buffer ?? bug("no buffer")), c.data);
  };
  if (forward.loss) scalar(forward.loss, loss[name]);
  for (const { name: metric, total, rows } of forward.metrics) {
    const buffers = metrics.get(metric)?.[name];
    scalar(total, buffers?.total);
    scalar(rows, buffers?.rows);
  }
}
