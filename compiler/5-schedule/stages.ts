/**
 * The stages of one kernel in an order in which they can run.
 *
 * Reductions along the same map that do not wait for one another share a walk; a logsumexp and the sums weighted by
 * its softmax become one stage (LOWERING, 6).
 */
import { bug } from "../bug.js";
import type { Shortlist, Stage } from "../ir/kernel.js";
import { weightsIn } from "../ir/softmax.js";
import type { RowMap } from "../ir/space.js";
import type { Tensor, TensorOf } from "../ir/tensor.js";
import type { Buffers } from "./buffers.js";
import type { Work } from "./work.js";

/** Something the kernel computes, and what of the same kernel it waits for. */
export interface Task {
  readonly work: Work;
  readonly after: ReadonlySet<Tensor>;
}

/** A stage while more targets may still join it. */
interface Slot {
  readonly targets: Tensor[];
  readonly work: Work;
  readonly map: RowMap | null;
}

/** @param shortlist The non-zeros that a sum over columns runs over; null: all. */
export function stagesOf(
  tasks: readonly Task[],
  buffers: Buffers,
  shortlist: Shortlist | null,
): readonly Stage[] {
  const weighted = softmaxesOf(tasks);
  const joint = new Set([...weighted.values()].flat());
  const slots: Slot[] = [];
  const at = new Map<Tensor, number>();
  for (const task of waiting(tasks, weighted)) {
    const { target } = task.work;
    if (joint.has(target)) continue;
    const sums = weighted.get(target) ?? [];
    const place = placeOf(task, sums, slots, at);
    for (const t of [target, ...sums]) at.set(t, place);
  }
  return slots.map((slot) => stageOf(slot, { weighted, buffers, shortlist }));
}

/** Tasks after what they wait for; the sums of a softmax count as part of it. */
function waiting(
  tasks: readonly Task[],
  weighted: ReadonlyMap<Tensor, readonly Tensor[]>,
): readonly Task[] {
  const byTarget = new Map(tasks.map((t) => [t.work.target, t]));
  const seen = new Set<Tensor>();
  const out: Task[] = [];
  const lseOf = new Map([...weighted].flatMap(([lse, sums]) => sums.map((s) => [s, lse] as const)));
  const visit = (t: Tensor): void => {
    const owner = lseOf.get(t) ?? t;
    const task = byTarget.get(owner);
    if (!task || seen.has(owner)) return;
    seen.add(owner);
    for (const part of [owner, ...(weighted.get(owner) ?? [])]) {
      for (const x of byTarget.get(part)?.after ?? []) visit(x);
    }
    out.push(task);
  };
  for (const task of tasks) visit(task.work.target);
  return out;
}

/** The place among the slots: that of an open walk along the same map, or a new one at the end. */
function placeOf(
  task: Task,
  sums: readonly Tensor[],
  slots: Slot[],
  at: ReadonlyMap<Tensor, number>,
): number {
  const { work } = task;
  const map = work.kind === "walk" && sums.length === 0 ? work.map : null;
  const first = Math.max(0, ...[...task.after].map((t) => earliest(t, work.target, at)));
  const open = slots.findIndex((s, i) => i >= first && map !== null && s.map === map);
  if (open >= 0) {
    slots[open]?.targets.push(work.target);
    return open;
  }
  slots.push({ targets: [work.target, ...sums], work, map });
  return slots.length - 1;
}

/** The first place at which something that waits for `t` may stand; a winner shares the walk of its extreme. */
function earliest(t: Tensor, target: Tensor, at: ReadonlyMap<Tensor, number>): number {
  const place = at.get(t) ?? bug("a task before what it waits for");
  return target.op === "winner" && target.inputs[0] === t ? place : place + 1;
}

interface Parts {
  /** Of a logsumexp the sums weighted by its softmax. */
  readonly weighted: ReadonlyMap<Tensor, readonly Tensor[]>;
  readonly buffers: Buffers;
  readonly shortlist: Shortlist | null;
}

function stageOf({ targets, work }: Slot, { weighted, buffers, shortlist }: Parts): Stage {
  const { target } = work;
  switch (work.kind) {
    case "map":
    case "reduce":
      return { kind: work.kind, target };
    case "walk": {
      const sums = weighted.get(target);
      if (sums) return { kind: "softmax", map: work.map, lse: target, sums };
      return { kind: "walk", map: work.map, targets };
    }
    case "collect":
      return { kind: "collect", target, map: work.map };
    case "columns":
      return { kind: "columns", target, shortlist };
    case "sum":
      return { kind: "walk", map: mapToBatch(target), targets: [target] };
    case "outer": {
      const { left, right, over, stack } = work;
      return { kind: "outer", target, left, right, over, stack };
    }
    case "product": {
      const { left, matrix, stack, over, columns } = work;
      const panels = buffers.panelsOf(matrix, { stack, rows: over, columns });
      return { kind: "product", target, left, panels, stack, over, columns };
    }
    case "recur":
      return bug("a recurrence as a stage");
  }
}

const mapToBatch = (t: Tensor): RowMap =>
  (t.op === "product" ? t.attrs.map : null) ?? bug("a sum along no map");

/** Each logsumexp with the sums that are weighted by its softmax and can share its stage. */
function softmaxesOf(tasks: readonly Task[]): ReadonlyMap<Tensor, readonly Tensor[]> {
  const found = new Map<Tensor, readonly Tensor[]>();
  const taken = new Set<Tensor>();
  const made = (t: Tensor): boolean => tasks.some(({ work }) => work.target === t);
  for (const { work } of tasks) {
    const lse = work.target;
    if (work.kind !== "walk" || lse.op !== "lse") continue;
    const sums = tasks.filter(
      (t) =>
        !taken.has(t.work.target) &&
        t.work.kind === "walk" &&
        t.work.map === work.map &&
        isWeightedBy(t.work.target, lse, made) &&
        waitsOnlyFor(t, lse, tasks),
    );
    if (sums.length === 0) continue;
    for (const s of sums) taken.add(s.work.target);
    found.set(
      lse,
      sums.map((s) => s.work.target),
    );
  }
  return found;
}

/** Whether what a sum adds up is made of exp(x - pull(lse x)). */
const isWeightedBy = (sum: Tensor, lse: TensorOf<"lse">, known: (t: Tensor) => boolean): boolean =>
  sum.op === "product" && sum.attrs.slots.length === 0 && weightsIn(sum, lse, known) !== null;

/** Whether nothing else that the sum waits for waits for the logsumexp. */
function waitsOnlyFor(sum: Task, lse: Tensor, tasks: readonly Task[]): boolean {
  const byTarget = new Map(tasks.map((t) => [t.work.target, t]));
  const reaches = (t: Tensor): boolean =>
    t === lse || [...(byTarget.get(t)?.after ?? [])].some(reaches);
  return [...sum.after].every((t) => t === lse || !reaches(t));
}
