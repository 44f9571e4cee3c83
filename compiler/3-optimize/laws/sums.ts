/**
 * Constant leaves the sum. With m: A -> B, rows a and b, and `width` the numbers in a row:
 *
 *     Σ_{m(a)=b} u[m(a)] w_a  =  u_b Σ_{m(a)=b} w_a
 *
 * This is aggregate-before-project (u a weight), the scaling of GCN (u a degree), and `Σ aₑ (g · vₛ) = g · y`. A factor
 * that is not surely finite leaves as 0 where the group is empty.
 */
import { bug } from "../../bug.js";
import { allOf, graphOf, type RowMap } from "../../ir/space.js";
import {
  factorsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  volume,
  without,
} from "../../ir/tensor.js";
import {
  axesOf,
  isEntangled,
  isRowProduct,
  meet,
  type Parts,
  partsOf,
  productOf,
  widthOf,
} from "../factors.js";
import { whereAny } from "../finite.js";
import { descend, gatherOf, gathersOf, isConstantAlong, isLifted } from "../maps.js";
import { type Context, onProduct, type Rule } from "../rule.js";
import { isSparseRead, sparseOf } from "../sparse.js";
import { isExclusive, unfoldFactors } from "../unfold.js";

/** A sum along a map, its factors sorted into those that leave and those that stay. */
interface Split {
  /** The sum, for its place in the text. */
  readonly of: Tensor;
  readonly out: readonly Tensor[];
  readonly rest: readonly Tensor[];
}

/** The sum of the factors that stay, and the product with those that left. */
function leave(table: TensorTable, parts: Parts, map: RowMap, { of, out, rest }: Split) {
  const over = without(parts.over, axesOf(out));
  const inner = productOf(table, { ...parts, map, factors: rest, over, scale: 1 }, of.span);
  const left = out.map((f) => {
    const u = descend(table, f, map) ?? bug("not constant along the map");
    return whereAny(table, u, map);
  });
  return { inner, left, over: without(parts.over, over) };
}

/** Whether the weight `w` could be applied on the rows that are summed, before they are gathered. */
function isProjectable(w: Tensor, rest: readonly Tensor[], { over, map }: Parts): boolean {
  const shared = over.filter((a) => w.axes.includes(a));
  const holders = rest.filter((f) => meet(f.axes, shared));
  const [gather] = gathersOf(holders);
  return gather !== undefined && gather !== map && holders.every((f) => gatherOf(f) === gather);
}

/** No wider sum than the one it replaces; of two orders of gather and projection, the narrower. */
function isNarrow({ out, rest }: Split, parts: Parts): boolean {
  const kept = without(parts.over, axesOf(out));
  if (rest.some((f) => isSparseRead(f) && meet(f.axes, without(parts.over, kept)))) return false;
  const body = widthOf(parts.factors, parts.over);
  const weights = out.filter((f) => isLifted(f) && meet(f.axes, parts.over));
  const projectable = weights.some((w) => isProjectable(w, rest, parts));
  const widest = projectable ? 0 : Math.max(...rest.map((f) => widthOf([f])));
  return widthOf(rest, kept) <= Math.max(body, widest);
}

/** As many factors as may leave, the widest staying first. */
function choose(of: Tensor, parts: Parts, map: RowMap): Split | null {
  let out = parts.factors.filter((f) => isConstantAlong(f, map));
  const wide = [...out].sort((a, b) => widthOf([b]) - widthOf([a]));
  for (;;) {
    const rest = parts.factors.filter((f) => !out.includes(f));
    if (out.length === 0 || rest.length === 0) return null;
    if (isNarrow({ of, out, rest }, parts)) return { of, out, rest };
    const stays = wide.shift();
    out = out.filter((f) => f !== stays);
  }
}

function constantLeaves(t: TensorOf<"product">, parts: Parts, context: Context, known: boolean) {
  const { map } = t.attrs;
  const split = map && choose(t, parts, map);
  if (!map || !split) return null;
  const { inner, left, over } = leave(context.table, parts, map, split);
  if (known && !context.computed(inner)) return null;
  return context.table.product({ factors: [...left, inner], over, scale: parts.scale }, t.span);
}

const leaves = onProduct(
  {
    name: "constant leaves the sum",
    law: "Σ u[m] w = u Σ w",
    why: "one multiplication for each group, not for each member",
  },
  (t, context) => {
    const parts = partsOf(t);
    // a sparse field is to stay one: its rows are scaled where they are stored
    if (!t.attrs.map || isEntangled(parts) || sparseOf(t)) return null;
    return constantLeaves(t, parts, context, false);
  },
);

const nestedLeaves = onProduct(
  {
    name: "constant leaves a nested sum",
    law: "Σₑ aₑ (Σᵢ uᵢ[m] vᵢ) = Σᵢ uᵢ Σₑ aₑ vᵢ",
    why: "the weight is applied once for each group; or the sum is known already",
  },
  (t, context) => {
    const { table } = context;
    const parts = partsOf(t);
    if (!t.attrs.map || isEntangled(parts) || sparseOf(t)) return null;
    const mine = unfoldFactors(table, parts, (f) => isExclusive(f, context));
    const own = mine && constantLeaves(t, mine, context, false);
    if (own) return own;
    const all = unfoldFactors(table, parts, (f) => isRowProduct(f));
    return all && constantLeaves(t, all, context, true);
  },
);

/** Of nothing but constants, a sum counts. */
const counted = onProduct(
  { name: "sum of a constant", law: "Σ u[m] = n u", why: "no walk, the degree is known" },
  (t, { table }) => {
    const { map } = t.attrs;
    const parts = partsOf(t);
    if (!map || parts.slots.length > 0) return null;
    if (!parts.factors.every((f) => isConstantAlong(f, map))) return null;
    const left = parts.factors.map((f) =>
      whereAny(table, descend(table, f, map) ?? bug("not constant along the map"), map),
    );
    const n = table.map("to_f32", [table.fact("count", map.to, map)]);
    return table.product({ factors: [...left, n], over: parts.over, scale: parts.scale }, t.span);
  },
);

/** The rest of the way of `map` after `stage`: all = all ∘ stage, graph = graph ∘ stage. */
const after = (map: RowMap, stage: RowMap): RowMap =>
  map.kind === "all" ? allOf(stage.to) : graphOf(stage.to);

interface Stage {
  readonly sum: Tensor;
  readonly inner: Tensor;
  readonly outside: boolean;
}

function stageOf(
  t: TensorOf<"product">,
  map: RowMap,
  stage: RowMap,
  context: Context,
): Stage | null {
  const { table } = context;
  const parts = partsOf(t);
  const out = parts.factors.filter((f) => isConstantAlong(f, stage));
  const rest = parts.factors.filter((f) => !out.includes(f));
  if (rest.length === 0) return null;
  const { inner, left, over } = leave(table, parts, stage, { of: t, out, rest });
  const kept = without(parts.over, over);
  const limit = Math.max(...rest.map((f) => widthOf([f])));
  if (widthOf(rest, kept) > limit || rest.some((f) => isSparseRead(f))) return null;
  const factors = [...left, inner];
  const sum = table.product({ factors, over, map: after(map, stage), scale: parts.scale }, t.span);
  return { sum, inner, outside: out.some((f) => gatherOf(f) === stage) };
}

/** Whichever sum is there already, else the narrowest. */
const staged = onProduct(
  {
    name: "sum over nodes",
    law: "Σₑ x[sₑ] gₑ = Σᵥ xᵥ Σ_{sₑ=v} gₑ",
    why: "weight gradients sum over nodes, not over edges",
  },
  (t, context) => {
    const { map } = t.attrs;
    const parts = partsOf(t);
    if (!map || (map.kind !== "all" && map.kind !== "graph") || parts.slots.length > 0) return null;
    const maps = new Set(
      gathersOf(parts.factors).filter((m) => m.kind !== "graph" || map.kind === "all"),
    );
    const stages = [...maps].flatMap((m) => (m === map ? [] : (stageOf(t, map, m, context) ?? [])));
    const known = stages.find((s) => context.computed(s.inner));
    if (known) return known.sum;
    const pays = stages.filter((s) => s.outside);
    pays.sort((a, b) => widthOf([a.inner]) - widthOf([b.inner]));
    return pays[0]?.sum ?? null;
  },
);

/** On a complete relation each receiver sees all senders of its graph. */
const complete = onProduct(
  {
    name: "everyone sees all",
    law: "Σ_{complete} x[s] = (Σ_{graph} x)[graph]",
    why: "one sum for each graph, not for each node",
  },
  (t, { table }) => {
    const { map } = t.attrs;
    if (!map || (map.kind !== "receiver" && map.kind !== "sender")) return null;
    const { topology, senders, receivers } = map.relation;
    if (topology.kind !== "complete" || topology.strict) return null;
    const [far] = gathersOf(t.inputs.filter((f) => gatherOf(f) !== map));
    if (!far || !t.inputs.every((f) => isConstantAlong(f, far))) return null;
    if (far.kind !== "sender" && far.kind !== "receiver") return null;
    const [to, from] = map.kind === "receiver" ? [receivers, senders] : [senders, receivers];
    const below = (f: Tensor): Tensor => descend(table, f, far) ?? bug("not constant along");
    const parts = partsOf(t);
    const slots = parts.slots.map((s) => ({ ...s, index: below(s.index) }));
    const whole = { ...parts, factors: parts.factors.map(below), slots, map: graphOf(from) };
    return table.pull(table.product(whole, t.span), graphOf(to), [], t.span);
  },
);

/** `Σ (u[m] + w) = n u + Σ w`, for a sum of nothing else but weights. */
const apart = onProduct(
  {
    name: "sum of a sum",
    law: "Σ (u[m] + w) = n u + Σ w",
    why: "the term of the group is not gathered",
  },
  (t, context) => {
    const { table } = context;
    const { map } = t.attrs;
    const parts = partsOf(t);
    if (!map || parts.slots.length > 0) return null;
    const sums = parts.factors.filter((f) => !isLifted(f));
    const [sum] = sums;
    if (sums.length !== 1 || sum?.op !== "map" || sum.attrs.f !== "add") return null;
    if (!sum.inputs.some((x) => isConstantAlong(x, map)) || !isExclusive(sum, context)) return null;
    const others = parts.factors.filter((f) => f !== sum);
    const terms = sum.inputs.map((x) =>
      table.product({ ...parts, factors: [...others, x] }, t.span),
    );
    return table.map("add", terms, t.span);
  },
);

/** `a ⊗ b`, or a sum of such: wider than what each factor brings to it. */
function isOuter(x: Tensor): boolean {
  if (x.op !== "product" || !isRowProduct(x) || x.attrs.factors < 2) return false;
  return factorsOf(x).every((f) => widthOf([f], x.attrs.over) < volume(x.axes));
}

/** The gradient of a weight that is used again and again, as by the unrolled steps of a loop. */
const outerApart = onProduct(
  {
    name: "outer products apart",
    law: "Σ (a ⊗ b + w) = Σ a ⊗ b + Σ w",
    why: "each is one product of matrices, and none is laid out for each row",
  },
  (t, context) => {
    const { table } = context;
    const [sum] = t.inputs;
    if (t.attrs.map?.kind !== "all" || t.inputs.length !== 1) return null;
    if (sum?.op !== "map" || sum.attrs.f !== "add" || !isExclusive(sum, context)) return null;
    if (!sum.inputs.some(isOuter)) return null;
    const parts = partsOf(t);
    return table.map(
      "add",
      sum.inputs.map((x) => table.product({ ...parts, factors: [x] }, t.span)),
      t.span,
    );
  },
);

/** Whether others want a value, or what is added up to it within the row. */
function isAtHand(x: Tensor, context: Context): boolean {
  if (context.isShared(x)) return true;
  const [only, ...more] = x.inputs;
  if (x.op === "map" && x.attrs.f === "add") return x.inputs.every((y) => isAtHand(y, context));
  if (x.op !== "product" || !isRowProduct(x)) return false;
  return only !== undefined && more.length === 0 && isAtHand(only, context);
}

/** The gradient of a bias that is used again and again. */
const sumsApart = onProduct(
  {
    name: "sums of what is at hand",
    law: "Σ (x + y) = Σ x + Σ y",
    why: "each is summed where it is computed, and not read again for the sum",
  },
  (t, context) => {
    const { table } = context;
    const [sum] = t.inputs;
    if (t.attrs.map?.kind !== "all" || t.inputs.length !== 1) return null;
    if (sum?.op !== "map" || sum.attrs.f !== "add" || !isExclusive(sum, context)) return null;
    if (!sum.inputs.every((x) => isAtHand(x, context))) return null;
    const parts = partsOf(t);
    const terms = sum.inputs.map((x) => table.product({ ...parts, factors: [x] }, t.span));
    return table.map("add", terms, t.span);
  },
);

export const sums: readonly Rule[] = [
  counted,
  complete,
  leaves,
  nestedLeaves,
  staged,
  apart,
  outerApart,
  sumsApart,
];
