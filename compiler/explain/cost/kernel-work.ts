/** What a kernel does over all of its domain: operations, bytes that it reads and bytes that it writes. */
import {
  type Buffer,
  buffersOfList,
  type Kernel,
  type KernelDomain,
  panelsIn,
  type Shortlist,
  type Stage,
} from "../../ir/kernel.js";
import { targetsOf } from "../../ir/kernel.verify.js";
import { weightsIn } from "../../ir/softmax.js";
import type { Space } from "../../ir/space.js";
import { type Axis, type Tensor, union, volume } from "../../ir/tensor.js";
import { spaceName } from "../../pack.frames.js";
import { Formula } from "../formula.js";
import { Definitions, type Load, rowsOf } from "./definitions.js";
import { atEnd, none, type Operations, optimizerOf } from "./operations.js";

export interface KernelWork {
  readonly flops: Formula;
  readonly functions: Formula;
  readonly loads: readonly Load[];
  readonly written: Formula;
  /** What it writes and does not read. */
  readonly fresh: Formula;
}

export function workOf(kernel: Kernel): KernelWork {
  const targets = new Map(
    kernel.stages.flatMap((stage) => writtenBy(stage, kernel).map((b) => [b, bytesOf(b)] as const)),
  );
  const work = new Definitions(kernel, domainRows(kernel.domain), new Set(targets.keys()));
  for (const stage of kernel.stages) {
    work.nextStage();
    addStage(stage, kernel, work);
  }
  const loads = [...work.loads.values()];
  const known = new Set(loads.map((l) => l.buffer));
  const fresh = [...targets].flatMap(([buffer, bytes]) => (known.has(buffer) ? [] : [bytes]));
  return {
    flops: work.flops,
    functions: work.functions,
    loads,
    written: Formula.sum([...targets.values(), work.written]),
    fresh: Formula.sum(fresh),
  };
}

/** How many rows, or things that are counted, a kernel runs over in all. */
export function domainRows(domain: KernelDomain): Formula {
  return domain.over === "count" ? Formula.of(domain.count) : rowsOf(domain.space);
}

const chunksOf = (space: Space): Formula => Formula.rows(`chunks(${spaceName(space)})`);

function bytesOf({ place, space, layout }: Buffer): Formula {
  switch (place.kind) {
    case "panels":
      return Formula.of(4 * panelsIn(place).words);
    case "partials":
      return chunksOf(place.of).times(4 * volume(layout));
    case "arena":
      return Formula.of(4 * volume(layout));
    default:
      return rowsOf(space).times(4 * volume(layout));
  }
}

function writtenBy(stage: Stage, { stored }: Kernel): readonly Buffer[] {
  if (stage.kind === "pack") return [stage.panels];
  if (stage.kind === "shortlist") return buffersOfList(stage.shortlist);
  return targetsOf(stage).flatMap((t) => {
    const buffer = stored.get(t);
    return buffer && buffer.place.kind !== "scratch" ? [buffer] : [];
  });
}

function addStage(stage: Stage, kernel: Kernel, work: Definitions): void {
  switch (stage.kind) {
    case "map":
    case "reduce":
      work.define(stage.target, work.row);
      return;
    case "walk":
      for (const t of stage.targets) work.define(t, work.elements(stage.map));
      return;
    case "softmax":
      addSoftmax(stage, kernel, work);
      return;
    case "product":
      addProduct(stage, [stage.left], work);
      work.readWhole(stage.target, stage.panels, bytesOf(stage.panels));
      return;
    case "outer":
      addProduct(stage, [stage.left, stage.right], work);
      return;
    default:
      addOther(stage, kernel, work);
  }
}

type StageOf<K extends Stage["kind"]> = Extract<Stage, { readonly kind: K }>;

/**
 * Over the logits of a row: the largest, the differences to it, their exponentials, their sum, and each divided by it. The
 * differences and exponentials belong to the weights that the sums read.
 */
const normalising: Operations = { flops: 3, functions: 0 };

function addSoftmax(
  { map, lse, sums }: StageOf<"softmax">,
  kernel: Kernel,
  work: Definitions,
): void {
  const known = (t: Tensor): boolean => kernel.stored.has(t);
  const shared =
    lse.op === "lse" && sums.some((t) => t.op === "product" && weightsIn(t, lse, known) !== null);
  if (shared) {
    const isKept = kernel.stored.get(lse)?.place.kind !== "scratch";
    work.define(lse, work.elements(map), normalising, isKept ? atEnd(lse) : none);
  } else work.define(lse, work.elements(map));
  for (const t of sums) work.define(t, work.elements(map));
}

/** Two operations for each row, each position of the result and each that is summed. */
function addProduct(
  { target, over }: { readonly target: Tensor; readonly over: readonly Axis[] },
  sides: readonly Tensor[],
  work: Definitions,
): void {
  work.count(work.row.times.times(2 * volume(union(target.axes, over))));
  if (target.op === "product" && Math.abs(target.attrs.scale) !== 1)
    work.count(rowsOf(target.space).times(volume(target.axes)));
  for (const side of sides) work.read(side, work.row);
}

function addOther(stage: Stage, kernel: Kernel, work: Definitions): void {
  switch (stage.kind) {
    case "collect":
      work.define(stage.target, work.elements(stage.map));
      return;
    case "columns":
      if (stage.target.op === "product" && stage.target.attrs.map)
        work.define(stage.target, work.elements(stage.target.attrs.map));
      if (stage.shortlist)
        for (const list of buffersOfList(stage.shortlist))
          work.readWhole(stage.target, list, bytesOf(list));
      return;
    case "shortlist":
      addShortlist(stage.shortlist, kernel, work);
      return;
    case "pack":
      work.read(stage.source, work.batch);
      return;
    case "combine": {
      const bytes = bytesOf(stage.partials);
      work.count(bytes.times(1 / 4));
      work.readWhole(stage.target, stage.partials, bytes);
      return;
    }
    case "optimizer":
      addOptimizer(stage, domainRows(kernel.domain).times(4), work);
      return;
    case "norm": {
      const words = stage.ranges.reduce((n, [, count]) => n + count, 0);
      work.count(Formula.of(2 * words));
      work.move(Formula.of(4 * words), Formula.zero);
      return;
    }
  }
}

/** Of each non-zero whether its row has the mask. */
function addShortlist({ mask, of }: Shortlist, { stored }: Kernel, work: Definitions): void {
  const buffer = stored.get(mask);
  if (buffer) work.readWhole(mask, buffer, rowsOf(of).times(4));
}

/** Each word of the parameters with its gradient and moments. */
function addOptimizer(stage: StageOf<"optimizer">, words: Formula, work: Definitions): void {
  const { flops, read, written } = optimizerOf(stage.optimizer);
  work.count(words.times(flops + (stage.clipped ? 1 : 0)));
  work.move(words.times(4 * read), words.times(4 * written));
}
