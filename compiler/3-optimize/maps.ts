/**
 * How a tensor depends on its rows: which maps it is pulled along, and what it is on the rows it is pulled from.
 */
import { rebuild } from "../ir/rebuild.js";
import { allOf, graphOf, type RowMap } from "../ir/space.js";
import { type Slot, slotsOf, type Tensor, type TensorOf, type TensorTable } from "../ir/tensor.js";
import { isRowProduct, rename } from "./factors.js";

/** outer ∘ inner, as one of the closed list of maps. */
export function compose(outer: RowMap, inner: RowMap): RowMap | null {
  if (outer.kind === "all") return allOf(inner.from);
  if (outer.kind === "graph") return graphOf(inner.from);
  return null;
}

/** x[map, slots], through a gather that x itself is, if the two are one map. */
export function pullThrough(
  table: TensorTable,
  x: Tensor,
  map: RowMap | null,
  slots: readonly Slot[],
): Tensor {
  const outer = map && x.op === "pull" && x.attrs.slots.length === 0 ? x.attrs.map : null;
  const one = outer && map && compose(outer, map);
  const source = one ? x.inputs[0] : undefined;
  return source ? table.pull(source, one, slots, x.span) : table.pull(x, map, slots, x.span);
}

/** The map with `map` = it ∘ `m`: null for none, `same` when the two are one. */
function through(map: RowMap, m: RowMap): RowMap | "same" | null {
  if (map === m) return "same";
  if (map.kind === "all") return allOf(m.to);
  return map.kind === "graph" && m.kind !== "all" ? graphOf(m.to) : null;
}

/** A view or a multiple of one tensor: it stands on the rows of that. */
const isSeen = (t: Tensor): boolean =>
  t.op === "view" ||
  (t.op === "product" && isRowProduct(t) && t.inputs.length === 1 && t.attrs.over.length === 0);

/** Whether `t` has the same value on all rows that `m` brings together, and shows it. */
export function isConstantAlong(t: Tensor, m: RowMap): boolean {
  if (t.op === "const" || t.op === "iota") return true;
  const [seen] = t.inputs;
  if (seen && isSeen(t)) return isConstantAlong(seen, m);
  if (t.op !== "pull") return false;
  const [x, ...indices] = t.inputs;
  if (!x || !indices.every((index) => isConstantAlong(index, m))) return false;
  return t.attrs.map ? through(t.attrs.map, m) !== null : isConstantAlong(x, m);
}

/** The tensor u on `m.to` with t = u[m], for a `t` that is constant along `m`; else null. */
export function descend(table: TensorTable, t: Tensor, m: RowMap): Tensor | null {
  if (!isConstantAlong(t, m)) return null;
  if (t.op === "const") return table.constant(t.attrs.value, m.to, t.axes, t.dtype);
  if (t.op === "iota") return table.iota(t.attrs.axis, m.to);
  if (t.op === "pull") return descendPull(table, t, m);
  const below = t.inputs[0] && isSeen(t) ? descend(table, t.inputs[0], m) : null;
  return below && rebuild(table, t, [below]);
}

function descendPull(table: TensorTable, t: TensorOf<"pull">, m: RowMap): Tensor | null {
  const slots = slotsOf(t).flatMap(({ axis, index }) => {
    const below = descend(table, index, m);
    return below ? [{ axis, index: below }] : [];
  });
  const [x] = t.inputs;
  if (!x) return null;
  const { map } = t.attrs;
  if (!map) {
    const below = descend(table, x, m);
    return below && table.pull(below, null, slots, t.span);
  }
  const rest = through(map, m);
  return rest && table.pull(x, rest === "same" ? null : rest, slots, t.span);
}

/** A lookup whose table is the same for all rows that `m` brings together, though its indices are not. */
export interface TableRead {
  /** The table on `m.to`, the axes of `slots` being free. */
  readonly table: Tensor;
  readonly slots: readonly Slot[];
}

/** f_a = u_{m(a)}[i_a]: u and the indices that vary within a group; null if `t` is no such read. */
export function descendRead(table: TensorTable, t: Tensor, m: RowMap): TableRead | null {
  if (t.op === "map") return descendMap(table, t, m);
  const [x] = t.inputs;
  if (t.op === "view" && x) return descendView(table, t, x, m);
  if (t.op !== "pull" || !x) return null;
  const all = slotsOf(t);
  const slots = all.filter((s) => !isConstantAlong(s.index, m));
  if (slots.length === 0 || slots.some((s) => s.index.axes.length > 0)) return null;
  const fixed = all.filter((s) => !slots.includes(s));
  const rest = table.pull(x, t.attrs.map, fixed, t.span);
  const below = rest.op === "pull" ? descend(table, rest, m) : null;
  return below && { table: below, slots };
}

// v(u[i]) = v(u)[i]
function descendView(
  table: TensorTable,
  t: TensorOf<"view">,
  x: Tensor,
  m: RowMap,
): TableRead | null {
  const read = descendRead(table, x, m);
  if (!read || read.slots.some(({ axis }) => t.axes.includes(axis))) return null;
  return { ...read, table: rebuild(table, t, [read.table]) };
}

// f(u[i], v[i]) = f(u, v)[i]
function descendMap(table: TensorTable, t: TensorOf<"map">, m: RowMap): TableRead | null {
  const reads = t.inputs.map((x) => descendRead(table, x, m));
  const slots = reads.find((r) => r !== null)?.slots;
  if (!slots) return null;
  const tables = t.inputs.flatMap((x, i) => {
    const read = reads[i];
    if (read) return renameSlots(table, read, slots) ?? [];
    const free = slots.every((s) => !x.axes.includes(s.axis));
    return free ? (descend(table, x, m) ?? []) : [];
  });
  if (tables.length < t.inputs.length) return null;
  return { table: table.map(t.attrs.f, tables, t.span), slots };
}

/** The table of a read at the same indices, its axes called like those of `slots`; null if the indices are others. */
export function renameSlots(
  table: TensorTable,
  read: TableRead,
  slots: readonly Slot[],
): Tensor | null {
  const same = (s: Slot, i: number): boolean =>
    s.index === slots[i]?.index && s.axis.size === slots[i]?.axis.size;
  if (read.slots.length !== slots.length || !read.slots.every(same)) return null;
  const taken = slots.some(
    (s, i) => s.axis !== read.slots[i]?.axis && read.table.axes.includes(s.axis),
  );
  if (taken) return null;
  return read.slots.reduce(
    (t, s, i) => rename(table, t, s.axis, slots[i]?.axis ?? s.axis),
    read.table,
  );
}

/** The same value on every row of its space. */
export const isLifted = (t: Tensor): boolean => isConstantAlong(t, allOf(t.space));

/** The map that `t` is pulled along as a whole, through views; null for none or for `all`. */
export function gatherOf(t: Tensor): RowMap | null {
  if (isSeen(t)) return t.inputs[0] ? gatherOf(t.inputs[0]) : null;
  if (t.op !== "pull" || !t.attrs.map || t.attrs.map.kind === "all") return null;
  return isConstantAlong(t, t.attrs.map) ? t.attrs.map : null;
}

/** The maps that these tensors are pulled along, each once: receivers first, then in order. */
export function gathersOf(tensors: readonly Tensor[]): readonly RowMap[] {
  const maps = new Set(tensors.flatMap((t) => gatherOf(t) ?? []));
  return [...maps].sort((a, b) => Number(b.kind === "receiver") - Number(a.kind === "receiver"));
}
