/**
 * The pipeline from a checked model (`check-source.ts`) to an artifact. This file alone knows the order of the phases.
 *
 * Everything a user can get wrong is found by the end of `check`; past it a failure is our bug. Nothing here does IO.
 */
import { lower } from "./2-lower/lower.js";
import { optimize, type RuleFired } from "./3-optimize/optimize.js";
import { differentiate } from "./4-differentiate/differentiate.js";
import { schedule } from "./5-schedule/schedule.js";
import { emit } from "./6-emit/wasm/emit.js";
import type { Costed } from "./explain/cost/cost.js";
import type { Kernel, Schedule, ScheduledStep } from "./ir/kernel.js";
import type { Model } from "./ir/model.js";
import type { DifferentiatedProgram, Program } from "./ir/program.js";
import { manifestOf, pack } from "./pack.js";
import { version } from "./version.js";

export { type Checked, checkSource, type ReadImport } from "./check-source.js";

export interface CompileOptions {
  /** Which gradients the artifact can compute: `train` of the loss, `all` also of outputs (`model.pullback`). Default: `train` with a loss, else `all`. */
  readonly gradients?: "none" | "train" | "all";
  /** Called for every rewrite that fires. */
  readonly trace?: (line: RuleFired) => void;
  /** Called as each phase ends, with its milliseconds. */
  readonly timing?: (phase: string, ms: number) => void;
}

/** A checked model as every later stage sees it. */
export interface Stages {
  readonly model: Model;
  readonly forward: DifferentiatedProgram;
  readonly joint: DifferentiatedProgram;
  readonly schedule: Schedule;
}

/** A checked model to kernels. */
export function toKernels(model: Model, options: CompileOptions = {}): Stages {
  const clock = stopwatch(options.timing);
  const gradients = options.gradients ?? (model.losses.length > 0 ? "train" : "all");
  const lowered = clock("lower", () => lower(model));
  const forward = clock("optimize", () => optimize(lowered, options.trace));
  const trains = gradients !== "none" && forward.training;
  const wanted = trains ? forward : runAlone(forward);
  const derived = clock("differentiate", () =>
    differentiate(wanted, { pullback: gradients === "all" }),
  );
  const joint = clock("optimize again", () => optimize(derived, options.trace));
  const scheduled = clock("schedule", () => schedule(joint));
  return {
    model,
    forward: { ...forward, gradients: [], pullback: null },
    joint,
    schedule: scheduled,
  };
}

/** Without what only a trainer asks for: losses, metrics, next states, and the settings of optimizers. */
const runAlone = (program: Program): Program => ({
  ...program,
  inference: { ...program.inference, loss: null, metrics: [], states: [] },
  training: null,
  optimizers: [],
});

/** A checked model to the bytes of its artifact. */
export async function compileModel(
  model: Model,
  options: CompileOptions = {},
): Promise<Uint8Array> {
  return (await compileInParts(model, options)).artifact;
}

/** An artifact with the kernels that it was made of, and what it says about itself. */
export interface Compiled extends Costed {
  readonly artifact: Uint8Array;
}

export async function compileInParts(
  model: Model,
  options: CompileOptions = {},
): Promise<Compiled> {
  const { joint, schedule: scheduled } = toKernels(model, options);
  const started = performance.now();
  const emitted = await emit(kernelsOf(scheduled));
  const manifest = manifestOf(joint, scheduled, emitted, { compiler: `gnc ${version}` });
  const artifact = pack(emitted.wasm, manifest);
  options.timing?.("emit and pack", performance.now() - started);
  return { model, schedule: scheduled, manifest, artifact };
}

/**
 * The artifact of the same kernels with products and sums fused by relaxed SIMD: faster, for machines that have it, and
 * not the same bits on each.
 */
export async function relaxedArtifact({
  schedule: scheduled,
  manifest,
}: Pick<Compiled, "schedule" | "manifest">): Promise<Uint8Array> {
  const { wasm } = await emit(kernelsOf(scheduled), { relaxed: true });
  return pack(wasm, manifest);
}

/** All kernels of a schedule in the order of their programs. */
export function kernelsOf(scheduled: Schedule): readonly Kernel[] {
  const out: Kernel[] = [];
  const walk = (steps: readonly ScheduledStep[]): void => {
    for (const step of steps) {
      if (step.kind === "kernel") out.push(step.kernel);
      else walk(step.steps);
    }
  };
  for (const program of Object.values(scheduled.programs)) if (program) walk(program.steps);
  return out;
}

type Clock = <T>(phase: string, run: () => T) => T;
function stopwatch(timing: CompileOptions["timing"]): Clock {
  return (phase, run) => {
    const started = performance.now();
    const result = run();
    timing?.(phase, performance.now() - started);
    return result;
  };
}
