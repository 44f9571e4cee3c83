/**
 * Products looked into: a factor that is a row product, perhaps under another name or gathered, is as good as its own
 * factors. Laws see them so, and keep the unfolded form only where it pays.
 */
import {
  type Axis,
  slotsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
} from "../ir/tensor.js";
import { axesOf, isRowProduct, meet, type Parts, partsOf, rename } from "./factors.js";
import { pullThrough } from "./maps.js";
import type { Context } from "./rule.js";

/** The factors whose product, scaled and summed over `over`, is `t`: through names and pulls of a row product. */
export interface Unfolded {
  readonly factors: readonly Tensor[];
  readonly over: readonly Axis[];
  readonly scale: number;
}

export function unfold(table: TensorTable, t: Tensor): Unfolded | null {
  if (t.op === "product") return isRowProduct(t) ? partsOf(t) : null;
  if (t.op === "pull") return unfoldPull(table, t);
  return t.op === "view" ? unfoldRename(table, t) : null;
}

// (Π xᵢ)[m(a), idx] = Π xᵢ[m(a), idx]
function unfoldPull(table: TensorTable, t: TensorOf<"pull">): Unfolded | null {
  const [x] = t.inputs;
  const slots = slotsOf(t);
  const inner = x ? unfold(table, x) : null;
  if (!inner) return null;
  const indices = slots.flatMap((s) => s.index.axes);
  if (meet(indices, [...inner.over, ...axesOf(inner.factors)])) return null;
  const read = (f: Tensor): Tensor => {
    const own = slots.filter((s) => f.axes.includes(s.axis));
    return pullThrough(table, f, t.attrs.map, own);
  };
  return { ...inner, factors: inner.factors.map(read) };
}

function unfoldRename(table: TensorTable, t: TensorOf<"view">): Unfolded | null {
  const { view } = t.attrs;
  if (view.kind !== "rename") return null;
  const inner = unfold(table, t.inputs[0]);
  if (!inner || inner.over.includes(view.to) || meet(axesOf(inner.factors), [view.to])) return null;
  return { ...inner, factors: inner.factors.map((f) => rename(table, f, view.from, view.to)) };
}

/** Whether nobody else reads `t` or what it is a view of: to compute it elsewhere instead repeats nothing. */
export function isExclusive(t: Tensor, context: Context): boolean {
  if (context.isShared(t)) return false;
  const [x] = t.inputs;
  return (t.op !== "pull" && t.op !== "view") || x === undefined || isExclusive(x, context);
}

/** Whether the rows that `t` reads elsewhere are gathered for nobody else. */
export function isExclusiveGather(t: Tensor, context: Context): boolean {
  if (context.isShared(t)) return false;
  const [x] = t.inputs;
  return t.op === "pull" || x === undefined || isExclusiveGather(x, context);
}

/**
 * The same product with those factors unfolded that `wanted` names, again and again; null if there is none. A factor
 * whose bound axes are known outside of it stays as it is.
 */
export function unfoldFactors(
  table: TensorTable,
  parts: Parts,
  wanted: (f: Tensor) => boolean,
): Parts | null {
  let now = parts;
  for (let i = 0; i < now.factors.length; ) {
    const f = now.factors[i];
    const inner = f && wanted(f) ? unfold(table, f) : null;
    if (!inner) {
      i++;
      continue;
    }
    const others = now.factors.filter((_, j) => j !== i);
    const outside = [...axesOf(others), ...now.over, ...now.slots.map((s) => s.axis)];
    if (!meet(inner.over, outside)) {
      const [over, scale] = [union(now.over, inner.over), now.scale * inner.scale];
      now = { ...now, factors: [...others, ...inner.factors], over, scale };
    } else i++;
  }
  return now === parts ? null : now;
}
