/**
 * The order of the stages of a kernel: of those that can run, first the one that frees most scratch and takes least.
 */
import { type Tensor, volume } from "../ir/tensor.js";
import type { Task } from "./stages.js";

/** `passing` are the values that lie in scratch. */
export function ordered(tasks: readonly Task[], passing: (t: Tensor) => boolean): readonly Task[] {
  const waiting = new Set(tasks);
  const done = new Set<Tensor>();
  const own = new Set(tasks.map((t) => t.work.target));
  const readers = readersOf(tasks);
  const isReady = (t: Task): boolean => [...t.after].every((x) => done.has(x) || !own.has(x));
  const gain = (task: Task): number => {
    const { target } = task.work;
    const freed = [...task.after].filter((x) => passing(x) && isLast(task, x, readers, done));
    return widthOf(freed) - (passing(target) ? volume(target.axes) : 0);
  };
  const out: Task[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(isReady);
    const [first] = ready.length > 0 ? ready : waiting;
    if (!first) break;
    const best = ready.reduce((a, b) => (gain(b) > gain(a) ? b : a), first);
    waiting.delete(best);
    done.add(best.work.target);
    out.push(best);
  }
  return out;
}

function readersOf(tasks: readonly Task[]): ReadonlyMap<Tensor, readonly Tensor[]> {
  const readers = new Map<Tensor, Tensor[]>();
  for (const { work, after } of tasks) {
    for (const x of after) {
      const known = readers.get(x);
      if (known) known.push(work.target);
      else readers.set(x, [work.target]);
    }
  }
  return readers;
}

const isLast = (
  { work }: Task,
  x: Tensor,
  readers: ReadonlyMap<Tensor, readonly Tensor[]>,
  done: ReadonlySet<Tensor>,
): boolean => (readers.get(x) ?? []).every((r) => r === work.target || done.has(r));

const widthOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((n, t) => n + volume(t.axes), 0);
