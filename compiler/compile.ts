/**
 * The whole pipeline: source text to artifact. This file alone knows the order of the phases.
 *
 * Everything a user can get wrong is found by the end of `check`; past it a failure is our bug. Nothing here does IO:
 * imported files come through `read`.
 */
import type { File } from "../grammar/ast.js";
import type { Source } from "../grammar/source.js";
import { stdlib } from "../stdlib/index.js";
import { check } from "./1-check/check.js";
import { lower } from "./2-lower/lower.js";
import { optimize, type RuleFired } from "./3-optimize/optimize.js";
import { differentiate } from "./4-differentiate/differentiate.js";
import { schedule } from "./5-schedule/schedule.js";
import { emit } from "./6-emit/wasm/emit.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { Problems } from "./diagnostics/problems.js";
import { parseSource } from "./diagnostics/syntax.js";
import type { Kernel, Schedule, ScheduledStep } from "./ir/kernel.js";
import type { Model } from "./ir/model.js";
import type { DifferentiatedProgram } from "./ir/program.js";
import { pack } from "./pack.js";
import { version } from "./version.js";

/** Finds the text of an imported file: `./layers` from `models/cora.gn`. Null when there is none. */
export type ReadImport = (path: string, from: Source) => Source | null;

export interface CompileOptions {
  /** Which gradients the artifact can compute: `train` of the loss, `all` also of outputs (`model.pullback`). Default: `train` with a loss, else `all`. */
  readonly gradients?: "none" | "train" | "all";
  /** Called for every rewrite that fires. */
  readonly trace?: (line: RuleFired) => void;
  /** Called as each phase ends, with its milliseconds. */
  readonly timing?: (phase: string, ms: number) => void;
}

export interface Checked {
  readonly file: File;
  readonly models: readonly Model[];
  readonly diagnostics: readonly Diagnostic[];
  readonly ok: boolean;
}

/**
 * Source text to models, with all that is wrong in it. `std/...` needs no `read`. Names are looked at only when the text
 * and its imports can be read as a whole: what a slip of syntax hides would be called unknown.
 */
export function checkSource(source: Source, read: ReadImport = () => null): Checked {
  const problems = new Problems();
  const parsed = new Map<string, File>();
  const resolve = (path: string, from: Source): File | null => {
    const text = stdlib[path];
    const found = text === undefined ? read(path, from) : { name: path, text };
    return found && parseOnce(found);
  };
  const parseOnce = (from: Source): File => {
    const known = parsed.get(from.name);
    if (known) return known;
    const file = parseSource(from, problems);
    parsed.set(from.name, file);
    for (const { from: path } of file.imports) resolve(path.text, from);
    return file;
  };
  const file = parseOnce(source);
  const { models } = problems.anyErrors ? { models: [] } : check(file, resolve, problems);
  return { file, models, diagnostics: problems.all, ok: !problems.anyErrors };
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
  const wanted = gradients === "none" ? { ...forward, training: null } : forward;
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

/** A checked model to the bytes of its artifact. */
export async function compileModel(
  model: Model,
  options: CompileOptions = {},
): Promise<Uint8Array> {
  const { joint, schedule: scheduled } = toKernels(model, options);
  const started = performance.now();
  const emitted = await emit(kernelsOf(scheduled));
  const artifact = pack(joint, scheduled, emitted, { compiler: `gnc ${version}` });
  options.timing?.("emit and pack", performance.now() - started);
  return artifact;
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
