/** What depends on what in a built model: fields an expression reads, inputs an output needs. */
import type { Expr, Field, Input, Output, Parameter, State } from "../ir/model.js";
import { partsOf } from "./rebind.js";

/** The leaves of an expression that carry values: fields, inputs, parameters, states. */
export type Leaf = Field | Input | Parameter | State;

/** Calls `see` for every expression inside `e`, itself first. */
export function visitExpr(e: Expr, see: (e: Expr) => void): void {
  see(e);
  for (const part of partsOf(e)) visitExpr(part, see);
}

/** What an expression reads directly. */
export function leavesOf(e: Expr): ReadonlySet<Leaf> {
  const found = new Set<Leaf>();
  visitExpr(e, (part) => {
    if (part.kind === "field") found.add(part.field);
    if (part.kind === "parameter") found.add(part.parameter);
  });
  return found;
}

/** Everything that expressions depend on, through fields. */
export function reachedFrom(roots: readonly Expr[]): ReadonlySet<Leaf> {
  const found = new Set<Leaf>();
  const waiting = [...roots];
  for (let e = waiting.pop(); e; e = waiting.pop())
    for (const leaf of leavesOf(e)) {
      if (found.has(leaf)) continue;
      found.add(leaf);
      if (leaf.kind === "field") waiting.push(leaf.value);
    }
  return found;
}

/** The inputs that some output depends on. */
export function neededInputs(outputs: readonly Output[]): ReadonlySet<Input> {
  const needed = new Set<Input>();
  for (const leaf of reachedFrom(outputs.map((o) => o.field.value)))
    if (leaf.kind === "input") needed.add(leaf);
  return needed;
}
