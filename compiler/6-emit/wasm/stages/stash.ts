/**
 * Which values of the elements of a walk are worth a place in scratch, and how they get there: those that are dear to
 * compute and would be computed again for many positions of the result.
 */
import type { Buffer, Kernel } from "../../../ir/kernel.js";
import type { RowMap } from "../../../ir/space.js";
import { type Axis, type MapFunction, type Tensor, volume } from "../../../ir/tensor.js";
import { Evaluator } from "../expressions/evaluator.js";
import { runsAlong } from "../expressions/runs.js";
import { rowWords } from "./blocks.js";
import type { StageContext } from "./context.js";
import { drawsIn } from "./draws.js";

/** Those that take calls, or as long. */
export const dearFunctions: ReadonlySet<MapFunction> = new Set([
  "exp",
  "tanh",
  "sigmoid",
  "log",
  "pow",
  "sin",
  "cos",
  "erf",
  "mod",
]);

/** Positions of a result that one loop over the elements serves. */
const groupSize = 16;

/** All draws, and the largest expressions of the elements that are worth it; inputs before what is made of them. */
export function worthStashing(
  targets: readonly Tensor[],
  map: RowMap,
  e: Evaluator,
  layoutOf = (t: Tensor): readonly Axis[] => e.bufferOf(t).layout,
): readonly Tensor[] {
  const times = new Map<Tensor, number>();
  for (const target of targets) {
    const layout = layoutOf(target);
    const groups = Math.ceil(volume(layout) / groupSize) * (target.op === "lse" ? 2 : 1);
    const found = new Set<Tensor>();
    for (const x of target.inputs) collect(x, map, e, found);
    for (const x of found) times.set(x, (times.get(x) ?? 0) + evaluations(x, groups, layout));
  }
  const draws = drawsIn(
    targets.flatMap((t) => t.inputs).filter((x) => !e.stored(x)),
    map.from,
    e,
  );
  const others = [...times].filter(([x, n]) => n >= 2 * stashing(x, e)).map(([x]) => x);
  return [...new Set<Tensor>([...draws, ...others])].sort((a, b) => a.id - b.id);
}

/** How often it is computed if nothing is kept. */
const evaluations = (x: Tensor, groups: number, layout: readonly Axis[]): number => {
  const last = layout.at(-1);
  const size = volume(x.axes);
  return Math.max(groups, last && x.axes.includes(last) ? size / 4 : size);
};

/** How often if it is. */
function stashing(x: Tensor, e: Evaluator): number {
  const size = volume(x.axes);
  if (isNarrow(x, e)) return size / 4;
  return x.axes.some((a) => a.size >= 4 && runsAlong(x, a, e)) ? size / 4 : size;
}

function collect(x: Tensor, map: RowMap, e: Evaluator, found: Set<Tensor>): void {
  if (x.space !== map.from || e.stored(x) || x.dtype !== "f32") return;
  if (isDear(x, map, e)) found.add(x);
  else for (const y of x.inputs) collect(y, map, e, found);
}

/** Whether the value itself, not just a part of it, is made of something dear on the elements. */
function isDear(x: Tensor, map: RowMap, e: Evaluator): boolean {
  if (x.space !== map.from || e.stored(x)) return false;
  if (x.op === "random") return true;
  if (x.op === "product" && x.attrs.over.length > 0) return true;
  if (x.op === "map" && dearFunctions.has(x.attrs.f)) return true;
  if (x.op === "pull") return x.attrs.slots.length > 0 && x.inputs.some((y) => isDrawn(y, e));
  return x.op !== "recur" && x.inputs.some((y) => isDear(y, map, e));
}

/** Whether a value of another row is made of draws, which are drawn again for every element that reads them. */
const isDrawn = (x: Tensor, e: Evaluator): boolean =>
  !e.stored(x) && (x.op === "random" || (x.op !== "recur" && x.inputs.some((y) => isDrawn(y, e))));

/** Whether it is better made of four elements at once: draws come four at a time. */
export const isNarrow = (x: Tensor, e: Evaluator): boolean =>
  volume(x.axes) < 4 && x.inputs.some((y) => isDrawn(y, e));

/** Words of one element. */
export const wordsOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((n, t) => n + volume(t.axes), 0);

/** The same stage with places in scratch for these tensors, which are fields of elements. */
export function withStash(
  tensors: readonly Tensor[],
  words: number,
  c: StageContext,
  layoutOf: (t: Tensor) => readonly Axis[] = (t) => evenLayout(t, c.e),
): StageContext {
  const most = Math.floor(rowWords / words);
  let offset = c.scratch.words(rowWords + 8);
  const places = new Map<Tensor, Buffer>();
  for (const t of tensors) {
    places.set(t, buffer(t, layoutOf(t), offset));
    offset += volume(t.axes) * most;
  }
  const stored = new Map([...c.kernel.stored, ...places]);
  const kernel: Kernel = { ...c.kernel, stored };
  return { ...c, kernel, e: new Evaluator(c.e, stored) };
}

/** A place for the values of the elements, in the order they are made in. */
function buffer(t: Tensor, layout: readonly Axis[], offset: number): Buffer {
  const place = { kind: "scratch", offset } as const;
  return { id: -t.id, name: `stash ${t.id}`, space: t.space, layout, dtype: t.dtype, place };
}

/** With the axis that four neighbours can be had along innermost. */
export function evenLayout(t: Tensor, e: Evaluator): readonly Axis[] {
  if (t.op === "random") return t.attrs.layout;
  const even = t.axes.find((a) => a.size >= 4 && runsAlong(t, a, e));
  return even ? [...t.axes.filter((a) => a !== even), even] : t.axes;
}
