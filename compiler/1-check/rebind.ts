/**
 * Binders in model expressions: which are free, and giving an equation binder objects of its own.
 *
 * A body inlined under binders makes fields with those binders as leading axes; each such field gets fresh objects,
 * so that a binder belongs to one equation.
 */
import type { Binder, Expr } from "../ir/model.js";

/** The direct parts of an expression. */
export function partsOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "pull":
    case "rowwise":
    case "slice":
    case "fill":
      return [e.value];
    case "pointwise":
      return e.args;
    case "contract":
      return [e.left, e.right];
    case "at":
      return [e.value, ...e.indices];
    case "each":
    case "reduce":
      return [e.body];
    case "aggregate":
      return [e.body, ...(e.where ? [e.where] : []), ...(e.empty ? [e.empty] : [])];
    case "group_softmax":
      return e.where ? [e.body, e.where] : [e.body];
    case "concat":
      return e.parts;
    case "stack":
      return e.rows;
    default:
      return [];
  }
}

/** The binders that an expression reads and does not bind. */
export function freeBinders(e: Expr, found: Set<Binder> = new Set()): Set<Binder> {
  if (e.kind === "binder") found.add(e.binder);
  if (e.kind === "draw") for (const binder of e.over) found.add(binder);
  const bound =
    e.kind === "each" || e.kind === "reduce" ? e.binders.filter((b) => !found.has(b)) : [];
  for (const part of partsOf(e)) freeBinders(part, found);
  for (const binder of bound) found.delete(binder);
  return found;
}

/** The same expression over other binders. */
export function rebind(e: Expr, to: ReadonlyMap<Binder, Binder>): Expr {
  const swap = (binder: Binder): Binder => to.get(binder) ?? binder;
  if (e.kind === "binder") return { ...e, binder: swap(e.binder) };
  if (e.kind === "draw") return { ...e, over: e.over.map(swap) };
  return withParts(e, (part) => rebind(part, to));
}

/** The same expression with each of its direct parts replaced. */
export function withParts(e: Expr, go: (part: Expr) => Expr): Expr {
  switch (e.kind) {
    case "pull":
    case "rowwise":
    case "slice":
    case "fill":
      return { ...e, value: go(e.value) };
    case "pointwise":
      return { ...e, args: e.args.map(go) };
    case "contract":
      return { ...e, left: go(e.left), right: go(e.right) };
    case "at":
      return { ...e, value: go(e.value), indices: e.indices.map(go) };
    case "each":
    case "reduce":
      return { ...e, body: go(e.body) };
    case "aggregate":
      return {
        ...e,
        body: go(e.body),
        where: e.where && go(e.where),
        empty: e.empty && go(e.empty),
      };
    case "group_softmax":
      return { ...e, body: go(e.body), where: e.where && go(e.where) };
    case "concat":
      return { ...e, parts: e.parts.map(go) };
    case "stack":
      return { ...e, rows: e.rows.map(go) };
    default:
      return e;
  }
}
