/**
 * Which values of edges are kept in memory (LOWERING, "Scheduling", 3): those that several walks want, when computing
 * them again costs more than writing and reading them. All others are evaluated in place by every walk.
 *
 * Attention over all pairs is never kept: logits made of pairs of node values are quadratic in number and cheap to make
 * again from tiles.
 */
import { type RowMap, receiverOf } from "../ir/space.js";
import { factorsOf, type Tensor, volume } from "../ir/tensor.js";
import { flopsInPlace, flopsOf, isImmediate, isMove, overOf, turnsOf } from "./cost.js";
import { isAlongMap, isReduction, mapOf } from "./maps.js";
import { isUnitPull } from "./products.js";
import { isGiven, isWide, type Region } from "./region.js";

/** Floating-point operations, gathered bytes and streamed bytes per nanosecond. */
const speed = { flops: 45, gathered: 20, streamed: 10 };

/** A walk that wants a value: all reductions along one map, of the forward or of the backward half. */
interface Walk {
  readonly map: RowMap;
  readonly forward: boolean;
  readonly readers: Tensor[];
}

/** The kept values of edges, each with the map of the walk that computes it. */
export type EdgeFields = ReadonlyMap<Tensor, RowMap>;

export function edgeFieldsOf(region: Region, stored: ReadonlySet<Tensor>): EdgeFields {
  const kept = new Map<Tensor, RowMap>(outputsOf(region));
  if (region.levels) return kept;
  const known = (t: Tensor): boolean => isGiven(t, region) || stored.has(t) || kept.has(t);
  const wide = region.tensors.filter((t) => isWide(t.space) && !stored.has(t));
  for (const t of wide.reverse()) {
    if (isMove(t) || isImmediate(t) || isGiven(t, region)) continue;
    const walks = walksOf(t, region, known);
    if (walks.length < 2 || isPairwise(t, known) || isSoftmax(t, walks, known)) continue;
    const costs = walks.map((walk) => ({ walk, cost: recompute(t, walk, known) }));
    const least = costs.reduce((a, b) => (b.cost < a.cost ? b : a));
    if (least.cost > 2 * stash(t)) kept.set(t, least.walk.map);
  }
  return kept;
}

/**
 * Values of edges that must end in memory and follow pointwise from others: where the edges come without data, they are
 * walked from their receivers, since a kernel over rows of edges would read the ends of each from a list.
 */
function outputsOf({ roots, tensors }: Region): readonly (readonly [Tensor, RowMap])[] {
  return tensors.flatMap((t) => {
    const { space } = t;
    const isOne = roots.has(t) && space.kind === "edges" && !space.given;
    return isOne && !isReduction(t) ? [[t, receiverOf(space)] as const] : [];
  });
}

/** Nanoseconds per edge to write a value and to read it again. */
const stash = (t: Tensor): number => (2 * 4 * volume(t.axes)) / speed.streamed;

/** The walks whose reductions reach a value through others that are not kept. */
function walksOf(t: Tensor, region: Region, known: (t: Tensor) => boolean): readonly Walk[] {
  const walks = new Map<string, Walk>();
  const seen = new Set<Tensor>();
  const up = (x: Tensor): void => {
    for (const u of region.users.get(x) ?? []) {
      if (seen.has(u)) continue;
      seen.add(u);
      if (isAlongMap(u)) add(u);
      else if (!known(u)) up(u);
    }
  };
  const add = (u: Tensor): void => {
    const map = mapOf(u);
    if (map.kind !== "sender" && map.kind !== "receiver") return;
    const forward = region.forward.has(u);
    const key = `${map.kind} ${forward}`;
    const walk = walks.get(key);
    if (walk) walk.readers.push(u);
    else walks.set(key, { map, forward, readers: [u] });
  };
  up(t);
  return [...walks.values()];
}

/** Nanoseconds per edge to evaluate a value in a walk; what that walk gathers for other reasons is free. */
function recompute(t: Tensor, walk: Walk, known: (t: Tensor) => boolean): number {
  const own = gathersOf([t], known);
  const others = gathersOf(walk.readers, known, t);
  const seen = new Set<Tensor>();
  const visit = (x: Tensor): number => {
    if (seen.has(x) || known(x)) return 0;
    seen.add(x);
    if (own.has(x)) return others.has(x) || isOnRow(x, walk.map) ? 0 : gather(x);
    const below = x.inputs.reduce((sum, y) => sum + visit(y), 0);
    return below + (flopsOf(x) * turnsOf(x)) / speed.flops;
  };
  return visit(t);
}

const gather = (x: Tensor): number => (4 * volume(x.axes)) / speed.gathered;

const isOnRow = (x: Tensor, map: RowMap): boolean =>
  x.op === "pull" && (x.attrs.map === map || x.attrs.map?.kind === "all");

/** Values of other rows that some definitions read, without those that only `except` reads. */
function gathersOf(
  from: readonly Tensor[],
  known: (t: Tensor) => boolean,
  except: Tensor | null = null,
): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const visit = (x: Tensor): void => {
    if (seen.has(x) || x === except) return;
    seen.add(x);
    if (x.op === "pull" && x.attrs.map) found.add(x);
    else if (!known(x) || from.includes(x)) x.inputs.forEach(visit);
  };
  from.forEach(visit);
  return found;
}

/**
 * Whether a value follows from the logsumexp of a forward walk that also sums with it: softmax, logits and sums are then
 * one pass, which keeping it would part.
 */
function isSoftmax(t: Tensor, walks: readonly Walk[], known: (t: Tensor) => boolean): boolean {
  const pulled = [...gathersOf([t], known)];
  return walks.some(
    ({ map, forward }) =>
      forward &&
      pulled.some((p) => p.op === "pull" && p.attrs.map === map && p.inputs[0]?.op === "lse"),
  );
}

/** Whether a value of edges is worth keeping for kernels that would each evaluate it. */
export function isSharedField(t: Tensor, known: (t: Tensor) => boolean): boolean {
  if (isPairwise(t, known)) return false;
  const gathered = [...gathersOf([t], known)].reduce((ns, x) => ns + gather(x), 0);
  return flopsInPlace(t, known) / speed.flops + gathered > 2 * stash(t);
}

/** Whether a value of all pairs is made of products of node values and pointwise functions only. */
function isPairwise(t: Tensor, known: (t: Tensor) => boolean): boolean {
  if (t.space.kind !== "edges") return false;
  const { kind } = t.space.topology;
  if (kind !== "complete" && kind !== "causal") return false;
  const seen = new Set<Tensor>();
  const visit = (x: Tensor): boolean => {
    if (seen.has(x) || known(x) || (x.op === "pull" && x.attrs.map !== null)) return true;
    seen.add(x);
    const withParameters = x.op === "product" && factorsOf(x).some(isUnitPull);
    if (overOf(x).length > 0 && withParameters) return false;
    return x.inputs.every(visit);
  };
  return visit(t);
}
