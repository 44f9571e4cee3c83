/**
 * What a kernel can leave out: rows that nobody reads or that are 0, and of sparse features the non-zeros of such rows in
 * sums over their columns. A loss over some of the nodes needs its logits there alone, and has gradients there alone;
 * messages carry both to their neighbours.
 *
 * Kernels are looked at from the last to the first, because what is read of a value follows from the rows of its readers.
 */
import { bug } from "../bug.js";
import type { Needed } from "../ir/kernel.js";
import { type Nonzeros, type RowMap, rowOf } from "../ir/space.js";
import { type Axis, factorsOf, type Tensor } from "../ir/tensor.js";
import type { Group, Grouping } from "./groups.js";
import { mapOf } from "./maps.js";
import { hasMasks, isListed, type Masks } from "./masks.js";
import { isGiven, type Region } from "./region.js";
import { Supports } from "./support.js";
import { frameOf, isChunked, isElementwise, type Work } from "./work.js";

/** The rows that groups run over, and the non-zeros that they sum. */
export interface NeededParts {
  readonly rows: ReadonlyMap<Group, Needed>;
  readonly nonzeros: ReadonlyMap<Group, NeededNonzeros>;
}

/** Those of the rows of a mask, by columns. */
export interface NeededNonzeros {
  readonly mask: Tensor;
  readonly of: Nonzeros;
  /** That of the columns. */
  readonly axis: Axis;
}

export const masksIn = ({ rows, nonzeros }: NeededParts): ReadonlySet<Tensor> =>
  new Set([...rows.values(), ...nonzeros.values()].map(({ mask }) => mask));

/** @param passing What a group computes for itself alone. */
export function neededRows(
  grouping: Grouping,
  region: Region,
  masks: Masks,
  passing: (g: Group) => ReadonlySet<Tensor>,
): NeededParts {
  const found = { rows: new Map<Group, Needed>(), nonzeros: new Map<Group, NeededNonzeros>() };
  if (region.levels || region.tensors.some((t) => t.op === "recur")) return found;
  const supports = new Supports(masks);
  const demands = new Demands(grouping, region, masks);
  for (const g of [...grouping.groups].reverse()) {
    const own = canLeaveOut(g, passing(g)) ? rowsOf(g, passing(g), demands, supports, masks) : null;
    if (own) found.rows.set(g, own);
    const listed = nonzerosOf(g, supports, masks);
    if (listed) found.nonzeros.set(g, listed);
    demands.note(g, own?.mask ?? null, listed?.mask ?? null);
  }
  return found;
}

/** Of a sum over the columns of sparse features: outside of which rows its terms are 0. */
function nonzerosOf({ items }: Group, supports: Supports, masks: Masks): NeededNonzeros | null {
  const [item] = items;
  if (item?.work.kind !== "columns") return null;
  const { target, axis } = item.work;
  const of = target.op === "product" ? target.attrs.map?.from : null;
  if (target.op !== "product" || of?.kind !== "nonzeros") return null;
  if (!factorsOf(target).every(isPlain)) return null;
  const mask = leastOf([...supports.ofRowsRead(target, rowOf(of))], masks);
  return mask && { mask, of, axis };
}

/** Whether nothing is computed of a non-zero that would be kept for several positions of the sum. */
const isPlain = (t: Tensor): boolean =>
  t.op === "input" || (t.op === "pull" && t.attrs.map !== null && t.attrs.slots.length === 0);

/** The mask that was carried over the fewest relations. */
const leastOf = (all: readonly Tensor[], masks: Masks): Tensor | null =>
  [...all].sort((a, b) => masks.hopsOf(a) - masks.hopsOf(b) || a.id - b.id)[0] ?? null;

/**
 * Whether the stages of a group can do with rows that lie apart, and gain by it: matrices must lie in the scratch of the
 * tile, and what is pointwise alone is done in one sweep.
 */
function canLeaveOut({ items, rows, alone, walk }: Group, passing: ReadonlySet<Tensor>): boolean {
  if (alone || !hasMasks(rows) || items.every(({ work }) => work.kind === "map")) return false;
  if (walk && !isListed(walk) && walk.kind !== "row") return false;
  return items.every(({ work, reads }) => {
    const stored = (t: Tensor): boolean => reads.has(t) && !passing.has(t);
    if (isElementwise(work)) return false;
    if (work.kind === "product") return passing.has(work.target) && !stored(work.left);
    return work.kind !== "outer" || !(stored(work.left) || stored(work.right));
  });
}

function rowsOf(
  g: Group,
  passing: ReadonlySet<Tensor>,
  demands: Demands,
  supports: Supports,
  masks: Masks,
): Needed | null {
  const works = g.items.map((i) => i.work).filter((w) => !passing.has(w.target));
  const choices = works.map((w) => masksOf(w, demands, supports));
  const [first, ...rest] = choices;
  const common = [...(first ?? [])].filter((mask) => rest.every((c) => c.has(mask)));
  const mask = leastOf(common, masks);
  if (!mask) return null;
  const zeroed = works.filter((w) => !isChunked(w) && demands.of(w.target) !== mask);
  return { mask, zeroed: zeroed.map((w) => w.target) };
}

function masksOf(work: Work, demands: Demands, supports: Supports): ReadonlySet<Tensor> {
  const { target } = work;
  if (isChunked(work)) return target.op === "product" ? supports.ofTerms(target) : new Set();
  const demand = demands.of(target);
  return new Set([...supports.of(target), ...(demand ? [demand] : [])]);
}

/** Where a definition stands: on its own row, on an element of its walk, on a row that the element maps to, or elsewhere. */
type Place = "row" | "element" | "far" | RowMap;

/** Of each value the rows that are read; null: any. */
class Demands {
  readonly #grouping: Grouping;
  readonly #region: Region;
  readonly #masks: Masks;
  readonly #found = new Map<Tensor, Tensor | null>();

  constructor(grouping: Grouping, region: Region, masks: Masks) {
    this.#grouping = grouping;
    this.#region = region;
    this.#masks = masks;
  }

  of(t: Tensor): Tensor | null {
    return this.#region.roots.has(t) ? null : (this.#found.get(t) ?? null);
  }

  /** Notes what a group reads that runs over the rows of a mask, or over all; `listed`: the mask of the non-zeros it sums. */
  note(g: Group, mask: Tensor | null, listed: Tensor | null): void {
    for (const { work } of g.items) {
      const known = (t: Tensor): boolean => isGiven(t, this.#region) || this.#grouping.maker.has(t);
      const frame = frameOf(work, false);
      const start = frame.start === "row" || frame.start === "element" ? frame.start : "far";
      const own: Walked = { start, base: frame.base };
      const walk: Walked = listed ? { start: "element", base: mapOf(work.target) } : own;
      visit(work.target, { ...walk, known }, (t, place) => {
        if (this.#grouping.maker.get(t) === g) return;
        this.#add(t, listed ? demandAt(place, listed) : this.#readAt(place, g, mask));
      });
    }
  }

  #readAt(place: Place, g: Group, mask: Tensor | null): Tensor | null {
    if (!mask) return null;
    if (place === "row") return mask;
    if (place === "element" || place === "far") return null;
    return g.walk ? this.#masks.carried(mask, g.walk, place) : bug("elements of no walk");
  }

  #add(t: Tensor, mask: Tensor | null): void {
    const before = this.#found.get(t);
    this.#found.set(t, before === undefined || before === mask ? mask : null);
  }
}

/** What is read along the rows of the non-zeros is read where the mask holds. */
const demandAt = (place: Place, listed: Tensor): Tensor | null =>
  typeof place === "object" && place.kind === "row" ? listed : null;

interface Walked {
  readonly start: Place;
  /** The map of the walk. */
  readonly base: RowMap | null;
}

interface Definition extends Walked {
  readonly known: (t: Tensor) => boolean;
}

/** Visits what a definition reads from memory, once for each place it is read at. */
function visit(
  target: Tensor,
  { start, base, known }: Definition,
  read: (t: Tensor, place: Place) => void,
): void {
  const seen = new Map<Place, Set<Tensor>>();
  const below = (t: Tensor, place: Place): void => {
    t.inputs.forEach((x, i) => {
      enter(x, t.op === "pull" && i === 0 && t.attrs.map ? moved(place, t.attrs.map) : place);
    });
  };
  const moved = (place: Place, map: RowMap): Place => {
    if (place !== "element" || !base) return "far";
    return map === base ? "row" : map;
  };
  const enter = (t: Tensor, place: Place): void => {
    const here = seen.get(place) ?? new Set();
    seen.set(place, here);
    if (here.has(t)) return;
    here.add(t);
    if (known(t)) read(t, place);
    else below(t, place);
  };
  if (target.op === "winner") {
    for (const t of target.inputs) enter(t, "far");
    for (const t of target.inputs[0].inputs) enter(t, "far");
  } else below(target, start);
}
