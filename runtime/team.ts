/**
 * The threads of a model at work: this one and the workers. Comes in: a job on the board. Goes out: the job, done by
 * whoever had time. The protocol stands in `thread.ts`.
 */
import type { KernelFunction } from "./plan.js";
import { type Board, doPart } from "./thread.js";
import { type Helper, startHelper } from "./workers.js";

/** How often threads look before they sleep: some 20 us. */
const patience = 2000;
/** Words for the levels of a recurrence: 1 MB, of which only what is used takes memory. */
const tableWords = 2 ** 18;

export class Team {
  readonly size: number;
  readonly board: Board;
  readonly #mostParts: number;
  readonly #mayWait: boolean;
  readonly #names: string[] = [];
  readonly #functions: KernelFunction[] = [];
  #helpers: readonly Helper[] = [];

  constructor(size: number, mostParts: number) {
    this.size = size;
    this.board = makeBoard(mostParts);
    this.#mostParts = mostParts;
    this.#mayWait = mayWait();
  }

  /** Makes a kernel known and gives its number. */
  add(name: string, call: KernelFunction): number {
    this.#names.push(name);
    return this.#functions.push(call) - 1;
  }

  /**
   * Starts the workers, when all kernels are known.
   * @param scratchBytes From the scratch of one thread to that of the next.
   * @throws GN5009.
   */
  async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    scratchBytes: number,
  ): Promise<void> {
    const kernels = this.#names;
    const tasks = Array.from({ length: this.size - 1 }, (_, i) => {
      const scratch = scratchBytes * (i + 1);
      return { module, memory, kernels, board: this.board, scratch, patience };
    });
    const started = await Promise.allSettled(tasks.map(startHelper));
    this.#helpers = started.flatMap((s) => (s.status === "fulfilled" ? [s.value] : []));
    for (const { reason } of started.filter((s) => s.status === "rejected")) {
      this.end();
      throw reason;
    }
  }

  end(): void {
    for (const helper of this.#helpers) helper.terminate();
    this.#helpers = [];
  }

  /**
   * Does the job on the board, in at most `mostParts` parts. `took` is told of each part that this thread does.
   * @returns When this thread had nothing more to do but wait, in ms.
   * @throws What a kernel throws, as it would on one thread.
   */
  together(parts: number, took: (part: number) => void): number {
    const { round, open, left } = this.board;
    Atomics.store(left, 0, parts);
    Atomics.store(open, 0, parts);
    Atomics.add(round, 0, 1);
    Atomics.notify(round, 0, parts - 1);
    try {
      for (;;) {
        const part = Atomics.sub(open, 0, 1);
        if (part < 1) break;
        this.#do(part);
        Atomics.sub(left, 0, 1);
        took(part);
      }
    } catch (fault) {
      // Nobody does the parts that are open still, nor this one.
      Atomics.sub(left, 0, Math.max(0, Atomics.exchange(open, 0, 0)) + 1);
      this.#settle();
      throw fault;
    }
    const until = performance.now();
    for (const part of this.#settle()) this.#do(part);
    return until;
  }

  #do(part: number): void {
    doPart(this.board, this.#functions, part, 0);
  }

  /** Waits until all parts are done. The parts that trapped elsewhere, in the order of the range. */
  #settle(): readonly number[] {
    const { left, failed } = this.board;
    for (let turn = 0; ; turn++) {
      const parts = Atomics.load(left, 0);
      if (parts < 1) break;
      if (turn > patience && this.#mayWait) Atomics.wait(left, 0, parts);
    }
    if (Atomics.load(failed, 0) === 0) return [];
    const parts = Array.from({ length: this.#mostParts }, (_, i) => i + 1);
    const trapped = parts.filter((part) => failed[part]);
    failed.fill(0);
    return trapped;
  }
}

/** Each word that is written by several has a line of the cache to itself, and the one that is fetched with it. */
function makeBoard(mostParts: number): Board {
  const line = 128;
  const table = 4 * line + Math.ceil((4 * (1 + mostParts)) / line) * line;
  const buffer = new SharedArrayBuffer(table + 4 * tableWords);
  const words = (from: number, count: number) => new Int32Array(buffer, from, count);
  return {
    round: words(0, 1),
    open: words(line, 1),
    left: words(2 * line, 1),
    job: words(3 * line, 6),
    failed: words(4 * line, 1 + mostParts),
    table: words(table, tableWords),
  };
}

/** The main thread of a page may not. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}
