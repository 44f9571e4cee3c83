/**
 * Variables share slots. A variable lives from its first write to its last read; one that a loop reads and something
 * before the loop has written lives to the end of the loop. Those that are never alive together get one slot (as
 * in linear scan: Poletto and Sarkar, 1999); those of a kind are declared together.
 *
 * What is not certain to be written before it is read keeps a slot to itself, which starts as zero.
 */
import type { Kind } from "../operand.js";
import { type Node, nothing } from "./node.js";
import { op } from "./op.js";

/** A loop or an arm of a condition. */
interface Region {
  readonly parent: Region | null;
  readonly depth: number;
  readonly isLoop: boolean;
  readonly start: number;
  /** What lives until its end at least. */
  readonly kept: Life[];
}

class Life {
  readonly first: number;
  last: number;
  uses = 1;
  /** Where it is written first; null when it is read before. */
  readonly written: Region | null;
  /** The smallest region with all of its uses. */
  within: Region;
  /** The variable that it starts as a copy of. */
  readonly copyOf: number | null;

  constructor(at: number, region: Region, isRead: boolean, copyOf: number | null) {
    this.first = at;
    this.last = at;
    this.written = isRead ? null : region;
    this.within = region;
    this.copyOf = copyOf;
  }
}

interface Slot {
  readonly kind: Kind;
  /** Of a parameter its own; of others known when all are in order. */
  number: number;
  uses: number;
  readonly taken: Interval[];
}

interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Renames the variables of the body in place; gives the kinds of those behind the parameters. */
export function assignSlots(
  body: Node,
  parameters: readonly Kind[],
  variables: readonly Kind[],
): readonly Kind[] {
  const lives = new Lives(parameters.length, variables.length);
  lives.block(body, lives.root);
  const kinds = [...parameters, ...variables];
  const { slots, of } = placed(lives, kinds, parameters.length);
  const order = inOrder(slots.slice(parameters.length));
  for (let i = 0; i < order.length; i++) (order[i] as Slot).number = parameters.length + i;
  rename(
    body,
    of.map((slot) => slot?.number ?? 0),
  );
  return order.map(({ kind }) => kind);
}

class Lives {
  /** By variable. */
  readonly all: (Life | undefined)[];
  readonly root: Region = { parent: null, depth: 0, isLoop: false, start: 0, kept: [] };
  /** Places are numbered in the order of execution. */
  at = 1;

  constructor(parameters: number, variables: number) {
    this.all = new Array(parameters + variables).fill(undefined);
    for (let p = 0; p < parameters; p++) this.all[p] = new Life(0, this.root, false, null);
  }

  block({ args }: Node, region: Region): void {
    for (const arg of args) this.#visit(arg, region);
  }

  #visit(node: Node, region: Region): void {
    const { op: what, args } = node;
    if (what === op.loop) this.#inner(args[0] as Node, region, true);
    else if (what === op.if) {
      this.#visit(args[0] as Node, region);
      for (const arm of args.slice(1)) this.#inner(arm, region, false);
    } else {
      for (const arg of args) this.#visit(arg, region);
      if (what === op.get || what === op.set || what === op.tee) this.#use(node, region);
    }
  }

  #inner(body: Node, parent: Region, isLoop: boolean): void {
    const region = { parent, depth: parent.depth + 1, isLoop, start: this.at, kept: [] };
    this.block(body, region);
    for (const life of region.kept as Life[]) life.last = Math.max(life.last, this.at);
    this.at++;
  }

  #use({ op: what, value: variable, args }: Node, region: Region): void {
    const at = this.at++;
    const known = this.all[variable];
    if (!known) {
      const [value] = args;
      const copyOf = value && (value.op === op.get || value.op === op.tee) ? value.value : null;
      this.all[variable] = new Life(at, region, what === op.get, copyOf);
      return;
    }
    known.last = at;
    known.uses++;
    known.within = common(known.within, region);
    outermostSince(known.first, region)?.kept.push(known);
  }
}

/** The outermost loop around the region that begins after `place`. */
function outermostSince(place: number, region: Region): Region | null {
  let found: Region | null = null;
  for (let r: Region | null = region; r && r.start > place; r = r.parent) if (r.isLoop) found = r;
  return found;
}

function common(a: Region, b: Region): Region {
  let x = a;
  let y = b;
  while (x !== y) {
    if (x.depth >= y.depth) x = x.parent as Region;
    else y = y.parent as Region;
  }
  return x;
}

/** Whether the first write comes before every read, whichever way is taken. */
function isCertain({ written, within }: Life): boolean {
  if (!written) return false;
  for (let r: Region = written; r !== within; r = r.parent as Region) if (!r.isLoop) return false;
  return true;
}

/**
 * The slot of each variable that is used: that of what it is a copy of, or the first that is free all its life. Those of
 * parameters come first.
 */
function placed(
  { all }: Lives,
  kinds: readonly Kind[],
  parameters: number,
): { readonly slots: readonly Slot[]; readonly of: readonly (Slot | undefined)[] } {
  const of: (Slot | undefined)[] = [];
  const slots: Slot[] = [];
  for (let variable = 0; variable < all.length; variable++) {
    const life = all[variable];
    of.push(undefined);
    if (!life) continue;
    const kind = kinds[variable] as Kind;
    const interval = intervalOf(life);
    const source = life.copyOf === null ? undefined : of[life.copyOf];
    const isParameter = variable < parameters;
    const near = source && isFit(source, kind, interval) ? source : null;
    const known = isParameter ? null : (near ?? freeSlot(slots, kind, interval));
    const slot = known ?? { kind, number: variable, uses: 0, taken: [] };
    if (!known) slots.push(slot);
    slot.uses += life.uses;
    slot.taken.push(interval);
    of[variable] = slot;
  }
  return { slots, of };
}

function freeSlot(slots: readonly Slot[], kind: Kind, interval: Interval): Slot | null {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as Slot;
    if (isFit(slot, kind, interval)) return slot;
  }
  return null;
}

const isFit = (slot: Slot, kind: Kind, interval: Interval): boolean =>
  slot.kind === kind && isFree(slot.taken, interval);

/** Those that took it last are most likely in the way. */
function isFree(taken: readonly Interval[], { first, last }: Interval): boolean {
  for (let i = taken.length - 1; i >= 0; i--) {
    const t = taken[i] as Interval;
    if (t.last >= first && last >= t.first) return false;
  }
  return true;
}

function intervalOf(life: Life): Interval {
  if (isCertain(life)) return life;
  return { first: 0, last: Number.POSITIVE_INFINITY };
}

/** Slots of a kind side by side, as they are declared; the kind that is used most comes first. */
function inOrder(slots: readonly Slot[]): readonly Slot[] {
  const uses = new Map<Kind, number>();
  for (const { kind, uses: n } of slots) uses.set(kind, (uses.get(kind) ?? 0) + n);
  const of = (kind: Kind): number => uses.get(kind) ?? 0;
  const kinds = [...uses.keys()].sort((a, b) => of(b) - of(a));
  return kinds.flatMap((kind) => slots.filter((s) => s.kind === kind));
}

/** In all nodes; what then sets a variable to itself goes. */
function rename(node: Node, to: readonly number[]): void {
  for (let i = 0; i < node.args.length; i++) {
    const arg = node.args[i] as Node;
    rename(arg, to);
    if (arg.op !== op.get && arg.op !== op.set && arg.op !== op.tee) continue;
    arg.value = to[arg.value] as number;
    const [value] = arg.args;
    if (value?.op === op.get && value.value === arg.value)
      node.args[i] = arg.op === op.set ? nothing() : value;
  }
}
