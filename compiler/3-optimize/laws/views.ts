/** Views of views: what is put in and taken out again was never moved. */
import type { Tensor, TensorOf, TensorTable, View } from "../../ir/tensor.js";
import { rename } from "../factors.js";
import { onPull, onView, type Rule } from "../rule.js";

type Strided = Omit<Of<"pad">, "kind">;
type Of<K extends View["kind"]> = Extract<View, { kind: K }>;

const isView = (t: Tensor | undefined): t is TensorOf<"view"> => t?.op === "view";

const whole = onView(
  { name: "whole axis", law: "x[0..n] = x", why: "nothing is left out" },
  (t, { table }) => {
    const { view } = t.attrs;
    if (view.kind !== "slice" && view.kind !== "pad") return null;
    const all = view.start === 0 && view.step === 1 && view.from.size === view.to.size;
    return all ? rename(table, t.inputs[0], view.from, view.to) : null;
  },
);

/** (x padded)[i]: x at that place, or 0. */
function sliceOfPad(
  table: TensorTable,
  x: Tensor,
  pad: Of<"pad">,
  slice: Of<"slice">,
): Tensor | null {
  if (pad.step !== 1 || slice.step !== 1) return null;
  const start = slice.start - pad.start;
  if (start >= 0 && start + slice.to.size <= pad.from.size)
    return table.view(x, { kind: "slice", from: pad.from, to: slice.to, start, step: 1 }, x.span);
  const apart = start >= pad.from.size || start + slice.to.size <= 0;
  const axes = x.axes.map((a) => (a === pad.from ? slice.to : a));
  return apart ? table.constant(0, x.space, axes, x.dtype) : null;
}

/** (x padded)[at]: x at that place, or 0. */
function pickOfPad(table: TensorTable, x: Tensor, pad: Of<"pad">, pick: Of<"pick">): Tensor {
  const at = (pick.at - pad.start) / pad.step;
  const axes = x.axes.filter((a) => a !== pad.from);
  return Number.isInteger(at) && at >= 0 && at < pad.from.size
    ? table.view(x, { kind: "pick", from: pad.from, at }, x.span)
    : table.constant(0, x.space, axes, x.dtype);
}

function sliceOfPlace(
  table: TensorTable,
  x: Tensor,
  place: Of<"place">,
  slice: Of<"slice">,
): Tensor {
  const at = (place.at - slice.start) / slice.step;
  return Number.isInteger(at) && at >= 0 && at < slice.to.size
    ? table.view(x, { kind: "place", to: slice.to, at }, x.span)
    : table.constant(0, x.space, [...x.axes, slice.to], x.dtype);
}

/** outer(inner(x)) as at most one view; null if it takes two. */
function joined(table: TensorTable, x: Tensor, inner: View, outer: View): Tensor | null {
  if (inner.kind === "pad" && "from" in outer && outer.from === inner.to) {
    if (outer.kind === "slice") return sliceOfPad(table, x, inner, outer);
    if (outer.kind === "pick") return pickOfPad(table, x, inner, outer);
    if (outer.kind === "pad") return table.view(x, { kind: "pad", ...twice(inner, outer) }, x.span);
  }
  if (inner.kind === "slice" && outer.kind === "slice" && outer.from === inner.to)
    return table.view(
      x,
      { ...twice(outer, inner), kind: "slice", from: inner.from, to: outer.to },
      x.span,
    );
  if (inner.kind === "slice" && outer.kind === "pick" && outer.from === inner.to)
    return table.view(
      x,
      { kind: "pick", from: inner.from, at: inner.start + inner.step * outer.at },
      x.span,
    );
  if (inner.kind === "place" && outer.kind === "pick" && outer.from === inner.to)
    return outer.at === inner.at ? x : table.constant(0, x.space, x.axes, x.dtype);
  if (inner.kind === "place" && outer.kind === "slice" && outer.from === inner.to)
    return sliceOfPlace(table, x, inner, outer);
  if (inner.kind === "place" && outer.kind === "pad" && outer.from === inner.to)
    return table.view(
      x,
      { ...inner, to: outer.to, at: outer.start + outer.step * inner.at },
      x.span,
    );
  return splitOfMerge(table, x, inner, outer);
}

/** place = s' + t' (s + t i) */
function twice(inner: Strided, outer: Strided): Strided {
  const start = outer.start + outer.step * inner.start;
  return { from: inner.from, to: outer.to, start, step: outer.step * inner.step };
}

function splitOfMerge(table: TensorTable, x: Tensor, inner: View, outer: View): Tensor | null {
  if (inner.kind === "merge" && outer.kind === "split" && outer.from === inner.to) {
    const fit =
      inner.from.length === outer.to.length &&
      inner.from.every((a, i) => a.size === outer.to[i]?.size);
    return fit ? inner.from.reduce((t, a, i) => rename(table, t, a, outer.to[i] ?? a), x) : null;
  }
  if (inner.kind === "split" && outer.kind === "merge") {
    const back =
      inner.to.length === outer.from.length && inner.to.every((a, i) => a === outer.from[i]);
    return back ? rename(table, x, inner.from, outer.to) : null;
  }
  return null;
}

const twoViews = onView(
  {
    name: "view of a view",
    law: "(x padded)[part] = x",
    why: "what was never moved need not be moved back",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    return isView(x) ? joined(table, x.inputs[0], x.attrs.view, t.attrs.view) : null;
  },
);

/** A part of a sum of parts that lie side by side is one of them. */
const partOfParts = onView(
  {
    name: "part of a concatenation",
    law: "[a, b][part] = a",
    why: "the other parts are zero there",
  },
  (t, { table }) => {
    const [sum] = t.inputs;
    const { view } = t.attrs;
    if (view.kind !== "slice" && view.kind !== "pick") return null;
    if (sum.op !== "map" || sum.attrs.f !== "add") return null;
    const laid = (x: Tensor): boolean =>
      (x.op === "map" && x.attrs.f === "add" && x.inputs.every(laid)) ||
      (isView(x) &&
        "to" in x.attrs.view &&
        x.attrs.view.to === view.from &&
        (x.attrs.view.kind === "pad" || x.attrs.view.kind === "place"));
    if (!sum.inputs.every(laid)) return null;
    return table.map(
      "add",
      sum.inputs.map((x) => table.view(x, view, t.span)),
      t.span,
    );
  },
);

/** Wide after the gather, narrow before it. */
const narrowFirst = onView(
  { name: "part before gather", law: "x[m][part] = x[part][m]", why: "fewer numbers are gathered" },
  (t, { table }) => {
    const [x] = t.inputs;
    const { view } = t.attrs;
    if (x.op !== "pull" || x.attrs.slots.length > 0) return null;
    const [y] = x.inputs;
    if (!y || (view.kind !== "slice" && view.kind !== "pick")) return null;
    return table.pull(table.view(y, view, t.span), x.attrs.map, [], t.span);
  },
);

const widenLast = onPull(
  { name: "pad after gather", law: "(x padded)[m] = x[m] padded", why: "zeros are not gathered" },
  (t, { table }) => {
    const [x] = t.inputs;
    if (!isView(x) || t.attrs.slots.length > 0) return null;
    const { view } = x.attrs;
    if (view.kind !== "pad" && view.kind !== "place") return null;
    return table.view(table.pull(x.inputs[0], t.attrs.map, [], t.span), view, t.span);
  },
);

export const views: readonly Rule[] = [whole, twoViews, partOfParts, narrowFirst, widenLast];
