/**
 * What a model reads when it runs and does not train: expressions with the space they stand on, without the branches that
 * only training takes (dropout, batch statistics).
 */
import { partsOf } from "../../1-check/rebind.js";
import type { Expr, Field, Input } from "../../ir/model.js";
import type { Space } from "../../ir/space.js";

/** An expression and the space one stands on while reading it. */
export interface Standing {
  readonly e: Expr;
  readonly on: Space;
}

/** The value of a condition that is the same whenever one does not train; null if it depends on more. */
export function settledTruth(e: Expr): boolean | null {
  if (e.kind === "training") return false;
  if (e.kind === "literal" && typeof e.value === "boolean") return e.value;
  if (e.kind !== "pointwise") return null;
  const args = e.args.map(settledTruth);
  const [a, b] = args;
  if (e.f === "not" && a !== null && a !== undefined) return !a;
  if (e.f === "or") return args.includes(true) ? true : a === false && b === false ? false : null;
  if (e.f === "and") return args.includes(false) ? false : a === true && b === true ? true : null;
  return null;
}

/** The parts of an expression that its value depends on when one does not train. */
export function livePartsOf({ e, on }: Standing): readonly Standing[] {
  switch (e.kind) {
    case "pull":
      return [{ e: e.value, on: e.map.to }];
    case "aggregate": {
      const inside = e.where ? [e.body, e.where] : [e.body];
      const outside = e.empty ? [{ e: e.empty, on }] : [];
      return [...inside.map((part) => ({ e: part, on: e.map.from })), ...outside];
    }
    case "pointwise":
      return liveArguments(e).map((part) => ({ e: part, on }));
    default:
      return partsOf(e).map((part) => ({ e: part, on }));
  }
}

function liveArguments(e: Extract<Expr, { readonly kind: "pointwise" }>): readonly Expr[] {
  if (settledTruth(e) !== null) return [];
  const [condition, yes, no] = e.args;
  if (e.f !== "select" || !condition || !yes || !no) return e.args;
  const known = settledTruth(condition);
  return known === null ? e.args : [known ? yes : no];
}

/** Everything that is live below an expression, itself first. */
export function* liveBelow(root: Standing): Generator<Standing> {
  const waiting = [root];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    yield at;
    waiting.push(...livePartsOf(at).toReversed());
  }
}

/** Fields and inputs that a field reads, with their spaces given by the fields themselves. */
export function liveLeaves(field: Field): ReadonlySet<Field | Input> {
  const found = new Set<Field | Input>();
  for (const { e } of liveBelow({ e: field.value, on: field.space }))
    if (e.kind === "field") found.add(e.field);
  return found;
}

/** All fields that some roots depend on, each behind what it reads; members of a cycle in some order. */
export function inOrder(roots: readonly Field[]): readonly Field[] {
  const done = new Set<Field>();
  const open = new Set<Field>();
  const trail: { readonly field: Field; readonly reads: Field[] }[] = [];
  const enter = (field: Field): void => {
    if (done.has(field) || open.has(field)) return;
    open.add(field);
    const reads = [...liveLeaves(field)].filter((leaf) => leaf.kind === "field");
    trail.push({ field, reads: reads.toReversed() });
  };
  for (const root of roots) {
    enter(root);
    for (let at = trail.at(-1); at; at = trail.at(-1)) {
      const next = at.reads.pop();
      if (next) enter(next);
      else {
        done.add(at.field);
        trail.pop();
      }
    }
  }
  return [...done];
}
