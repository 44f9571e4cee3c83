/**
 * One program on one batch: for every kernel its frame in memory, written once, and the range of its domain. Running a
 * plan is calls of exported functions and nothing else.
 */
import { chunkRows, type Domain, type Manifest, type ProgramName, type Step } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { fail } from "./errors.js";
import { type Addresses, aligned, wordOf } from "./frames.js";

export type KernelFunction = (frame: number, begin: number, end: number, scratch: number) => void;

/** An exported function, and how it is cut while the engine has only its slow version. */
export interface Kernel {
  readonly call: KernelFunction;
  /** What is left of the calls that are watched. */
  watched: number;
  /** Rows per call, about half a millisecond. */
  rows: number;
}

/** `end` is null where the range is the current level. */
type Call =
  | { readonly kernel: Kernel; readonly frame: number; readonly end: number | null }
  | Recurrence;

/** All calls for level 0, then for level 1, ..; level i is what lies between `starts` i and i + 1 in its order. */
export interface Recurrence {
  readonly starts: Int32Array;
  readonly calls: readonly Call[];
}

/**
 * V8 replaces the first, slow code of a function between calls, never within one; so the first calls are short.
 * Bits never depend on how a range is cut.
 */
function cutUp(kernel: Kernel, frame: number, begin: number, end: number, scratch: number): void {
  while (kernel.watched > 0 && begin < end) {
    const until = Math.min(end, begin + kernel.rows);
    const from = performance.now();
    kernel.call(frame, begin, until, scratch);
    const spent = performance.now() - from;
    if (spent > 1) kernel.rows = Math.max(1, kernel.rows >> 1);
    else if (spent < 0.25 && until < end) kernel.rows *= 2;
    kernel.watched -= 1 + spent * 10;
    begin = until;
  }
  if (begin < end) kernel.call(frame, begin, end, scratch);
}

export class Plan {
  readonly calls: readonly Call[];
  /** Those that its kernels read. */
  readonly structures: ReadonlySet<number>;
  readonly scratch: number;
  /** Where its frames end. */
  readonly end: number;

  /** @param frames Where there is room for them. */
  constructor(
    manifest: Manifest,
    program: ProgramName,
    batch: Assembled,
    addresses: Addresses,
    kernels: ReadonlyMap<string, Kernel>,
    memory: Int32Array,
    frames: number,
  ) {
    const rows = (space: string) => batch.rows[space] ?? 0;
    const endOf = (domain: Domain): number | null => {
      if (domain.over === "rows") return rows(domain.space);
      if (domain.over === "chunks")
        return Math.ceil(rows(domain.space) / chunkRows(rows(domain.space)));
      return domain.over === "count" ? domain.count : null;
    };
    const structures = new Set<number>();
    let next = frames;
    const compile = (step: Step): Call => {
      if ("steps" in step) {
        const order = manifest.structures[step.levels]?.of ?? "";
        return {
          starts: batch.orders[order]?.level_start ?? new Int32Array(),
          calls: step.steps.map(compile),
        };
      }
      const kernel =
        kernels.get(step.kernel) ??
        fail("GN5001", "the module does not fit this runtime; recompile with gnc");
      for (const slot of step.slots) if ("structure" in slot) structures.add(slot.structure);
      const frame = next;
      memory.set(
        step.slots.map((slot) => wordOf(slot, addresses, rows)),
        frame / 4,
      );
      next += aligned(step.slots.length * 4);
      return { kernel, frame, end: endOf(step.domain) };
    };
    this.calls = (manifest.programs[program] ?? []).map(compile);
    this.structures = structures;
    this.scratch = addresses.scratch;
    this.end = next;
  }

  run(): void {
    for (const call of this.calls) this.execute(call, 0, 0);
  }

  /** @param from, to Places in the order of the current level. */
  execute(call: Call, from: number, to: number): void {
    if ("kernel" in call) {
      const { kernel, frame, end } = call;
      cutUp(kernel, frame, end === null ? from : 0, end ?? to, this.scratch);
      return;
    }
    for (let level = 0; level < call.starts.length - 1; level++) this.level(call, level);
  }

  level({ starts, calls }: Recurrence, level: number): void {
    for (const inner of calls)
      this.execute(inner, starts[level] as number, starts[level + 1] as number);
  }
}
