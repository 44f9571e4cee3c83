/**
 * Times the kernels of some programs, each within the run of all of them, so that caches are as they are in earnest.
 * Passes with a clock around every kernel take turns with passes without.
 */
import { kernelsOf, type ProgramName } from "../../runtime/artifact.js";
import type { Engine } from "../../runtime/engine.js";
import type { Plan } from "../../runtime/plan.js";

/** Milliseconds. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

export interface Timed {
  readonly program: ProgramName;
  /** In the order of the steps; those of a recurrence over all its levels. */
  readonly kernels: readonly Timing[];
}

export interface Times {
  readonly programs: readonly Timed[];
  /** All programs together, without a clock between kernels. */
  readonly whole: Timing;
  readonly passes: number;
}

type Call = Plan["calls"][number];

interface Program {
  readonly name: ProgramName;
  readonly plan: Plan;
  readonly count: number;
}

/** Milliseconds to warm up in, and to leave to the engine of JavaScript for its better code. */
const warmUp = { least: 300, most: 5000, pause: 60 };
const fewestPasses = 7;

/** @param budget Milliseconds to measure in. */
export async function timeKernels(
  engine: Engine,
  names: readonly ProgramName[],
  budget: number,
): Promise<Times> {
  const programs = names.flatMap((name): Program[] => {
    const steps = engine.manifest.programs[name];
    return steps ? [{ name, plan: engine.prepared(name), count: kernelsOf(steps).length }] : [];
  });
  await warm(programs);
  const samples = programs.map(({ count }) => Array.from({ length: count }, (): number[] => []));
  const wholes: number[] = [];
  const clock = clockCost();
  const end = performance.now() + budget;
  while (performance.now() < end || wholes.length < fewestPasses) {
    wholes.push(runAll(programs));
    programs.forEach(({ plan, count }, p) => {
      for (const [k, ms] of timedPass(plan, count, clock).entries()) samples[p]?.[k]?.push(ms);
    });
  }
  return {
    programs: programs.map(({ name }, p) => ({
      program: name,
      kernels: (samples[p] ?? []).map(timingOf),
    })),
    whole: timingOf(wholes),
    passes: wholes.length,
  };
}

/** Until every kernel is past its watched calls, and once more when better code has had time to arrive. */
async function warm(programs: readonly Program[]): Promise<void> {
  const began = performance.now();
  const watched = (calls: readonly Call[]): boolean =>
    calls.some((c) => ("kernel" in c ? c.kernel.watched > 0 : watched(c.calls)));
  for (;;) {
    runAll(programs);
    const spent = performance.now() - began;
    if (spent > warmUp.most) break;
    if (spent > warmUp.least && !programs.some(({ plan }) => watched(plan.calls))) break;
  }
  await new Promise((resolve) => setTimeout(resolve, warmUp.pause));
  runAll(programs);
}

function runAll(programs: readonly Program[]): number {
  const from = performance.now();
  for (const { plan } of programs) plan.run();
  return performance.now() - from;
}

/** Milliseconds of each kernel in one run; what the clock itself takes is left out. */
function timedPass(plan: Plan, count: number, clock: number): Float64Array {
  const spent = new Float64Array(count);
  const run = (calls: readonly Call[], first: number, from: number, to: number): number => {
    let next = first;
    for (const call of calls) {
      if ("kernel" in call) {
        const began = performance.now();
        plan.execute(call, from, to);
        const ms = performance.now() - began - clock;
        spent[next] = (spent[next] ?? 0) + Math.max(0, ms);
        next++;
      } else {
        const { starts, calls: inner } = call;
        const at = next;
        for (let level = 0; level < starts.length - 1; level++)
          next = run(inner, at, starts[level] ?? 0, starts[level + 1] ?? 0);
        if (starts.length < 2) next += inner.length;
      }
    }
    return next;
  };
  run(plan.calls, 0, 0, 0);
  return spent;
}

/** Milliseconds that pass between two looks at the clock. */
function clockCost(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 2000; i++) {
    const from = performance.now();
    least = Math.min(least, performance.now() - from);
  }
  return least;
}

function timingOf(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  return { best: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0 };
}
