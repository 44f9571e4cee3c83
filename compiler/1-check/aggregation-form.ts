/** How an aggregation is recognised, and what it reads: fields by their places, ends, nothing. */
import type { CallExpression, Expression } from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import type { Reading, Variable } from "./frame.js";
import type { Place } from "./places.js";
import { Blocked, Failed } from "./stop.js";
import { reducers } from "./vocabulary.js";
import { partsOf } from "./walk.js";

/** `by` and `over` written behind a call. */
export interface Modifiers {
  readonly by: "receiver" | "sender" | "graph" | "batch" | null;
  readonly over: Extract<Expression, { kind: "over" }> | null;
}

/** The reducer of an aggregation: one argument, a word that is no name of the body; `softmax` only with `by`. */
export function aggregator(
  reading: Reading,
  call: CallExpression,
  modifiers: Modifiers,
): string | null {
  if (call.callee.kind !== "name") return null;
  const name = call.callee.name.text;
  if (reading.scope.env.has(name)) return null;
  const positional = call.args.filter((a) => a.name === null);
  if (positional.length !== 1) return null;
  if (name === "softmax") return modifiers.by ? name : null;
  return reducers.has(name) ? name : null;
}

/** Whether a call is an aggregation, so that its arguments stand elsewhere. */
export const isAggregationCall = (reading: Reading, e: Expression): boolean =>
  e.kind === "call" &&
  aggregator(reading, e, { by: "graph", over: null }) !== null &&
  e.callee.kind === "name" &&
  e.callee.name.text !== "softmax";

/** What the inside of an aggregation reads. */
export interface Reads {
  readonly fields: readonly {
    readonly variable: Variable;
    readonly place: Place;
    readonly span: Span;
  }[];
  /** `sender.` and `receiver.` as far as they occur. */
  readonly ends: ReadonlySet<string>;
}

/** The fields that expressions read. Blocked while the space of one is unknown. */
export function readsOf(reading: Reading, expressions: readonly Expression[]): Reads {
  const fields: { variable: Variable; place: Place; span: Span }[] = [];
  const ends = new Set<string>();
  const walk = (e: Expression): void => {
    if (e.kind === "member" && e.base.kind === "space") {
      if (e.base.space === "sender" || e.base.space === "receiver") ends.add(e.base.space);
      return;
    }
    if (e.kind === "name") {
      const entry = reading.binders.has(e.name.text)
        ? undefined
        : reading.scope.env.get(e.name.text);
      if (entry?.kind !== "variable") return;
      if (entry.failed) throw new Failed();
      if (entry.place === undefined)
        throw new Blocked({ kind: "name", variable: entry, what: "space" });
      if (entry.place) fields.push({ variable: entry, place: entry.place, span: e.span });
      return;
    }
    for (const part of partsOf(e)) walk(part);
  };
  for (const e of expressions) walk(e);
  return { fields, ends };
}
