/**
 * Groups to kernels: what lives in scratch and what in buffers, the size of the tile, and the steps around a kernel.
 */
import { bug } from "../bug.js";
import type {
  Buffer,
  Kernel,
  KernelDomain,
  Needed,
  ScheduledStep,
  Shortlist,
  Stage,
} from "../ir/kernel.js";
import { targetsOf } from "../ir/kernel.verify.js";
import { type Space, unitSpace } from "../ir/space.js";
import { type Tensor, volume } from "../ir/tensor.js";
import type { Group, Grouping } from "./groups.js";
import type { Homes } from "./homes.js";
import { localsOf } from "./locals.js";
import { isReduction } from "./maps.js";
import { type Frame, readsOf } from "./reads.js";
import { bodyOf, isGiven, isWide, type Region } from "./region.js";
import { scratchFor } from "./scratch.js";
import { stagesOf, type Task } from "./stages.js";
import { ordered } from "./task-order.js";
import { frameOf, isAlone, isChunked, isElementwise, operandsOf, type Work } from "./work.js";

/** Gives kernels their names: unique within a program. */
export type Namer = () => string;

interface Plan {
  readonly group: Group;
  readonly region: Region;
  readonly homes: Homes;
  readonly locals: ReadonlySet<Tensor>;
  /** Targets that stay in scratch. */
  readonly passing: ReadonlySet<Tensor>;
  /** The rows it runs over; null: all. */
  readonly needed: Needed | null;
  /** The non-zeros that a sum over columns runs over; null: all. */
  readonly shortlist: Shortlist | null;
}

/** The kernel of a group, with the kernel that combines its partial sums. */
export function stepsOf(
  group: Group,
  grouping: Grouping,
  region: Region,
  homes: Homes,
  { name, needed, shortlist }: Pick<Plan, "needed" | "shortlist"> & { readonly name: Namer },
): readonly ScheduledStep[] {
  const known = (t: Tensor): boolean =>
    isGiven(t, region) || grouping.maker.has(t) || t.op === "result";
  const locals = localsOf(group, known, region);
  const passing = passingOf(group, grouping, region);
  const plan: Plan = { group, region, homes, locals, passing, needed, shortlist };
  const kernel = kernelOf(plan, known, name());
  const combined = combineOf(group, homes, name);
  return [kernel, ...combined].map((k) => ({ kind: "kernel", kernel: k }));
}

/** What the group computes for itself alone, and reads on its own row only. */
export function passingOf(
  group: Group,
  { readers }: Grouping,
  region: Region,
): ReadonlySet<Tensor> {
  const passing = group.items
    .map((i) => i.work)
    .filter((w) => !region.roots.has(w.target) && !isChunked(w) && !isElementwise(w))
    .filter((w) => !isAlone(w) && w.target.space !== unitSpace)
    .map((w) => w.target);
  return new Set(passing.filter((t) => (readers.get(t) ?? []).every((g) => g === group)));
}

function kernelOf(plan: Plan, known: (t: Tensor) => boolean, name: string): Kernel {
  const { group, locals } = plan;
  const inScratch = (t: Tensor): boolean => locals.has(t) || plan.passing.has(t);
  const tasks = ordered(tasksOf(plan, known), inScratch);
  const stages = stagesOf(tasks, plan.homes.buffers, plan.shortlist);
  const inside = (t: Tensor): boolean => known(t) || locals.has(t);
  const touched = new Map(
    tasks.map(({ work }) => [work.target, storedFor(work, inside, plan.region)] as const),
  );
  const uses = stages.map((s) => targetsOf(s).flatMap((t) => touched.get(t) ?? []));
  const { tile, scratch, offsets } = scratchFor({
    uses,
    locals,
    passing: plan.passing,
    limit: largestTile(group.rows, plan.region),
    sums: sumsOf(group),
  });
  const stored = new Map<Tensor, Buffer>();
  for (const t of uses.flat()) {
    const offset = offsets.get(t);
    if (stored.has(t)) continue;
    if (offset === undefined) stored.set(t, homeOf(t, group, plan));
    else stored.set(t, scratchBuffer(t, offset, plan));
  }
  const { needed } = plan;
  if (!needed) return { name, domain: domainOf(plan), tile, stages, stored, scratch };
  stored.set(needed.mask, plan.homes.of(needed.mask));
  return { name, domain: domainOf(plan), needed, tile, stages, stored, scratch };
}

const scratchBuffer = (t: Tensor, offset: number, { homes, region }: Plan): Buffer =>
  homes.buffers.at(t, region.layouts.of(t), { kind: "scratch", offset });

/** Where a target or a value that is read lies: sums by chunks lie in partial results. */
function homeOf(t: Tensor, group: Group, { homes }: Plan): Buffer {
  const work = group.items.find((i) => i.work.target === t)?.work;
  return work && isChunked(work) ? homes.buffers.partials(t, work.of) : homes.of(t);
}

/** Everything a stage reads or writes: its target, its operands or what its definition reads. */
function storedFor(work: Work, known: (t: Tensor) => boolean, region: Region): readonly Tensor[] {
  const operands = operandsOf(work);
  if (operands.length > 0) return [work.target, ...operands];
  const frame = frameOf(work, region.levels !== null);
  return [work.target, ...readsOf(work.target, frame, known).keys()];
}

function tasksOf(plan: Plan, known: (t: Tensor) => boolean): readonly Task[] {
  const { group, locals, region } = plan;
  const levels = region.levels !== null;
  const inside = (t: Tensor): boolean => known(t) || locals.has(t);
  const local = (target: Tensor): Work => ({
    kind: isReduction(target) ? "reduce" : "map",
    target,
  });
  const works = [...[...locals].map(local), ...group.items.map((i) => i.work)];
  const own = new Set(works.map((w) => w.target));
  const row: Frame = { start: "row", base: null, levels };
  return works.map((work) => {
    const operands = operandsOf(work);
    const frame = locals.has(work.target) ? row : frameOf(work, levels);
    const reads =
      operands.length > 0
        ? operands.map((t) => madeAs(t, region))
        : laterReads(work.target, frame, inside, region);
    return { work, after: new Set(reads.filter((t) => own.has(t) && t !== work.target)) };
  });
}

/** What is read on this level: bodies in place of unknowns, what was done before left out. */
function laterReads(
  target: Tensor,
  frame: Frame,
  known: (t: Tensor) => boolean,
  region: Region,
): readonly Tensor[] {
  return [...readsOf(target, frame, known)]
    .filter(([, places]) => [...places].some((p) => p !== "before"))
    .map(([t]) => madeAs(t, region));
}

/** The body that computes an unknown, else the tensor itself. */
const madeAs = (t: Tensor, { levels }: Region): Tensor =>
  t.op === "unknown" && levels ? bodyOf(t, levels) : t;

/** Words of all partial sums. */
const sumsOf = ({ items }: Group): number =>
  items.reduce((n, { work }) => n + (isChunked(work) ? volume(work.target.axes) : 0), 0);

function domainOf({ group, region }: Plan): KernelDomain {
  const [first] = group.items;
  if (!first) return bug("an empty group");
  const { work } = first;
  if (work.kind === "columns") return { over: "count", count: work.axis.size };
  if (work.kind === "collect" && group.alone) return { over: "count", count: 1 };
  if (group.chunked) return { over: "chunks", space: group.rows };
  if (region.levels) return { over: "level", space: group.rows, order: region.levels.order };
  return { over: "rows", space: group.rows };
}

function largestTile(rows: Space, region: Region): number {
  if (rows.kind === "unit") return 1;
  return region.levels || (!isWide(rows) && rows.kind !== "nodes") ? 16 : 64;
}

/** Words of the largest partial sum that are added up at once. */
const combinedWords = 4096;

/** The kernel that adds up the partial sums of a group: in shares of all of them. */
function combineOf(group: Group, homes: Homes, name: Namer): readonly Kernel[] {
  const stored = new Map<Tensor, Buffer>();
  const stages: Stage[] = [];
  for (const { work } of group.items) {
    if (!isChunked(work)) continue;
    const partials = homes.buffers.partials(work.target, work.of);
    stored.set(work.target, homes.of(work.target));
    stages.push({ kind: "combine", target: work.target, partials, of: work.of });
  }
  if (stages.length === 0) return [];
  const most = Math.max(...stages.flatMap(targetsOf).map((t) => volume(t.axes)));
  const domain: KernelDomain = { over: "count", count: Math.ceil(most / combinedWords) };
  return [{ name: name(), domain, tile: 1, stages, stored, scratch: 0 }];
}
