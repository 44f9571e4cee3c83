/** Gathers: composed, and moved behind whatever is the same on all rows that read one row. */
import { bug } from "../../bug.js";
import { rebuild } from "../../ir/rebuild.js";
import { allOf, type RowMap } from "../../ir/space.js";
import {
  type MapFunction,
  slotsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  volume,
} from "../../ir/tensor.js";
import { rename } from "../factors.js";
import { staysFinite } from "../finite.js";
import { descend, gatherOf, gathersOf, isConstantAlong, isLifted, pullThrough } from "../maps.js";
import { type Context, onMap, onPull, type Rule } from "../rule.js";
import { isExclusiveGather } from "../unfold.js";
import { termsOf } from "./terms.js";

const chain = onPull(
  {
    name: "gather of a gather",
    law: "x[g][m] = x[g ∘ m]",
    why: "an edge's graph is its receiver's graph",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    const made = x && t.attrs.map ? pullThrough(table, x, t.attrs.map, slotsOf(t)) : t;
    return made === t ? null : made;
  },
);

const lookupOfGather = onPull(
  {
    name: "lookup of a gather",
    law: "(x[m])[i] = x[m, i]",
    why: "one number is gathered, not the table",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    if (t.attrs.map || x?.op !== "pull" || x.attrs.slots.length > 0) return null;
    return table.pull(x.inputs[0] ?? bug("pull of nothing"), x.attrs.map, slotsOf(t), t.span);
  },
);

/** A lookup at a known place, or at every place in order, is a view. */
const knownSlot = onPull(
  {
    name: "lookup at a known place",
    law: "x[slot = i] = x under the name i",
    why: "no index is read",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    if (!x) return null;
    for (const slot of slotsOf(t)) {
      const others = slotsOf(t).filter((s) => s !== slot);
      const seen = seeSlot(table, x, slot.axis, slot.index);
      const clash = others.some((s) => s.index.axes.some((a) => slot.index.axes.includes(a)));
      if (seen && !clash) return table.pull(seen, t.attrs.map, others, t.span);
    }
    return null;
  },
);

function seeSlot(
  table: TensorTable,
  x: Tensor,
  axis: Tensor["axes"][number],
  index: Tensor,
): Tensor | null {
  if (index.op === "const" && index.axes.length === 0 && x.axes.includes(axis)) {
    const at = index.attrs.value;
    return at >= 0 && at < axis.size
      ? table.view(x, { kind: "pick", from: axis, at }, x.span)
      : null;
  }
  if (index.op !== "iota" || x.axes.includes(index.attrs.axis)) return null;
  return index.attrs.axis.size === axis.size ? rename(table, x, axis, index.attrs.axis) : null;
}

/** Functions whose slope can be infinite at finite numbers. */
const steep: ReadonlySet<MapFunction> = new Set(["log", "sqrt", "rsqrt", "div", "pow"]);
/** Functions whose slope is that of a smooth curve, and no number at infinity. */
const curved: ReadonlySet<MapFunction> = new Set(["exp", "tanh", "sigmoid", "erf", "sin", "cos"]);

/** Before differentiation a row without readers gets the cotangent 0, and 0 times no finite slope is NaN. */
function isSafe(t: Tensor, { differentiated }: Context): boolean {
  if (differentiated || t.op !== "map" || !isTrained(t)) return true;
  if (steep.has(t.attrs.f)) return staysFinite(t);
  return !curved.has(t.attrs.f) || t.inputs.every(staysFinite);
}

/** Whether a gradient may flow into `t`: looked for a few levels down, else assumed. */
function isTrained(t: Tensor, depth = 6): boolean {
  if (t.dtype !== "f32" || t.op === "const" || t.op === "random" || t.op === "stop") return false;
  if (t.inputs.length === 0 || depth === 0) return true;
  return t.inputs.some((x) => isTrained(x, depth - 1));
}

type Rowwise =
  | TensorOf<"map">
  | TensorOf<"view">
  | TensorOf<"lse">
  | TensorOf<"extreme">
  | TensorOf<"argmax">
  | TensorOf<"stop">;

/** Ops that know no row but their own, unless along a map. */
const isRowwise = (t: Tensor): t is Rowwise =>
  t.op === "map" ||
  t.op === "argmax" ||
  t.op === "stop" ||
  ((t.op === "lse" || t.op === "extreme") && t.attrs.map === null);

/** The map that all inputs are pulled along, constants and parameters aside; `all` if there are only those. */
function commonMap(t: Tensor): RowMap | null {
  const { inputs } = t;
  const maps = gathersOf(inputs);
  const map = maps.find((m) => inputs.every((x) => isConstantAlong(x, m)));
  if (map) return map;
  return inputs.every(isLifted) && inputs.some((x) => x.op === "pull") ? allOf(t.space) : null;
}

/** The laws' width guard: nothing wider is gathered than was. */
function isNarrow(t: Tensor, map: RowMap): boolean {
  const gathered = t.inputs.filter((x) => map.kind === "all" || gatherOf(x) === map);
  return volume(t.axes) <= Math.max(...gathered.map((x) => volume(x.axes)));
}

/** Functions dearer than a gather. */
const dear: ReadonlySet<string> = new Set([
  "exp",
  "log",
  "tanh",
  "sigmoid",
  "sin",
  "cos",
  "erf",
  "pow",
  "div",
  "rsqrt",
]);

/** Whether nothing but how the graph is made decides the value: then it is worked out once, when the graph is bound. */
function isOfStructure(t: Tensor): boolean {
  if (t.op === "fact" || t.op === "const" || t.op === "iota") return true;
  return (t.op === "map" || t.op === "pull") && t.inputs.every(isOfStructure);
}

/** The function is dear, or no more is gathered than before: what others gather too is not saved. */
function saves(t: Tensor, map: RowMap, context: Context): boolean {
  if (map.kind === "all" || t.op !== "map" || dear.has(t.attrs.f) || isOfStructure(t)) return true;
  const own = t.inputs.filter((x) => gatherOf(x) === map && isExclusiveGather(x, context));
  return volume(t.axes) <= own.reduce((n, x) => n + volume(x.axes), 0);
}

const mapFirst: Rule = {
  name: "map before gather",
  law: "f(x[m], y[m]) = f(x, y)[m]",
  why: "once per node, not once per edge",
  apply: (t, context) => {
    if (!isRowwise(t) || t.inputs.length === 0 || !isSafe(t, context)) return null;
    const map = commonMap(t);
    if (!map || !isNarrow(t, map) || !saves(t, map, context)) return null;
    const below = t.inputs.map((x) => descend(context.table, x, map) ?? bug("not constant along"));
    return context.table.pull(rebuild(context.table, t, below), map, [], t.span);
  },
};

/** Terms are added where they are: those of the receiver on the receiver, with the bias. */
const addAtHome = onMap(
  ["add"],
  {
    name: "add before gather",
    law: "x[m] + (y[m] + e) = (x + y)[m] + e",
    why: "one gather for all terms of a row",
  },
  (t, context) => {
    const { table } = context;
    const terms = t.inputs.flatMap((x) => termsOf(x, context));
    if (terms.length < 3) return null;
    for (const map of gathersOf(terms)) {
      const home = terms.filter((x) => isConstantAlong(x, map));
      const widest = Math.max(
        ...terms.filter((x) => gatherOf(x) === map).map((x) => volume(x.axes)),
      );
      const fit = home.filter((x) => volume(x.axes) <= widest);
      const rest = terms.filter((x) => !fit.includes(x));
      if (fit.length < 2 || rest.length === 0) continue;
      const sum = (list: readonly Tensor[]): Tensor =>
        list.reduce((a, b) => table.map("add", [a, b], t.span));
      const together = sum(fit.map((x) => descend(table, x, map) ?? bug("not constant along")));
      return table.map("add", [table.pull(together, map, [], t.span), sum(rest)], t.span);
    }
    return null;
  },
);

export const pulls: readonly Rule[] = [chain, lookupOfGather, knownSlot, mapFirst, addAtHome];
