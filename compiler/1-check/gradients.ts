/**
 * What training can reach: parameters that no gradient of a loss comes to, and labels that an output reads.
 *
 * Both are warnings: such a model runs, but hardly does what was meant.
 */
import type { Label } from "../diagnostics/diagnostic.js";
import { labelReachesOutput, noGradient } from "../diagnostics/training.js";
import type { Expr, Field, Input, Objective, Output, Parameter, Pointwise } from "../ir/model.js";
import type { Frame } from "./frame.js";
import { leavesOf, reachedFrom } from "./reach.js";
import { partsOf } from "./rebind.js";

/** Functions whose result does not change a little when their argument does. */
const flat: ReadonlySet<Pointwise> = new Set<Pointwise>([
  "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "floor", "round", "to_i32", "mod",
]); // biome-ignore format: one line reads better

/** Warns for each parameter that the losses read but no gradient reaches, and for those they do not read. */
export function warnGradients(frame: Frame, losses: readonly Objective[]): void {
  if (losses.length === 0) return;
  const stops = new Map<Expr, Label>();
  const reached = differentiable(
    losses.map((l) => l.value),
    stops,
  );
  const read = reachedFrom(losses.map((l) => l.value));
  for (const parameter of frame.context.parameters) {
    if (reached.has(parameter)) continue;
    const guilty = read.has(parameter)
      ? [...stops].filter(([e]) => reachedFrom([e]).has(parameter)).slice(0, 3)
      : [];
    frame.report(
      noGradient(
        parameter.span,
        parameter.path,
        guilty.map(([, label]) => label),
      ),
    );
  }
}

/** The parameters a gradient comes to; the places where it stops on the way. */
function differentiable(roots: readonly Expr[], stops: Map<Expr, Label>): ReadonlySet<Parameter> {
  const found = new Set<Parameter>();
  const seen = new Set<Field>();
  const waiting = [...roots];
  for (let e = waiting.pop(); e; e = waiting.pop()) {
    if (e.kind === "parameter" && e.parameter.kind === "parameter") found.add(e.parameter);
    if (e.kind === "field" && e.field.kind === "field" && !seen.has(e.field)) {
      seen.add(e.field);
      waiting.push(e.field.value);
    }
    const open = openParts(e);
    waiting.push(...open);
    const why = e.kind === "rowwise" || e.kind === "pointwise" ? e.f : "an index";
    for (const part of partsOf(e))
      if (!open.includes(part) && leavesOf(part).size > 0)
        stops.set(part, { span: e.span, text: `\`${why}\` stops the gradient here` });
  }
  return found;
}

/** The parts of an expression that its gradient flows into. */
function openParts(e: Expr): readonly Expr[] {
  if (e.type.dtype !== "f32") return [];
  if (e.kind === "at") return [e.value];
  if (e.kind === "pointwise") {
    if (flat.has(e.f)) return [];
    return e.f === "select" ? e.args.slice(1) : e.args;
  }
  if (e.kind === "rowwise" && (e.f === "argmax" || e.f === "one_hot" || e.f === "stop")) return [];
  if (e.kind === "aggregate") return e.empty ? [e.body, e.empty] : [e.body];
  if (e.kind === "group_softmax") return [e.body];
  return partsOf(e);
}

/** Warns where an output reads, in its own row, the label that the loss compares it with. */
export function warnLabels(
  frame: Frame,
  outputs: readonly Output[],
  losses: readonly Objective[],
): void {
  for (const loss of losses) {
    const labels = [...leavesOf(loss.value)].filter(
      (l): l is Input => l.kind === "input" && l.type.dtype === "i32",
    );
    for (const output of outputs)
      for (const label of labels)
        if (readsInRow(output.field, label))
          frame.report(labelReachesOutput(label.span, label.name, output.name, loss.span));
  }
}

/** Whether a field depends on an input without moving to another row. */
function readsInRow(field: Field, input: Input): boolean {
  const seen = new Set<Field>();
  const waiting: Expr[] = [field.value];
  for (let e = waiting.pop(); e; e = waiting.pop()) {
    if (e.kind === "aggregate" || e.kind === "group_softmax" || e.kind === "pull") continue;
    if (e.kind === "field" && e.field === input) return true;
    if (e.kind === "field" && e.field.kind === "field" && !seen.has(e.field)) {
      seen.add(e.field);
      waiting.push(e.field.value);
    }
    waiting.push(...partsOf(e));
  }
  return false;
}
