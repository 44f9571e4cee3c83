/**
 * What must hold in a schedule: everything a stage reads is stored and was written before, every value in scratch
 * lies within the scratch of its kernel, and a stage finds its operands as its form wants them.
 */
import { bug } from "../bug.js";
import {
  type Buffer,
  buffersOfList,
  type Kernel,
  type Needed,
  type Schedule,
  type ScheduledStep,
  type Shortlist,
  type Stage,
} from "./kernel.js";
import { type Tensor, volume } from "./tensor.js";

/** Stops at the first thing that does not hold. */
export function verifySchedule(schedule: Schedule): void {
  const ahead = new Set<string>();
  for (const buffer of schedule.ends.inputs.values()) ahead.add(memoryOf(buffer));
  for (const name of ["prepare", "bind"] as const) {
    verifySteps(schedule.programs[name]?.steps ?? [], ahead);
  }
  verifySteps(schedule.programs.infer?.steps ?? [], new Set(ahead));
  verifySteps(schedule.programs.bind_more?.steps ?? [], ahead);
  for (const name of ["evaluate", "train", "schedule", "pullback"] as const) {
    verifySteps(schedule.programs[name]?.steps ?? [], new Set(ahead));
  }
}

/** Memory as a name: buffers by number, stretches of arenas by their place. */
const memoryOf = ({ id, place }: Buffer): string =>
  place.kind === "arena" ? `${place.arena}+${place.offset}` : `${id}`;

const isFromOutside = ({ place }: Buffer): boolean =>
  place.kind === "arena" && (place.arena === "parameters" || place.arena === "states");

function verifySteps(steps: readonly ScheduledStep[], written: Set<string>): void {
  for (const step of steps) {
    if (step.kind === "kernel") verifyKernel(step.kernel, written);
    else {
      // a level reads what the levels before it wrote
      for (const kernel of step.steps.flatMap(kernelsOf)) {
        for (const t of kernel.stages.flatMap(targetsOf)) noteTarget(t, kernel, written);
      }
      verifySteps(step.steps, written);
    }
  }
}

const kernelsOf = (step: ScheduledStep): readonly Kernel[] =>
  step.kind === "kernel" ? [step.kernel] : step.steps.flatMap(kernelsOf);

function noteTarget(t: Tensor, kernel: Kernel, written: Set<string>): void {
  const buffer = kernel.stored.get(t) ?? bug(`${kernel.name} writes ${nameOf(t)} nowhere`);
  if (buffer.place.kind !== "scratch") written.add(memoryOf(buffer));
}

function verifyKernel(kernel: Kernel, written: Set<string>): void {
  for (const [t, buffer] of kernel.stored) verifyPlace(t, buffer, kernel);
  if (kernel.needed) verifyNeeded(kernel.needed, kernel, written);
  for (const stage of kernel.stages) {
    const targets = new Set(targetsOf(stage));
    for (const t of readBy(stage, kernel)) {
      if (targets.has(t)) continue;
      const buffer = kernel.stored.get(t) ?? bug(`${kernel.name} reads ${nameOf(t)} from nowhere`);
      if (!isFromOutside(buffer) && !written.has(memoryOf(buffer))) {
        bug(`${kernel.name} reads ${nameOf(t)} before it is written`);
      }
    }
    if (stage.kind === "product" && !written.has(memoryOf(stage.panels))) {
      bug(`${kernel.name} reads ${stage.panels.name} before they are packed`);
    }
    if (stage.kind === "combine" && !written.has(memoryOf(stage.partials))) {
      bug(`${kernel.name} combines what nobody summed`);
    }
    if (stage.kind === "columns" && stage.shortlist)
      verifyShortlist(stage.shortlist, kernel, written);
    if (stage.kind === "pack") written.add(memoryOf(stage.panels));
    if (stage.kind === "shortlist")
      for (const buffer of buffersOfList(stage.shortlist)) written.add(memoryOf(buffer));
    for (const t of targets) {
      written.add(memoryOf(kernel.stored.get(t) ?? bug(`${kernel.name}: no place for a target`)));
    }
  }
}

function verifyNeeded(
  { mask, zeroed }: Needed,
  { name, stored }: Kernel,
  written: Set<string>,
): void {
  const buffer = stored.get(mask) ?? bug(`${name}: no place for its mask`);
  if (!written.has(memoryOf(buffer))) bug(`${name} reads its mask before it is written`);
  for (const t of zeroed)
    if (stored.get(t)?.place.kind !== "buffer") bug(`${name}: ${nameOf(t)} has no rows to be 0`);
}

function verifyShortlist(list: Shortlist, { name }: Kernel, written: Set<string>): void {
  for (const buffer of buffersOfList(list))
    if (!written.has(memoryOf(buffer))) bug(`${name} reads ${buffer.name} before it is written`);
}

function verifyPlace(t: Tensor, { layout, place, name }: Buffer, kernel: Kernel): void {
  const same = layout.length === t.axes.length && layout.every((a) => t.axes.includes(a));
  if (!same) bug(`${kernel.name}: ${name} is laid out on other axes than ${nameOf(t)}`);
  if (place.kind !== "scratch") return;
  if (place.offset + kernel.tile * volume(layout) > kernel.scratch) {
    bug(`${kernel.name}: ${name} lies outside of the scratch`);
  }
}

/** What a stage writes. */
export function targetsOf(stage: Stage): readonly Tensor[] {
  switch (stage.kind) {
    case "walk":
      return stage.targets;
    case "softmax":
      return [stage.lse, ...stage.sums];
    case "pack":
    case "shortlist":
    case "optimizer":
    case "norm":
      return [];
    default:
      return [stage.target];
  }
}

/** What a stage reads from memory: its operands, or all that its definitions reach. */
function readBy(stage: Stage, kernel: Kernel): ReadonlySet<Tensor> {
  switch (stage.kind) {
    case "product":
      return new Set([stage.left]);
    case "outer":
      return new Set([stage.left, stage.right]);
    case "combine":
    case "optimizer":
    case "norm":
      return new Set();
    case "shortlist":
      return new Set([stage.shortlist.mask]);
    case "pack":
      return kernel.stored.has(stage.source)
        ? new Set([stage.source])
        : reached(stage.source, kernel);
    default:
      return new Set(targetsOf(stage).flatMap((t) => [...reached(t, kernel)]));
  }
}

/** Stored tensors below the definition of `target`; leaves that are memory must be among them. */
function reached(target: Tensor, kernel: Kernel): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const visit = (t: Tensor): void => {
    if (seen.has(t)) return;
    seen.add(t);
    if (kernel.stored.has(t) || isMemory(t)) found.add(t);
    else t.inputs.forEach(visit);
  };
  // a winner is found along with its extreme
  const from =
    target.op === "winner" ? [...target.inputs, ...target.inputs[0].inputs] : target.inputs;
  from.forEach(visit);
  return found;
}

const isMemory = (t: Tensor): boolean =>
  ["input", "param", "state", "unknown", "result", "recur"].includes(t.op);

const nameOf = (t: Tensor): string => t.label ?? `${t.op} ${t.id}`;
