/**
 * The tensor IR: the table that makes tensors. What a tensor is, and each op, stands in `ops.ts` and is exported here too.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { RecurrenceOrder } from "./model.js";
import {
  type Axis,
  type DType,
  isSorted,
  type MapFunction,
  type Op,
  type Ops,
  type Slot,
  type Tensor,
  union,
  type View,
  volume,
  without,
} from "./ops.js";
import { type RowMap, type Space, unitSpace } from "./space.js";

export * from "./ops.js";

/** What a product is made from. */
export interface ProductParts {
  readonly factors: readonly Tensor[];
  readonly over?: readonly Axis[];
  readonly map?: RowMap | null;
  readonly slots?: readonly Slot[];
  readonly scale?: number;
}

const integerResult: ReadonlySet<MapFunction> = new Set(["floor", "round", "to_i32"]);
const boolResult: ReadonlySet<MapFunction> = new Set([
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
]);

/**
 * Makes tensors. Equal op, inputs, attributes, space and axes give the same object; the first one made keeps its
 * label and span. The constructors only build: rewriting is the business of `3-optimize`.
 */
export class TensorTable {
  /** By op and inputs; leaves and views, of which many may read one tensor, by their attributes too. */
  readonly #known = new Map<string, Tensor[]>();
  readonly #spaces = new Map<Space, number>();
  readonly #twins = new Map<Axis, Axis>();
  #next = 1;
  #nextAxis = 1;

  axis(name: string, size: number, span: Span | null = null): Axis {
    return { id: this.#nextAxis++, name, size, span };
  }
  /** A second axis of the same size, always the same one: for a sum over `axis` beside which `axis` is kept. */
  twin(axis: Axis): Axis {
    const known = this.#twins.get(axis) ?? this.axis(axis.name, axis.size, axis.span);
    this.#twins.set(axis, known);
    return known;
  }

  input(
    path: string,
    space: Space,
    layout: readonly Axis[],
    dtype: DType,
    span: Span | null = null,
  ): Tensor {
    return this.#make("input", [], { path, layout }, space, union(layout), dtype, span, path);
  }
  param(path: string, layout: readonly Axis[], span: Span | null = null): Tensor {
    return this.#make("param", [], { path, layout }, unitSpace, union(layout), "f32", span, path);
  }
  state(path: string, layout: readonly Axis[], span: Span | null = null): Tensor {
    return this.#make("state", [], { path, layout }, unitSpace, union(layout), "f32", span, path);
  }
  constant(
    value: number,
    space: Space = unitSpace,
    axes: readonly Axis[] = [],
    dtype: DType = "f32",
  ): Tensor {
    return this.#make("const", [], { value }, space, union(axes), dtype);
  }
  iota(axis: Axis, space: Space): Tensor {
    return this.#make("iota", [], { axis }, space, [axis], "i32");
  }
  fact(fact: Ops["fact"]["attrs"]["fact"], space: Space, map: RowMap | null = null): Tensor {
    return this.#make("fact", [], { fact, map }, space, [], "i32");
  }
  random(site: number, space: Space, layout: readonly Axis[]): Tensor {
    return this.#make("random", [], { site, layout }, space, union(layout), "f32");
  }

  /** Pointwise on one space; axes are united. The dtype follows from the function and the arguments. */
  map(f: MapFunction, args: readonly Tensor[], span: Span | null = null): Tensor {
    const first = args[0] ?? bug(`map ${f} without arguments`);
    for (const a of args)
      if (a.space !== first.space) bug(`map ${f}: ${first.space.name} meets ${a.space.name}`);
    const axes = union(...args.map((a) => a.axes));
    return this.#make("map", args, { f }, first.space, axes, mapType(f, args), span);
  }

  product(parts: ProductParts, span: Span | null = null): Tensor {
    const { factors, map = null, slots = [] } = parts;
    const within = union(...factors.map((x) => x.axes), ...slots.map((s) => s.index.axes));
    const bound = union(parts.over ?? []);
    const over = bound.filter((a) => within.includes(a));
    // a sum over an axis that nothing depends on is a multiplication by its size
    const scale = (parts.scale ?? 1) * volume(without(bound, within));
    const first = factors[0] ?? bug("product without factors");
    for (const x of factors)
      if (x.space !== first.space) bug(`product: ${first.space.name} meets ${x.space.name}`);
    if (map && map.from !== first.space)
      bug(`product along ${map.kind} of ${map.from.name} from ${first.space.name}`);
    const sorted = isSorted(factors) ? factors : [...factors].sort((a, b) => a.id - b.id);
    const axes = union(
      without(within, over),
      slots.map((s) => s.axis),
    );
    const attrs = {
      factors: factors.length,
      over,
      map,
      slots: slots.map((s) => s.axis),
      scale,
    };
    return this.#make(
      "product",
      [...sorted, ...slots.map((s) => s.index)],
      attrs,
      map ? map.to : first.space,
      axes,
      "f32",
      span,
    );
  }

  pull(
    x: Tensor,
    map: RowMap | null,
    slots: readonly Slot[] = [],
    span: Span | null = null,
  ): Tensor {
    if (map && x.space !== map.to)
      bug(`pull along ${map.kind} to ${map.to.name} of a field on ${x.space.name}`);
    if (!map && slots.length === 0) return x;
    const axes = union(
      without(
        x.axes,
        slots.map((s) => s.axis),
      ),
      ...slots.map((s) => s.index.axes),
    );
    const attrs = { map, slots: slots.map((s) => s.axis) };
    const space = map ? map.from : x.space;
    return this.#make("pull", [x, ...slots.map((s) => s.index)], attrs, space, axes, x.dtype, span);
  }

  extreme(
    x: Tensor,
    which: "max" | "min",
    over: readonly Axis[],
    map: RowMap | null,
    span: Span | null = null,
  ): Tensor {
    return this.#make(
      "extreme",
      [x],
      { which, over: union(over), map },
      map ? map.to : x.space,
      without(x.axes, over),
      x.dtype,
      span,
    );
  }
  winner(extreme: Tensor): Tensor {
    return this.#make("winner", [extreme], {}, extreme.space, extreme.axes, "i32");
  }
  lse(x: Tensor, over: readonly Axis[], map: RowMap | null, span: Span | null = null): Tensor {
    return this.#make(
      "lse",
      [x],
      { over: union(over), map },
      map ? map.to : x.space,
      without(x.axes, over),
      "f32",
      span,
    );
  }
  argmax(x: Tensor, axis: Axis, span: Span | null = null): Tensor {
    return this.#make("argmax", [x], { axis }, x.space, without(x.axes, [axis]), "i32", span);
  }
  view(x: Tensor, view: View, span: Span | null = null): Tensor {
    return this.#make("view", [x], { view }, x.space, viewAxes(x.axes, view), x.dtype, span);
  }
  stop(x: Tensor): Tensor {
    return this.#make("stop", [x], {}, x.space, x.axes, x.dtype);
  }

  unknown(name: string, space: Space, axes: readonly Axis[], dtype: DType = "f32"): Tensor {
    return this.#make(
      "unknown",
      [],
      { id: this.#next, name },
      space,
      union(axes),
      dtype,
      null,
      name,
    );
  }
  recur(unknowns: readonly Tensor[], bodies: readonly Tensor[], order: RecurrenceOrder): Tensor {
    const first = bodies[0] ?? bug("recur without bodies");
    return this.#make("recur", bodies, { unknowns, order }, first.space, [], "f32");
  }
  result(recur: Tensor, index: number): Tensor {
    const body = recur.inputs[index] ?? bug("result of a body that is not there");
    return this.#make(
      "result",
      [recur],
      { index },
      body.space,
      body.axes,
      body.dtype,
      body.span,
      body.label,
    );
  }

  /** The same tensor under a user's name, if it has none yet. */
  named(t: Tensor, label: string): Tensor {
    if (t.label === null) Object.assign(t, { label });
    return t;
  }

  #make<K extends Op>(
    op: K,
    inputs: Ops[K]["in"],
    attrs: Ops[K]["attrs"],
    space: Space,
    axes: readonly Axis[],
    dtype: DType,
    span: Span | null = null,
    label: string | null = null,
  ): Tensor {
    const isOneOfMany = inputs.length === 0 || op === "view";
    const key = `${op}|${ids(inputs)}${isOneOfMany ? this.#print(attrs) : ""}`;
    const alike = this.#known.get(key);
    for (const t of alike ?? [])
      if (t.space === space && t.dtype === dtype && equal(t.axes, axes) && equal(t.attrs, attrs))
        return t;
    const made = { id: this.#next++, op, inputs, attrs, space, axes, dtype, span, label } as Tensor;
    if (alike) alike.push(made);
    else this.#known.set(key, [made]);
    return made;
  }

  #spaceId(space: Space): number {
    const known = this.#spaces.get(space);
    if (known !== undefined) return known;
    this.#spaces.set(space, this.#spaces.size);
    return this.#spaces.size - 1;
  }

  /** Attributes as text: axes by id, spaces and maps by the number of their space, tensors by id. */
  #print(value: unknown): string {
    if (typeof value === "string") return value;
    if (value === null || typeof value !== "object")
      return Object.is(value, -0) ? "-0" : String(value);
    if (Array.isArray(value)) {
      let text = "[";
      for (const v of value) text += `${this.#print(v)},`;
      return `${text}]`;
    }
    if ("op" in value && "id" in value) return `t${String(value.id)}`;
    if ("size" in value && "id" in value) return `a${String(value.id)}`;
    if (isMap(value)) return `${value.kind}${this.#spaceId(value.from)}`;
    if (isSpace(value)) return `s${this.#spaceId(value)}`;
    let text = "{";
    for (const [k, v] of Object.entries(value)) text += `${k}:${this.#print(v)},`;
    return `${text}}`;
  }
}

function ids(things: readonly { readonly id: number }[]): string {
  let text = "";
  for (const { id } of things) text += `${id},`;
  return text;
}

/** Whether attributes are the same: spaces, axes and tensors by identity, maps by their kind and the space they leave. */
function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((x, i) => equal(x, b[i]));
  if (isSpace(a)) return false;
  if (isMap(a)) return isMap(b) && a.kind === b.kind && a.from === b.from;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const k in x) if (!equal(x[k], y[k])) return false;
  for (const k in y) if (!(k in x)) return false;
  return true;
}

const isMap = (value: object): value is RowMap =>
  "from" in value && "to" in value && isSpace(value.from);

const spaceKinds: ReadonlySet<unknown> = new Set(["nodes", "edges", "nonzeros", "graph", "unit"]);
function isSpace(value: unknown): value is Space {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    "name" in value &&
    spaceKinds.has(value.kind)
  );
}

function mapType(f: MapFunction, args: readonly Tensor[]): DType {
  if (boolResult.has(f)) return "bool";
  if (integerResult.has(f)) return "i32";
  if (f === "to_f32") return "f32";
  return (f === "select" ? args[1] : args[0])?.dtype ?? "f32";
}

function viewAxes(axes: readonly Axis[], view: View): readonly Axis[] {
  switch (view.kind) {
    case "pick":
      return without(axes, [view.from]);
    case "place":
      return union(axes, [view.to]);
    case "merge":
      return union(without(axes, view.from), [view.to]);
    case "split":
      return union(without(axes, [view.from]), view.to);
    default:
      return union(without(axes, [view.from]), [view.to]);
  }
}
