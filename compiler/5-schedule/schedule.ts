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
  type Shortlist,
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
  listKernel,
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
  const first = new Set(session.ahead.facts);
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
  const all = { ...aheadPrograms(first, inference, session), ...programs };
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

/**
 * What the programs left to be computed ahead: of parameters in `prepare`, of the graphs in `bind` what inference wants,
 * and in `bind_more` what the others want besides, so that nobody who only runs a model waits for it.
 *
 * @param first The facts that inference wants.
 */
function aheadPrograms(
  first: ReadonlySet<Tensor>,
  inference: ScheduledProgram | undefined,
  session: Session,
): Partial<Record<ProgramName, ScheduledProgram | undefined>> {
  const { ahead, dependences } = session;
  const isFact = ({ source }: Panels): boolean => dependences.of(source) === "facts";
  const inferred = new Set(panelsOf(inference?.steps ?? []));
  const isFirst = (p: Panels): boolean => inferred.has(p.buffer);
  const none = new Set<Tensor>();
  const parameters = { wanted: ahead.parameters, given: none, packs: (p: Panels) => !isFact(p) };
  const facts = { wanted: first, given: none, packs: (p: Panels) => isFact(p) && isFirst(p) };
  const more = {
    wanted: new Set([...ahead.facts].filter((t) => !first.has(t))),
    given: first,
    packs: (p: Panels) => isFact(p) && !isFirst(p),
  };
  return {
    prepare: aheadProgram("prepare", parameters, session),
    bind: aheadProgram("bind", facts, session),
    bind_more: aheadProgram("bind_more", more, session),
  };
}

/** What a program that runs ahead is to leave. */
interface Ahead {
  readonly wanted: ReadonlySet<Tensor>;
  /** What another has left before. */
  readonly given: ReadonlySet<Tensor>;
  /** Which matrices it packs. */
  readonly packs: (panels: Panels) => boolean;
}

function aheadProgram(
  name: "prepare" | "bind" | "bind_more",
  { wanted, given, packs }: Ahead,
  session: Session,
): ScheduledProgram | undefined {
  const { buffers, dependences, offsets } = session;
  const goals: readonly Goal[] = [...wanted].map((tensor) => ({
    tensor,
    buffer: buffers.own(tensor),
  }));
  const { steps } = programOf({ name, goals, forward: [], ahead: false, given }, session);
  const homes = new Homes(buffers, offsets);
  const known = (t: Tensor): boolean => isMemory(t) || wanted.has(t) || given.has(t);
  const mine = buffers.panels.filter((p) => isPackedAhead(p, dependences) && packs(p));
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
  const list = (shortlist: Shortlist, i: number): ScheduledStep => {
    return { kind: "kernel", kernel: listKernel(shortlist, homes, `${name}.list.${i + 1}`) };
  };
  const lists = name === "bind_more" ? buffers.shortlists : [];
  const all = [...early.map(pack), ...steps, ...late.map(pack), ...lists.map(list)];
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
