/** `W[h]`, `x[t + 1, 0]`: reading leading axes at integers that surely fit. */
import type { IndexExpression } from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import {
  indexExceeds,
  notAnInteger,
  placeWithoutMaximum,
  tooManyIndices,
} from "../diagnostics/shapes.js";
import { type Dim, provenance } from "./dims.js";
import { at } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import { infer, joined, shown } from "./reading.js";
import { intervalOf, withShape } from "./types.js";

export function inferIndex(reading: Reading, e: IndexExpression): Value {
  const base = infer(reading, e.base);
  const indices = e.indices.map((i) => infer(reading, i.value));
  const axes = base.type.shape;
  if (indices.length > axes.length)
    reading.frame.fail(tooManyIndices(e.span, shown(base), indices.length));
  indices.forEach((index, i) => {
    const axis = axes[i];
    if (axis) checkIndex(reading, index, axis, textOf(e.base.span));
  });
  const type = { ...withShape(base.type, axes.slice(indices.length)), literal: false };
  return {
    type,
    place: joined(reading, [base, ...indices]),
    span: e.span,
    build: (place) =>
      at(
        base.build(place),
        indices.map((i) => i.build(place)),
        e.span,
      ),
  };
}

/** An integer that lies within an axis. */
export function checkIndex(reading: Reading, index: Value, axis: Dim, name: string): void {
  const { frame } = reading;
  if (index.type.dtype !== "i32" || index.type.shape.length > 0)
    frame.fail(notAnInteger(index.span, shown(index)));
  const { low, high } = intervalOf(index.type);
  if (!Number.isFinite(high)) frame.fail(placeWithoutMaximum(index.span, shown(index), axis.size));
  if (low < 0 || high >= axis.size)
    frame.fail(
      indexExceeds(index.span, shown(index), low, high, name, axis.size, provenance([axis])),
    );
}
