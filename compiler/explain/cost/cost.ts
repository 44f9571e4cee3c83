/**
 * `gnc explain MODEL --cost`: for every kernel of a model what it computes, over which rows, how many operations and bytes
 * that takes as formulas of the sizes of the batch, and which parameters it reads.
 */
import type { Manifest, ProgramName, Step } from "../../../runtime/artifact.js";
import { bug } from "../../bug.js";
import type { Buffer, Kernel, Schedule, ScheduledStep, Stage } from "../../ir/kernel.js";
import type { Model } from "../../ir/model.js";
import { postorder, type Tensor } from "../../ir/tensor.js";
import { orderName, spaceName } from "../../pack.frames.js";
import { Formula, type Sizes } from "../formula.js";
import { sizeOf } from "../lists.js";
import type { Load } from "./definitions.js";
import { workOf } from "./kernel-work.js";
import type { Bounded } from "./machine.js";
import { type Computed, Words } from "./words.js";

export interface KernelCost extends Bounded {
  /** Its place among the kernels of its program, from 1: `K1` of `gnc compile --emit kernel`. */
  readonly number: number;
  /** `rows of paper`, `chunks of paper`, `8 panels`. */
  readonly over: string;
  /** Whether it runs over the rows of a mask alone; what it costs is counted as if the mask held for all. */
  readonly masked: boolean;
  /** Of a recurrence the order in which its levels are run. */
  readonly levels: string | null;
  readonly computes: readonly Computed[];
  readonly parameters: readonly string[];
}

export interface ProgramCost {
  readonly program: ProgramName;
  readonly kernels: readonly KernelCost[];
}

/** A compiled model: its kernels in the compiler's terms and in those of the artifact. */
export interface Costed {
  readonly model: Model;
  readonly schedule: Schedule;
  readonly manifest: Manifest;
}

/** All programs of a model, in the order of the artifact. */
export function costOf(costed: Costed): readonly ProgramCost[] {
  const words = new Words(costed.model, costed.schedule);
  const sources = packedFrom(costed.schedule);
  return Object.entries(costed.schedule.programs).map(([name, { steps }]) => {
    const program = name as ProgramName;
    const kernels = pairs(steps, costed.manifest.programs[program] ?? []);
    return {
      program,
      kernels: kernels.map((pair, i) => kernelCost(pair, i + 1, { costed, words, sources })),
    };
  });
}

/** All of a program. */
export function totalOf({ kernels }: ProgramCost): Bounded {
  const sum = (of: (k: KernelCost) => Formula): Formula => Formula.sum(kernels.map(of));
  return {
    flops: sum((k) => k.flops),
    functions: sum((k) => k.functions),
    read: sum((k) => k.read),
    written: sum((k) => k.written),
    touched: (sizes) => kernels.reduce((n, k) => n + k.touched(sizes), 0),
  };
}

interface Pair {
  readonly kernel: Kernel;
  readonly step: Extract<Step, { readonly kernel: string }>;
  readonly levels: string | null;
}

/** Kernels as they are scheduled beside the steps of the artifact that call them. */
function pairs(
  scheduled: readonly ScheduledStep[],
  steps: readonly Step[],
  levels: string | null = null,
): readonly Pair[] {
  return scheduled.flatMap((one, i) => {
    const step = steps[i] ?? bug("a step that is not in the artifact");
    if (one.kind === "levels" && "steps" in step)
      return pairs(one.steps, step.steps, orderName(one.order));
    if (one.kind === "levels" || "steps" in step) return bug("steps of another kind");
    return [{ kernel: one.kernel, step, levels }];
  });
}

interface About {
  readonly costed: Costed;
  readonly words: Words;
  readonly sources: ReadonlyMap<Buffer, Tensor>;
}

function kernelCost({ kernel, step, levels }: Pair, number: number, about: About): KernelCost {
  const { flops, functions, loads, written, fresh } = workOf(kernel);
  const lists = listsIn(step, about.costed.manifest);
  return {
    number,
    over: overOf(kernel),
    masked: kernel.needed !== undefined || kernel.stages.some(isListed),
    levels,
    computes: about.words.of(kernel, loads),
    flops,
    functions,
    read: Formula.sum([...loads.map((l) => l.bytes), lists]),
    written,
    touched: (sizes) => touched(loads, sizes) + lists.plus(fresh).at(sizes),
    parameters: parametersOf(loads, about.sources),
  };
}

/** Each byte once: of a buffer no more than it holds, however often it is read. */
function touched(loads: readonly Load[], sizes: Sizes): number {
  const by = new Map<unknown, { asked: number; whole: number }>();
  for (const load of loads) {
    const known = by.get(load.buffer ?? load) ?? { asked: 0, whole: 0 };
    known.asked += load.bytes.at(sizes);
    known.whole = Math.max(known.whole, load.whole.at(sizes));
    by.set(load.buffer ?? load, known);
  }
  return [...by.values()].reduce((n, { asked, whole }) => n + Math.min(asked, whole), 0);
}

/** Bytes of the lists by which a kernel finds its rows. */
function listsIn({ domain, slots }: Pair["step"], manifest: Manifest): Formula {
  const used = new Set(slots.flatMap((s) => ("structure" in s ? [s.structure] : [])));
  if (domain.over === "level") used.add(domain.structure);
  return Formula.sum(
    [...used].map((i) => {
      const structure = manifest.structures[i] ?? bug("no such list");
      const { space, more } = sizeOf(structure, manifest);
      return Formula.sum([
        Formula.of(4 * more),
        space === null ? Formula.zero : Formula.rows(space, 4),
      ]);
    }),
  );
}

/** Whether only some of the elements are summed. */
const isListed = (stage: Stage): boolean => stage.kind === "columns" && stage.shortlist !== null;

function overOf({ domain, stages, needed }: Kernel): string {
  const where = needed ? ", where needed" : "";
  switch (domain.over) {
    case "rows":
      return domain.space.kind === "unit"
        ? "the batch"
        : `rows of ${spaceName(domain.space)}${where}`;
    case "chunks":
      return `rows of ${spaceName(domain.space)}${where}, in chunks`;
    case "level":
      return `rows of ${spaceName(domain.space)}, level by level`;
    case "count": {
      const [first] = stages;
      const panels = `${domain.count} panel${domain.count === 1 ? "" : "s"}`;
      if (first?.kind === "pack") return panels;
      if (first?.kind === "optimizer") return `${4 * domain.count} parameters`;
      if (first?.kind === "shortlist") return `${domain.count} columns`;
      if (first?.kind !== "columns") return "the batch";
      return `${domain.count} columns${isListed(first) ? ", where needed" : ""}`;
    }
  }
}

/** What the panels of each program are packed from. */
function packedFrom({ programs }: Schedule): ReadonlyMap<Buffer, Tensor> {
  const found = new Map<Buffer, Tensor>();
  const look = (steps: readonly ScheduledStep[]): void => {
    for (const step of steps) {
      if (step.kind === "levels") look(step.steps);
      else
        for (const stage of step.kernel.stages)
          if (stage.kind === "pack") found.set(stage.panels, stage.source);
    }
  };
  for (const program of Object.values(programs)) look(program.steps);
  return found;
}

/** The parameters that a kernel reads, as they are or as panels. */
function parametersOf(
  loads: readonly Load[],
  sources: ReadonlyMap<Buffer, Tensor>,
): readonly string[] {
  const roots = loads.flatMap(({ buffer, tensor }) => {
    const source = buffer && sources.get(buffer);
    if (source) return postorder([source]);
    return tensor ? [tensor] : [];
  });
  return [...new Set(roots.flatMap((t) => (t.op === "param" ? [t.attrs.path] : [])))];
}
