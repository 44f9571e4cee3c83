/**
 * Project before gather, and the order of projection and aggregation.
 *
 *     Σᵢ x[sₑ]ᵢ Wᵢ  =  (Σᵢ xᵢ Wᵢ)[sₑ]                       once per node, not once per edge
 *     (Σₑ x[sₑ]) W  =  Σₑ (x W)[sₑ]                          when x W is the narrower
 *     Σᵢ x[sₑ]ᵢ W[kₑ]ᵢ = (Σᵢ xᵢ Wᵢ)[sₑ, kₑ]                  for a short table W
 */
import { bug } from "../../bug.js";
import { allOf, type RowMap } from "../../ir/space.js";
import {
  type Axis,
  type Slot,
  slotsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
  volume,
  without,
} from "../../ir/tensor.js";
import {
  axesOf,
  dropOne,
  isEntangled,
  isRowProduct,
  meet,
  type Parts,
  partsOf,
  productOf,
  widthOf,
} from "../factors.js";
import { staysFinite } from "../finite.js";
import { descend, gatherOf, gathersOf, isLifted } from "../maps.js";
import { type Context, onProduct, type Rule } from "../rule.js";
import { isSparseRead } from "../sparse.js";
import { isExclusive, isExclusiveGather, unfoldFactors } from "../unfold.js";
import { termsOf } from "./terms.js";

/** A table of parameters read at indices of the row. */
interface Lookup {
  readonly factor: Tensor;
  readonly table: Tensor;
  readonly slots: readonly Slot[];
}

export function lookupOf(factor: Tensor): Lookup | null {
  if (factor.op !== "pull" || factor.attrs.map?.kind !== "all" || isLifted(factor)) return null;
  const slots = slotsOf(factor);
  const [table] = factor.inputs;
  if (!table || slots.some((s) => s.index.axes.length > 0)) return null;
  return { factor, table, slots };
}

/** Factors to be multiplied on the rows that `map` goes to, and what is read of it afterwards. */
interface Plan {
  readonly map: RowMap;
  readonly moved: readonly Tensor[];
  readonly over: readonly Axis[];
  readonly lookup: Lookup | null;
}

/** The factors that stand together on the rows of `map.to`, with the weights that share a bound axis with them. */
function planFor(parts: Parts, map: RowMap, lookup: Lookup | null, context: Context): Plan | null {
  // a row that nobody reads has the cotangent 0, and 0 times what is not finite would be no number
  const isSafe = (f: Tensor): boolean => context.differentiated || staysFinite(f);
  const isHome = (f: Tensor): boolean =>
    isSafe(f) && (map.kind === "all" ? isLifted(f) && f.op !== "const" : gatherOf(f) === map);
  const { factors } = parts;
  const group = factors.filter(isHome);
  const weights = factors.filter((f) => isLifted(f) && isSafe(f) && !group.includes(f));
  const read = lookup ? [lookup.factor] : [];
  const able = [...group, ...weights, ...read];
  const bound = parts.over.filter((a) => {
    const holders = factors.filter((f) => f.axes.includes(a));
    return holders.every((f) => able.includes(f)) && holders.some((f) => group.includes(f));
  });
  if (group.length === 0 || (lookup && !meet(lookup.factor.axes, bound))) return null;
  const shared = [...group, ...weights.filter((w) => meet(w.axes, bound)), ...read];
  const moved = isWhole(parts, able) ? able : shared;
  return { map, moved, over: bound, lookup };
}

/** If only weights would stay behind, they come along. */
const isWhole = (parts: Parts, able: readonly Tensor[]): boolean =>
  !parts.map && parts.slots.length === 0 && parts.factors.every((f) => able.includes(f));

/** Something is saved, and nothing wider is gathered than before. */
function pays(plan: Plan, parts: Parts, context: Context): boolean {
  const { moved, over, lookup, map } = plan;
  if (moved.length < 2 && over.length === 0) return false;
  const group = moved.filter((f) => map.kind === "all" || gatherOf(f) === map);
  const gathered = Math.max(...group.map((f) => widthOf([f])));
  if (over.length === 0 && map.kind !== "all") {
    const own = group.filter((f) => isExclusiveGather(f, context));
    const saved = own.reduce((n, f) => n + widthOf([f]), 0);
    return widthOf(moved) <= Math.min(saved, gathered);
  }
  const rows = lookup ? volume(lookup.slots.map((s) => s.axis)) : 1;
  if (lookup && map.kind === "all") return isShortTable(plan, lookup, rows);
  const body = over.length > 0 ? widthOf(parts.factors, parts.over) : 0;
  const read = lookup ? widthOf([lookup.factor]) : 0;
  return widthOf(moved, over) * rows <= Math.max(gathered, body, read);
}

/** A whole table is projected only if that makes no more numbers than its weight has. */
function isShortTable({ moved, over }: Plan, lookup: Lookup, rows: number): boolean {
  const weights = moved.filter((f) => f !== lookup.factor);
  return rows * widthOf(moved, over) <= Math.max(...weights.map((f) => widthOf([f])));
}

/** A factor on the rows of `map.to`: a lookup gives its whole table. */
function below(table: TensorTable, f: Tensor, { map, lookup }: Plan): Tensor {
  if (f === lookup?.factor)
    return map.kind === "all" ? lookup.table : table.pull(lookup.table, allOf(map.to), [], f.span);
  return descend(table, f, map) ?? bug("not constant along the map");
}

function carryOut(t: TensorOf<"product">, parts: Parts, plan: Plan, { table }: Context): Tensor {
  const { map, moved, over, lookup } = plan;
  const rest = parts.factors.filter((f) => !moved.includes(f));
  const left = without(parts.over, over);
  const all = rest.length === 0 && left.length === 0 && !parts.map && parts.slots.length === 0;
  const factors = moved.map((f) => below(table, f, plan));
  const inner = productOf(table, { factors, over, scale: all ? parts.scale : 1 }, t.span);
  const seen = table.pull(inner, map, lookup?.slots ?? [], t.span);
  return all ? seen : table.product({ ...parts, factors: [...rest, seen], over: left }, t.span);
}

const beforeGather = onProduct(
  {
    name: "project before gather",
    law: "x[s] W = (x W)[s]",
    why: "once per node, not once per edge; fewer numbers are gathered",
  },
  (t, context) => {
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    const maps = gathersOf(parts.factors).filter((m) => m !== parts.map);
    const lifted = parts.factors.filter((f) => isLifted(f) && f.op === "pull");
    if (lifted.length > 0 && parts.map?.kind !== "all")
      maps.push(allOf(parts.factors[0]?.space ?? t.space));
    const plans = maps.flatMap((m) => planFor(parts, m, null, context) ?? []);
    const good = plans.filter((p) => pays(p, parts, context));
    good.sort((a, b) => widthOf(a.moved, a.over) - widthOf(b.moved, b.over));
    return good[0] ? carryOut(t, parts, good[0], context) : null;
  },
);

export const beforeLookup = onProduct(
  {
    name: "project before lookup",
    law: "x[s] W[k] = (x W)[s, k]",
    why: "one projection by the whole short table for each node, and a lookup for each edge",
  },
  (t, context) => {
    if (!t.inputs.some((f) => lookupOf(f))) return null;
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    const once = parts.factors.filter((f) => !dropOne(parts.factors, f).includes(f));
    const lookups = once.flatMap((f) => lookupOf(f) ?? []);
    const space = parts.factors[0]?.space ?? t.space;
    const maps = [...gathersOf(parts.factors).filter((m) => m !== parts.map), allOf(space)];
    for (const lookup of lookups)
      for (const map of maps) {
        const plan = planFor(parts, map, lookup, context);
        if (plan && !clashes(plan, lookup) && pays(plan, parts, context))
          return carryOut(t, parts, plan, context);
      }
    return null;
  },
);

/** The table's axis must be new to the product. */
const clashes = ({ moved }: Plan, { factor, slots }: Lookup): boolean =>
  meet(
    axesOf(moved.filter((f) => f !== factor)),
    slots.map((s) => s.axis),
  );

/** (Σ_{m} F) W -> Σ_{m} F W, for the projection that is narrower than what is summed. */
function beforeAggregate(t: TensorOf<"product">, sum: Tensor, context: Context): Tensor | null {
  const { table } = context;
  if (sum.op !== "product" || !sum.attrs.map || !isExclusive(sum, context)) return null;
  const inner = partsOf(sum);
  const parts = partsOf(t);
  if (inner.slots.length > 0) return null;
  const others = dropOne(parts.factors, sum);
  const shared = parts.over.filter((a) => sum.axes.includes(a));
  const weights = others.filter((f) => meet(f.axes, shared));
  const fits = weights.every((w) => isLifted(w) && !meet(w.axes, inner.over));
  const holders = inner.factors.filter((f) => meet(f.axes, shared));
  const [gather] = gathersOf(holders);
  if (others.includes(sum) || weights.length === 0 || !fits || !gather || gather === sum.attrs.map)
    return null;
  if (!holders.every((f) => gatherOf(f) === gather)) return null;
  const wide = holders.some(isSparseRead) ? Number.POSITIVE_INFINITY : widthOf([sum]);
  if (widthOf([sum, ...weights], shared) >= wide) return null;
  const from = sum.attrs.map.from;
  const along = weights.map((w) => table.pull(descend(table, w, allOf(w.space)) ?? w, allOf(from)));
  const factors = [...inner.factors, ...along];
  const projected = table.product({ ...inner, factors, over: union(inner.over, shared) }, sum.span);
  const rest = others.filter((f) => !weights.includes(f));
  const over = without(parts.over, shared);
  return productOf(table, { factors: [...rest, projected], over, scale: parts.scale }, t.span);
}

const projectFirst = onProduct(
  {
    name: "project before aggregate",
    law: "(Σ x[s]) W = Σ (x W)[s]",
    why: "x W is narrower than x: fewer numbers are gathered",
  },
  (t, context) => {
    if (!isRowProduct(t) || t.attrs.over.length === 0) return null;
    for (const f of t.inputs) {
      const made = beforeAggregate(t, f, context);
      if (made) return made;
    }
    return null;
  },
);

/** What of a product a projection over `shared` reads: the one factor that has these axes; null for none or several. */
function projected(t: Tensor, shared: readonly Axis[]): Tensor | null {
  if (t.op !== "product") return t;
  if (t.attrs.over.length > 0 || t.attrs.slots.length > 0) return t.attrs.map ? null : t;
  const holders = t.inputs.filter((f) => meet(f.axes, shared));
  return holders.length === 1 ? (holders[0] ?? null) : null;
}

/** The row that a gathered row is, on its own rows. */
const source = (t: Tensor | null): Tensor | null =>
  t?.op === "pull" && t.attrs.slots.length === 0 ? (t.inputs[0] ?? null) : null;

const ownAndSum = onProduct(
  {
    name: "project own and sum",
    law: "(a x + Σ x[s]) W = a (x W) + Σ (x W)[s]",
    why: "one projection serves both, and x W is narrower than x: fewer numbers are gathered",
  },
  (t, context) => {
    const { table } = context;
    if (!isRowProduct(t) || t.attrs.over.length === 0) return null;
    const parts = partsOf(t);
    for (const f of parts.factors) {
      if (f.op !== "map" || f.attrs.f !== "add" || !isExclusive(f, context)) continue;
      const others = dropOne(parts.factors, f);
      const shared = parts.over.filter((a) => f.axes.includes(a));
      const terms = termsOf(f, context);
      if (shared.length === 0 || !terms.every((x) => meet(x.axes, shared))) continue;
      const apart = terms.map((x) => table.product({ ...parts, factors: [...others, x] }, t.span));
      const first = terms.map((x, i) => {
        const whole = apart[i];
        return whole?.op === "product" ? beforeAggregate(whole, x, context) : null;
      });
      const gathered = terms.flatMap((x, i) => (first[i] ? [source(projected(x, shared))] : []));
      const own = terms.flatMap((x, i) => (first[i] ? [] : [projected(x, shared)]));
      if (gathered.length === 0 || !own.every((x) => x && gathered.includes(x))) continue;
      return terms
        .flatMap((_, i) => first[i] ?? apart[i] ?? [])
        .reduce((x, y) => table.map("add", [x, y], t.span));
    }
    return null;
  },
);

/** A factor that reads at one end what is projected there for nobody else, of rows that are gathered anyway. */
function projectedThere(t: TensorOf<"product">, f: Tensor, context: Context): Parts | null {
  const map = gatherOf(f);
  if (!map || !isExclusive(f, context)) return null;
  const open = unfoldFactors(context.table, partsOf(t), (g) => g === f);
  const fresh = open?.factors.filter((g) => !t.inputs.includes(g)) ?? [];
  const rows = fresh.filter((g) => !isLifted(g));
  const [row] = rows;
  const known = rows.length === 1 && row && gatherOf(row) === map && context.computed(row);
  return known && fresh.length === 2 ? open : null;
}

const otherEnd = onProduct(
  {
    name: "project at the other end",
    law: "Σᵢⱼ x[r]ᵢ (Wᵢⱼ yⱼ)[s] = Σⱼ (Σᵢ xᵢ Wᵢⱼ)[r] y[s]ⱼ",
    why: "y is gathered anyway, and what W makes of it need not be",
  },
  (t, context) => {
    if (!isRowProduct(t) || t.attrs.over.length === 0 || t.space.kind !== "edges") return null;
    const body = widthOf(t.inputs);
    for (const f of t.inputs) {
      const open = projectedThere(t, f, context);
      if (!open || isEntangled(open)) continue;
      const [other, more] = gathersOf(t.inputs.filter((g) => g !== f));
      // the walk is over the rows of the receivers: what is made there needs no memory
      if (!other || more || other.kind !== "receiver" || other === gatherOf(f)) continue;
      const plan = planFor(open, other, null, context);
      if (!plan || plan.over.length === 0 || !pays(plan, open, context)) continue;
      const rest = open.factors.filter((g) => !plan.moved.includes(g));
      const left = without(open.over, plan.over);
      const now = union(without(axesOf(plan.moved), plan.over), axesOf(rest));
      if (volume(now) <= body && left.length > 0) return carryOut(t, open, plan, context);
    }
    return null;
  },
);

export const projections: readonly Rule[] = [
  beforeGather,
  beforeLookup,
  projectFirst,
  ownAndSum,
  otherEnd,
];
