/**
 * Which phase first says something else: every root is worked out from the program as lowered, as optimised, and from its
 * schedule run in float64. The tests ask only when they fail.
 */
import { bug } from "../../../compiler/bug.js";
import { toKernels } from "../../../compiler/compile.js";
import { type Evaluation, evaluate } from "../../../compiler/ir/evaluate.js";
import type { Schedule } from "../../../compiler/ir/kernel.js";
import type { Model } from "../../../compiler/ir/model.js";
import type { DifferentiatedProgram, Root } from "../../../compiler/ir/program.js";
import { volume as widthOf } from "../../../compiler/ir/tensor.js";
import { ScheduleRun } from "../../support/run-schedule.js";
import { errorOf, randomCotangents } from "./agreement.js";
import { Batch } from "./batch.js";
import { derive, inLayout } from "./oracle.js";
import { volume, type World } from "./world.js";

/** One line for each root whose value changes on the way; none where only `emit` or the runtime can be wrong. */
export function blame(model: Model, world: World, limit = 1e-6): readonly string[] {
  const lowered = derive(model);
  const { joint, schedule } = toKernels(model, { gradients: "all" });
  const data = withCotangents(lowered, world);
  const run = new ScheduleRun(schedule, data);
  run.run("prepare");
  run.run("bind");
  run.run("bind_more");
  const values = (root: Root): Float64Array =>
    inLayout(root, evaluate([root.value], data)[0] ?? bug("no value"));
  return parts.flatMap(({ program, rootsOf, ran }) => {
    if (!schedule.programs[program]) return [];
    run.run(program);
    const after = new Map(rootsOf(joint).map((r) => [r.name, r]));
    return rootsOf(lowered).flatMap((root) => {
      const want = values(root);
      const optimised = errorOf(values(after.get(root.name) ?? bug("lost a root")), want);
      const scheduled = errorOf(ran(run, schedule, root), want);
      if (optimised < limit && scheduled < limit) return [];
      return [`${program} ${root.name}: optimised ${optimised}, scheduled ${scheduled}`];
    });
  });
}

interface Part {
  readonly program: "infer" | "pullback" | "train";
  readonly rootsOf: (p: DifferentiatedProgram) => readonly Root[];
  readonly ran: (run: ScheduleRun, schedule: Schedule, root: Root) => ArrayLike<number>;
}

const inArena: Part["ran"] = (run, { arenas }, { name, layout }) => {
  const found = arenas.parameters.find((p) => p.parameter.path === name);
  return run.arena("gradients", (found ?? bug("no parameter")).offset, widthOf(layout));
};

const parts: readonly Part[] = [
  {
    program: "infer",
    rootsOf: (p) => p.inference.outputs,
    ran: (run, { ends }, { name }) => run.values(ends.outputs.get(name) ?? bug("no output")),
  },
  {
    program: "pullback",
    rootsOf: (p) => p.pullback?.parameters.map((g) => g.root) ?? [],
    ran: inArena,
  },
  {
    program: "pullback",
    rootsOf: (p) => p.pullback?.inputs ?? [],
    ran: (run, { ends }, { name }) =>
      run.values(ends.inputGradients?.get(name) ?? bug("no gradient")),
  },
  { program: "train", rootsOf: (p) => p.gradients.map((g) => g.root), ran: inArena },
];

function withCotangents(program: DifferentiatedProgram, world: World): Evaluation {
  const batch = new Batch(program.model, world);
  const data = batch.evaluation(5);
  const cotangents = randomCotangents(program, world);
  const inputs = program.model.outputs.map(({ name, field }) => {
    const given = cotangents.get(`${field.space.name}.${name}`) ?? [];
    return [`cotangent.${name}`, batch.join(field.space, given, volume(field.type.shape))] as const;
  });
  return { ...data, inputs: new Map([...data.inputs, ...inputs]) };
}
