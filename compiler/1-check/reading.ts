/** Asking for the type of an expression where it is read, and joining the places of what it reads. */
import type { Expression } from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import type { Shown } from "../diagnostics/build.js";
import { numberOfResults } from "../diagnostics/shapes.js";
import { mixedSpaces } from "../diagnostics/spaces.js";
import type { Expr } from "../ir/model.js";
import { provenance } from "./dims.js";
import { isFn, type Reading, type Value } from "./frame.js";
import { batchPlace, describe, globalPlace, type Place } from "./places.js";
import { allOrFailed } from "./stop.js";
import { printType, type Type } from "./types.js";

/** The results of an expression: one, or as many as a call returns. */
export const inferAll = (reading: Reading, e: Expression): readonly Value[] =>
  reading.frame.context.checker.inferAll(reading, e);

/** The one value of an expression. */
export function infer(reading: Reading, e: Expression): Value {
  const values = inferAll(reading, e);
  const [only] = values;
  if (values.length !== 1 || !only)
    return reading.frame.fail(numberOfResults(e.span, textOf(e.span), values.length, 1));
  return only;
}

/** The values of several expressions; those behind one that failed say their own mistakes too. */
export const inferEach = (reading: Reading, expressions: readonly Expression[]): readonly Value[] =>
  allOrFailed(expressions, (e) => infer(reading, e));

/** A value that is the same everywhere. */
export const everywhere = (type: Type, span: Span, build: (at: Place) => Expr): Value => ({
  type,
  place: null,
  span,
  build,
});

/** A value as a message shows it. */
export const shown = (value: Value): Shown => ({
  text: textOf(value.span),
  type: printType(value.type),
  span: value.span,
  notes: provenance(value.type.shape),
});

const coarseness = (place: Place): number =>
  place === batchPlace ? 0 : place === globalPlace ? 1 : 2;

/** Where an expression of these values stands. In functions a value of the batch or graph is lifted to the finer. */
export function joined(reading: Reading, values: readonly Value[]): Place | null | undefined {
  let found: Value | null = null;
  let unknown = false;
  for (const value of values) {
    if (value.place === undefined) unknown = true;
    if (!value.place) continue;
    found = found ? finer(reading, found, value) : value;
  }
  return found ? found.place : unknown ? undefined : null;
}

function finer(reading: Reading, a: Value, b: Value): Value {
  if (!a.place || !b.place || a.place === b.place) return a;
  if (isFn(reading.frame)) return coarseness(a.place) >= coarseness(b.place) ? a : b;
  return reading.frame.fail(
    mixedSpaces(b.span, shown(a).text, describe(a.place), shown(b).text, describe(b.place)),
  );
}
