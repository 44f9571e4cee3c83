/** Buffers of the artifact: how many words a row, and whether they outlive a program. */
import type { ManifestBuffer, ProgramName } from "../runtime/artifact.js";
import {
  type Buffer,
  buffersOfList,
  type Kernel,
  panelsIn,
  programNames,
  type Schedule,
  type ScheduledStep,
} from "./ir/kernel.js";
import { volume } from "./ir/tensor.js";
import { spaceName } from "./pack.frames.js";

/** Chunks of rows that partial results are kept for, at most. */
const mostChunks = 16;

export function manifestBuffers(schedule: Schedule): readonly ManifestBuffer[] {
  const kept = keptOf(schedule);
  const read = new Set(readAfterwards(schedule).map(([, buffer]) => buffer));
  return schedule.buffers.map((buffer): ManifestBuffer => {
    const isKept = kept.has(buffer);
    const life = read.has(buffer) ? "read" : "passing";
    return {
      name: isKept || buffer.space.kind !== "unit" ? buffer.name : "",
      space: spaceName(buffer.space),
      width: widthOf(buffer),
      life: isKept ? "kept" : life,
    };
  });
}

/** Words for each row of the space. */
function widthOf({ place, layout }: Buffer): number {
  if (place.kind === "partials") return mostChunks * volume(layout);
  if (place.kind === "panels") return panelsIn(place).words;
  return volume(layout);
}

/** The programs that touch a buffer. */
function usersOf(schedule: Schedule): ReadonlyMap<Buffer, ReadonlySet<ProgramName>> {
  const users = new Map<Buffer, Set<ProgramName>>();
  const use = (buffer: Buffer, name: ProgramName): void => {
    users.set(buffer, (users.get(buffer) ?? new Set()).add(name));
  };
  for (const [name, program] of entries(schedule))
    for (const buffer of program.steps.flatMap(buffersIn)) use(buffer, name);
  for (const [name, buffer] of readAfterwards(schedule)) use(buffer, name);
  return users;
}

const entries = ({ programs }: Schedule) =>
  programNames.flatMap((name) => {
    const program = programs[name];
    return program ? [[name, program] as const] : [];
  });

function buffersIn(step: ScheduledStep): readonly Buffer[] {
  return step.kind === "kernel" ? buffersOf(step.kernel) : step.steps.flatMap(buffersIn);
}

function buffersOf(kernel: Kernel): readonly Buffer[] {
  const beside = kernel.stages.flatMap((stage) => {
    if (stage.kind === "product" || stage.kind === "pack") return [stage.panels];
    if ("shortlist" in stage && stage.shortlist) return buffersOfList(stage.shortlist);
    return stage.kind === "combine" ? [stage.partials] : [];
  });
  return [...kernel.stored.values(), ...beside].filter(hasMemory);
}

const hasMemory = ({ place }: Buffer): boolean =>
  place.kind !== "arena" && place.kind !== "scratch";

/** What a host reads when a program has run. */
function readAfterwards({ ends }: Schedule): readonly (readonly [ProgramName, Buffer])[] {
  const found: (readonly [ProgramName, Buffer])[] = [];
  for (const buffer of ends.outputs.values()) found.push(["infer", buffer]);
  for (const buffer of ends.inputGradients?.values() ?? []) found.push(["pullback", buffer]);
  for (const name of ["evaluate", "train"] as const) {
    const loss = ends.loss[name];
    if (loss) found.push([name, loss]);
    for (const by of ends.metrics.values()) {
      const metric = by[name];
      if (metric) found.push([name, metric.total], [name, metric.rows]);
    }
  }
  return found;
}

/** Inputs, and what `prepare`, `bind` and `bind_more` leave for other programs. */
function keptOf(schedule: Schedule): ReadonlySet<Buffer> {
  const kept = new Set(schedule.ends.inputs.values());
  for (const [buffer, names] of usersOf(schedule)) {
    const ahead = (["prepare", "bind", "bind_more"] as const).some((name) => names.has(name));
    if (ahead && names.size > 1) kept.add(buffer);
  }
  return kept;
}
