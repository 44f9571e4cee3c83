/**
 * The adjoint of a recurrence is a recurrence over the reversed order (ARCHITECTURE, idea 3).
 *
 * u = b(u, c) with results whose cotangents are g. Then λ, the cotangent of u, solves
 *
 *     λ = g + (∂b/∂u)ᵀ λ        level by level, from the last to the first
 *     c̄ = (∂b/∂c)ᵀ λ            after it, over all rows at once
 *
 * where b is read at the solved u: every forward value is written in terms of results, never of unknowns. `share.ts`
 * then finds those that the forward loop has computed already.
 */
import { bug } from "../bug.js";
import type { RecurrenceOrder } from "../ir/model.js";
import { substitute } from "../ir/rebuild.js";
import { capturesOf, insideOf } from "../ir/recur.js";
import type { Tensor, TensorOf, TensorTable } from "../ir/tensor.js";
import { algebra } from "./algebra.js";

/** A tensor and the cotangent of it, which may lack axes along which it is constant. */
export interface Seed {
  readonly value: Tensor;
  readonly cotangent: Tensor;
}

export type Bars = ReadonlyMap<Tensor, Tensor>;

/** The reverse pass, which asks for this file: handed in, so that no import goes in circles. */
export type Reverse = (
  table: TensorTable,
  seeds: readonly Seed[],
  wanted: ReadonlySet<Tensor>,
) => Bars;

/** One body b and its cotangent: λ while it is searched, `given` what comes from outside. */
interface Adjoint {
  /** The unknown that the body belongs to; null for an export. */
  readonly u: Tensor | null;
  readonly body: Tensor;
  readonly lambda: Tensor;
  readonly given: Tensor | null;
}

/** What goes on inside: bodies, the unknowns and the captures that a gradient reaches. */
interface Loop {
  readonly recur: TensorOf<"recur">;
  readonly adjoints: readonly Adjoint[];
  readonly captures: readonly Tensor[];
}

/** The cotangents of what `recur` captures, given those of its results. */
export function recurrence(
  recur: TensorOf<"recur">,
  bars: Bars,
  reached: ReadonlySet<Tensor>,
  table: TensorTable,
  reverse: Reverse,
): readonly Seed[] {
  const adjoints = adjointsOf(recur, bars, table);
  const captures = capturesOf(recur).filter((c) => reached.has(c));
  const loop = { recur, adjoints, captures };
  const inward = backward(loop, table, reverse);
  const known = solve(loop, inward, table);
  const touched = captures.flatMap((value) => {
    const bar = inward.get(value);
    return bar ? [{ value, bar }] : [];
  });
  const outward = substitute(
    table,
    touched.map((c) => c.bar),
    known,
  );
  return touched.map(({ value }, i) => ({
    value,
    cotangent: outward[i] ?? bug("lost a cotangent"),
  }));
}

function adjointsOf(recur: TensorOf<"recur">, bars: Bars, table: TensorTable): readonly Adjoint[] {
  const { unknowns } = recur.attrs;
  return recur.inputs.flatMap((body, i) => {
    if (body.dtype !== "f32") return [];
    const u = unknowns[i] ?? null;
    const name = u?.label ?? body.label ?? "export";
    const lambda = table.unknown(`${name}.bar`, body.space, body.axes);
    return [{ u, body, lambda, given: bars.get(table.result(recur, i)) ?? null }];
  });
}

/** What the unknowns and the bodies inside are once the recurrence has run: its results. */
export function solved(table: TensorTable, recur: TensorOf<"recur">): Map<Tensor, Tensor> {
  const inside = new Set(insideOf(recur));
  const known = new Map(recur.attrs.unknowns.map((u, i) => [u, table.result(recur, i)]));
  for (const [i, body] of recur.inputs.entries()) {
    if (inside.has(body)) known.set(body, table.result(recur, i));
  }
  return known;
}

/** One level inwards: (∂b/∂u)ᵀ λ and (∂b/∂c)ᵀ λ, for the λ that are not zero everywhere. */
function backward({ adjoints, captures }: Loop, table: TensorTable, reverse: Reverse): Bars {
  const wanted = new Set([...captures, ...adjoints.flatMap((a) => a.u ?? [])]);
  let inward: Bars = new Map();
  for (let before = -1, count = 0; count !== before; ) {
    const alive = adjoints.filter((a) => a.given || isLooped(a, inward));
    const seeds = alive.map((a) => ({ value: a.body, cotangent: a.lambda }));
    inward = reverse(table, seeds, wanted);
    [before, count] = [count, seeds.length];
  }
  return inward;
}

/** Whether λ depends on a λ of a later level. */
const isLooped = ({ u }: Adjoint, inward: Bars): boolean => u !== null && inward.has(u);

/** What unknowns and cotangents are, once both recurrences have run. */
function solve(
  { recur, adjoints }: Loop,
  inward: Bars,
  table: TensorTable,
): ReadonlyMap<Tensor, Tensor> {
  const { spread } = algebra(table);
  const known = solved(table, recur);
  for (const a of adjoints) {
    if (a.given && !isLooped(a, inward)) known.set(a.lambda, spread(a.given, a.body.axes));
  }
  const looped = adjoints.filter((a) => isLooped(a, inward));
  if (looped.length === 0) return known;
  const lambdas = looped.map((a) => a.lambda);
  const bodies = bodiesOf(looped, inward, known, table);
  const back = table.recur(lambdas, bodies, reversed(recur.attrs.order));
  lambdas.forEach((lambda, i) => {
    known.set(lambda, table.result(back, i));
  });
  return known;
}

/** λ = g + (∂b/∂u)ᵀ λ, in terms of λ and of what is known. */
function bodiesOf(
  looped: readonly Adjoint[],
  inward: Bars,
  known: ReadonlyMap<Tensor, Tensor>,
  table: TensorTable,
): readonly Tensor[] {
  const { spread, add } = algebra(table);
  const bars = looped.map(({ u }) => (u && inward.get(u)) ?? bug("a loop without λ"));
  const inner = substitute(table, bars, known);
  return looped.map(({ body, given }, i) => {
    const bar = inner[i] ?? bug("lost a cotangent");
    return spread(given ? add(given, bar) : bar, body.axes);
  });
}

const reversed = (order: RecurrenceOrder): RecurrenceOrder => ({
  ...order,
  reverse: !order.reverse,
});
