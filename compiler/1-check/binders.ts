/**
 * The ranges of binders (LANGUAGE 2, "Index binders"): written, or inferred from every axis that is read at them.
 *
 * An axis of N values read at `a*t + c` gives `floor((N-1-c)/a) + 1`; the largest shift counts for each field, and
 * all fields must agree.
 */
import type { Expression } from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import { binderBorrowsName } from "../diagnostics/names.js";
import { binderWithoutRange, negativeShift, rangesDisagree } from "../diagnostics/shapes.js";
import type { Binder } from "../ir/model.js";
import { isAggregationCall } from "./aggregation-form.js";
import { type Dim, dimension, evaluate } from "./dims.js";
import type { Reading } from "./frame.js";
import { typeOf } from "./names.js";
import { infer } from "./reading.js";
import { unlessBlocked } from "./stop.js";
import { partsOf } from "./walk.js";

/** A binder as written: `h`, `h < H`. */
export interface WrittenBinder {
  readonly name: string;
  readonly range: Expression | null;
  readonly span: Span;
}

interface Constraint {
  readonly field: string;
  readonly size: number;
  readonly span: Span;
  readonly axis: Dim;
}

/** Binder objects for an equation or a reduction over `body`. Blocked while an axis they range over is unknown. */
export function bindersOver(
  reading: Reading,
  wanted: readonly WrittenBinder[],
  body: readonly Expression[],
): ReadonlyMap<string, Binder> {
  const made = new Map<string, Binder>();
  for (const binder of wanted) {
    if (reading.scope.env.has(binder.name) || reading.binders.has(binder.name))
      reading.frame.fail(binderBorrowsName(binder.span, binder.name));
    const size = binder.range
      ? dimension(binder.range, reading.scope.dims, reading.frame).size
      : inferredRange(reading, binder, body);
    made.set(binder.name, { kind: "binder", name: binder.name, size, span: binder.span });
  }
  return made;
}

function inferredRange(
  reading: Reading,
  binder: WrittenBinder,
  body: readonly Expression[],
): number {
  const found = new Map<string, Constraint>();
  for (const e of body) collect(reading, e, binder.name, found, true);
  const all = [...found.values()];
  const [first] = all;
  if (!first) return reading.frame.fail(binderWithoutRange(binder.span, binder.name));
  const other = all.find((c) => c.size !== first.size);
  if (other) reading.frame.fail(rangesDisagree(binder.span, binder.name, [first, other]));
  return first.size;
}

function collect(
  reading: Reading,
  e: Expression,
  binder: string,
  found: Map<string, Constraint>,
  here: boolean,
): void {
  if (e.kind === "index" && !isReduction(reading, e.base)) {
    e.indices.forEach((index, axis) => {
      const form = linear(reading, index.value, binder, 0);
      if (!form || form.times === 0) return;
      const text = textOf(e.base.span);
      if (form.plus < 0) reading.frame.fail(negativeShift(index.value.span, binder, text));
      const extent = extentOf(reading, e.base, axis, here);
      if (!extent) return;
      const size = Math.floor((extent.size - 1 - form.plus) / form.times) + 1;
      const key = `${text} ${axis}`;
      const known = found.get(key);
      if (!known || size < known.size)
        found.set(key, { field: text, size, span: e.span, axis: extent });
    });
  }
  const inside = here && !isAggregationCall(reading, e);
  for (const part of partsOf(e)) collect(reading, part, binder, found, inside);
}

const isReduction = (reading: Reading, base: Expression): boolean =>
  base.kind === "name" &&
  !reading.scope.env.has(base.name.text) &&
  /^(sum|mean|max|min|var)$/.test(base.name.text);

/** The extent of an axis of what is indexed: a field, a parameter, a function array, or a value computed here. */
function extentOf(reading: Reading, base: Expression, axis: number, here: boolean): Dim | null {
  const name = base.kind === "name" || base.kind === "member" ? base.name.text : null;
  const entry = name === null ? undefined : reading.scope.env.get(name);
  if (entry?.kind === "variable") return typeOf(entry).shape[axis] ?? null;
  if (entry?.kind === "let") {
    const size = entry.item.dims[axis];
    return size ? dimension(size, entry.scope.dims, reading.frame) : null;
  }
  if (base.kind === "index") return extentOf(reading, base.base, axis + base.indices.length, here);
  if (base.kind === "member" || (entry && entry.kind === "function")) return null;
  if (!here && base.kind !== "name") return null;
  return infer(reading, base).type.shape[axis] ?? null;
}

interface Linear {
  readonly times: number;
  readonly plus: number;
}

/** `a*t + c` in the binder t, with constants a and c; null for anything else. */
function linear(reading: Reading, e: Expression, binder: string, depth: number): Linear | null {
  if (depth > 50) return null;
  if (e.kind === "number") return { times: 0, plus: e.value };
  if (e.kind === "name") {
    if (e.name.text === binder) return { times: 1, plus: 0 };
    if (reading.binders.has(e.name.text) || !reading.scope.dims.find(e.name.text)) return null;
    const value = unlessBlocked(() => evaluate(e, reading.scope.dims, reading.frame));
    return value && { times: 0, plus: value.over / value.under };
  }
  if (e.kind !== "binary") return null;
  const a = linear(reading, e.left, binder, depth + 1);
  const b = linear(reading, e.right, binder, depth + 1);
  if (!a || !b) return null;
  if (e.operator === "+") return { times: a.times + b.times, plus: a.plus + b.plus };
  if (e.operator === "-") return { times: a.times - b.times, plus: a.plus - b.plus };
  if (e.operator !== "*" || (a.times !== 0 && b.times !== 0)) return null;
  return { times: a.times * b.plus + b.times * a.plus, plus: a.plus * b.plus };
}
