/**
 * Loops over the positions of axes.
 *
 * A loop is cut where a pad or a place begins or ends on its axis, so that in each part a concatenation reads just one
 * of its pieces. Few positions are written out one after another.
 */
import type { Axis, Tensor, View } from "../../../ir/tensor.js";
import { at as constant, only, type Position, plus, shifted } from "../index.js";
import type { Lanes } from "../values.js";
import type { Evaluator } from "./evaluator.js";

export type Placed = readonly (readonly [Axis, Position])[];

const unrolled = 4;

/**
 * Visits every position of the axes, row-major. `tensors` are what the body reads there; of `most` turns and fewer all
 * are written out.
 */
export function eachPosition(
  e: Evaluator,
  axes: readonly Axis[],
  tensors: readonly Tensor[],
  body: (positions: Placed) => void,
  most = unrolled,
): void {
  const parts = axes.map((axis) => segments(axis, tensors, e));
  const from = (i: number, placed: Placed): void => {
    const axis = axes[i];
    if (!axis) {
      body(placed);
      return;
    }
    for (const [low, high] of parts[i] ?? [])
      steps(e, { low, high, by: 1, most }, (p) => from(i + 1, [...placed, [axis, p]]));
  };
  from(0, []);
}

/** Visits the positions of a layout, the innermost axis four at a time where it is long enough. */
export function eachVector(
  e: Evaluator,
  layout: readonly Axis[],
  tensors: readonly Tensor[],
  { overlap, lanes = 4 }: { readonly overlap: boolean; readonly lanes?: Lanes },
  body: (positions: Placed, lanes: Lanes) => void,
): void {
  const last = layout.at(-1);
  if (!last || lanes === 1) {
    eachPosition(e, layout, tensors, (p) => body(p, 1));
    return;
  }
  const parts = segments(last, tensors, e);
  eachPosition(e, layout.slice(0, -1), tensors, (outer) => {
    for (const part of parts) {
      vectors(e, part, overlap, (p, width) => body([...outer, [last, p]], width));
    }
  });
}

/** Four at a time; the rest by a last vector that begins earlier, or one by one. */
function vectors(
  e: Evaluator,
  [low, high]: readonly [number, number],
  overlap: boolean,
  body: (p: Position, lanes: Lanes) => void,
): void {
  const whole = low + ((high - low) & ~3);
  const { lane } = e.indices;
  steps(e, { low, high: whole, by: 4 }, (p) => body(plus(p, lane), 4));
  if (whole === high) return;
  if (overlap && whole > low) body(shifted(lane, high - 4), 4);
  else for (let i = whole; i < high; i++) body(constant(i), 1);
}

interface Steps {
  readonly low: number;
  readonly high: number;
  readonly by: number;
  /** How many turns are written out. */
  readonly most?: number;
}

export function steps(
  e: Evaluator,
  { low, high, by, most = unrolled }: Steps,
  body: (p: Position) => void,
): void {
  if ((high - low) / by <= most) {
    for (let i = low; i < high; i += by) body(constant(i));
    return;
  }
  e.code.loop(4 * low, 4 * high, 4 * by, (local) => {
    const multiple = by % 4 === 0 && low % 4 === 0 ? 4 : 1;
    body(only(e.indices.atom({ local, unit: 4, low, high: high - by, multiple })));
  });
}

/** The axis cut where pads of what is read begin and end. */
export function segments(
  axis: Axis,
  tensors: readonly Tensor[],
  e: Evaluator,
): readonly (readonly [number, number])[] {
  const cuts = new Set([0, axis.size]);
  const seen = new Set<string>();
  for (const t of tensors) collectCuts(t, axis, 0, { cuts, seen, e });
  const sorted = [...cuts].filter((c) => c >= 0 && c <= axis.size).sort((a, b) => a - b);
  return sorted.slice(1).map((high, i) => [sorted[i] ?? 0, high] as const);
}

interface Search {
  readonly cuts: Set<number>;
  readonly seen: Set<string>;
  readonly e: Evaluator;
}

function collectCuts(t: Tensor, axis: Axis, offset: number, search: Search): void {
  if (!t.axes.includes(axis)) return;
  const key = `${t.id} ${axis.id} ${offset}`;
  if (search.seen.has(key)) return;
  search.seen.add(key);
  if (t.op === "recur" || t.op === "result") return;
  if (t.op === "view") cutsOfView(t.inputs[0], t.attrs.view, axis, offset, search);
  else for (const x of t.inputs) if (!search.e.stored(x)) collectCuts(x, axis, offset, search);
}

function cutsOfView(x: Tensor, view: View, axis: Axis, offset: number, search: Search): void {
  const into = (inner: Axis, by: number): void => {
    if (!search.e.stored(x)) collectCuts(x, inner, by, search);
  };
  if (!("to" in view) || view.to !== axis) into(axis, offset);
  else if (view.kind === "place") {
    search.cuts.add(offset + view.at).add(offset + view.at + 1);
  } else if (view.kind === "rename") into(view.from, offset);
  else if (view.kind === "slice" && view.step === 1) into(view.from, offset - view.start);
  else if (view.kind === "pad" && view.step === 1) {
    search.cuts.add(offset + view.start).add(offset + view.start + view.from.size);
    into(view.from, offset + view.start);
  }
}

/** A row-major position as positions on its axes. */
export function spreadOver(axes: readonly Axis[], position: Position, e: Evaluator): Placed {
  const result: (readonly [Axis, Position])[] = [];
  let rest = position;
  for (const [i, axis] of [...axes.entries()].reverse()) {
    const [quotient, remainder] = i === 0 ? [rest, rest] : e.indices.divide(rest, axis.size);
    result.push([axis, remainder]);
    rest = quotient;
  }
  return result;
}
