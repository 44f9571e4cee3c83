/**
 * What things cost: floating-point operations per element, and which tensors are read rather than computed.
 *
 * The constants are those of LOWERING ("Scheduling"): products run at 45 flop/ns, a transcendental function takes
 * 0.8 ns, gathers bring 20 B/ns and streams 10 B/ns.
 */
import {
  type Axis,
  factorsOf,
  type MapFunction,
  type Tensor,
  type TensorOf,
  volume,
} from "../ir/tensor.js";

const dear: Partial<Record<MapFunction, number>> = {
  exp: 25,
  log: 25,
  tanh: 25,
  sigmoid: 25,
  erf: 30,
  sin: 30,
  cos: 30,
  pow: 50,
  mod: 8,
  div: 5,
  sqrt: 5,
  rsqrt: 8,
};

/** The axes that a reduction within the row sums, compares or searches over. */
export function overOf(t: Tensor): readonly Axis[] {
  if (t.op === "product" || t.op === "lse" || t.op === "extreme") return t.attrs.over;
  if (t.op === "argmax") return [t.attrs.axis];
  return t.op === "winner" ? overOf(t.inputs[0]) : [];
}

/** How often the definition of a tensor is evaluated for one row. */
export const turnsOf = (t: Tensor): number => volume(t.axes) * volume(overOf(t));

/** Draws that one counter gives: of a row that is looked up at one place, three are thrown away. */
const drawsAtOnce = 4;

/** Flops for one position of the loop, the inputs left out. */
export function flopsOf(t: Tensor): number {
  switch (t.op) {
    case "map":
      return dear[t.attrs.f] ?? 1;
    case "product":
      return 2 * Math.max(1, factorsOf(t).length - 1);
    case "lse":
      return 26;
    case "random":
      return 30;
    case "extreme":
    case "argmax":
    case "winner":
      return 2;
    default:
      return 0;
  }
}

/** Whether a tensor takes no memory and no input: it is written into the code that reads it. */
export const isImmediate = (t: Tensor): boolean =>
  t.op === "const" || t.op === "iota" || t.op === "fact" || t.op === "random";

/** Whether a tensor is memory from outside the program. */
export const isMemory = (
  t: Tensor,
): t is TensorOf<"input"> | TensorOf<"param"> | TensorOf<"state"> =>
  t.op === "input" || t.op === "param" || t.op === "state";

/** Whether a tensor only renames, moves or gathers what it reads. */
export const isMove = (t: Tensor): boolean => t.op === "pull" || t.op === "view" || t.op === "stop";

/**
 * Flops to evaluate a tensor for one row in place, down to what is `known`; a part with fewer axes than its user is
 * computed once for all of them, since loops over axes are nested, and of what is looked up only the place that is.
 * Counts no further than to `enough`.
 */
export function flopsInPlace(
  t: Tensor,
  known: (t: Tensor) => boolean,
  enough = Number.POSITIVE_INFINITY,
): number {
  const seen = new Set<Tensor>([t]);
  const open: Tensor[] = [t];
  const lookedUp = new Set<Axis>();
  let flops = 0;
  for (let x = open.pop(); x && flops < enough; x = open.pop()) {
    const turns = [...x.axes, ...overOf(x)].filter((axis) => !lookedUp.has(axis));
    const wasted = x.op === "random" && x.axes.some((axis) => lookedUp.has(axis)) ? drawsAtOnce : 1;
    flops += flopsOf(x) * volume(turns) * wasted;
    if (x.op === "pull") for (const axis of x.attrs.slots) lookedUp.add(axis);
    for (const y of x.inputs) {
      if (seen.has(y) || known(y)) continue;
      seen.add(y);
      open.push(y);
    }
  }
  return flops;
}

/** How many stored values of its width or wider a definition reads on the rows of its own space. */
export function loadsInPlace(t: Tensor, known: (t: Tensor) => boolean): number {
  const seen = new Set<Tensor>([t]);
  const open: Tensor[] = [t];
  let loads = 0;
  for (let x = open.pop(); x; x = open.pop()) {
    for (const y of x.inputs) {
      if (seen.has(y)) continue;
      seen.add(y);
      if (!known(y)) open.push(y);
      else if (y.space === t.space && volume(y.axes) >= volume(t.axes)) loads++;
    }
  }
  return loads;
}

/** Whether reading a tensor in place costs no more than a load: a leaf, or a move of what is known. */
export function isFree(t: Tensor, known: (t: Tensor) => boolean): boolean {
  if (t.op === "random") return false;
  if (known(t) || isImmediate(t)) return true;
  return isMove(t) && t.inputs.every((x) => isFree(x, known));
}
