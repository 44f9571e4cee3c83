/** One rule for every kind of expression: a new kind does not compile without its rows. */
import type { Expr } from "../ir/model.js";

export type ExprKind = Expr["kind"];
export type ExprOf<K extends ExprKind> = Extract<Expr, { readonly kind: K }>;

export type ForEachExpr<Args extends readonly unknown[], R> = {
  readonly [K in ExprKind]: (expr: ExprOf<K>, ...args: Args) => R;
};

/** An expression's own row of a table. The one cast: `tsc` cannot see that key and expression agree. */
export function applyTo<Args extends readonly unknown[], R>(
  table: ForEachExpr<Args, R>,
  expr: Expr,
  ...args: Args
): R {
  return (table[expr.kind] as (expr: Expr, ...args: Args) => R)(expr, ...args);
}

const none = (): readonly Expr[] => [];
const present = (...parts: readonly (Expr | null)[]): readonly Expr[] =>
  parts.filter((p) => p !== null);

const parts: ForEachExpr<[], readonly Expr[]> = {
  literal: none,
  binder: none,
  field: none,
  parameter: none,
  index: none,
  offset: none,
  count: none,
  draw: none,
  training: none,
  step: none,
  pull: (e) => [e.value],
  pointwise: (e) => e.args,
  contract: (e) => [e.left, e.right],
  at: (e) => [e.value, ...e.indices],
  each: (e) => [e.body],
  reduce: (e) => [e.body],
  aggregate: (e) => present(e.body, e.where, e.empty),
  group_softmax: (e) => present(e.body, e.where),
  rowwise: (e) => [e.value],
  concat: (e) => e.parts,
  slice: (e) => [e.value],
  stack: (e) => e.rows,
  fill: (e) => [e.value],
};

/** The expressions directly inside one. */
export const partsOf = (expr: Expr): readonly Expr[] => applyTo(parts, expr);

/** Every expression in one, itself first, each once. */
export function allPartsOf(expr: Expr): ReadonlySet<Expr> {
  const seen = new Set<Expr>([expr]);
  for (const e of seen) for (const part of partsOf(e)) seen.add(part);
  return seen;
}
