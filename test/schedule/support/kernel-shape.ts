/**
 * The kernels of a schedule without any names of values: over which rows, which stages on how many numbers, and what they
 * cost. Equal shapes are equal kernel lists.
 *
 *     infer
 *     K1 rows atom: product 32, reduce 4, reduce 4; 1216 atom flops, 72 atom + 1024 words
 */
import type {
  Kernel,
  KernelDomain,
  Schedule,
  ScheduledStep,
  Stage,
} from "../../../compiler/ir/kernel.js";
import { targetsOf } from "../../../compiler/ir/kernel.verify.js";
import type { Space } from "../../../compiler/ir/space.js";
import { volume } from "../../../compiler/ir/tensor.js";
import { type Cost, costOf, type Formula, formulaText, sumOf } from "./kernel-cost.js";

/** A program in short. */
export interface Shape {
  readonly lines: readonly string[];
  /** An estimate of its time on a batch of usual sizes, in nanoseconds. */
  readonly ns: number;
  readonly cost: Cost;
}

/** What is run for each graph: not what prepares parameters. */
const shown = ["infer", "train", "pullback"] as const;

/** The programs of a schedule in short. */
export function shapesOf({ programs }: Schedule): ReadonlyMap<string, Shape> {
  return new Map(
    shown.flatMap((name) => {
      const program = programs[name];
      return program ? [[name, shapeOf(program.steps)] as const] : [];
    }),
  );
}

/**
 * Operations in register tiles at 45 a nanosecond, others at 10, memory at 20 bytes (LOWERING, "Scheduling"), and the call
 * of a kernel.
 */
function timeOf({ flops, tiled, words }: Cost): number {
  const at = (formula: Formula): number =>
    [...formula].reduce((n, [space, each]) => n + each * rowsOf(space), 0);
  const fast = at(tiled);
  return fast / 45 + (at(flops) - fast) / 10 + (4 * at(words)) / 20 + 100;
}

function shapeOf(steps: readonly ScheduledStep[]): Shape {
  const kernels = kernelsOf(steps);
  const costs = kernels.map(costOf);
  return {
    ns: costs.reduce((ns, cost) => ns + timeOf(cost), 0),
    lines: kernels.map((k, i) => `K${i + 1} ${kernelText(k, costOf(k))}`),
    cost: {
      flops: sumOf(costs.map((c) => c.flops)),
      tiled: sumOf(costs.map((c) => c.tiled)),
      words: sumOf(costs.map((c) => c.words)),
    },
  };
}

/** Eight graphs of fifty nodes with eight neighbours each; everybody is a neighbour on a complete relation. */
const graphs = 8;
const nodes = 50 * graphs;
const neighbours = 8;

function rowsOf(space: Space): number {
  if (space.kind === "unit") return 1;
  if (space.kind === "graph") return graphs;
  if (space.kind !== "edges") return nodes;
  const { topology } = space;
  if (topology.kind === "window") return nodes * topology.taps.reduce((n, t) => n * t, 1);
  if (topology.kind === "chain" || topology.kind === "tree") return nodes;
  return nodes * (topology.kind === "complete" ? nodes / graphs : neighbours);
}

const kernelsOf = (steps: readonly ScheduledStep[]): readonly Kernel[] =>
  steps.flatMap((step) => (step.kind === "kernel" ? [step.kernel] : kernelsOf(step.steps)));

const costText = ({ flops, words }: Cost): string =>
  `${formulaText(flops)} flops, ${formulaText(words)} words`;

function kernelText(kernel: Kernel, cost: Cost): string {
  const stages = kernel.stages.map(stageText).join(", ");
  return `${domainText(kernel.domain)}: ${stages}; ${costText(cost)}`;
}

function domainText(domain: KernelDomain): string {
  return domain.over === "count" ? `count ${domain.count}` : `${domain.over} ${domain.space.name}`;
}

function stageText(stage: Stage): string {
  const map = "map" in stage ? ` ${stage.map.kind}` : "";
  const sizes = targetsOf(stage).map((t) => `${volume(t.axes)}`);
  return `${stage.kind}${map} ${sizes.join("+")}`;
}

interface Named {
  readonly name: string;
  readonly shapes: ReadonlyMap<string, Shape>;
}

/** The shapes of several models; of what was printed before, only that it is the same. */
export function printShapes(models: readonly Named[]): string {
  const known = new Map<string, string>();
  const lines = models.flatMap(({ name, shapes }) => {
    const programs = [...shapes].flatMap(([program, { lines, cost }]) => {
      const text = [program, ...lines].join("\n");
      const same = known.get(text);
      if (same === undefined) known.set(text, name);
      if (same !== undefined) return [`${program} as ${same}`];
      return [program, ...lines, `in all ${costText(cost)}`];
    });
    return [name, ...programs.map((line) => `  ${line}`), ""];
  });
  return lines.join("\n");
}
