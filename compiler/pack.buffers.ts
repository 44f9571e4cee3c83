/** Buffers of the artifact: how many words as a formula of the sizes of a batch, and in which steps they are needed. */
import type { ManifestBuffer, ProgramName, Size } from "../runtime/artifact.js";
import {
  type Buffer,
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

type Lives = Partial<Record<ProgramName, readonly [number, number]>>;

export function manifestBuffers(schedule: Schedule): readonly ManifestBuffer[] {
  const lives = livesOf(schedule);
  const kept = keptOf(schedule, lives);
  return schedule.buffers.map((buffer): ManifestBuffer => {
    const isKept = kept.has(buffer);
    return {
      words: wordsOf(buffer),
      name: buffer.name,
      space: spaceName(buffer.space),
      width: volume(buffer.layout),
      life: isKept ? "kept" : "passing",
      lives: isKept ? {} : { ...lives.get(buffer) },
    };
  });
}

function wordsOf({ place, space, layout }: Buffer): Size {
  if (place.kind === "partials") return [{ times: mostChunks * volume(layout), spaces: [] }];
  if (place.kind === "panels") return [{ times: panelsIn(place).words, spaces: [] }];
  return [{ times: volume(layout), spaces: space.kind === "unit" ? [] : [spaceName(space)] }];
}

/** The first and the last step of each program that touch a buffer. A recurrence counts as one step. */
function livesOf(schedule: Schedule): ReadonlyMap<Buffer, Lives> {
  const lives = new Map<Buffer, Lives>();
  for (const [name, program] of entries(schedule)) {
    program.steps.forEach((step, i) => {
      for (const buffer of buffersIn(step)) {
        const life = lives.get(buffer) ?? {};
        const first = life[name]?.[0] ?? i;
        lives.set(buffer, { ...life, [name]: [first, i] });
      }
    });
  }
  for (const [name, buffer] of readAfterwards(schedule)) {
    const steps = schedule.programs[name]?.steps.length ?? 0;
    const life = lives.get(buffer) ?? {};
    lives.set(buffer, { ...life, [name]: [life[name]?.[0] ?? 0, Math.max(0, steps - 1)] });
  }
  return lives;
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

/** Inputs, and what `prepare` and `bind` leave for other programs. */
function keptOf(schedule: Schedule, lives: ReadonlyMap<Buffer, Lives>): ReadonlySet<Buffer> {
  const kept = new Set(schedule.ends.inputs.values());
  for (const [buffer, life] of lives) {
    const names = Object.keys(life);
    const ahead = names.includes("prepare") || names.includes("bind");
    if (ahead && names.length > 1) kept.add(buffer);
  }
  return kept;
}
