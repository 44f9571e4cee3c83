/** The values of all fields in one mode: plain equations one after the other, recurrences as one `recur` each. */
import { bug } from "../bug.js";
import type { Field, Input, Parameter, State } from "../ir/model.js";
import type { Tensor, TensorTable } from "../ir/tensor.js";
import type { Unit } from "./equations.js";
import { lowerExpression } from "./expressions.js";
import type { Leaves } from "./leaves.js";
import { bodiesInOrder, unknownsOf } from "./recurrence.js";
import { type AxisKeeper, type Mode, Scope } from "./scope.js";
import { coerce, lift, relabel, spread, type Value } from "./values.js";

/** What both modes of a program share. */
export interface Shared {
  readonly table: TensorTable;
  readonly axes: AxisKeeper;
  readonly leaves: Leaves;
  readonly sites: ReadonlyMap<string, number>;
  /** The units that are the same in both modes, once they are lowered. */
  readonly lowered: Map<Field, Value>;
}

/** Lowers all units; the mode it gives reads them. */
export function lowerFields(units: readonly Unit[], shared: Shared, training: boolean): Mode {
  const values = new Map<Field, Value>();
  const { table, axes, sites, leaves } = shared;
  const read = (source: Field | Input | Parameter | State): Value =>
    source.kind === "field"
      ? (values.get(source) ?? bug(`${source.name} is read before it is lowered`))
      : leaves.read(source);
  const mode: Mode = { table, axes, training, sites, read, rule: lowerExpression };
  for (const unit of units) {
    for (const [field, value] of lowerUnit(unit, mode, values, shared)) {
      values.set(field, value);
      if (!unit.differs) shared.lowered.set(field, value);
    }
  }
  return mode;
}

type Values = Map<Field, Value>;

function lowerUnit(
  unit: Unit,
  mode: Mode,
  values: Values,
  shared: Shared,
): Iterable<[Field, Value]> {
  const known = [...unit.wanted].flatMap((f): [Field, Value][] => {
    const value = shared.lowered.get(f);
    return value ? [[f, value]] : [];
  });
  if (known.length === unit.wanted.size) return known;
  if (unit.recurrence) return lowerRecurrence(unit, mode, values);
  return unit.fields.map((f) => [f, lowerField(f, mode)]);
}

/** The value of a field's own equation. */
function lowerField(field: Field, mode: Mode): Value {
  const value = new Scope(mode, field.space, field).lower(field.value);
  const tensor = coerce(mode.table, value.tensor, field.type.dtype);
  return { tensor: named(mode.table, tensor, field), axes: value.axes };
}

/** Carries the name of its field, unless it is a constant that many fields may be. */
function named(table: TensorTable, t: Tensor, { name }: Field): Tensor {
  const common = t.op === "const" || t.op === "iota" || t.op === "fact";
  return common ? t : table.named(t, name);
}

/** One `recur`: bodies of the unknowns, then what else is wanted outside. */
function lowerRecurrence(unit: Unit, mode: Mode, values: Values): Iterable<[Field, Value]> {
  const { table } = mode;
  const recurrence = unit.recurrence ?? bug("a unit without a recurrence");
  const unknowns = new Map(unknownsOf(recurrence).map((f) => [f, unknownOf(f, mode)]));
  for (const [field, unknown] of unknowns) values.set(field, unknown);
  const bodies = lowerBodies(recurrence.fields, unknowns, mode, values);

  const further = recurrence.fields.filter((f) => unit.wanted.has(f) && !unknowns.has(f));
  const results = [...unknowns.keys(), ...further];
  const tensors = results.map((f) => bodies.get(f)?.tensor ?? bug(`${f.name} has no body`));
  const recur = table.recur(
    [...unknowns.values()].map((u) => u.tensor),
    tensors,
    recurrence.order,
  );
  return results.map((f, i) => [
    f,
    { tensor: table.result(recur, i), axes: bodies.get(f)?.axes ?? [] },
  ]);
}

/** A fresh unknown on the axes of its own. */
function unknownOf(field: Field, { table, axes }: Mode): Value {
  const own = axes.leaf({}, field.name, field.type.shape);
  return { tensor: table.unknown(field.name, field.space, own, field.type.dtype), axes: own };
}

function lowerBodies(
  fields: readonly Field[],
  unknowns: ReadonlyMap<Field, Value>,
  mode: Mode,
  values: Values,
): ReadonlyMap<Field, Value> {
  const bodies = new Map<Field, Value>();
  for (const field of bodiesInOrder(fields, new Set(unknowns.keys()))) {
    const unknown = unknowns.get(field);
    const value = lowerField(field, mode);
    const { tensor, axes } = whole(field, value, unknown?.axes ?? value.axes, mode.table);
    bodies.set(field, { tensor: named(mode.table, tensor, field), axes });
    if (!unknown) values.set(field, value);
  }
  return bodies;
}

/** A value with all of its axes, on the rows of its field. */
export function whole(field: Field, value: Value, axes: Value["axes"], table: TensorTable): Value {
  const same = relabel(table, value, axes);
  const tensor: Tensor = spread(table, lift(table, same.tensor, field.space), axes);
  return { tensor, axes };
}
