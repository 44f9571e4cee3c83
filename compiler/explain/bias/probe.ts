/**
 * A model that can be started anywhere along its chains: what a chain carries into the first place is an input of its own, and
 * what it carries into every place an output. That a step is the same everywhere, given the state before it, can so be run.
 */
import type { Expr, Field, Input, Model, Output } from "../../ir/model.js";
import { graphOf, graphSpace, type NodeSet, type Relation } from "../../ir/space.js";
import { carriedBy } from "./carried.js";
import { liveBelow } from "./live.js";
import { type Replacement, recurrencesOf, rewrittenFields } from "./rewritten.js";

/** A value that comes over a cut. */
export interface Carried {
  readonly start: Input;
  readonly output: Output;
  readonly relation: Relation;
}

export interface Probe {
  readonly model: Model;
  readonly carried: readonly Carried[];
  /** The outputs of the model as those of the probe. */
  readonly outputs: ReadonlyMap<Output, Output>;
}

type Aggregate = Extract<Expr, { readonly kind: "aggregate" }>;

interface Cut {
  readonly field: Field;
  readonly start: Input;
  readonly relation: Relation;
}

export function probeOf(model: Model, relations: readonly Relation[]): Probe {
  const cuts = cutsOf(model, relations);
  const replace: Replacement = ({ e }) => {
    const cut = e.kind === "aggregate" ? cuts.get(e) : undefined;
    return cut ? { kind: "field", field: cut.field, type: e.type, span: e.span } : null;
  };
  const made = [...cuts.values()];
  const fields = rewrittenFields([...model.fields, ...made.map((c) => c.field)], replace);
  const outputOf = (name: string, field: Field): Output => ({
    name,
    field: fields.get(field) ?? field,
  });
  const outputs = new Map(model.outputs.map((o) => [o, outputOf(o.name, o.field)]));
  const carried = made.map(
    ({ field, start, relation }): Carried => ({
      start,
      relation,
      output: outputOf(field.name, field),
    }),
  );
  return {
    carried,
    outputs,
    model: remade(
      model,
      fields,
      made.map((c) => c.start),
      [...outputs.values(), ...carried.map((c) => c.output)],
    ),
  };
}

/** Every aggregation along these chains as a field, begun with an input. */
function cutsOf(model: Model, relations: readonly Relation[]): ReadonlyMap<Aggregate, Cut> {
  const cuts = new Map<Aggregate, Cut>();
  for (const field of model.fields)
    for (const { e } of liveBelow({ e: field.value, on: field.space })) {
      if (e.kind !== "aggregate" || cuts.has(e)) continue;
      const relation = carriedBy(e);
      if (relation && relations.includes(relation))
        cuts.set(e, cutOf(e, relation, field, `carried ${cuts.size + 1}`));
    }
  return cuts;
}

function cutOf(e: Aggregate, relation: Relation, of: Field, name: string): Cut {
  const { type, span } = e;
  const start: Input = {
    kind: "input",
    name,
    space: graphSpace,
    type,
    sparse: false,
    neededToRun: true,
    span,
  };
  const read: Expr = { kind: "field", field: start, type, span };
  const empty: Expr = {
    kind: "pull",
    map: graphOf(relation.receivers),
    value: read,
    type,
    span,
  };
  const space = relation.receivers;
  const value: Expr = { ...e, empty };
  return { relation, start, field: { ...of, name, space, type, value } };
}

/** A model whose sequences begin at a place that is given: `index` counts from there. */
export interface Shifted {
  readonly model: Model;
  readonly first: Input;
  /** The outputs of the model as those of this one. */
  readonly outputs: ReadonlyMap<Output, Output>;
}

/** Far enough that a place read as such would show. */
const furthest = 1000;

export function shiftedOf(model: Model, sets: readonly NodeSet[]): Shifted {
  const type = { dtype: "i32", shape: [], range: { low: 0, high: furthest } } as const;
  const { span } = model;
  const first: Input = {
    kind: "input",
    name: "first place",
    space: graphSpace,
    type,
    sparse: false,
    neededToRun: true,
    span,
  };
  const replace: Replacement = ({ e, on }) => {
    if (e.kind !== "index" || on.kind !== "nodes" || !sets.includes(on)) return null;
    const read: Expr = { kind: "field", field: first, type, span: e.span };
    const here: Expr = { kind: "pull", map: graphOf(on), value: read, type, span: e.span };
    return { kind: "pointwise", f: "add", args: [e, here], type: e.type, span: e.span };
  };
  const fields = rewrittenFields(model.fields, replace);
  const outputs = new Map(
    model.outputs.map((o) => [o, { ...o, field: fields.get(o.field) ?? o.field }]),
  );
  return { first, outputs, model: remade(model, fields, [first], [...outputs.values()]) };
}

/** The model with other equations; it is run alone. */
const remade = (
  model: Model,
  fields: ReadonlyMap<Field, Field>,
  inputs: readonly Input[],
  outputs: readonly Output[],
): Model => ({
  ...model,
  outputs,
  inputs: [...model.inputs, ...inputs],
  fields: [...fields.values()],
  recurrences: recurrencesOf(fields, model.recurrences),
  states: model.states.map((s) => ({ ...s, next: null })),
  losses: [],
  metrics: [],
  optimizers: [],
});
