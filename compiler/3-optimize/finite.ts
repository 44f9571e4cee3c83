/**
 * What can be said of numbers without running: whether they are finite, and how small they can be.
 *
 * A factor that leaves a sum meets the 0 of an empty group: inf * 0 would be NaN where the sum was 0. So a factor that
 * is not surely finite leaves as `select(group is not empty, factor, 0)`. Numbers from outside count as finite, and
 * overflow of f32 is not looked for: what is not finite comes from 1/0, log 0 and from extremes of empty groups.
 */
import { bug } from "../bug.js";
import type { RowMap } from "../ir/space.js";
import {
  apply,
  type ForEachOp,
  factorsOf,
  type MapFunction,
  type Slot,
  type Tensor,
  type TensorTable,
} from "../ir/tensor.js";
import { pending } from "./order.js";

const keepFinite: ReadonlySet<MapFunction> = new Set([
  "add",
  "sub",
  "mul",
  "neg",
  "mod",
  "abs",
  "min",
  "max",
  "relu",
  "tanh",
  "sigmoid",
  "exp",
  "sin",
  "cos",
  "erf",
  "floor",
  "round",
  "to_f32",
  "to_i32",
]);

/** Answers stay true: tensors are immutable. */
const known = new WeakMap<Tensor, boolean>();

const everyInput = (t: Tensor): boolean => t.inputs.every(staysFinite);
const yes = (): boolean => true;
const no = (): boolean => false;

const rows: ForEachOp<[], boolean> = {
  input: yes,
  param: yes,
  state: yes,
  const: (t) => Number.isFinite(t.attrs.value),
  iota: yes,
  fact: yes,
  random: yes,
  map: (t) => {
    if (t.dtype === "bool") return true;
    const { f } = t.attrs;
    const [a, b] = t.inputs;
    if (f === "select") return t.inputs.slice(1).every(staysFinite);
    if (f === "div") return everyInput(t) && b !== undefined && lowest(b) > 0;
    if (f === "rsqrt" || f === "log") return everyInput(t) && a !== undefined && lowest(a) > 0;
    if (f === "sqrt") return everyInput(t) && a !== undefined && lowest(a) >= 0;
    return keepFinite.has(f) && everyInput(t);
  },
  product: (t) => factorsOf(t).every(staysFinite),
  pull: (t) => staysFinite(t.inputs[0] ?? t),
  extreme: (t) => t.attrs.map === null && everyInput(t),
  winner: yes,
  lse: (t) => t.attrs.map === null && everyInput(t),
  argmax: yes,
  view: everyInput,
  stop: everyInput,
  unknown: yes,
  recur: no,
  result: yes,
};

/** Whether every number of `t` is finite if those from outside are. */
export function staysFinite(t: Tensor): boolean {
  const answer = known.get(t);
  if (answer !== undefined) return answer;
  for (const u of pending(t, (x) => known.has(x))) known.set(u, apply(rows, u));
  return known.get(t) ?? bug("a tensor without an answer");
}

/** Whether each row has a row that the map sends to it: then no group is empty. */
function isOnto(map: RowMap): boolean {
  if (map.kind !== "receiver" && map.kind !== "sender") return false;
  const { topology, senders, receivers } = map.relation;
  if (senders !== receivers) return false;
  if (topology.kind === "sparse") return topology.selfLoops;
  if (topology.kind === "complete" || topology.kind === "causal") return !topology.strict;
  return topology.kind === "self";
}

const below = Number.NEGATIVE_INFINITY;

/** A number that no element of `t` is below, looking a few levels deep. */
function lowest(t: Tensor, depth = 8): number {
  if (t.op === "const") return t.attrs.value;
  if (t.op === "random" || t.op === "iota") return 0;
  if (t.op === "fact")
    return t.attrs.fact === "count" && t.attrs.map && isOnto(t.attrs.map) ? 1 : 0;
  const inner = (x: Tensor): number => (depth > 0 ? lowest(x, depth - 1) : below);
  if (t.op === "map") return lowestMap(t.attrs.f, t.inputs.map(inner));
  if (t.op === "product") return lowestProduct(factorsOf(t), t.attrs.scale, inner);
  const [x] = t.inputs;
  if (x === undefined || t.op === "lse" || t.op === "extreme") return below;
  // lookups outside of an axis and padding give 0
  if (t.op === "pull" && t.attrs.slots.length === 0) return inner(x);
  if (t.op === "stop") return inner(x);
  return t.op === "pull" || t.op === "view" ? Math.min(inner(x), 0) : below;
}

// a product of pairs of equal factors and of factors >= 0 is >= 0
function lowestProduct(
  factors: readonly Tensor[],
  scale: number,
  inner: (x: Tensor) => number,
): number {
  const odd = factors.filter((f) => factors.filter((g) => g === f).length % 2 === 1);
  return scale >= 0 && odd.every((f) => inner(f) >= 0) ? 0 : below;
}

function lowestMap(f: MapFunction, [a = below, b = below, c = below]: readonly number[]): number {
  if (f === "add") return a + b;
  if (f === "max") return Math.max(a, b);
  if (f === "min") return Math.min(a, b);
  if (f === "select") return Math.min(b, c);
  if (f === "to_f32" || f === "to_i32") return a;
  if (f === "relu" || f === "sqrt") return Math.max(a, 0);
  return f === "abs" || f === "exp" || f === "sigmoid" || f === "rsqrt" ? 0 : below;
}

/** `u` where the group of the row has members, else 0; `u` itself if it is finite or no group is empty. */
export function whereAny(
  table: TensorTable,
  u: Tensor,
  map: RowMap,
  slots: readonly Slot[] = [],
): Tensor {
  if (staysFinite(u) || (isOnto(map) && slots.length === 0)) return u;
  const zero = table.constant(0, u.space);
  const one = table.constant(1, map.from);
  const size =
    slots.length === 0
      ? table.fact("count", map.to, map)
      : table.product({ factors: [one], map, slots });
  const some = table.map("gt", [size, table.constant(0, u.space, [], size.dtype)]);
  return table.map("select", [some, u, zero], u.span);
}
