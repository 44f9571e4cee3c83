/**
 * Names of axes float up: `f(x under another name) = f(x) under another name`. A value that several equations read
 * under the names of their own binders is then one value, and two equations that say the same become one.
 */
import { bug } from "../../bug.js";
import { rebuild } from "../../ir/rebuild.js";
import { type Axis, slotsOf, type Tensor, type TensorTable, type View } from "../../ir/tensor.js";
import { rename } from "../factors.js";
import { isLifted } from "../maps.js";
import { onView, type Rule } from "../rule.js";

type Names = (axis: Axis) => Axis;

/** A view between renamed axes. */
function nameView(view: View, names: Names): View {
  switch (view.kind) {
    case "pick":
      return { ...view, from: names(view.from) };
    case "place":
      return { ...view, to: names(view.to) };
    case "merge":
      return { ...view, from: view.from.map(names), to: names(view.to) };
    case "split":
      return { ...view, from: names(view.from), to: view.to.map(names) };
    default:
      return { ...view, from: names(view.from), to: names(view.to) };
  }
}

/** The operation of `t` on inputs that name their axes differently; null if it has no such reading. */
function retell(
  table: TensorTable,
  t: Tensor,
  inputs: readonly Tensor[],
  names: Names,
): Tensor | null {
  const x = inputs[0] ?? bug("an operation on nothing");
  const named = (t.op === "product" || t.op === "pull") && slotsOf(t);
  const first = t.op === "product" ? t.attrs.factors : 1;
  const slots = (named || []).map(({ axis }, i) => ({
    axis: names(axis),
    index: inputs[first + i] ?? bug("a slot without an index"),
  }));
  switch (t.op) {
    case "product": {
      const over = t.attrs.over.map(names);
      return table.product({ ...t.attrs, factors: inputs.slice(0, first), over, slots }, t.span);
    }
    case "pull":
      return table.pull(x, t.attrs.map, slots, t.span);
    case "extreme":
      return table.extreme(x, t.attrs.which, t.attrs.over.map(names), t.attrs.map, t.span);
    case "lse":
      return table.lse(x, t.attrs.over.map(names), t.attrs.map, t.span);
    case "argmax":
      return table.argmax(x, names(t.attrs.axis), t.span);
    case "view":
      return table.view(x, nameView(t.attrs.view, names), t.span);
    case "map":
    case "stop":
      return rebuild(table, t, inputs);
    default:
      return null;
  }
}

/** Where a name comes from: `x` that is called `from` there, or a constant that has any name. */
interface Origin {
  readonly x: Tensor;
  readonly from: Axis | null;
}

function originOf(t: Tensor, axis: Axis): Origin | null {
  if (t.op === "const") return { x: t, from: null };
  if (t.op !== "view" || t.attrs.view.kind !== "rename" || t.attrs.view.to !== axis) return null;
  return { x: t.inputs[0], from: t.attrs.view.from };
}

/** The name to agree on: that of a value before that of a parameter, then the older. */
function agreed(origins: readonly Origin[]): Axis | null {
  const named = origins.flatMap(({ x, from }) => (from ? [{ lifted: isLifted(x), from }] : []));
  named.sort((a, b) => Number(a.lifted) - Number(b.lifted) || a.from.id - b.from.id);
  return named[0]?.from ?? null;
}

/** Axes that the attributes of `t` speak of. */
function spoken(t: Tensor): readonly Axis[] {
  switch (t.op) {
    case "product":
      return [...t.attrs.over, ...t.attrs.slots];
    case "pull":
      return t.attrs.slots;
    case "view":
      return Object.values(t.attrs.view).flatMap((v) => (typeof v === "object" ? v : []));
    default:
      return [];
  }
}

/** `t` with the axis `b` of its inputs called as it is called below; null if they do not all come from elsewhere. */
function lower(table: TensorTable, t: Tensor, b: Axis): Tensor | null {
  const holders = t.inputs.filter((x) => x.axes.includes(b));
  const origins = holders.map((x) => originOf(x, b));
  if (origins.includes(null)) return null;
  const a = agreed(origins.flatMap((o) => o ?? []));
  const taken = [...t.axes, ...spoken(t), ...t.inputs.flatMap((x) => x.axes)];
  const clash = origins.some((o) => o?.from && o.from !== a && a && o.x.axes.includes(a));
  if (!a || taken.includes(a) || clash) return null;
  const inputs = t.inputs.map((x) => (x.axes.includes(b) ? called(table, x, b, a) : x));
  const made = retell(table, t, inputs, (axis) => (axis === b ? a : axis));
  return made && rename(table, made, a, b);
}

/** `x` with its axis `b` called `a`. */
function called(table: TensorTable, x: Tensor, b: Axis, a: Axis): Tensor {
  if (x.op === "const")
    return table.constant(
      x.attrs.value,
      x.space,
      x.axes.map((c) => (c === b ? a : c)),
      x.dtype,
    );
  const origin = originOf(x, b) ?? bug("a name from nowhere");
  return rename(table, origin.x, origin.from ?? b, a);
}

const float: Rule = {
  name: "names float up",
  law: "f(x as b) = f(x) as b",
  why: "what several equations read under their own names is computed once",
  apply: (t, { table }) => {
    if (t.op === "view" && t.attrs.view.kind === "rename") return null;
    const tried = new Set(t.inputs.flatMap((x) => (renamed(x) ? [renamed(x)] : [])));
    for (const b of tried) {
      const made = b && lower(table, t, b);
      if (made) return made;
    }
    return null;
  },
};

const renamed = (t: Tensor): Axis | null =>
  t.op === "view" && t.attrs.view.kind === "rename" ? t.attrs.view.to : null;

const renameTwice = onView(
  { name: "name of a name", law: "(x as b) as c = x as c", why: "one name is enough" },
  (t, { table }) => {
    const outer = t.attrs.view;
    const [x] = t.inputs;
    if (outer.kind !== "rename") return null;
    if (outer.from === outer.to) return x;
    if (x.op !== "view" || x.attrs.view.kind !== "rename") return null;
    const inner = x.attrs.view;
    const [y] = x.inputs;
    if (inner.to === outer.from)
      return inner.from === outer.to ? y : rename(table, y, inner.from, outer.to);
    // names of two axes come in the order of the axes
    const free = inner.to !== outer.to && !y.axes.includes(outer.to) && outer.to !== inner.from;
    if (!free || inner.from.id < outer.from.id) return null;
    return rename(table, rename(table, y, outer.from, outer.to), inner.from, inner.to);
  },
);

const renameLeaf = onView(
  {
    name: "name of a leaf",
    law: "random[i] as j = random[j]",
    why: "a draw, a number or a count has no name",
  },
  (t, { table }) => {
    const { view } = t.attrs;
    const [x] = t.inputs;
    if (view.kind !== "rename") return null;
    const named = (a: Axis): Axis => (a === view.from ? view.to : a);
    if (x.op === "const") return table.constant(x.attrs.value, x.space, x.axes.map(named), x.dtype);
    if (x.op === "iota") return table.iota(named(x.attrs.axis), x.space);
    return x.op === "random"
      ? table.random(x.attrs.site, x.space, x.attrs.layout.map(named))
      : null;
  },
);

export const renames: readonly Rule[] = [renameTwice, renameLeaf, float];
