/**
 * The tensor IR: eleven ops on values with a row space and a set of named axes (LOWERING, "The closed op table").
 *
 * A tensor has one value per row of its space and per position of its axes. Axes are identities, not sizes; their
 * order is storage and nobody's business here (`axes` is sorted by id). Tensors are immutable and hash-consed by a
 * `TensorTable`, so that equal text is one object: common subexpressions are found by construction.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { RecurrenceOrder } from "./model.js";
import { type RowMap, type Space, unitSpace } from "./space.js";

export type DType = "f32" | "i32" | "bool";

/** A named axis: compared by identity. It remembers its binder's name and place. */
export interface Axis {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly span: Span | null;
}

/** Pointwise functions. On f32, products and sign are `product`; `mul` and `neg` here serve i32 alone. */
export type MapFunction =
  | "add"
  | "sub"
  | "mul"
  | "neg"
  | "div"
  | "mod"
  | "abs"
  | "min"
  | "max"
  | "pow"
  | "relu"
  | "tanh"
  | "sigmoid"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "erf"
  | "floor"
  | "round"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "eq"
  | "ne"
  | "and"
  | "or"
  | "not"
  | "select"
  | "to_f32"
  | "to_i32";

/** How a view reads: `to` is made out of `from`; every other axis stays. */
export type View =
  | { readonly kind: "rename"; readonly from: Axis; readonly to: Axis }
  /** y[i] = x[start + step*i] */
  | {
      readonly kind: "slice";
      readonly from: Axis;
      readonly to: Axis;
      readonly start: number;
      readonly step: number;
    }
  /** y[start + step*i] = x[i], 0 elsewhere */
  | {
      readonly kind: "pad";
      readonly from: Axis;
      readonly to: Axis;
      readonly start: number;
      readonly step: number;
    }
  /** y = x[at]: the axis goes */
  | { readonly kind: "pick"; readonly from: Axis; readonly at: number }
  /** y[at] = x, 0 elsewhere: an axis comes */
  | { readonly kind: "place"; readonly to: Axis; readonly at: number }
  /** y[i*|b| + j] = x[i, j], row-major */
  | { readonly kind: "merge"; readonly from: readonly Axis[]; readonly to: Axis }
  | { readonly kind: "split"; readonly from: Axis; readonly to: readonly Axis[] };

/** Every operation: its inputs and its attributes. Indices of slots come last among the inputs. */
export interface Ops {
  /** A field from outside, dense or (on `nonzeros`) the stored values of a sparse one. `layout` is the order of its axes in memory. */
  input: { in: readonly []; attrs: { path: string; layout: readonly Axis[] } };
  param: { in: readonly []; attrs: { path: string; layout: readonly Axis[] } };
  state: { in: readonly []; attrs: { path: string; layout: readonly Axis[] } };
  const: { in: readonly []; attrs: { value: number } };
  iota: { in: readonly []; attrs: { axis: Axis } };
  /** index: place in the own graph; offset: tap; row: number of the row in its space (of an edge: receiver-major);
   *  column: position of a non-zero on its feature axis; step: training steps done (unit); count: rows of `map.from` in the group. */
  fact: {
    in: readonly [];
    attrs: { fact: "index" | "offset" | "row" | "column" | "step" | "count"; map: RowMap | null };
  };
  /** Uniform in [0, 1): Philox4x32-10 keyed by (seed, step, site), counted by row and by position on `layout`, row-major. */
  random: { in: readonly []; attrs: { site: number; layout: readonly Axis[] } };
  map: { in: readonly Tensor[]; attrs: { f: MapFunction } };
  /**
   * y[b, slots = idx] = scale * sum over rows a with map(a) = b, sum over `over`, of the product of the factors.
   * Without map, row by row. With slots, the value goes to the position that the index tensors (on the factors' space,
   * i32) name, and nowhere if that is outside the axis; a slot axis that factors or indices have is among `over`.
   */
  product: {
    in: readonly Tensor[];
    attrs: {
      factors: number;
      over: readonly Axis[];
      map: RowMap | null;
      slots: readonly Axis[];
      scale: number;
    };
  };
  /** y[a] = x[map(a)][slots = idx[a]]; without map the same row. An index may have axes of its own: they join the result. Outside the axis: 0. */
  pull: { in: readonly Tensor[]; attrs: { map: RowMap | null; slots: readonly Axis[] } };
  /** Largest or smallest, over axes or along a map (one of the two). Of nothing: -inf for max, +inf for min. */
  extreme: {
    in: readonly [x: Tensor];
    attrs: { which: "max" | "min"; over: readonly Axis[]; map: RowMap | null };
  };
  /** i32: which row (along a map) or which row-major position (over axes) an `extreme` was first reached at; -1 of nothing. */
  winner: { in: readonly [extreme: Tensor]; attrs: Record<never, never> };
  /** log sum exp, over axes or along a map; -inf of nothing. */
  lse: { in: readonly [x: Tensor]; attrs: { over: readonly Axis[]; map: RowMap | null } };
  /** i32: position of the first largest value on `axis`. */
  argmax: { in: readonly [x: Tensor]; attrs: { axis: Axis } };
  view: { in: readonly [x: Tensor]; attrs: { view: View } };
  stop: { in: readonly [x: Tensor]; attrs: Record<never, never> };
  /** A value that a `recur` solves for. `id` is unique. */
  unknown: { in: readonly []; attrs: { id: number; name: string } };
  /** The unique fields with unknown[i] = bodies[i], level by level. The first bodies belong to the unknowns, further ones are exports. */
  recur: { in: readonly Tensor[]; attrs: { unknowns: readonly Tensor[]; order: RecurrenceOrder } };
  /** One body of a finished recur, over all rows. */
  result: { in: readonly [recur: Tensor]; attrs: { index: number } };
}

export type Op = keyof Ops;

export interface TensorOf<K extends Op> {
  readonly id: number;
  readonly op: K;
  readonly inputs: Ops[K]["in"];
  readonly attrs: Readonly<Ops[K]["attrs"]>;
  readonly space: Space;
  /** Sorted by id. */
  readonly axes: readonly Axis[];
  readonly dtype: DType;
  /** The text it came from, and the user's name for it if it has one. */
  readonly span: Span | null;
  readonly label: string | null;
}

export type Tensor = { [K in Op]: TensorOf<K> }[Op];

/** A rule for every op: extend `Ops` and `tsc` names each table that is now incomplete. */
export type ForEachOp<Args extends readonly unknown[], R> = {
  readonly [K in Op]: (tensor: TensorOf<K>, ...args: Args) => R;
};

/** A tensor's own row of a table. The one cast: `tsc` cannot see that key and tensor agree. */
export function apply<Args extends readonly unknown[], R>(
  table: ForEachOp<Args, R>,
  tensor: Tensor,
  ...args: Args
): R {
  return (table[tensor.op] as (tensor: Tensor, ...args: Args) => R)(tensor, ...args);
}

/** A slot: an axis and the integer tensor that picks its position, row by row. */
export interface Slot {
  readonly axis: Axis;
  readonly index: Tensor;
}

export const volume = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.size, 1);

/** The union of axes, sorted by id. */
export function union(...lists: readonly (readonly Axis[])[]): readonly Axis[] {
  return [...new Set(lists.flat())].sort((a, b) => a.id - b.id);
}

export const without = (axes: readonly Axis[], gone: readonly Axis[]): readonly Axis[] =>
  axes.filter((a) => !gone.includes(a));

/** The factors of a product (its inputs less the slot indices). */
export const factorsOf = (t: TensorOf<"product">): readonly Tensor[] =>
  t.inputs.slice(0, t.attrs.factors);

/** The slots of a product or a pull. */
export function slotsOf(t: TensorOf<"product"> | TensorOf<"pull">): readonly Slot[] {
  const first = t.op === "product" ? t.attrs.factors : 1;
  return t.attrs.slots.map((axis, i) => ({
    axis,
    index: t.inputs[first + i] ?? bug("slot without an index"),
  }));
}

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
  readonly #known = new Map<string, Tensor>();
  readonly #spaces = new Map<Space, number>();
  #next = 1;
  #nextAxis = 1;

  axis(name: string, size: number, span: Span | null = null): Axis {
    return { id: this.#nextAxis++, name, size, span };
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
    const sorted = [...factors].sort((a, b) => a.id - b.id);
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
    const key = `${op}|${inputs.map((i) => i.id).join()}|${this.#spaceId(space)}|${axes.map((a) => a.id).join()}|${dtype}|${this.#print(attrs)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = { id: this.#next++, op, inputs, attrs, space, axes, dtype, span, label } as Tensor;
    this.#known.set(key, made);
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
    if (Array.isArray(value)) return `[${value.map((v) => this.#print(v)).join()}]`;
    if (value === null || typeof value !== "object")
      return Object.is(value, -0) ? "-0" : String(value);
    if ("op" in value && "id" in value) return `t${String(value.id)}`;
    if ("size" in value && "id" in value) return `a${String(value.id)}`;
    if ("from" in value && "to" in value && isSpace(value.from))
      return `${"kind" in value ? String(value.kind) : ""}${this.#spaceId(value.from)}`;
    if (isSpace(value)) return `s${this.#spaceId(value)}`;
    return `{${Object.entries(value)
      .map(([k, v]) => `${k}:${this.#print(v)}`)
      .join()}}`;
  }
}

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

/** All tensors that `roots` depend on, inputs before users; bodies of recurs included. */
export function postorder(roots: readonly Tensor[]): readonly Tensor[] {
  const seen = new Set<Tensor>();
  const out: Tensor[] = [];
  const stack: { t: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (!seen.has(root)) {
      seen.add(root);
      stack.push({ t: root, next: 0 });
    }
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.t.inputs[top.next++];
      if (input === undefined) {
        out.push(top.t);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ t: input, next: 0 });
      }
    }
  }
  return out;
}
