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
  /**
   * What is to be done, and the scratch of the first thread; written while no part is open or under way. Of a kernel: its
   * number, frame, begin, end, rows per part. Of a recurrence: -1, steps, levels, groups of graphs, 0; a part is a group.
   */
  readonly job: Int32Array;
  /** Of a recurrence: [steps][2] kernel and frame, then [levels][groups + 1] where each group begins in a level. */
  readonly table: Int32Array;
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
 * Does a part of the job; `away` is where the scratch of this thread lies. Like `work` it is given to workers as text, and
 * may name nothing outside of itself.
 */
export function doPart(
  { job, table }: Board,
  functions: readonly Kernel[],
  part: number,
  away: number,
): void {
  const [kernel, first, second, third, rows, scratch] = job as unknown as Job;
  if (kernel >= 0) {
    const from = second + (part - 1) * rows;
    (functions[kernel] as Kernel)(first, from, Math.min(third, from + rows), scratch + away);
    return;
  }
  for (let level = 0; level < second; level++) {
    const at = 2 * first + level * (third + 1) + part;
    const [from, to] = [table[at - 1] as number, table[at] as number];
    for (let step = 0; from < to && step < 2 * first; step += 2)
      (functions[table[step] as number] as Kernel)(
        table[step + 1] as number,
        from,
        to,
        scratch + away,
      );
  }
}

/** Runs in a worker, says that it is ready, and never returns. */
export function work(
  { module, memory, kernels, board, scratch, patience }: Task,
  perform: typeof doPart,
  ready: () => void,
): void {
  const { round, open, left, failed } = board;
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
      try {
        perform(board, functions, part, scratch);
      } catch {
        // Who gave the job does this part again, and meets the fault itself.
        Atomics.store(failed, part, 1);
        Atomics.add(failed, 0, 1);
      }
      if (Atomics.sub(left, 0, 1) === 1) Atomics.notify(left, 0);
    }
  }
}
