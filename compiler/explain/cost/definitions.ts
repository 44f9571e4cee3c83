/**
 * Definitions as a kernel evaluates them: operations and loads, followed from what a stage computes down to what is stored.
 *
 * Every value counts once for each row that it is computed at, however many targets of the stage read it; what a stage
 * computes again because its code does so is not counted. Of what is looked up, only the places that are.
 */
import type { Buffer, Kernel } from "../../ir/kernel.js";
import type { RowMap, Space } from "../../ir/space.js";
import {
  type Axis,
  slotsOf,
  type Tensor,
  type TensorOf,
  union,
  volume,
  without,
} from "../../ir/tensor.js";
import { spaceName } from "../../pack.frames.js";
import { Formula } from "../formula.js";
import { atEach, atEnd, type Operations } from "./operations.js";

/** Where a definition is evaluated. */
export interface Place {
  /** What tells it from the other places of a stage. */
  readonly key: string;
  /** How often a definition is evaluated there. */
  readonly times: Formula;
  /** How often a stored value is loaded there: rows that come in order are loaded once. */
  readonly loads: Formula;
  /** The map that leads from here to the row of the kernel. */
  readonly base: RowMap | null;
}

/** Bytes that come from one place in memory. */
export interface Load {
  readonly buffer: Buffer | null;
  readonly tensor: Tensor | null;
  /** As they are asked for. */
  readonly bytes: Formula;
  /** All that the buffer holds. */
  readonly whole: Formula;
}

/** Of some axes fewer positions are wanted than there are. */
type Wanted = ReadonlyMap<Axis, number>;
const all: Wanted = new Map();

export const rowsOf = (space: Space): Formula => Formula.rows(spaceName(space));

/** How often a kernel is called: once, or `levels(word)` times in a recurrence along the order of `word`. */
function levelsIn({ domain }: Kernel): Formula {
  if (domain.over !== "level") return Formula.of(1);
  const { order } = domain;
  return Formula.rows(levelsName(order.kind === "index" ? order.set.name : order.relation.name));
}

/** Levels in the order of a set, or of a relation; in reverse there are as many. */
export const levelsName = (of: string): string => `levels(${of})`;

export class Definitions {
  flops = Formula.zero;
  functions = Formula.zero;
  /** Beside the targets. */
  written = Formula.zero;
  readonly loads = new Map<string, Load>();
  readonly row: Place;
  /** Parameters and sums: in a recurrence they are read again at every level. */
  readonly batch: Place;
  readonly #kernel: Kernel;
  readonly #written: ReadonlySet<Buffer>;
  /** What the current stage has met. */
  #seen = new Set<string>();
  #stage = 0;

  /** @param rows Of the domain of the kernel. @param written What the kernel itself writes. */
  constructor(kernel: Kernel, rows: Formula, written: ReadonlySet<Buffer>) {
    this.#kernel = kernel;
    this.#written = written;
    this.row = { key: "row", times: rows, loads: rows, base: null };
    const loads = levelsIn(kernel);
    this.batch = { key: "batch", times: Formula.of(1), loads, base: null };
  }

  nextStage(): void {
    this.#seen = new Set();
    this.#stage++;
  }

  /** The elements of a walk. Summed to the batch in chunks, they are the rows themselves. */
  elements(map: RowMap): Place {
    if (map.kind === "all" && this.#kernel.domain.over !== "count") return this.row;
    const rows = rowsOf(map.from);
    return { key: "element", times: rows, loads: rows, base: map };
  }

  /** A target at every place, with all that its definition takes; `each` and `end` in place of those of the op itself. */
  define(target: Tensor, place: Place, each = atEach(target), end = atEnd(target)): void {
    this.#count(each, place.times.times(volume(turnsOf(target))));
    this.#count(end, rowsOf(target.space).times(volume(target.axes)));
    this.#below(target, place, all);
  }

  /** Operations beside those of definitions. */
  count(flops: Formula): void {
    this.flops = this.flops.plus(flops);
  }

  /** A value that is read as it is: it is stored, or computed in place. */
  read(t: Tensor, place: Place): void {
    this.#visit(t, place, all);
  }

  /** A buffer that is read whole. */
  readWhole(tensor: Tensor, buffer: Buffer, whole: Formula): void {
    const levels = this.#kernel.domain.over === "level";
    const bytes = levels ? this.batch.loads.times(whole.each("")) : whole;
    this.loads.set(`${buffer.id} whole`, { tensor, buffer, bytes, whole });
  }

  /** Bytes that are read and written and belong to no tensor. */
  move(read: Formula, written: Formula): void {
    this.loads.set(`moved ${this.#stage}`, {
      tensor: null,
      buffer: null,
      bytes: read,
      whole: read,
    });
    this.written = this.written.plus(written);
  }

  #count({ flops, functions }: Operations, times: Formula): void {
    this.flops = this.flops.plus(times.times(flops));
    this.functions = this.functions.plus(times.times(functions));
  }

  #visit(t: Tensor, place: Place, wanted: Wanted): void {
    const key = `${t.id} ${place.key} ${narrowed(t.axes, wanted)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const buffer = this.#kernel.stored.get(t);
    if (buffer) this.#load(t, buffer, place, wanted);
    else {
      this.#count(atEach(t), place.times.times(positions(turnsOf(t), wanted)));
      this.#count(atEnd(t), place.times.times(positions(t.axes, wanted)));
      this.#below(t, place, wanted);
    }
  }

  #below(t: Tensor, place: Place, wanted: Wanted): void {
    if (t.op === "pull") {
      const [x] = t.inputs;
      const to = this.#along(t.attrs.map, place);
      const isTable = to === this.batch && t.attrs.slots.length > 0;
      const { times, loads } = place;
      const at = isTable ? { key: `${place.key} table`, times, loads, base: null } : to;
      if (x) this.#visit(x, at, lookedUp(t, wanted));
      for (const { index } of slotsOf(t)) this.#visit(index, place, wanted);
      return;
    }
    const within = t.op === "view" ? viewed(t, wanted) : wanted;
    for (const x of t.inputs) this.#visit(x, place, within);
  }

  #along(map: RowMap | null, place: Place): Place {
    if (!map) return place;
    if (map.kind === "all") return this.batch;
    if (map === place.base) return this.row;
    const to = rowsOf(map.to);
    const inOrder = map.kind === "graph" || (this.#kernel.domain.over !== "level" && isMade(map));
    return {
      key: `${place.key} ${map.kind} ${spaceName(map.from)}`,
      times: place.times,
      loads: inOrder ? to : place.loads,
      base: null,
    };
  }

  #load(tensor: Tensor, buffer: Buffer, place: Place, wanted: Wanted): void {
    if (buffer.place.kind === "scratch") return;
    const own = place === this.row || place.key === "batch";
    if (own && this.#written.has(buffer)) return;
    const key = `${buffer.id} ${own ? "" : this.#stage} ${place.key} ${narrowed(tensor.axes, wanted)}`;
    const bytes = place.loads.times(4 * positions(tensor.axes, wanted));
    const whole = rowsOf(tensor.space).times(4 * volume(tensor.axes));
    this.loads.set(key, { buffer, tensor, bytes, whole });
  }
}

/** The axes that a definition runs over: those of the target less those that indices name, and those it sums. */
function turnsOf(t: Tensor): readonly Axis[] {
  switch (t.op) {
    case "product":
      return union(without(t.axes, t.attrs.slots), t.attrs.over);
    case "lse":
    case "extreme":
      return union(t.axes, t.attrs.over);
    case "argmax":
      return union(t.axes, [t.attrs.axis]);
    default:
      return t.axes;
  }
}

const positions = (axes: readonly Axis[], wanted: Wanted): number =>
  axes.reduce((n, axis) => n * (wanted.get(axis) ?? axis.size), 1);

const narrowed = (axes: readonly Axis[], wanted: Wanted): string =>
  axes.flatMap((a) => (wanted.has(a) ? [`${a.id}:${wanted.get(a)}`] : [])).join();

/** Of an axis that an index names, a place for each value of the index. */
function lookedUp(t: TensorOf<"pull">, wanted: Wanted): Wanted {
  const [x] = t.inputs;
  const slots = slotsOf(t);
  if (slots.length === 0) return wanted;
  const within = new Map(wanted);
  for (const { axis, index } of slots) {
    const places = positions(without(index.axes, x?.axes ?? []), wanted);
    within.set(axis, Math.min(axis.size, places));
  }
  return within;
}

function viewed({ attrs: { view } }: TensorOf<"view">, wanted: Wanted): Wanted {
  const within = new Map(wanted);
  if (view.kind === "pick") within.set(view.from, 1);
  else if (view.kind === "slice" || view.kind === "rename")
    within.set(view.from, wanted.get(view.to) ?? view.to.size);
  return within;
}

/** Whether the edges of a map come in an order that follows from the places of their ends. */
const isMade = (map: RowMap): boolean =>
  (map.kind === "sender" || map.kind === "receiver") && !map.relation.given;
