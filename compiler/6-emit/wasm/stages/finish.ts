/**
 * What follows a product pointwise and is done before its result is stored: y = x W + b, and max(y, 0). The product
 * itself then lies nowhere.
 */
import { bug } from "../../../bug.js";
import { type Buffer, panelWidth, type Stage } from "../../../ir/kernel.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { readBy, type StageContext, type StageOf } from "./context.js";
import { shareMemory } from "./map.js";

export interface Finish {
  /** What is stored in place of the product. */
  readonly target: Tensor;
  /** On the batch, one for each column, as they lie in memory. */
  readonly added: Buffer | null;
  /** Whether what is below 0 becomes 0. */
  readonly rectified: boolean;
}

/** Each stage to be run; a product with what follows it, if nothing else reads the product. */
export function withFinishes(
  stages: readonly Stage[],
  c: StageContext,
): readonly (readonly [Stage, Finish | null])[] {
  const all: (readonly [Stage, Finish | null])[] = [];
  for (let i = 0; i < stages.length; i++) {
    const stage = stages[i] ?? bug("no such stage");
    const finish = stage.kind === "product" ? finishOf(stage, stages.slice(i + 1), c) : null;
    all.push([stage, finish]);
    if (finish) i++;
  }
  return all;
}

function finishOf(
  { target: product, left, columns, stack }: StageOf<"product">,
  [next, ...later]: readonly Stage[],
  { e, kernel, tile }: StageContext,
): Finish | null {
  if (next?.kind !== "map" || stack.length > 0 || panelWidth(volume(columns)) === 1) return null;
  const { target } = next;
  const [from, to] = [e.bufferOf(product), e.bufferOf(target)];
  const isNear = (b: Buffer): boolean => tile.contiguous || b.place.kind === "scratch";
  const fits =
    from.place.kind === "scratch" &&
    sameLayout(from.layout, to.layout) &&
    isNear(to) &&
    isNear(e.bufferOf(left)) &&
    !shareMemory(to, e.bufferOf(left), kernel.tile);
  if (!fits || later.some((s) => reads(s, product, e))) return null;
  const rectified = target.op === "map" && target.attrs.f === "relu";
  const sum = rectified ? target.inputs[0] : target;
  if (sum === product) return { target, added: null, rectified };
  if (!sum || e.stored(sum) !== (rectified ? null : to)) return null;
  const added = addedTo(product, sum, columns, e);
  return added && { target, added, rectified };
}

const sameLayout = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

/** Whether a stage needs a value in memory. */
function reads(stage: Stage, t: Tensor, e: Evaluator): boolean {
  const targets = stage.kind === "walk" ? stage.targets : "target" in stage ? [stage.target] : null;
  if (stage.kind === "softmax") return [stage.lse, ...stage.sums].some((x) => readBy(x, e).has(t));
  return targets?.some((x) => readBy(x, e).has(t)) ?? true;
}

/** What a sum adds to the product: values on the batch that lie in the order of its columns. */
function addedTo(
  product: Tensor,
  sum: Tensor,
  columns: readonly Axis[],
  e: Evaluator,
): Buffer | null {
  if (sum.op !== "map" || sum.attrs.f !== "add" || !sum.inputs.includes(product)) return null;
  const [other, ...more] = sum.inputs.filter((x) => x !== product);
  const isPull = other?.op === "pull" && other.attrs.map?.kind === "all";
  if (!isPull || more.length > 0 || other.attrs.slots.length > 0) return null;
  const [source] = other.inputs;
  const buffer = source ? e.stored(source) : null;
  const lies = buffer?.place.kind === "buffer" || buffer?.place.kind === "arena";
  return buffer && lies && buffer.dtype === "f32" && sameLayout(buffer.layout, columns)
    ? buffer
    : null;
}
