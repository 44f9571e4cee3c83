/**
 * Which stored tensors are computed together, by one kernel over tiles of rows (LOWERING, "Scheduling", 4).
 *
 * Tensors come inputs first. Each joins a kernel of the same rows whose members it reads on its own row only, unless
 * that would make two kernels wait for each other; what no kernel can take begins one.
 */
import { bug } from "../bug.js";
import { type RowMap, type Space, unitSpace } from "../ir/space.js";
import { type Tensor, volume } from "../ir/tensor.js";
import { Precedence } from "./precedence.js";
import { type Reads, readsOf, type Where } from "./reads.js";
import { bodyOf, isGiven, type Region } from "./region.js";
import type { Kept } from "./stored.js";
import { frameOf, isAlone, isChunked, isElementwise, rowsOf, type Work, workOf } from "./work.js";

/** One stored tensor to be computed. */
export interface Item {
  readonly work: Work;
  /** Everything its definition reads from memory. */
  readonly reads: Reads;
  /** What of that this region computes before it: bodies in place of unknowns, earlier levels left out. */
  readonly needs: Reads;
}

/** Items that share a kernel. */
export interface Group {
  /** Its place among all that were begun. */
  readonly number: number;
  readonly items: Item[];
  readonly works: Map<Tensor, Work>;
  /** Everything that a member reads, but for values on the batch. */
  readonly reads: Set<Tensor>;
  readonly rows: Space;
  readonly alone: boolean;
  /** Words of packed weights. */
  weights: number;
  /** Values that its members read. */
  loads: number;
  /** The map that its walks run along. */
  walk: RowMap | null;
  chunked: boolean;
  readonly after: Set<Group>;
}

export interface Grouping {
  /** In an order in which they can run. */
  readonly groups: readonly Group[];
  /** Which group computes a stored tensor. */
  readonly maker: ReadonlyMap<Tensor, Group>;
  /** Which groups read a tensor; null stands for a reader on other rows than its own. */
  readonly readers: ReadonlyMap<Tensor, readonly (Group | null)[]>;
}

/** Words of packed weights that a kernel may go through for every tile. */
const weightBudget = 131072;

/** Values that a kernel of the batch may read: code of many sums takes long to compile, and few kernels share it. */
const loadBudget = 64;

export function group(kept: Kept, region: Region): Grouping {
  const groups: Group[] = [];
  const maker = new Map<Tensor, Group>();
  const precedence = new Precedence();
  const waiting = new Map<Tensor, Item>();
  /** What waits to be computed along with an item: all that its kernel can compute for it. */
  const followersOf = (item: Item): readonly Item[] =>
    [...item.needs.keys()].flatMap((t) => {
      const m = waiting.get(t);
      if (m && canFollow(m, item, groups)) return [...followersOf(m), m];
      if (m) place(m);
      return [];
    });
  const place = (item: Item): void => {
    const all = [...new Set(followersOf(item)), item];
    const bound = all.filter((i) => i === item || i.needs.size > 0);
    const isFit = (g: Group): boolean => bound.every((i) => fits(i, g, maker, region));
    const open = openTo(bound, groups, maker, precedence);
    const chosen = bestOf(item, open, maker, isFit) ?? begin(item, groups);
    for (const i of all) {
      waiting.delete(i.work.target);
      join(i, chosen, maker, precedence);
    }
  };
  const items = itemsOf(kept, region);
  const weighing = softmaxesIn(items);
  for (const item of items) {
    if (needsNothing(item) || weighing.has(item)) waiting.set(item.work.target, item);
    else place(item);
  }
  for (const item of [...waiting.values()]) if (waiting.has(item.work.target)) place(item);
  return { groups: inOrder(groups), maker, readers: readersIn(groups) };
}

/** Sums of exponentials along a map for those who weigh by them along the same map: best made in one stage with them. */
function softmaxesIn(items: readonly Item[]): ReadonlySet<Item> {
  const of = new Map(items.map((i) => [i.work.target, i]));
  const found = new Set<Item>();
  for (const { work, needs } of items) {
    for (const t of needs.keys()) {
      const lse = of.get(t);
      if (lse && t.op === "lse" && walkOf(work) && walkOf(work) === walkOf(lse.work))
        found.add(lse);
    }
  }
  return found;
}

function readersIn(groups: readonly Group[]): Grouping["readers"] {
  const readers = new Map<Tensor, (Group | null)[]>();
  for (const g of groups) {
    for (const [t, places] of g.items.flatMap((i) => [...i.reads])) {
      const onRow = [...places].every((p) => p === "row");
      const known = readers.get(t);
      if (known) known.push(onRow ? g : null);
      else readers.set(t, [onRow ? g : null]);
    }
  }
  return readers;
}

/** What needs nothing stored can be computed by whoever reads it first. */
const needsNothing = ({ work, needs }: Item): boolean =>
  needs.size === 0 && (work.kind === "map" || work.kind === "reduce" || work.kind === "product");

/**
 * Whether the kernel of a reader should compute what it reads: on its rows, and not from inputs so wide that they are
 * better read along with those who read them anyway.
 */
function canFollow({ work, reads }: Item, reader: Item, groups: readonly Group[]): boolean {
  if (isAlone(reader.work) || rowsOf(reader.work) !== rowsOf(work)) return false;
  const places = reader.needs.get(work.target);
  if (!places || ![...places].every((p) => p === "row" || p === "before")) return false;
  if (work.target.op === "lse") return walkOf(work) === walkOf(reader.work);
  const inputs = [...reads.keys()].filter((t) => t.space !== unitSpace);
  const shared = inputs.filter((t) =>
    groups.some((g) => g.rows === rowsOf(work) && g.reads.has(t)),
  );
  return widthOf(shared) <= 2 * volume(work.target.axes);
}

const widthOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((n, t) => n + volume(t.axes), 0);

/** The stored tensors as items, each after what it needs. */
function itemsOf({ stored, edgeFields }: Kept, region: Region): readonly Item[] {
  const known = (t: Tensor): boolean => isGiven(t, region) || stored.has(t);
  const items = new Map<Tensor, Item>();
  for (const t of stored) {
    if (t.op === "result") continue;
    const work = workOf(t, region, edgeFields);
    const reads = readsOf(t, frameOf(work, region.levels !== null), known);
    items.set(t, { work, reads, needs: needsOf(reads, region) });
  }
  return sorted(items);
}

function needsOf(reads: Reads, region: Region): Reads {
  const needs = new Map<Tensor, ReadonlySet<Where>>();
  for (const [t, places] of reads) {
    if ([...places].every((p) => p === "before")) continue;
    if (region.levels && t.op === "unknown") needs.set(bodyOf(t, region.levels), places);
    else if (!isGiven(t, region)) needs.set(t.op === "result" ? t.inputs[0] : t, places);
  }
  return needs;
}

/** Depth first; a need that leads back to its user is one of an earlier level and is left aside. */
function sorted(items: ReadonlyMap<Tensor, Item>): readonly Item[] {
  const seen = new Set<Tensor>();
  const out: Item[] = [];
  const visit = (t: Tensor): void => {
    const item = items.get(t);
    if (!item || seen.has(t)) return;
    seen.add(t);
    for (const need of item.needs.keys()) visit(need);
    out.push(item);
  };
  for (const t of items.keys()) visit(t);
  return out;
}

/** The groups of the same rows that do not come before something that the items need from elsewhere. */
function openTo(
  items: readonly Item[],
  groups: readonly Group[],
  maker: ReadonlyMap<Tensor, Group>,
  precedence: Precedence,
): readonly Group[] {
  const { work } = items.at(-1) ?? bug("no items");
  if (isAlone(work)) return [];
  const rows = rowsOf(work);
  const needs = items.flatMap((i) => [...i.needs.keys()]);
  const isEarly = precedence.beforeAny(needs.flatMap((t) => maker.get(t)?.number ?? []));
  return groups.filter((g) => g.rows === rows && !g.alone && !isEarly(g.number));
}

/** Of the groups that fit: one that the item reads from, else the one that reads most of what it reads, the latest of such. */
function bestOf(
  item: Item,
  groups: readonly Group[],
  maker: ReadonlyMap<Tensor, Group>,
  isFit: (g: Group) => boolean,
): Group | null {
  const feeds = new Set([...item.needs.keys()].map((t) => maker.get(t)));
  const reads = [...item.reads.keys()];
  let best = groups.findLast((g) => feeds.has(g) && isFit(g)) ?? null;
  if (best) return best;
  let most = -1;
  for (const g of groups.toReversed()) {
    const common = feeds.has(g) ? -1 : widthOf(reads.filter((t) => g.reads.has(t)));
    if (common > most && isFit(g)) [best, most] = [g, common];
  }
  return best;
}

function fits(item: Item, g: Group, maker: ReadonlyMap<Tensor, Group>, region: Region): boolean {
  const { work } = item;
  const walk = walkOf(work);
  if (walk && g.walk && g.walk !== walk) return false;
  return (
    readsOwnRow(item, g, maker) &&
    (region.levels !== null || shares(item, g, maker)) &&
    (weightsOf(work) === 0 || g.weights + weightsOf(work) <= weightBudget) &&
    (g.rows !== unitSpace || g.loads + item.reads.size <= loadBudget)
  );
}

const walkOf = (work: Work): RowMap | null =>
  work.kind === "walk" || work.kind === "collect" ? work.map : null;

const weightsOf = (work: Work): number =>
  work.kind === "product" ? volume(work.over) * volume(work.columns) : 0;

/** Whether what it reads of the group lies on its own row, or on the elements of the same walk. */
function readsOwnRow(item: Item, g: Group, maker: ReadonlyMap<Tensor, Group>): boolean {
  for (const [t, places] of item.needs) {
    if (maker.get(t) !== g) continue;
    const made = g.works.get(t) ?? bug("a group without its item");
    if (isChunked(made)) return false;
    const own: readonly Where[] = isElementwise(made) ? ["element", "before"] : ["row", "before"];
    if (![...places].every((p) => own.includes(p))) return false;
  }
  return true;
}

/** Whether the item and a member walk along the same map, read the same rows, or one reads the other. */
function shares(item: Item, g: Group, maker: ReadonlyMap<Tensor, Group>): boolean {
  if (g.rows === unitSpace || (g.walk && g.walk === walkOf(item.work))) return true;
  for (const t of item.reads.keys()) {
    if (maker.get(t) === g || g.reads.has(t)) return true;
  }
  return false;
}

function begin(item: Item, groups: Group[]): Group {
  const g: Group = {
    number: groups.length,
    items: [],
    works: new Map(),
    reads: new Set(),
    rows: rowsOf(item.work),
    alone: isAlone(item.work),
    walk: null,
    weights: 0,
    loads: 0,
    chunked: false,
    after: new Set(),
  };
  groups.push(g);
  return g;
}

function join(item: Item, g: Group, maker: Map<Tensor, Group>, precedence: Precedence): void {
  g.items.push(item);
  g.works.set(item.work.target, item.work);
  for (const t of item.reads.keys()) if (t.space !== unitSpace) g.reads.add(t);
  g.weights += weightsOf(item.work);
  g.loads += item.reads.size;
  g.walk ??= walkOf(item.work);
  g.chunked ||= isChunked(item.work);
  maker.set(item.work.target, g);
  for (const t of item.needs.keys()) {
    const before = maker.get(t);
    if (!before || before === g || g.after.has(before)) continue;
    g.after.add(before);
    precedence.link(before.number, g.number);
  }
}

/** Each group after those it waits for. */
function inOrder(groups: readonly Group[]): readonly Group[] {
  const seen = new Set<Group>();
  const out: Group[] = [];
  const visit = (g: Group): void => {
    if (seen.has(g)) return;
    seen.add(g);
    for (const before of g.after) visit(before);
    out.push(g);
  };
  for (const g of groups) visit(g);
  return out;
}
