/**
 * Kernels as text, with everything that the frame can tell numbered by first appearance: buffers, spaces, orders, offsets
 * in arenas, positions that views pick. Kernels of equal text can share a function; their frames hold corresponding things.
 */
import { bug } from "../../bug.js";
import type { Buffer, Kernel, KernelSlot, Place, Stage } from "../../ir/kernel.js";
import type { NodeSet, Relation, RowMap, Space } from "../../ir/space.js";
import type { Axis, Tensor, View } from "../../ir/tensor.js";

/** A thing in its order of appearance: an object, `parameters 120`, or `pick 3`. */
type Thing = object | string;

export interface Fingerprint {
  readonly text: string;
  readonly things: readonly Thing[];
}

export function fingerprint(kernel: Kernel): Fingerprint {
  const printer = new Printer(kernel);
  return { text: printer.print(), things: printer.things };
}

/** Of kernels of equal text the places, among their things, of positions that not all of them pick alike. */
export function picksApart(
  prints: readonly Fingerprint[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const first = new Map<string, readonly Thing[]>();
  const apart = new Map<string, Set<number>>();
  for (const { text, things } of prints) {
    const known = first.get(text);
    const found = apart.get(text) ?? new Set();
    things.forEach((thing, i) => {
      if (known && isPick(thing) && thing !== known[i]) found.add(i);
    });
    if (!known) first.set(text, things);
    apart.set(text, found);
  }
  return apart;
}

/** The positions at some places among the things. */
export const positionsAt = (
  places: ReadonlySet<number>,
  { things }: Fingerprint,
): ReadonlySet<number> => new Set([...places].map((i) => numberIn(things[i] ?? "")));

/** The slot of one kernel as that of another of equal text. */
export function translated(slot: KernelSlot, from: Fingerprint, to: Fingerprint): KernelSlot {
  const other = <T extends Thing>(thing: T): T => {
    const found = to.things[from.things.indexOf(thing)];
    // equal text gives things of equal kind
    return (found as T | undefined) ?? bug("a slot that the text does not mention");
  };
  switch (slot.kind) {
    case "buffer":
      return { kind: "buffer", buffer: other(slot.buffer) };
    case "structure":
      return { ...slot, of: other(slot.of) };
    case "rows":
    case "chunkRows":
      return { ...slot, space: other(slot.space) };
    case "arena": {
      return { ...slot, offset: numberIn(other(offsetName(slot.arena, slot.offset))) };
    }
    case "control":
      return slot;
    case "constant":
      return { kind: "constant", value: numberIn(other(pickName(slot.value))) };
  }
}

const pickName = (at: number): string => `pick ${at}`;
const isPick = (thing: Thing): boolean => typeof thing === "string" && thing.startsWith("pick ");
const numberIn = (thing: Thing): number =>
  typeof thing === "string" ? Number(thing.split(" ")[1]) : bug("a thing that is no number");
const offsetName = (arena: string, offset: number): string => `${arena} ${offset}`;

const isTensor = (value: object): value is Tensor => "op" in value;
const isBuffer = (value: object): value is Buffer => "place" in value;
const isAxis = (value: object): value is Axis => "size" in value && "id" in value;
const isMap = (value: object): value is RowMap => "from" in value && "to" in value;
const isSpace = (value: object): value is Space => "kind" in value && "name" in value;

class Printer {
  readonly #kernel: Kernel;
  readonly #targets: ReadonlySet<unknown>;
  readonly #numbers = new Map<unknown, number>();
  readonly things: Thing[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#targets = new Set(kernel.stages.flatMap(targetsOf));
  }

  print(): string {
    const { domain, needed, tile, stages } = this.#kernel;
    const rows = [this.#fields(domain), needed ? this.#fields(needed) : "all", tile];
    return [...rows, ...stages.map((s) => this.#stage(s))].join("\n");
  }

  #stage(stage: Stage): string {
    if (stage.kind === "optimizer") return this.#optimizer(stage);
    if (stage.kind === "norm") return this.#norm(stage);
    if ("shortlist" in stage && stage.shortlist)
      return this.#fields({ ...stage, ...stage.shortlist, shortlist: "listed" });
    return stage.kind === "combine"
      ? `${howCombined(stage.target)} ${this.#fields(stage)}`
      : this.#fields(stage);
  }

  #optimizer(stage: Extract<Stage, { kind: "optimizer" }>): string {
    const { optimizer, clipped, first, settings } = stage;
    const arenas = ["parameters", "gradients", "moment1", "moment2"];
    const places = arenas.map((arena) => this.#offset(arena, first));
    return `optimizer ${optimizer} ${clipped} ${places} ${this.#offset("settings", settings)}`;
  }

  #norm({ ranges, settings }: Extract<Stage, { kind: "norm" }>): string {
    const parts = ranges.map(([first, words]) => `${this.#offset("gradients", first)} x ${words}`);
    return `norm ${parts.join()} ${this.#offset("settings", settings)}`;
  }

  #fields(record: object): string {
    let text = "";
    for (const v of Object.values(record)) text += `${this.#value(v)} `;
    return text;
  }

  #value(value: unknown): string {
    if (typeof value === "string") return value;
    if (value === null || typeof value !== "object") {
      return Object.is(value, -0) ? "-0" : String(value);
    }
    if (Array.isArray(value)) {
      let text = "[";
      for (const v of value) text += `${this.#value(v)},`;
      return `${text}]`;
    }
    if (isTensor(value)) return this.#tensor(value);
    if (isBuffer(value)) return this.#buffer(value);
    if (isAxis(value)) return this.#once(value, "a", () => String(value.size));
    if (isMap(value)) return `${value.kind}(${this.#space(value.from)} ${this.#space(value.to)})`;
    return isSpace(value) ? this.#space(value) : this.#thing(value, () => "order");
  }

  /** Something by its number, told at its first appearance. */
  #once(thing: unknown, mark: string, tell: () => string): string {
    const known = this.#numbers.get(thing);
    if (known !== undefined) return `${mark}${known}`;
    const number = this.#numbers.size;
    this.#numbers.set(thing, number);
    return `${mark}${number}=${tell()}`;
  }

  #thing(thing: Thing, tell: () => string): string {
    if (!this.#numbers.has(thing)) this.things.push(thing);
    return this.#once(thing, "#", tell);
  }

  #offset = (arena: string, offset: number): string =>
    this.#thing(offsetName(arena, offset), () => arena);

  #space = (space: Space): string =>
    this.#thing(space, () => (space.kind === "edges" ? this.#relation(space) : space.kind));

  /** What walks of edges that nobody lists are made from. Both ways along a chain are walked by the same words. */
  #relation({ given, topology, senders, receivers }: Relation): string {
    if (given) return topology.kind;
    const words = topology.kind === "chain" ? [topology.kind] : Object.values(topology);
    return `${words.join(" ")} ${this.#end(senders)} ${this.#end(receivers)}`;
  }

  /** A set that edges nobody lists go between: how far apart its nodes are is in the code of a walk, and nowhere else. */
  #end(set: NodeSet): string {
    const { layout } = set;
    return `${this.#space(set)} ${layout.kind === "grid" ? layout.extents : "nodes"}`;
  }

  #buffer = (buffer: Buffer): string =>
    this.#thing(buffer, () => {
      const { place, layout, dtype, space } = buffer;
      return `${this.#place(place)} ${dtype} ${this.#space(space)} ${this.#value(layout)}`;
    });

  #place(place: Place): string {
    return place.kind === "arena" ? this.#offset(place.arena, place.offset) : this.#fields(place);
  }

  #tensor = (t: Tensor): string =>
    this.#once(t, "t", () => {
      const stored = this.#kernel.stored.get(t);
      const place = stored ? `@${this.#buffer(stored)} ` : "";
      const definition = !stored || this.#targets.has(t) ? this.#definition(t) : "";
      return `${place}${definition} ${t.dtype} ${this.#space(t.space)} ${this.#axes(t.axes)}`;
    });

  /** A set: those that were told before come in the order in which they were. */
  #axes(axes: readonly Axis[]): string {
    const number = (axis: Axis): number => this.#numbers.get(axis) ?? Number.POSITIVE_INFINITY;
    const told = axes.filter((axis) => this.#numbers.has(axis));
    told.sort((a, b) => number(a) - number(b));
    return this.#value([...told, ...axes.filter((axis) => !this.#numbers.has(axis))]);
  }

  #view(view: View): string {
    if (view.kind !== "pick") return this.#fields(view);
    const at = this.#thing(pickName(view.at), () => "at");
    return `pick ${this.#value(view.from)} ${at}`;
  }

  /** Of leaves only what the code sees: nothing but where they are stored. */
  #definition(t: Tensor): string {
    switch (t.op) {
      case "input":
      case "param":
      case "state":
      case "unknown":
      case "recur":
        return t.op;
      case "result":
        return `result ${this.#value(t.inputs[0].inputs[t.attrs.index])}`;
      case "view":
        return `view ${this.#view(t.attrs.view)} ${this.#value(t.inputs)}`;
      default:
        return `${t.op} ${this.#fields(t.attrs)} ${this.#value(t.inputs)}`;
    }
  }
}

/** Of a target that is put together from partial results: by what. */
const howCombined = (t: Tensor): string => (t.op === "extreme" ? t.attrs.which : t.op);

/** Tensors whose definition a stage works out; of a winner also the extreme that it wins. */
function targetsOf(stage: Stage): readonly Tensor[] {
  const targets = ((): readonly Tensor[] => {
    if (stage.kind === "walk") return stage.targets;
    if (stage.kind === "softmax") return [stage.lse, ...stage.sums];
    if (!("target" in stage)) return [];
    return stage.kind === "combine" && stage.target.op !== "winner" ? [] : [stage.target];
  })();
  return targets.flatMap((t) => (t.op === "winner" ? [t, ...t.inputs] : [t]));
}
