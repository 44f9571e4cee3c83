/**
 * Tensors to kernels: a program with its derivatives becomes lists of kernels over tiles of rows, and the buffers
 * that tie them (LOWERING, "Scheduling").
 *
 * Goals say what each program must leave where. A program keeps what must be stored (`stored`, `edge-fields`), forms
 * kernels of it (`groups`), keeps values of the tile in scratch (`locals`, `kernels`) and orders stages (`stages`).
 * What depends on parameters or graphs alone is left to `prepare` and `bind`.
 */
import type { ProgramName } from "../../runtime/artifact.js";
import {
  type Arenas,
  type Buffer,
  programNames,
  type Schedule,
  type ScheduledProgram,
  type ScheduledStep,
} from "../ir/kernel.js";
import type { DifferentiatedProgram } from "../ir/program.js";
import type { Tensor } from "../ir/tensor.js";
import { arenasOf } from "./arenas.js";
import { Buffers, type Panels } from "./buffers.js";
import { isMemory } from "./cost.js";
import { Dependences } from "./dependence.js";
import { allGoals, Goals } from "./goals.js";
import { Homes } from "./homes.js";
import { Layouts } from "./layouts.js";
import { Masks } from "./masks.js";
import {
  type Beginning,
  type Goal,
  isPackedAhead,
  packKernel,
  panelsOf,
  programOf,
  type Session,
} from "./program.js";
import { spellSlots } from "./spell-slots.js";
import { settingGoals, updateProgram } from "./update.js";

export function schedule(given: DifferentiatedProgram): Schedule {
  const program = spellSlots(given);
  const arenas = arenasOf(program);
  const session = sessionOf(program, arenas);
  const { infer, evaluate, train, pullback, ends } = allGoals(program, arenas, session);
  const settings = new Goals(session);
  settingGoals(settings, program.optimizers, arenas, program.table);

  const forward = forwardOf(program);
  const run = (
    name: ProgramName,
    goals: Goals | null,
    begin: Beginning | null = null,
  ): ScheduledProgram | undefined =>
    goals ? programOf({ name, goals: goals.all, forward, ahead: true, begin }, session) : undefined;
  const inference = run("infer", infer);
  const begin = infer && inference ? { goals: infer.all, steps: inference.steps } : null;
  const programs: Partial<Record<ProgramName, ScheduledProgram | undefined>> = {
    infer: inference,
    evaluate: run("evaluate", evaluate, begin),
    train: run("train", train),
    pullback: run("pullback", pullback),
    schedule: program.optimizers.length > 0 ? run("schedule", settings) : undefined,
    update: train
      ? updateProgram(program.optimizers, program.training, arenas, session)
      : undefined,
  };
  const all = {
    prepare: aheadProgram("prepare", session),
    bind: aheadProgram("bind", session),
    ...programs,
  };
  return {
    programs: present(all),
    buffers: session.buffers.all,
    arenas,
    ends: { ...ends, inputs: inputsOf(Object.values(all)) },
  };
}

/** The roots of evaluations: what is not among their parts belongs to a backward half. */
const forwardOf = ({ inference, training }: DifferentiatedProgram): readonly Tensor[] =>
  [inference, training].flatMap((f) =>
    f ? [...f.outputs.map((o) => o.value), ...(f.loss ? [f.loss] : [])] : [],
  );

function sessionOf({ table }: DifferentiatedProgram, arenas: Arenas): Session {
  const layouts = new Layouts();
  return {
    table,
    layouts,
    buffers: new Buffers(layouts),
    offsets: {
      parameters: new Map(arenas.parameters.map((p) => [p.parameter.path, p.offset])),
      states: new Map(arenas.states.map((s) => [s.state.path, s.offset])),
    },
    dependences: new Dependences(),
    masks: new Masks(table),
    ahead: { parameters: new Set(), facts: new Set() },
  };
}

/** What the programs left to be computed ahead, and the panels of matrices known by then. */
function aheadProgram(name: "prepare" | "bind", session: Session): ScheduledProgram | undefined {
  const { ahead, buffers, dependences, offsets } = session;
  const wanted = name === "prepare" ? ahead.parameters : ahead.facts;
  const goals: readonly Goal[] = [...wanted].map((tensor) => ({
    tensor,
    buffer: buffers.own(tensor),
  }));
  const { steps } = programOf({ name, goals, forward: [], ahead: false }, session);
  const homes = new Homes(buffers, offsets);
  const known = (t: Tensor): boolean => isMemory(t) || wanted.has(t);
  const mine = buffers.panels.filter(
    (p) =>
      isPackedAhead(p, dependences) && (dependences.of(p.source) === "facts") === (name === "bind"),
  );
  // what the program itself multiplies by are parameters
  const used = new Set(panelsOf(steps));
  const [early, late] = [
    mine.filter((p) => used.has(p.buffer)),
    mine.filter((p) => !used.has(p.buffer)),
  ];
  let count = 0;
  const pack = (p: Panels): ScheduledStep => {
    return { kind: "kernel", kernel: packKernel(p, homes, known, `${name}.pack.${++count}`) };
  };
  const all = [...early.map(pack), ...steps, ...late.map(pack)];
  return all.length > 0 ? { steps: all } : undefined;
}

function present(
  programs: Partial<Record<ProgramName, ScheduledProgram | undefined>>,
): Partial<Record<ProgramName, ScheduledProgram>> {
  const found: Partial<Record<ProgramName, ScheduledProgram>> = {};
  for (const name of programNames) {
    const program = programs[name];
    if (program) found[name] = program;
  }
  return found;
}

/** Where the inputs lie that some kernel reads, by path. */
function inputsOf(
  programs: readonly (ScheduledProgram | undefined)[],
): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const look = (steps: readonly ScheduledStep[]): void => {
    for (const step of steps) {
      if (step.kind === "levels") look(step.steps);
      else
        for (const [t, buffer] of step.kernel.stored) {
          if (t.op === "input") found.set(t.attrs.path, buffer);
        }
    }
  };
  for (const program of programs) look(program?.steps ?? []);
  return found;
}
