/**
 * Times the kernels of some programs, each within the run of all of them, so that caches are as they are in earnest.
 * Passes with a clock around every kernel take turns with passes without. What takes long is timed in processor time, so
 * that other programs on the machine do not count.
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
const passes = { least: 7, most: 20_000 };

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
  const clock = new Clock();
  const end = performance.now() + budget;
  while (wholes.length < passes.least || (performance.now() < end && wholes.length < passes.most)) {
    wholes.push(clock.time(() => runAll(programs), true));
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

function runAll(programs: readonly Program[]): void {
  for (const { plan } of programs) plan.run();
}

/** Milliseconds of each kernel in one run; what the clock itself takes is left out. */
function timedPass(plan: Plan, count: number, clock: Clock): Float64Array {
  const spent = new Float64Array(count);
  const run = (calls: readonly Call[], first: number, from: number, to: number): number => {
    let next = first;
    for (const call of calls) {
      if ("kernel" in call) {
        const ms = clock.time(() => plan.execute(call, from, to), clock.isLong(call));
        clock.note(call, ms);
        spent[next] = (spent[next] ?? 0) + ms;
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

/** Milliseconds from which on a call is timed in processor time, which costs a call of the system to look at. */
const long = 0.1;

const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

class Clock {
  /** The least milliseconds that an empty call seems to take. */
  readonly #empty: number;
  readonly #least = new Map<Call, number>();

  constructor() {
    const looks = Array.from({ length: 2000 }, () => this.#wall(() => {}));
    this.#empty = Math.min(...looks);
  }

  /** Milliseconds of a call: of the processor if it is long, else as they pass. */
  time(run: () => void, isLong: boolean): number {
    if (!isLong) return Math.max(0, this.#wall(run) - this.#empty);
    const from = processor();
    const wall = this.#wall(run);
    return Math.min(wall, processor() - from);
  }

  note(call: Call, ms: number): void {
    this.#least.set(call, Math.min(ms, this.#least.get(call) ?? Number.POSITIVE_INFINITY));
  }

  isLong = (call: Call): boolean => (this.#least.get(call) ?? 0) > long;

  #wall(run: () => void): number {
    const from = performance.now();
    run();
    return performance.now() - from;
  }
}

function timingOf(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  return { best: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0 };
}
