/**
 * A schedule as kernel lists, for `gnc compile --emit kernel` and golden files (notation of LOWERING).
 *
 *     infer
 *     K1 rows paper, tile 64
 *       product  z{paper; d} = x · W
 *     K2 rows paper, tile 64
 *       walk receiver(cites)  y{paper; d} -> out = Σ z[sender]
 *
 * One line per target: what it stands on, its buffer if it is not scratch, and its definition down to what is stored.
 */

import { Formulas } from "./kernel.formulas.js";
import type { Buffer, Kernel, KernelDomain, Schedule, ScheduledStep, Stage } from "./kernel.js";
import { targetsOf } from "./kernel.verify.js";
import type { RecurrenceOrder } from "./model.js";
import { printMap } from "./space.js";
import { type Axis, type Tensor, volume } from "./tensor.js";

export function printSchedule(schedule: Schedule): string {
  const formulas = new Formulas();
  const programs = Object.entries(schedule.programs).flatMap(([name, { steps }]) => [
    name,
    ...printSteps(steps, formulas, "", { next: 1 }),
    "",
  ]);
  return programs.join("\n");
}

interface Counter {
  next: number;
}

function printSteps(
  steps: readonly ScheduledStep[],
  formulas: Formulas,
  indent: string,
  counter: Counter,
): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind === "kernel") {
      return printKernel(step.kernel, formulas, counter.next++).map((line) => `${indent}${line}`);
    }
    const inner = printSteps(step.steps, formulas, `${indent}  `, counter);
    return [`${indent}levels ${printOrder(step.order)}`, ...inner];
  });
}

const printOrder = (order: RecurrenceOrder): string => {
  const of = order.kind === "index" ? `index(${order.set.name})` : `levels(${order.relation.name})`;
  return order.reverse ? `${of} reversed` : of;
};

function printKernel(kernel: Kernel, formulas: Formulas, number: number): readonly string[] {
  const scratch = kernel.scratch > 0 ? `, scratch ${kernel.scratch}` : "";
  const tile = kernel.domain.over === "count" ? "" : `, tile ${kernel.tile}`;
  const lines = kernel.stages.flatMap((stage) => printStage(stage, kernel, formulas));
  const { needed } = kernel;
  const where = needed ? ` where ${formulas.text(needed.mask, kernel)}` : "";
  return [
    `K${number} ${printDomain(kernel.domain)}${where}${tile}${scratch}`,
    ...lines.map((line) => `  ${line}`),
  ];
}

function printDomain(domain: KernelDomain): string {
  switch (domain.over) {
    case "rows":
    case "chunks":
      return `${domain.over} ${domain.space.name}`;
    case "level":
      return `level ${domain.space.name}`;
    case "count":
      return `count ${domain.count}`;
  }
}

function printStage(stage: Stage, kernel: Kernel, formulas: Formulas): readonly string[] {
  const head = headOf(stage);
  if (stage.kind === "pack") {
    return [`${head} ${placeText(stage.panels)} = ${formulas.text(stage.source, kernel)}`];
  }
  if (stage.kind === "shortlist")
    return [`${head} where ${formulas.text(stage.shortlist.mask, kernel)} at their rows`];
  return targetsOf(stage).length === 0
    ? [head]
    : targetsOf(stage).map((t) => {
        const target = printTarget(t, kernel, formulas);
        return stage.kind === "combine"
          ? `${head}  ${target}`
          : `${head}  ${target} = ${formulas.definition(t, kernel)}`;
      });
}

function headOf(stage: Stage): string {
  switch (stage.kind) {
    case "walk":
    case "softmax":
    case "collect":
      return `${stage.kind} ${printMap(stage.map)}`;
    case "columns":
      return stage.shortlist ? `columns of ${stage.shortlist.rows.name}` : stage.kind;
    case "shortlist":
      return `list ${stage.shortlist.rows.name}`;
    case "combine":
      return `combine ${stage.of.name}`;
    case "optimizer":
      return `${stage.optimizer}${stage.clipped ? " clipped" : ""} from ${stage.first}`;
    case "norm":
      return `norm of ${stage.ranges.map(([first, words]) => `${first}+${words}`).join(", ")}`;
    default:
      return stage.kind;
  }
}

/** `y{paper; h, d} -> buffer` */
function printTarget(t: Tensor, kernel: Kernel, formulas: Formulas): string {
  const buffer = kernel.stored.get(t);
  const axes =
    t.axes.length === 0 ? "" : `; ${(buffer?.layout ?? t.axes).map((a) => a.name).join(", ")}`;
  const place = buffer && buffer.place.kind !== "scratch" ? ` -> ${placeText(buffer)}` : "";
  const zero = kernel.needed?.zeroed.includes(t) ? ", else 0" : "";
  const name = formulas.name(t);
  return `${name}{${t.space.name}${axes}}${place}${zero}`;
}

const stackText = (stack: readonly Axis[]): string =>
  stack.length > 0 ? `${volume(stack)} x ` : "";

function placeText({ place, layout }: Buffer): string {
  switch (place.kind) {
    case "arena":
      return `${place.arena}+${place.offset}`;
    case "panels":
      return `panels ${stackText(place.stack)}${volume(place.rows)} x ${volume(place.columns)}`;
    case "partials":
      return `partials ${volume(layout)}`;
    default:
      return place.kind;
  }
}
