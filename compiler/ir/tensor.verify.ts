/**
 * The invariants of the tensor IR: run after every phase in tests and under GN_VERIFY=1. A failure is our bug.
 */
import { bug } from "../bug.js";
import { insideOf } from "./recur.js";
import type { RowMap } from "./space.js";
import {
  type Axis,
  apply,
  type DType,
  type ForEachOp,
  factorsOf,
  type MapFunction,
  postorder,
  slotsOf,
  type Tensor,
  type TensorOf,
  union,
  type View,
  volume,
  without,
} from "./tensor.js";

/** What is wrong with a tensor, given that its inputs are right; null if nothing is. */
type Complaint = string | null;

/** Checks every tensor that the roots depend on. */
export function verify(roots: readonly Tensor[]): void {
  const order = postorder(roots);
  const bound = new Set(order.flatMap((t) => (t.op === "recur" ? t.attrs.unknowns : [])));
  for (const t of order) {
    const complaint = common(t) ?? apply(rules, t) ?? free(t, bound);
    if (complaint) bug(`tensor ${t.id} (${t.op}${t.label ? ` \`${t.label}\`` : ""}): ${complaint}`);
  }
  escapes(roots);
}

const first = (...complaints: readonly Complaint[]): Complaint => complaints.find((c) => c) ?? null;
const must = (holds: boolean, complaint: string): Complaint => (holds ? null : complaint);

const names = (axes: readonly Axis[]): string => axes.map((a) => `${a.name}#${a.id}`).join(", ");
const sameAxes = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

const has = (t: Tensor, axes: readonly Axis[]): Complaint =>
  must(without(axes, t.axes).length === 0, `no axis ${names(without(axes, t.axes))} in its input`);

function common(t: Tensor): Complaint {
  return first(
    must(sameAxes(t.axes, union(t.axes)), `axes ${names(t.axes)} repeat or are out of order`),
    must(
      t.axes.every((a) => Number.isInteger(a.size) && a.size >= 0),
      "an axis of no size",
    ),
    must(
      t.inputs.every((x) => x.op !== "recur" || t.op === "result"),
      "reads a recurrence itself",
    ),
  );
}

const free = (t: Tensor, bound: ReadonlySet<Tensor>): Complaint =>
  must(t.op !== "unknown" || bound.has(t), "belongs to no recurrence");

/** No unknown may be seen outside the recurrence that solves for it. */
function escapes(roots: readonly Tensor[]): void {
  const open = new Map<Tensor, ReadonlySet<Tensor>>();
  for (const t of postorder(roots)) {
    const seen = new Set(
      t.op === "unknown" ? [t] : t.inputs.flatMap((x) => [...(open.get(x) ?? [])]),
    );
    if (t.op === "recur") for (const u of t.attrs.unknowns) seen.delete(u);
    open.set(t, seen);
  }
  for (const t of roots) {
    const [u] = open.get(t) ?? [];
    if (u) bug(`tensor ${t.id} (${t.op}) sees the unknown \`${u.label}\` from outside`);
  }
}

const along = (t: Tensor, from: Tensor, map: RowMap | null): Complaint =>
  map
    ? first(
        must(from.space === map.from, `input on ${from.space.name}, map from ${map.from.name}`),
        must(t.space === map.to, `on ${t.space.name}, but its map goes to ${map.to.name}`),
      )
    : must(t.space === from.space, `on ${t.space.name}, its input on ${from.space.name}`);

const leaf = (t: TensorOf<"input"> | TensorOf<"param"> | TensorOf<"state">): Complaint =>
  must(
    sameAxes(union(t.attrs.layout), t.axes) && t.attrs.layout.length === t.axes.length,
    `layout ${names(t.attrs.layout)} of axes ${names(t.axes)}`,
  );

const slotted = (t: TensorOf<"product"> | TensorOf<"pull">, from: Tensor["space"]): Complaint =>
  first(
    must(new Set(t.attrs.slots).size === t.attrs.slots.length, "two slots on one axis"),
    ...slotsOf(t).map(({ axis, index }) =>
      first(
        must(index.dtype === "i32", `slot ${axis.name} at a ${index.dtype}`),
        must(index.space === from, `slot ${axis.name} at an index on ${index.space.name}`),
      ),
    ),
  );

const reduction = (t: TensorOf<"extreme"> | TensorOf<"lse">): Complaint => {
  const [x] = t.inputs;
  const { over, map } = t.attrs;
  return first(
    along(t, x, map),
    has(x, over),
    must(!map || over.length === 0, "reduces over axes and along a map at once"),
    must(map !== null || over.length > 0, "reduces nothing"),
    must(sameAxes(t.axes, without(x.axes, over)), "wrong axes"),
  );
};

const integerArguments: ReadonlySet<MapFunction> = new Set(["mul", "neg"]);
const boolArguments: ReadonlySet<MapFunction> = new Set(["and", "or", "not"]);
const arity: Partial<Record<MapFunction, number>> = { select: 3 };
const two: ReadonlySet<MapFunction> = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "mod",
  "min",
  "max",
  "pow",
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
]);

function mapRule(t: TensorOf<"map">): Complaint {
  const { f } = t.attrs;
  const wanted = arity[f] ?? (two.has(f) ? 2 : 1);
  const [a, b] = f === "select" ? t.inputs.slice(1) : t.inputs;
  const type = a?.dtype ?? "f32";
  const all = (dtype: DType) => t.inputs.every((x) => x.dtype === dtype);
  return first(
    must(t.inputs.length === wanted, `${f} takes ${wanted} arguments, not ${t.inputs.length}`),
    must(
      t.inputs.every((x) => x.space === t.space),
      `${f} of fields on different spaces`,
    ),
    must(sameAxes(t.axes, union(...t.inputs.map((x) => x.axes))), "wrong axes"),
    must(f !== "select" || t.inputs[0]?.dtype === "bool", "select without a condition"),
    must(!b || b.dtype === type, `${f} of ${type} and ${b?.dtype}`),
    must(!integerArguments.has(f) || all("i32"), `${f} is for i32: on f32 it is a product`),
    must(!boolArguments.has(f) || all("bool"), `${f} of something else than bool`),
  );
}

function viewRule(t: TensorOf<"view">): Complaint {
  const { view } = t.attrs;
  const [x] = t.inputs;
  const from = "from" in view ? [view.from].flat() : [];
  const to = "to" in view ? [view.to].flat() : [];
  const kept = without(x.axes, from);
  return first(
    must(t.space === x.space, "a view onto another space"),
    has(x, from),
    must(
      to.every((a) => !kept.includes(a)),
      `axis ${names(to)} is there already`,
    ),
    must(sameAxes(t.axes, union(kept, to)), "wrong axes"),
    must(fits(view), `${view.kind} of ${names(from)} to ${names(to)}: sizes do not fit`),
  );
}

/** Whether positions start, start + step, ... of `count` lie within `size`. */
const runs = (start: number, step: number, count: number, size: number): boolean =>
  start >= 0 && step >= 1 && (count === 0 || start + step * (count - 1) < size);

function fits(view: View): boolean {
  switch (view.kind) {
    case "rename":
      return view.from.size === view.to.size;
    case "slice":
      return runs(view.start, view.step, view.to.size, view.from.size);
    case "pad":
      return runs(view.start, view.step, view.from.size, view.to.size);
    case "pick":
      return runs(view.at, 1, 1, view.from.size);
    case "place":
      return runs(view.at, 1, 1, view.to.size);
    case "merge":
      return volume(view.from) === view.to.size;
    case "split":
      return volume(view.to) === view.from.size;
  }
}

function recurRule(t: TensorOf<"recur">): Complaint {
  const { unknowns } = t.attrs;
  insideOf(t);
  return first(
    must(unknowns.length > 0, "nothing to solve for"),
    must(t.inputs.length >= unknowns.length, "an unknown without a body"),
    ...unknowns.map((u, i) => {
      const body = t.inputs[i];
      return first(
        must(u.op === "unknown", `solves for a ${u.op}`),
        must(body?.space === u.space, `\`${u.label}\` and its body stand on different spaces`),
        must(body?.dtype === u.dtype, `\`${u.label}\` and its body have different types`),
        must(sameAxes(body?.axes ?? [], u.axes), `\`${u.label}\` and its body differ in axes`),
      );
    }),
  );
}

const rules: ForEachOp<[], Complaint> = {
  input: leaf,
  param: leaf,
  state: leaf,
  const: (t) => must(!Number.isNaN(t.attrs.value), "is not a number"),
  iota: (t) => must(sameAxes(t.axes, [t.attrs.axis]), "wrong axes"),
  fact: (t) =>
    must((t.attrs.fact === "count") === (t.attrs.map !== null), "a count goes along a map, alone"),
  random: (t) => must(sameAxes(union(t.attrs.layout), t.axes), "layout and axes differ"),
  map: mapRule,
  product: (t) => {
    const factors = factorsOf(t);
    const loop = union(...t.inputs.map((x) => x.axes));
    const from = factors[0] ?? bug("product without factors");
    return first(
      along(t, from, t.attrs.map),
      ...factors.map((x) => must(x.dtype === "f32", `a factor of type ${x.dtype}`)),
      must(
        factors.every((x) => x.space === from.space),
        "factors on different spaces",
      ),
      must(without(t.attrs.over, loop).length === 0, "a sum over an axis that no factor has"),
      must(
        t.attrs.slots.every((a) => !loop.includes(a) || t.attrs.over.includes(a)),
        "a slot on an axis that a factor has and that is not summed over",
      ),
      must(sameAxes(t.axes, union(without(loop, t.attrs.over), t.attrs.slots)), "wrong axes"),
      must(Number.isFinite(t.attrs.scale), `scaled by ${t.attrs.scale}`),
      slotted(t, from.space),
    );
  },
  pull: (t) => {
    const x = t.inputs[0] ?? bug("pull of nothing");
    const { map, slots } = t.attrs;
    const indices = slotsOf(t).map((s) => s.index.axes);
    return first(
      must(x.space === (map ? map.to : t.space), `reads ${x.space.name}`),
      must(!map || t.space === map.from, `on ${t.space.name}, its map is from ${map?.from.name}`),
      has(x, slots),
      must(sameAxes(t.axes, union(without(x.axes, slots), ...indices)), "wrong axes"),
      slotted(t, t.space),
    );
  },
  extreme: reduction,
  winner: (t) => must(t.inputs[0].op === "extreme", "winner of no extreme"),
  lse: (t) => first(reduction(t), must(t.inputs[0].dtype === "f32", "of integers")),
  argmax: (t) => has(t.inputs[0], [t.attrs.axis]),
  view: viewRule,
  stop: () => null,
  unknown: () => null,
  recur: recurRule,
  result: (t) => must(t.inputs[0].op === "recur", "result of no recurrence"),
};
