/**
 * What follows a product or a sum along a map pointwise and is done before the result is stored, which then lies nowhere
 * itself: of products y = x W + b and max(y, 0), of sums anything that takes no calls.
 */
import { type Buffer, panelWidth, type Stage } from "../../../ir/kernel.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { isSingle } from "../expressions/folds.js";
import { readBy, type StageContext, type StageOf } from "./context.js";
import { shareMemory } from "./map.js";
import { product } from "./product.js";
import { runStage } from "./stages.js";
import { dearFunctions } from "./stash.js";
import { walk } from "./walk.js";

export interface Finish {
  /** What is stored in place of the result. */
  readonly target: Tensor;
}

export interface ProductFinish extends Finish {
  /** On the batch, one for each column, as they lie in memory. */
  readonly added: Buffer | null;
  /** Whether what is below 0 becomes 0. */
  readonly rectified: boolean;
}

/** Runs each stage, with what follows it if nothing else reads its result. */
export function runFinished(stages: readonly Stage[], c: StageContext): void {
  let finish: Finish | null = null;
  stages.forEach((stage, i) => {
    const rest = stages.slice(i + 1);
    if (finish) finish = null;
    else if (stage.kind === "product") {
      const own = productFinish(stage, rest, c);
      product(stage, c, own);
      finish = own;
    } else if (stage.kind === "walk") {
      finish = walkFinish(stage, rest, c);
      walk(stage, c, finish);
    } else runStage(stage, c);
  });
}

function productFinish(
  { target: product, left, columns, stack }: StageOf<"product">,
  [next, ...later]: readonly Stage[],
  { e, kernel, tile }: StageContext,
): ProductFinish | null {
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

/** What follows the one sum of a walk. */
function walkFinish(
  { map, targets: [sum, ...more] }: StageOf<"walk">,
  [next, ...later]: readonly Stage[],
  { e, kernel }: StageContext,
): Finish | null {
  if (next?.kind !== "map" || !sum || more.length > 0 || sum.space === map.from) return null;
  const { target } = next;
  const [from, to] = [e.bufferOf(sum), e.bufferOf(target)];
  const isAlike = sameLayout(from.layout, to.layout) && target.dtype === sum.dtype;
  if (from.place.kind !== "scratch" || !isAlike || sum.dtype !== "f32") return null;
  if (!isPointwise(target, sum, e) || isSingle(target, to.layout.at(-1), e)) return null;
  const read = new Set([...readBy(target, e), ...readBy(sum, e)]);
  read.delete(sum);
  const isOver = (t: Tensor): boolean => {
    const other = e.stored(t);
    return other !== null && shareMemory(to, other, kernel.tile);
  };
  const isFree = ![...read].some(isOver) && !later.some((s) => reads(s, sum, e));
  return isFree ? { target } : null;
}

/** Whether each element of a value is made of that element of another one, and of whatever else, without calls. */
function isPointwise(t: Tensor, of: Tensor, e: Evaluator): boolean {
  if (t === of) return true;
  const isMade = (x: Tensor): boolean => x === of || !e.stored(x);
  const isPlain =
    (t.op === "map" && !dearFunctions.has(t.attrs.f)) ||
    (t.op === "product" && !t.attrs.map && t.attrs.over.length + t.attrs.slots.length === 0);
  if (isPlain) return t.inputs.filter(isMade).every((x) => isPointwise(x, of, e));
  return t.op === "const" || (t.op === "pull" && t.inputs.every((x) => e.stored(x) !== null));
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
