/**
 * One program: from the values it must leave in memory to its steps.
 */
import { bug } from "../bug.js";
import {
  type Buffer,
  type Kernel,
  panelsIn,
  type ScheduledProgram,
  type ScheduledStep,
  type Shortlist,
  type Stage,
} from "../ir/kernel.js";
import { dependencies, insideOf } from "../ir/recur.js";
import { postorder, type Tensor, type TensorOf, type TensorTable, volume } from "../ir/tensor.js";
import type { Buffers, Panels } from "./buffers.js";
import { isImmediate, isMemory } from "./cost.js";
import type { Dependences } from "./dependence.js";
import { type Grouping, group } from "./groups.js";
import { Homes, type Offsets } from "./homes.js";
import { type Namer, passingOf, stepsOf } from "./kernels.js";
import type { Layouts } from "./layouts.js";
import type { Masks } from "./masks.js";
import { masksIn, neededRows } from "./needed-rows.js";
import { layOutOperands } from "./operand-layouts.js";
import { readsOf } from "./reads.js";
import { levelsOf } from "./recurrence.js";
import { isGiven, type Region, usersOf } from "./region.js";
import { type Kept, keptOf, withShared } from "./stored.js";

/** What all programs of a schedule share. */
export interface Session {
  readonly table: TensorTable;
  readonly layouts: Layouts;
  readonly buffers: Buffers;
  readonly offsets: Offsets;
  readonly dependences: Dependences;
  readonly masks: Masks;
  /** What programs want computed in `prepare` and in `bind`. */
  readonly ahead: { readonly parameters: Set<Tensor>; readonly facts: Set<Tensor> };
}

/** A value that a program must leave in a certain place. */
export interface Goal {
  readonly tensor: Tensor;
  readonly buffer: Buffer;
}

export interface ProgramOptions {
  readonly name: string;
  readonly goals: readonly Goal[];
  /** Roots of the forward half; the others follow from gradients. */
  readonly forward: readonly Tensor[];
  /** Whether parts that depend on parameters or facts alone are left to `prepare` and `bind`. */
  readonly ahead: boolean;
  /** What another program has left in memory before. */
  readonly given?: ReadonlySet<Tensor>;
  /** A program that this one may begin with, where it needs all that one leaves and nothing else of it. */
  readonly begin?: Beginning | null;
}

export interface Beginning {
  readonly goals: readonly Goal[];
  readonly steps: readonly ScheduledStep[];
}

export function programOf(options: ProgramOptions, session: Session): ScheduledProgram {
  const homes = new Homes(session.buffers, session.offsets);
  for (const goal of options.goals) homes.set(goal.tensor, goal.buffer);
  const roots = new Set(options.goals.map((g) => g.tensor));
  const whole = regionOf(roots, options, session, options.given);
  const rest = options.begin ? restOf(whole, options, options.begin, session) : null;
  const begin = rest ? options.begin : null;
  for (const goal of begin?.goals ?? []) homes.set(goal.tensor, goal.buffer);
  let count = 0;
  const name: Namer = () => `${options.name}.${++count}`;
  const steps = regionSteps(rest ?? whole, homes, name, session);
  return { steps: [...(begin?.steps ?? []), ...steps] };
}

/** What is left of a program that begins as another; null where the two share more than what that one leaves. */
function restOf(
  whole: Region,
  options: ProgramOptions,
  { goals }: Beginning,
  session: Session,
): Region | null {
  const left = new Set(goals.map((g) => g.tensor));
  const computed = new Set(whole.tensors);
  if (left.size === 0 || ![...left].every((t) => computed.has(t) && !whole.roots.has(t))) {
    return null;
  }
  const before = new Set(regionOf(left, options, session).tensors);
  const rest = regionOf(whole.roots, options, session, left);
  const isShared = (t: Tensor): boolean => before.has(t) && !isImmediate(t);
  return rest.tensors.some(isShared) ? null : rest;
}

/** All that the roots need and nobody has computed ahead. */
function regionOf(
  roots: ReadonlySet<Tensor>,
  { ahead, forward }: ProgramOptions,
  session: Session,
  made: ReadonlySet<Tensor> = new Set(),
): Region {
  const given = new Set(made);
  const tensors: Tensor[] = [];
  const seen = new Set<Tensor>();
  const visit = (t: Tensor): void => {
    if (seen.has(t)) return;
    seen.add(t);
    if (made.has(t)) return;
    if (ahead && !roots.has(t) && session.dependences.isAhead(t)) {
      given.add(t);
      const kind = session.dependences.of(t) === "parameters" ? "parameters" : "facts";
      session.ahead[kind].add(t);
      return;
    }
    for (const x of dependencies(t)) visit(x);
    if (!isMemory(t)) tensors.push(t);
  };
  for (const t of roots) visit(t);
  const loops = tensors.filter((t): t is TensorOf<"recur"> => t.op === "recur");
  const users = usersOf([...tensors, ...loops.flatMap((t) => insideOf(t))]);
  const { table, layouts } = session;
  const before = new Set(postorder(forward));
  return { table, layouts, tensors, roots, users, given, forward: before, levels: null };
}

/** A region under way: what is stored, where, and how its kernels are called. */
interface Making {
  readonly region: Region;
  readonly homes: Homes;
  readonly name: Namer;
  readonly session: Session;
  readonly stored: ReadonlySet<Tensor>;
  readonly packed: Set<Buffer>;
}

/** The steps of a region: its groups in order, panels packed before they are used. */
function regionSteps(
  region: Region,
  homes: Homes,
  name: Namer,
  session: Session,
): readonly ScheduledStep[] {
  const { kept, grouping } = grouped(region);
  const { stored } = kept;
  const making: Making = { region, homes, name, session, stored, packed: new Set() };
  const needed = neededRows(grouping, region, session.masks, (g) => passingOf(g, grouping, region));
  for (const mask of masksIn(needed)) if (!isMemory(mask)) session.ahead.facts.add(mask);
  return grouping.groups.flatMap((g) => {
    const [first] = g.items;
    const target = first?.work.target;
    const listed = needed.nonzeros.get(g);
    const steps =
      target?.op === "recur"
        ? [levelsStep(target, making)]
        : stepsOf(g, grouping, region, homes, {
            name,
            needed: needed.rows.get(g) ?? null,
            shortlist: listed ? session.buffers.shortlistOf(listed) : null,
          });
    return [...packsFor(steps, making), ...steps];
  });
}

/** Kernels are formed twice: only then it is known which values several of them would evaluate. */
function grouped(region: Region): { readonly kept: Kept; readonly grouping: Grouping } {
  layOutOperands(region);
  const first = keptOf(region);
  const before = group(first, region);
  const kept = withShared(first, region, (t) => before.maker.get(t));
  if (kept.stored.size === first.stored.size) return { kept, grouping: before };
  return { kept, grouping: group(kept, region) };
}

function levelsStep(recur: TensorOf<"recur">, making: Making): ScheduledStep {
  const { region, homes, name, session, stored } = making;
  const inner = levelsOf(recur, region, stored, homes);
  const { order } = recur.attrs;
  return { kind: "levels", order, steps: regionSteps(inner, homes, name, session) };
}

/** Kernels that pack the matrices these steps use, where the program itself computes them. */
function packsFor(steps: readonly ScheduledStep[], making: Making): readonly ScheduledStep[] {
  const { region, homes, name, session, stored, packed } = making;
  if (region.levels) return [];
  const used = new Set(panelsOf(steps));
  const here = session.buffers.panels.filter(
    (p) => used.has(p.buffer) && !packed.has(p.buffer) && !isPackedAhead(p, session.dependences),
  );
  for (const p of here) packed.add(p.buffer);
  const known = (t: Tensor): boolean => isGiven(t, region) || stored.has(t);
  return here.map((p) => ({ kind: "kernel", kernel: packKernel(p, homes, known, name()) }));
}

/** Whether a matrix is packed in `prepare` or `bind`. */
export const isPackedAhead = ({ source }: Panels, dependences: Dependences): boolean =>
  dependences.of(source) !== "program";

/** The panels that these steps read. */
export function panelsOf(steps: readonly ScheduledStep[]): readonly Buffer[] {
  return steps.flatMap((s) =>
    s.kind === "levels"
      ? panelsOf(s.steps)
      : s.kernel.stages.flatMap((stage) => (stage.kind === "product" ? [stage.panels] : [])),
  );
}

/** The kernel that writes a matrix as panels, down to what is `known`. */
export function packKernel(
  { source, buffer }: Panels,
  homes: Homes,
  known: (t: Tensor) => boolean,
  name: string,
): Kernel {
  const { place } = buffer;
  if (place.kind !== "panels") return bug("panels elsewhere");
  const row = { start: "row", base: null, levels: false } as const;
  const reads = known(source) ? [source] : [...readsOf(source, row, known).keys()];
  const stored = new Map(reads.map((t) => [t, homes.of(t)]));
  const stage: Stage = { kind: "pack", source, panels: buffer };
  const { count } = panelsIn(place);
  return { name, domain: { over: "count", count }, tile: 1, stages: [stage], stored, scratch: 0 };
}

/** The kernel that writes a shortlist. */
export function listKernel(shortlist: Shortlist, homes: Homes, name: string): Kernel {
  const { mask, counts } = shortlist;
  return {
    name,
    domain: { over: "count", count: volume(counts.layout) },
    tile: 1,
    stages: [{ kind: "shortlist", shortlist }],
    stored: new Map([[mask, homes.of(mask)]]),
    scratch: 0,
  };
}
