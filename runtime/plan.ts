/**
 * One program on one batch: for every kernel its frame in memory, written once, and the range of its domain. Running a
 * plan is calls of exported functions and nothing else.
 */
import type { Arena, Domain, Manifest, ProgramName, Slot, Step } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { fail } from "./errors.js";
import { aligned } from "./place.js";

export type KernelFunction = (frame: number, begin: number, end: number, scratch: number) => void;

/** An exported function, and how it is cut while the engine has only its slow version. */
export interface Kernel {
  readonly call: KernelFunction;
  /** What is left of the calls that are watched. */
  watched: number;
  /** Rows per call, about half a millisecond. */
  rows: number;
}

/** Where everything of the bound batch lies, in bytes. */
export interface Addresses {
  readonly structures: readonly number[];
  readonly buffers: readonly number[];
  readonly frames: number;
  readonly scratch: number;
  readonly control: number;
  readonly arenas: Readonly<Partial<Record<Arena, number>>>;
}

type Call =
  | {
      readonly kernel: Kernel;
      readonly frame: number;
      readonly begin: number;
      readonly end: number;
      readonly byLevel: boolean;
    }
  | { readonly starts: Int32Array; readonly calls: readonly Call[] };

const bytesOf = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, step) => sum + ("steps" in step ? bytesOf(step.steps) : aligned(step.slots.length * 4)),
    0,
  );

/** Bytes that the frames of all programs take. */
export const frameBytes = ({ programs }: Manifest): number =>
  Object.values(programs).reduce((sum, steps) => sum + bytesOf(steps), 0);

/** Rows per chunk: at most 16 chunks, of a size that does not depend on how they are run. */
export const chunkRows = (rows: number): number => Math.max(256, Math.ceil(rows / 16 / 256) * 256);

/**
 * V8 replaces the first, slow code of a function between calls, never within one; so the first calls are short.
 * Bits never depend on how a range is cut.
 */
function execute(kernel: Kernel, frame: number, begin: number, end: number, scratch: number): void {
  while (kernel.watched > 0 && begin < end) {
    const until = Math.min(end, begin + kernel.rows);
    const from = performance.now();
    kernel.call(frame, begin, until, scratch);
    const spent = performance.now() - from;
    if (spent < 0.25) kernel.rows *= until - begin === kernel.rows ? 2 : 1;
    else if (spent > 1) kernel.rows = Math.max(1, kernel.rows >> 1);
    kernel.watched -= 1 + spent * 10;
    begin = until;
  }
  if (begin < end) kernel.call(frame, begin, end, scratch);
}

export class Plan {
  readonly #calls: readonly Call[];
  readonly #scratch: number;

  constructor(
    manifest: Manifest,
    program: ProgramName,
    batch: Assembled,
    addresses: Addresses,
    kernels: ReadonlyMap<string, Kernel>,
    memory: Int32Array,
  ) {
    let frame = addresses.frames;
    for (const [name, steps] of Object.entries(manifest.programs)) {
      if (name === program) break;
      frame += bytesOf(steps);
    }
    const rows = (space: string) => batch.rows[space] ?? 0;
    const word = (slot: Slot): number => {
      if ("buffer" in slot) return addresses.buffers[slot.buffer] as number;
      if ("structure" in slot) return addresses.structures[slot.structure] as number;
      if ("rows" in slot) return rows(slot.rows);
      if ("chunkRows" in slot) return chunkRows(rows(slot.chunkRows));
      if ("arena" in slot) return (addresses.arenas[slot.arena] ?? 0) + slot.offset * 4;
      return "control" in slot ? addresses.control : slot.constant;
    };
    const end = (domain: Domain): number => {
      if (domain.over === "rows") return rows(domain.space);
      if (domain.over === "chunks")
        return Math.ceil(rows(domain.space) / chunkRows(rows(domain.space)));
      return domain.over === "count" ? domain.count : 0;
    };
    const compile = (step: Step): Call => {
      if ("steps" in step) {
        const order = manifest.structures[step.levels]?.of ?? step.order;
        const starts = batch.orders[order]?.start ?? new Int32Array(1);
        return { starts, calls: step.steps.map(compile) };
      }
      const kernel = kernels.get(step.kernel);
      if (!kernel) return fail("GN5001", `the module exports no kernel ${step.kernel}`);
      const here = frame;
      memory.set(step.slots.map(word), here / 4);
      frame += aligned(step.slots.length * 4);
      return {
        kernel,
        frame: here,
        begin: 0,
        end: end(step.domain),
        byLevel: step.domain.over === "level",
      };
    };
    this.#calls = (manifest.programs[program] ?? []).map(compile);
    this.#scratch = addresses.scratch;
  }

  run(): void {
    for (const call of this.#calls) this.#run(call, 0, 0);
  }

  #run(call: Call, from: number, to: number): void {
    if ("kernel" in call) {
      const { kernel, frame, begin, end, byLevel } = call;
      if (byLevel) execute(kernel, frame, from, to, this.#scratch);
      else execute(kernel, frame, begin, end, this.#scratch);
      return;
    }
    for (let level = 0; level + 1 < call.starts.length; level++)
      for (const inner of call.calls)
        this.#run(inner, call.starts[level] as number, call.starts[level + 1] as number);
  }
}
