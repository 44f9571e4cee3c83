/**
 * What a thread does: waits for a job, takes parts of it as long as there are any, and waits again.
 *
 * A job is one kernel over one range, cut into parts. Whoever is free takes the next part, by counting down; so no part is
 * lost or done twice, and a thread that wakes up late holds nobody up. All counting is by atomic operations, which also
 * order the plain reads and writes of kernels: a thread that has taken a part sees all that was written before the job was
 * opened, and who has seen that no part is left sees all that the parts have written.
 */

/** Where threads agree on the job; all of it shared. */
export interface Board {
  /** [1] the number of jobs so far: threads sleep on it. */
  readonly round: Int32Array;
  /** [1] parts that nobody has taken; below 1 there is none. */
  readonly open: Int32Array;
  /** [1] parts that are not done. */
  readonly left: Int32Array;
  /** How many parts have trapped, then a mark for each part that has: parts are numbered from 1. */
  readonly failed: Int32Array;
  /** Number of the kernel, frame, begin, end, rows per part, scratch of the first thread. Written while no part is open or under way. */
  readonly job: Int32Array;
}

export interface Task {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Names of the functions by number. */
  readonly kernels: readonly string[];
  readonly board: Board;
  /** Bytes from the scratch of the first thread to that of this one. */
  readonly scratch: number;
  /** How often it looks for the next job before it goes to sleep. */
  readonly patience: number;
}

type Kernel = (frame: number, begin: number, end: number, scratch: number) => void;
type Job = readonly [number, number, number, number, number, number];

/**
 * Runs in a worker, says that it is ready, and never returns. Its text is all that the worker gets, so it may name
 * nothing outside of itself.
 */
export function work(
  { module, memory, kernels, board, scratch, patience }: Task,
  ready: () => void,
): void {
  const { round, open, left, failed, job } = board;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const functions = kernels.map((name) => exports[name] as Kernel);
  ready();
  for (let seen = 0; ; ) {
    for (let turn = 0; turn < patience && Atomics.load(round, 0) === seen; turn++);
    Atomics.wait(round, 0, seen);
    seen = Atomics.load(round, 0);
    for (;;) {
      const part = Atomics.sub(open, 0, 1);
      if (part < 1) break;
      const [kernel, frame, begin, end, rows, base] = job as unknown as Job;
      const from = begin + (part - 1) * rows;
      try {
        (functions[kernel] as Kernel)(frame, from, Math.min(end, from + rows), base + scratch);
      } catch {
        // Who gave the job does this part again, and meets the fault itself.
        Atomics.store(failed, part, 1);
        Atomics.add(failed, 0, 1);
      }
      if (Atomics.sub(left, 0, 1) === 1) Atomics.notify(left, 0);
    }
  }
}
