/**
 * Variables and the model fields they become.
 *
 * A field made under binders has them as leading axes, as objects of its own; it is read back at the binders around.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { Binder, Expr } from "../ir/model.js";
import { at, binderValue, each, isConstant, lift, literal, readField } from "./expr.js";
import type { DraftField, Frame, Variable } from "./frame.js";
import { batchPlace, type Place } from "./places.js";
import { rebind } from "./rebind.js";
import { type Type, valueType } from "./types.js";

/** A variable of which nothing is known yet but what is written. */
export const drafted = (
  name: string,
  span: Span,
  place: Place | null | undefined,
  expected: Variable["expected"],
): Variable => ({
  kind: "variable",
  name,
  span,
  place,
  type: null,
  expected,
  failed: false,
  field: null,
  read: () => bug(`${name} is read before it is built`),
});

/** A variable whose value is known from outside: a parameter of the body. */
export const knownVariable = (
  name: string,
  span: Span,
  place: Place | null,
  type: Type,
): Variable => ({
  ...drafted(name, span, place, null),
  type,
});

const labelled = (label: string, name: string): string =>
  label === "" ? name : `${label}/${name}`;

/** Gives a variable its field; the value follows when the equation is built. */
export function draftField(frame: Frame, variable: Variable): void {
  if (!variable.type) return;
  const { context } = frame;
  const own = variable.place ?? batchPlace;
  const type = valueType(variable.type);
  const field: DraftField = {
    kind: "field",
    name: context.unique("field", labelled(frame.label, variable.name)),
    space: own.space,
    type: { ...type, shape: [...frame.binders.map((b) => b.size), ...type.shape] },
    value: literal(0, variable.span),
    origin: frame.application,
    span: variable.span,
  };
  variable.field = field;
  variable.read = (place) => {
    const member = frame.binders.map((b) => binderValue(b, variable.span));
    return lift(
      at(readField(field, variable.span), member, variable.span),
      own.space,
      place.space,
      variable.span,
    );
  };
}

/** Completes a field: from here on it is part of the model. */
export function finishField(frame: Frame, variable: Variable, value: Expr, equation?: Span): void {
  const { field } = variable;
  if (!field) return;
  if (equation) field.equation = equation;
  const fresh = new Map(frame.binders.map((b): [Binder, Binder] => [b, { ...b }]));
  field.value = each(
    [...fresh.values()],
    fresh.size > 0 ? rebind(value, fresh) : value,
    field.span,
  );
  frame.context.fields.push(field);
  if (frame.caller) frame.context.callers.set(field, frame.caller);
}

/** Lets a variable be read as an expression that stands on its place, or anywhere if it reads no rows. */
export function readAs(variable: Variable, value: Expr): void {
  const own = variable.place ?? batchPlace;
  variable.read = (place) =>
    isConstant(value) ? value : lift(value, own.space, place.space, value.span);
}
