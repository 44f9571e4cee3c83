/**
 * Threads of a model: workers with instances of its module over one memory. Comes in: calls of kernels. Goes out: the same
 * calls, those that take long done in parts by all threads. Bits never depend on how a range is cut.
 *
 * A call ends when all its parts are done, so kernels run one after another as they do on one thread. How threads agree on
 * who does which part stands in `thread.ts`.
 */
import type { Manifest } from "./artifact.js";
import { fail } from "./errors.js";
import type { KernelFunction } from "./plan.js";
import { mostPages, sharedModule } from "./shared-module.js";
import type { Board } from "./thread.js";
import { checkShared, type Helper, startHelper } from "./workers.js";

const most = 64;
/** What a call must be expected to take to be worth waking others, in ms: that takes some 10 us. */
const worthwhile = 0.1;
/** What a part is expected to take at least, in ms, and how many parts there are at most for each thread. */
const partTime = 0.02;
const partsEach = 8;
/** How often threads look before they sleep: some 20 us. */
const patience = 2000;

/** A part of a call by its number, which counts from 1. */
type DoPart = (part: number) => void;

export class Threads {
  readonly #count: number;
  readonly #from: number;
  readonly #kernels: string[] = [];
  readonly #board: Board;
  readonly #mayWait: boolean;
  #memory: WebAssembly.Memory | null = null;
  #helpers: readonly Helper[] = [];

  /**
   * @param from What a call must be expected to take to be shared, in ms.
   * @throws GN5008 when there can be no threads.
   */
  constructor(count: number, source: unknown, from = worthwhile) {
    if (!(Number.isInteger(count) && count > 0 && count <= most))
      fail("GN5008", `threads must be a whole number from 1 to ${most}, but is ${count}`);
    if (source instanceof WebAssembly.Module)
      fail(
        "GN5008",
        "a compiled module cannot have its memory shared: give `load` the bytes of the artifact, its URL or a response",
      );
    checkShared();
    this.#count = count;
    this.#from = from;
    this.#board = makeBoard();
    this.#mayWait = mayWait();
  }

  /** The artifact as it must be compiled. */
  readonly shared = (bytes: BufferSource): Uint8Array<ArrayBuffer> =>
    sharedModule(
      ArrayBuffer.isView(bytes)
        ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        : new Uint8Array(bytes),
    );

  /** The memory of the model. Some systems cannot set aside 4 GiB of addresses: there it may grow less. */
  readonly share = (initial: number): WebAssembly.Memory => {
    for (let maximum = mostPages; ; maximum /= 2)
      try {
        this.#memory = new WebAssembly.Memory({ initial, maximum, shared: true });
        return this.#memory;
      } catch (cause) {
        if (maximum / 2 < Math.max(initial, 1024))
          fail("GN5043", "there is no room for shared memory", cause);
      }
  };

  /** The kernel, with others to help. */
  spread(name: string, call: KernelFunction): KernelFunction {
    const kernel = this.#kernels.push(name) - 1;
    let msPerRow = 0;
    return (frame, begin, end, scratch) => {
      const all = end - begin;
      const expected = msPerRow * all;
      const from = performance.now();
      let done = all;
      let until = 0;
      if (expected < this.#from || all < 2) {
        call(frame, begin, end, scratch);
        until = performance.now();
      } else {
        const each = rowsOfPart(all, expected, this.#count);
        this.#board.job.set([kernel, frame, begin, end, each, scratch]);
        done = 0;
        until = this.#together(Math.ceil(all / each), (part) => {
          const first = begin + (part - 1) * each;
          const last = Math.min(end, first + each);
          call(frame, first, last, scratch);
          done += last - first;
        });
      }
      // The first measure counts whole, later ones a quarter.
      if (done > 0) msPerRow += ((until - from) / done - msPerRow) * (msPerRow ? 0.25 : 1);
    };
  }

  /** Opens a job, does parts of it until there are none, and waits for the others. When this thread had done its own, in ms. */
  #together(parts: number, doPart: DoPart): number {
    const { round, open, left, failed } = this.#board;
    Atomics.store(left, 0, parts);
    Atomics.store(open, 0, parts);
    Atomics.add(round, 0, 1);
    Atomics.notify(round, 0, parts - 1);
    try {
      for (let part = 0; ; Atomics.sub(left, 0, 1)) {
        part = Atomics.sub(open, 0, 1);
        if (part < 1) break;
        doPart(part);
      }
    } catch (fault) {
      // Nobody does the parts that are open still, nor this one.
      Atomics.sub(left, 0, Math.max(0, Atomics.exchange(open, 0, 0)) + 1);
      this.#settle();
      failed.fill(0);
      throw fault;
    }
    const until = performance.now();
    this.#settle();
    if (Atomics.exchange(failed, 0, 0))
      for (let part = 1; part <= parts; part++) if (Atomics.exchange(failed, part, 0)) doPart(part);
    return until;
  }

  /** Waits until all parts are done. */
  #settle(): void {
    const { left } = this.#board;
    for (let turn = 0; ; turn++) {
      const parts = Atomics.load(left, 0);
      if (parts < 1) return;
      if (turn > patience && this.#mayWait) Atomics.wait(left, 0, parts);
    }
  }

  /** Starts the workers, when all kernels are known. @throws GN5009. */
  async start(module: WebAssembly.Module, manifest: Manifest): Promise<void> {
    const bytes = apart(manifest.scratchBytes);
    Object.assign(manifest, { scratchBytes: bytes * this.#count });
    const tasks = Array.from({ length: this.#count - 1 }, (_, i) => ({
      module,
      memory: this.#memory as WebAssembly.Memory,
      kernels: this.#kernels,
      board: this.#board,
      scratch: bytes * (i + 1),
      patience,
    }));
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
}

/** Bytes such that two threads do not write to one line of the cache, nor to the one that is fetched with it. */
const apart = (bytes: number): number => Math.ceil(bytes / 128 + 1) * 128;

/** Several parts for each thread, so that one that comes late does less; in whole tiles where there are enough rows. */
function rowsOfPart(rows: number, ms: number, threads: number): number {
  const parts = Math.max(threads, Math.min(threads * partsEach, Math.floor(ms / partTime)));
  const each = Math.ceil(rows / Math.min(parts, rows));
  const tile = each >= 128 ? 64 : each >= 16 ? 4 : 1;
  return Math.ceil(each / tile) * tile;
}

function makeBoard(): Board {
  const line = 128;
  const marks = 4 * (1 + most * partsEach);
  const buffer = new SharedArrayBuffer(4 * line + marks);
  const word = (i: number) => new Int32Array(buffer, i * line, 1);
  return {
    round: word(0),
    open: word(1),
    left: word(2),
    job: new Int32Array(buffer, 3 * line, 6),
    failed: new Int32Array(buffer, 4 * line),
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
