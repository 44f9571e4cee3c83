/**
 * What a loop has computed is not computed again after it.
 *
 * The adjoint reads forward values of a recurrence as expressions over its results. An expression that is the image
 * of a tensor inside the loop (the unknowns replaced by results) is that tensor over all rows: it becomes one more
 * body, an export, and its users read the result. Images are equal objects, so finding them is a lookup.
 *
 * Not everything is worth a buffer: what follows from unknowns and captures pointwise or by a gather is computed
 * again, and on edges only sums are kept, so that attention scores are stored and their wide summands are not.
 */
import { bug } from "../bug.js";
import { substitute } from "../ir/rebuild.js";
import { insideOf, outerPostorder } from "../ir/recur.js";
import { factorsOf, type Tensor, type TensorOf, type TensorTable } from "../ir/tensor.js";
import { solved } from "./recur.js";

/** The roots with every recurrence exporting what is read of it elsewhere. */
export function share(table: TensorTable, roots: readonly Tensor[]): readonly Tensor[] {
  const done = new Set<Tensor>();
  let now = roots;
  for (;;) {
    const recur = outerPostorder(now).find(
      (t): t is TensorOf<"recur"> => t.op === "recur" && !done.has(t),
    );
    if (!recur) return now;
    const { replaced, extended } = exporting(table, recur, now);
    now = substitute(table, now, replaced);
    done.add(extended);
  }
}

function exporting(table: TensorTable, recur: TensorOf<"recur">, roots: readonly Tensor[]) {
  const images = imagesOf(table, recur);
  const wanted = frontier(roots, images);
  const bodies = [...recur.inputs];
  for (const t of wanted.values()) if (!bodies.includes(t)) bodies.push(t);
  const extended = table.recur(recur.attrs.unknowns, bodies, recur.attrs.order);
  const result = (t: Tensor): Tensor => table.result(extended, bodies.indexOf(t));
  const replaced = new Map<Tensor, Tensor>();
  for (const [image, t] of wanted) replaced.set(image, result(t));
  recur.inputs.forEach((_, i) => {
    replaced.set(table.result(recur, i), table.result(extended, i));
  });
  return { replaced, extended };
}

/** The images of all tensors inside that are worth keeping, and which tensor each is the image of. */
function imagesOf(table: TensorTable, recur: TensorOf<"recur">): ReadonlyMap<Tensor, Tensor> {
  // A winner is found along with its extreme, or not at all.
  const kept = worthKeeping(recur).flatMap((t) =>
    t.op === "extreme" ? [t, table.winner(t)] : [t],
  );
  const images = substitute(table, kept, solved(table, recur));
  return new Map(kept.map((t, i) => [images[i] ?? bug("lost an image"), t]));
}

/** The images that are reached from the roots first: what lies behind one need not be kept for it. */
function frontier(
  roots: readonly Tensor[],
  images: ReadonlyMap<Tensor, Tensor>,
): ReadonlyMap<Tensor, Tensor> {
  const found = new Map<Tensor, Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...roots];
  for (let t = stack.pop(); t; t = stack.pop()) {
    if (seen.has(t)) continue;
    seen.add(t);
    const original = images.get(t);
    if (original) found.set(t, original);
    else stack.push(...t.inputs);
  }
  return found;
}

/** What is kept, if it is asked for: all but what is cheap to find again from bodies and captures. */
function worthKeeping(recur: TensorOf<"recur">): readonly Tensor[] {
  const bodies = new Set(recur.inputs);
  const dear = new Set<Tensor>();
  const kept: Tensor[] = [];
  for (const t of insideOf(recur)) {
    if (bodies.has(t) || (isCheap(t) && !t.inputs.some((x) => dear.has(x)))) continue;
    dear.add(t);
    if (t.space.kind !== "edges" || !isPointwise(t)) kept.push(t);
  }
  return kept;
}

/** Row by row and position by position, or moved. */
function isPointwise(t: Tensor): boolean {
  if (t.op === "product") return !t.attrs.map && t.attrs.over.length + t.attrs.slots.length === 0;
  return t.op === "map" || t.op === "pull" || t.op === "view" || t.op === "stop";
}

/** Done again in passing: pointwise, moved, or a plain sum. */
const isCheap = (t: Tensor): boolean =>
  isPointwise(t) || (t.op === "product" && factorsOf(t).length === 1);
