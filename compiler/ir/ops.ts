/**
 * The nouns of the tensor IR: eleven ops on values with a row space and a set of named axes (LOWERING, "The closed op table").
 *
 * A tensor has one value per row of its space and per position of its axes. Axes are identities, not sizes; their
 * order is storage and nobody's business here (`axes` is sorted by id). Tensors are immutable and hash-consed by a
 * `TensorTable` (tensor.ts), so that equal text is one object: common subexpressions are found by construction.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { RecurrenceOrder } from "./model.js";
import type { RowMap, Space } from "./space.js";

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
  return lists.reduce(joined, []);
}

/** Most unions add nothing to their first list. */
function joined(known: readonly Axis[], more: readonly Axis[]): readonly Axis[] {
  if (more.length === 0) return known;
  if (known.length === 0 && isStrictlySorted(more)) return more;
  const added = more.filter((axis, i) => !known.includes(axis) && more.indexOf(axis) === i);
  if (added.length === 0) return known;
  const all = [...known, ...added];
  return isSorted(all) ? all : all.sort((a, b) => a.id - b.id);
}

const isStrictlySorted = (axes: readonly Axis[]): boolean =>
  axes.every((axis, i) => i === 0 || (axes[i - 1]?.id ?? 0) < axis.id);

/** Whether things stand in the order of their numbers. */
export const isSorted = (things: readonly { readonly id: number }[]): boolean =>
  things.every((thing, i) => i === 0 || (things[i - 1]?.id ?? 0) <= thing.id);

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
