/**
 * Which tensors are stored, and which are evaluated in place by whoever reads them (LOWERING, "Scheduling", 2).
 *
 * Stored are the roots, every reduction, what other rows read, and dear values with several readers. Values of edges
 * are evaluated in place unless `edge-fields.ts` or a matrix product asks for them.
 */
import { type Tensor, volume } from "../ir/tensor.js";
import {
  flopsInPlace,
  isFree,
  isImmediate,
  isMemory,
  isMove,
  loadsInPlace,
  overOf,
  turnsOf,
} from "./cost.js";
import { type EdgeFields, edgeFieldsOf, isSharedField } from "./edge-fields.js";
import { isAlongMap, isReduction } from "./maps.js";
import { matrixProductOf } from "./products.js";
import { isGiven, isWide, type Region } from "./region.js";

/** Flops per element from which on a value with several readers is kept. */
const dearFlops = 20;

/** Loads that keeping a value must spare: it is written, and read by each of the kernels. */
const fewestSpared = 3;

/** What a region keeps. */
export interface Kept {
  /** Recurrences and their results count among them. */
  readonly stored: ReadonlySet<Tensor>;
  readonly edgeFields: EdgeFields;
}

export function keptOf(region: Region): Kept {
  const stored = new Set<Tensor>();
  const known = (t: Tensor): boolean => isGiven(t, region) || stored.has(t);
  for (const t of region.tensors) if (isForced(t, region, known)) stored.add(t);
  for (const t of nestedOf(region, known)) stored.add(t);
  const edgeFields = edgeFieldsOf(region, stored);
  for (const t of edgeFields.keys()) stored.add(t);
  for (const t of [...stored]) for (const u of finishersOf(t, region, known)) stored.add(u);
  return { stored: inOrder(stored, region), edgeFields };
}

/** With values that several kernels would each evaluate dearly; `kernelOf` says who computes a stored tensor. */
export function withShared(
  { stored: before, edgeFields }: Kept,
  region: Region,
  kernelOf: (t: Tensor) => unknown,
): Kept {
  const stored = new Set(before);
  const known = (t: Tensor): boolean => isGiven(t, region) || stored.has(t);
  const home = new Map<Tensor, unknown>();
  for (const t of [...region.tensors].reverse()) {
    if (isMove(t) || isImmediate(t) || known(t)) continue;
    if (isWide(t.space) && (region.levels || !isSharedField(t, known))) continue;
    const loads = isWide(t.space) ? 0 : loadsInPlace(t, known);
    if (loads < 2 && !isDear(t, known)) continue;
    const kernels = new Set(
      [...readersOf(t, region, known)].map((r) => home.get(r) ?? kernelOf(r)),
    );
    if (kernels.size < 2) continue;
    if (!isDear(t, known) && kernels.size * (loads - 1) < fewestSpared) continue;
    stored.add(t);
    home.set(t, t);
  }
  return { stored: inOrder(stored, region), edgeFields };
}

const inOrder = (stored: ReadonlySet<Tensor>, region: Region): ReadonlySet<Tensor> =>
  new Set(region.tensors.filter((t) => stored.has(t)));

/**
 * What follows pointwise from a stored value of edges that nobody else reads: kept in its place, the value itself then
 * stays within its kernel.
 */
function finishersOf(t: Tensor, region: Region, known: (t: Tensor) => boolean): readonly Tensor[] {
  if (!isWide(t.space) || region.roots.has(t) || region.levels) return [];
  let last = t;
  for (let u = onlyUser(last, region); u; u = onlyUser(last, region)) {
    if (known(u) || isReduction(u) || u.space !== t.space) break;
    if (volume(u.axes) > volume(t.axes)) break;
    last = u;
  }
  return last === t || isMove(last) ? [] : [last];
}

function onlyUser(t: Tensor, { users }: Region): Tensor | undefined {
  const [only, ...more] = users.get(t) ?? [];
  return more.length === 0 ? only : undefined;
}

function isForced(t: Tensor, region: Region, known: (t: Tensor) => boolean): boolean {
  if (t.op === "recur" || t.op === "result" || region.roots.has(t)) return true;
  if (isImmediate(t)) return false;
  if (isAlongMap(t)) return true;
  if (isReduction(t)) return isStoredReduction(t, region, known);
  const readElsewhere = region.users
    .get(t)
    ?.some((u) => u.op === "pull" && u.attrs.map && u.inputs[0] === t);
  return readElsewhere === true && !isFree(t, known);
}

/** Of edges matrix products are stored, what is not a sum, and sums of a wide field; inside a recurrence nothing is. */
function isStoredReduction(t: Tensor, region: Region, known: (t: Tensor) => boolean): boolean {
  if (!isWide(t.space)) return true;
  if (region.levels) return false;
  return t.op !== "product" || matrixProductOf(t) !== null || sumsField(t, known);
}

/** How many times wider than its sum a field is that is read once, by the kernel which has it at hand. */
const muchWider = 8;

/** Whether a sum within the row reads a stored field that is much wider than itself. */
function sumsField(t: Tensor, known: (t: Tensor) => boolean): boolean {
  const seen = new Set<Tensor>();
  const visit = (x: Tensor): boolean => {
    if (seen.has(x) || x.space !== t.space) return false;
    seen.add(x);
    if (known(x)) return !isMemory(x) && volume(x.axes) >= muchWider * volume(t.axes);
    return x.inputs.some(visit);
  };
  return t.inputs.some(visit);
}

/**
 * Small products of edges that read other such products. In place, y_j = sum_i W_ij f(x_i) makes every x_i again for each j;
 * so a chain of n layers would take the product of their widths. One layer within another is cheaper than a buffer.
 */
function nestedOf(region: Region, known: (t: Tensor) => boolean): readonly Tensor[] {
  const found = new Set<Tensor>();
  if (region.levels) return [];
  const depths = new Map<Tensor, number>();
  const depthOf = (t: Tensor): number => (known(t) || found.has(t) ? 0 : (depths.get(t) ?? 0));
  for (const t of region.tensors) {
    if (!isWide(t.space)) continue;
    const layer = t.op === "product" && overOf(t).length > 0 && t.axes.length > 0;
    const depth = Math.max(0, ...t.inputs.map(depthOf)) + (layer ? 1 : 0);
    depths.set(t, depth);
    if (layer && depth > 1 && !known(t)) found.add(t);
  }
  return [...found];
}

/** Whether evaluating a value again costs more than writing and reading it. */
function isDear(t: Tensor, known: (t: Tensor) => boolean): boolean {
  if (isMove(t) || isImmediate(t) || known(t)) return false;
  const dear = dearFlops * turnsOf(t);
  return flopsInPlace(t, known, dear) >= dear;
}

/** The stored tensors whose definitions reach `t`. */
export function readersOf(
  t: Tensor,
  region: Region,
  stored: (t: Tensor) => boolean,
): ReadonlySet<Tensor> {
  const readers = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const up = (x: Tensor): void => {
    for (const u of region.users.get(x) ?? []) {
      if (seen.has(u)) continue;
      seen.add(u);
      if (stored(u)) readers.add(u);
      else up(u);
    }
  };
  up(t);
  return readers;
}
