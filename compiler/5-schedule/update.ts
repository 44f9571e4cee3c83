/**
 * The programs without graphs: `schedule` writes hyperparameters, `update` takes a step of every optimizer and makes
 * the next states the present ones.
 */
import { type Hyperparameter, hyperparameters } from "../../runtime/artifact.js";
import { bug } from "../bug.js";
import type {
  Arenas,
  Buffer,
  Kernel,
  KernelDomain,
  ScheduledProgram,
  ScheduledStep,
  Stage,
} from "../ir/kernel.js";
import type { Forward, LoweredOptimizer } from "../ir/program.js";
import { unitSpace } from "../ir/space.js";
import type { Tensor, TensorTable } from "../ir/tensor.js";
import type { Goals } from "./goals.js";
import type { Session } from "./program.js";

/** What a hyperparameter is when the optimizer line does not say. */
const defaults: Readonly<Record<Hyperparameter, number>> = {
  lr: 0.001,
  momentum: 0,
  nesterov: 0,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weight_decay: 0,
  clip: 0,
};

const settingOf = ({ settings }: LoweredOptimizer, name: Hyperparameter, table: TensorTable) =>
  settings[name] ?? table.constant(defaults[name]);

/** Every hyperparameter at its place in the settings. */
export function settingGoals(
  goals: Goals,
  optimizers: readonly LoweredOptimizer[],
  arenas: Arenas,
  table: TensorTable,
): void {
  optimizers.forEach((optimizer, i) => {
    const first = arenas.optimizers[i]?.settings ?? bug("optimizer without settings");
    hyperparameters.forEach((name, j) => {
      const value = settingOf(optimizer, name, table);
      const scalar = value.dtype === "f32" ? value : table.map("to_f32", [value]);
      goals.arena(scalar, [], { kind: "arena", arena: "settings", offset: first + j });
    });
  });
}

export function updateProgram(
  optimizers: readonly LoweredOptimizer[],
  training: Forward | null,
  arenas: Arenas,
  session: Session,
): ScheduledProgram {
  let count = 0;
  const step = (domain: KernelDomain, stage: Stage, stored = new Map<Tensor, Buffer>()) => {
    const name = `update.${++count}`;
    const kernel: Kernel = { name, domain, tile: 1, stages: [stage], stored, scratch: 0 };
    return { kind: "kernel", kernel } as const;
  };
  const steps: ScheduledStep[] = arenas.optimizers.flatMap(({ optimizer, ranges, settings }, i) => {
    const clipped = isClipped(optimizers[i], session.table);
    const norm = clipped
      ? [step({ over: "count", count: 1 }, { kind: "norm", ranges, settings })]
      : [];
    const { kind } = optimizer;
    const updates = ranges.map(([first, words]) => {
      const stage = { kind: "optimizer", optimizer: kind, clipped, first, settings } as const;
      return step({ over: "count", count: words / 4 }, stage);
    });
    return [...norm, ...updates];
  });
  const copies = stateCopies(training, arenas, session).map(({ target, stored }) =>
    step({ over: "rows", space: unitSpace }, { kind: "map", target }, stored),
  );
  return { steps: [...steps, ...copies] };
}

function isClipped(optimizer: LoweredOptimizer | undefined, table: TensorTable): boolean {
  const clip = optimizer && settingOf(optimizer, "clip", table);
  return clip !== undefined && !(clip.op === "const" && clip.attrs.value === 0);
}

/** state := next state, a copy of the memory of one to that of the other. */
function stateCopies(training: Forward | null, arenas: Arenas, { table, buffers }: Session) {
  return (training?.states ?? []).map(({ state, next }) => {
    const found = arenas.states.find((s) => s.state.path === state.path);
    const { offset } = found ?? bug(`no state ${state.path}`);
    const source = table.state(`${state.path}.next`, next.layout);
    const target = table.stop(source);
    const at = (t: Tensor, arena: "states" | "next_states"): Buffer =>
      buffers.at(t, next.layout, { kind: "arena", arena, offset });
    const stored = new Map<Tensor, Buffer>([
      [source, at(source, "next_states")],
      [target, at(target, "states")],
    ]);
    return { target, stored };
  });
}
