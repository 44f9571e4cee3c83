/**
 * Which phase first says something else: each finding is worked out from the program as lowered, as optimised, and from
 * its schedule run in float64. For people who look for a fault; the tests call it only when they fail.
 */

import { bug } from "../../../compiler/bug.js";
import { toKernels } from "../../../compiler/compile.js";
import { evaluate } from "../../../compiler/ir/evaluate.js";
import type { Model } from "../../../compiler/ir/model.js";
import type { DifferentiatedProgram, Root } from "../../../compiler/ir/program.js";
import { volume } from "../../../compiler/ir/tensor.js";
import { ScheduleRun } from "../../support/run-schedule.js";
import { errorOf, randomCotangents } from "./agreement.js";
import { Batch } from "./batch.js";
import { derive, inLayout } from "./oracle.js";
import type { World } from "./world.js";

/** One line for each root whose value changes on the way. */
export function blame(model: Model, world: World, seed = 5, limit = 1e-6): readonly string[] {
  const lowered = derive(model);
  const { joint, schedule } = toKernels(model, { gradients: "all" });
  const batch = new Batch(model, world);
  const cotangents = randomCotangents(lowered, world, seed);
  const inputs = new Map(batch.evaluation(seed).inputs);
  for (const { name, field } of model.outputs) {
    const given = cotangents.get(`${field.space.name}.${name}`);
    const width = field.type.shape.reduce((a, b) => a * b, 1);
    const zeros = new Float64Array(batch.rows(field.space) * width);
    inputs.set(`cotangent.${name}`, given ? batch.join(field.space, given, width) : zeros);
  }
  const data = { ...batch.evaluation(seed), inputs };
  const values = (root: Root): Float64Array =>
    inLayout(root, evaluate([root.value], data)[0] ?? bug("no value"));
  const run = new ScheduleRun(schedule, data);
  run.run("prepare");
  run.run("bind");
  const report: string[] = [];
  const judge = (name: string, before: Root, after: Root, ran: () => ArrayLike<number>): void => {
    const want = values(before);
    const said = [errorOf(values(after), want), errorOf(ran(), want)] as const;
    if (!(said[0] < limit && said[1] < limit))
      report.push(`${name}: optimised ${said[0]}, scheduled ${said[1]}`);
  };
  const arena = (path: string, width: number): ArrayLike<number> => {
    const found = schedule.arenas.parameters.find((p) => p.parameter.path === path);
    return run.arena("gradients", (found ?? bug("no parameter")).offset, width);
  };
  run.run("infer");
  pair(lowered, joint, (p) => p.inference.outputs).forEach(([a, b]) =>
    judge(`output ${a.name}`, a, b, () =>
      run.values(schedule.ends.outputs.get(a.name) ?? bug("no buffer")),
    ),
  );
  run.run("pullback");
  pair(lowered, joint, (p) => p.pullback?.parameters.map((g) => g.root) ?? []).forEach(([a, b]) =>
    judge(`parameter ${a.name}`, a, b, () => arena(a.name, volume(a.layout))),
  );
  pair(lowered, joint, (p) => p.pullback?.inputs ?? []).forEach(([a, b]) =>
    judge(`input ${a.name}`, a, b, () =>
      run.values(schedule.ends.inputGradients?.get(a.name) ?? bug("no buffer")),
    ),
  );
  if (!schedule.programs.train) return report;
  run.run("train");
  pair(lowered, joint, (p) => p.gradients.map((g) => g.root)).forEach(([a, b]) =>
    judge(`gradient ${a.name}`, a, b, () => arena(a.name, volume(a.layout))),
  );
  return report;
}

function pair(
  a: DifferentiatedProgram,
  b: DifferentiatedProgram,
  roots: (p: DifferentiatedProgram) => readonly Root[],
): readonly (readonly [Root, Root])[] {
  const after = new Map(roots(b).map((r) => [r.name, r]));
  return roots(a).map((r) => [r, after.get(r.name) ?? bug(`no ${r.name}`)] as const);
}
