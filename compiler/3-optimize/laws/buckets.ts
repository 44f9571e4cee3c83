/**
 * Bucket: rows of a group that meet the same entry of a table are summed before they meet it.
 *
 *     Σₑ xₑ W[iₑ]  =  Σ_k A_k W_k,    A = Σₑ xₑ pushed to the slot iₑ
 *
 * Implicit convolution (i is the tap), R-GCN (the type of the edge), Shaw's values (the distance), a layer over all
 * places (the index). A has a number for each slot, so the law is for slots that are all filled, or few: no more than
 * the entry of W that every row would have read is wide.
 */
import type { RowMap } from "../../ir/space.js";
import {
  type Axis,
  type Slot,
  type Tensor,
  type TensorOf,
  type TensorTable,
  without,
} from "../../ir/tensor.js";
import { axesOf, isEntangled, meet, type Parts, partsOf, productOf, widthOf } from "../factors.js";
import { whereAny } from "../finite.js";
import { descendRead, gathersOf, renameSlots, type TableRead } from "../maps.js";
import { type Context, onProduct, type Rule } from "../rule.js";
import { isExclusive, unfoldFactors } from "../unfold.js";
import { beforeLookup, lookupOf } from "./projections.js";

/** How many elements a set has in every graph, if it is known. */
function exactSize(space: RowMap["from"]): number | null {
  if (space.kind !== "nodes") return null;
  const { layout } = space;
  if (layout.kind === "grid") return layout.extents.reduce((n, e) => n * e, 1);
  return layout.kind === "set" ? layout.size : null;
}

const isIndexOf = (t: Tensor | undefined, space: RowMap["from"]): boolean =>
  t?.op === "fact" && t.attrs.fact === "index" && t.space === space;

/** Whether the rows of every group fill each slot just once: then the bucket only lays them out anew. */
function isFull(map: RowMap, { axis, index }: Slot): boolean {
  if (map.kind === "graph") return isIndexOf(index, map.from) && exactSize(map.from) === axis.size;
  if (map.kind !== "receiver" && map.kind !== "sender") return false;
  const { topology, senders, receivers } = map.relation;
  if (topology.kind === "window") {
    const whole = map.kind === "receiver" || topology.stride.every((s) => s === 1);
    return whole && index.op === "fact" && index.attrs.fact === "offset";
  }
  const far = map.kind === "receiver" ? senders : receivers;
  const numbered = index.op === "pull" && isIndexOf(index.inputs[0], far);
  const complete = topology.kind === "complete" && !topology.strict;
  return complete && numbered && exactSize(far) === axis.size;
}

interface Bucket {
  readonly slots: readonly Slot[];
  /** The tables on the rows of the groups. */
  readonly tables: readonly Tensor[];
  readonly read: readonly Tensor[];
  readonly rest: readonly Tensor[];
}

/** All factors that read a table at the indices of `first`, their slots under one name. */
function bucketAt(table: TensorTable, parts: Parts, map: RowMap, first: TableRead): Bucket {
  const { slots } = first;
  const joined = parts.factors.map((f) => {
    const read = descendRead(table, f, map);
    return read && renameSlots(table, read, slots);
  });
  return {
    slots,
    tables: joined.flatMap((t) => t ?? []),
    read: parts.factors.filter((_, i) => joined[i]),
    rest: parts.factors.filter((_, i) => !joined[i]),
  };
}

/** Full slots, or so few that the bucket is no wider than the entries read, nor than the projected table. */
function isNarrow(
  parts: Parts,
  map: RowMap,
  { slots, read, rest }: Bucket,
  kept: readonly Axis[],
): boolean {
  if (slots.every((s) => isFull(map, s))) return true;
  if (map.kind !== "receiver" && map.kind !== "sender" && map.kind !== "graph") return false;
  if (map.kind !== "graph" && map.relation.topology.kind === "window") return false;
  const body = widthOf(parts.factors, parts.over);
  const width = widthOf(rest, kept);
  const projectable = gathersOf(rest).length > 0 && parts.over.length > 0;
  if (projectable && width > body) return false;
  const size = slots.reduce((n, s) => n * s.axis.size, 1);
  return size * width <= Math.max(body, ...read.map((f) => widthOf([f])));
}

function fill(
  parts: Parts,
  map: RowMap,
  bucket: Bucket,
  { table }: Context,
  t: Tensor,
): Tensor | null {
  const { slots, rest } = bucket;
  const left = bucket.tables.map((u) => whereAny(table, u, map, slots));
  const kept = without(parts.over, axesOf(left));
  const names = slots.map((s) => s.axis);
  if (meet(names, [...axesOf(rest), ...parts.over]) || !isNarrow(parts, map, bucket, kept))
    return null;
  const space = parts.factors[0]?.space ?? t.space;
  const summed = rest.length > 0 ? rest : [table.constant(1, space)];
  const inner = table.product({ factors: summed, over: kept, map, slots }, t.span);
  const over = [...without(parts.over, kept), ...names];
  return productOf(table, { factors: [...left, inner], over, scale: parts.scale }, t.span);
}

function bucketed(t: TensorOf<"product">, parts: Parts, context: Context): Tensor | null {
  const { map } = parts;
  if (!map || map.kind === "row" || parts.slots.length > 0 || isEntangled(parts)) return null;
  for (const f of parts.factors) {
    const first = descendRead(context.table, f, map);
    const made = first && fill(parts, map, bucketAt(context.table, parts, map, first), context, t);
    if (made) return made;
  }
  return null;
}

const bucket = onProduct(
  {
    name: "bucket",
    law: "Σₑ xₑ W[iₑ] = Σ_k (Σ_{iₑ=k} xₑ) W_k",
    why: "one product with the whole table for each group, not one with an entry for each row",
  },
  (t, context) => {
    const parts = partsOf(t);
    const own = bucketed(t, parts, context);
    if (own || !t.attrs.map || isEntangled(parts)) return own;
    const open = unfoldFactors(context.table, parts, (f) => isExclusive(f, context));
    return open && bucketed(t, open, context);
  },
);

const distribute = onProduct(
  {
    name: "lookup apart",
    law: "Σ a (x + W[i]) = Σ a x + Σ a W[i]",
    why: "the lookup can be bucketed, or projected before it is read",
  },
  (t, context) => {
    const { table } = context;
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    for (const f of parts.factors) {
      if (f.op !== "map" || f.attrs.f !== "add") continue;
      const others = parts.factors.filter((g) => g !== f);
      if (others.length !== parts.factors.length - 1) continue;
      if (!parts.map && ![...others, ...f.inputs].some(lookupOf)) continue;
      const terms = f.inputs.map((x) =>
        table.product({ ...parts, factors: [...others, x] }, t.span),
      );
      const pays = (x: Tensor): boolean =>
        (bucket.apply(x, context) ?? beforeLookup.apply(x, context)) !== null;
      if (terms.some(pays)) return table.map("add", terms, t.span);
    }
    return null;
  },
);

export const buckets: readonly Rule[] = [bucket, distribute];
