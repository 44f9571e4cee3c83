/**
 * `gnc explain MODEL`: the relational inductive bias of a model and of each of its blocks, as Battaglia et al. 2018 put it in
 * table 1: which entities, which relations, which rule, what it shares, and the symmetries that follow.
 */
import { textOf } from "../../../grammar/source.js";
import type { Application, Field, Model, Recurrence } from "../../ir/model.js";
import { printModel } from "../../ir/model.print.js";
import type { NodeSet, Relation, Space } from "../../ir/space.js";
import { mapOf } from "./breaks.js";
import { liveBelow } from "./live.js";
import { type Sharing, sharingOf } from "./sharing.js";
import { slicesOf } from "./slices.js";
import type { Verdict } from "./symmetry.js";
import { verdictOf } from "./verdict.js";

/** A row of the table. */
export interface Row {
  /** Names of the instances that are alike; none for the model. */
  readonly instances: readonly string[];
  readonly declaration: string;
  readonly application: Application;
  /** The equations as a model of their own: what `--verify` runs. */
  readonly model: Model;
  readonly entities: readonly NodeSet[];
  readonly relations: readonly Relation[];
  /** How relations are used: whether a softmax weighs their edges, whether a cycle runs along them. */
  readonly weighed: ReadonlySet<Relation>;
  readonly recurrent: ReadonlySet<Relation>;
  /** Fields reduced over whole graphs. */
  readonly readsGraphs: boolean;
  readonly rule: readonly Equation[];
  readonly sharing: readonly Sharing[];
  readonly recurrences: readonly Recurrence[];
  readonly verdict: Verdict;
}

export interface Equation {
  readonly space: Space;
  readonly text: string;
}

/** The model, then its blocks, alike ones together. */
export function biasOf(model: Model): readonly Row[] {
  const whole = model.applications.find((a) => a.kind === "model");
  const rows = new Map<string, Row>();
  for (const { application, model: slice } of slicesOf(model)) {
    const text = printModel(slice);
    const known = rows.get(text);
    const { instance } = application;
    if (!known) rows.set(text, rowOf(application, slice, [instance]));
    else if (!known.instances.includes(instance))
      rows.set(text, { ...known, instances: [...known.instances, instance] });
  }
  return [...(whole ? [rowOf(whole, model, [])] : []), ...rows.values()];
}

function rowOf(application: Application, model: Model, instances: readonly string[]): Row {
  const used = usesOf(model);
  return {
    instances,
    declaration: application.declaration,
    application,
    model,
    entities: model.sets,
    relations: model.relations.filter((r) => used.relations.has(r)),
    weighed: used.weighed,
    recurrent: recurrentOf(model),
    readsGraphs: used.graphs,
    rule: ruleOf(application, model),
    sharing: sharingOf(model),
    recurrences: model.recurrences,
    verdict: verdictOf(model),
  };
}

function usesOf(model: Model) {
  const relations = new Set<Relation>();
  const weighed = new Set<Relation>();
  let graphs = false;
  for (const field of model.fields)
    for (const { e } of liveBelow({ e: field.value, on: field.space })) {
      const map = mapOf(e);
      if (map?.from.kind === "edges") relations.add(map.from);
      if (e.kind === "group_softmax" && e.map.from.kind === "edges") weighed.add(e.map.from);
      if (e.kind === "aggregate" && e.map.kind === "graph") graphs = true;
    }
  return { relations, weighed, graphs };
}

/** Relations that the equations of a cycle read along. */
function recurrentOf({ recurrences }: Model): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  for (const { fields } of recurrences) {
    const members = new Set<Field>(fields);
    for (const field of fields)
      for (const { e } of liveBelow({ e: field.value, on: field.space })) {
        if (e.kind !== "pull" || e.map.kind !== "sender") continue;
        const reads = [...liveBelow({ e: e.value, on: e.map.to })].some(
          ({ e: part }) =>
            part.kind === "field" && part.field.kind === "field" && members.has(part.field),
        );
        if (reads) found.add(e.map.relation);
      }
  }
  return found;
}

/** The block's own equations as they are written; those of blocks inside it are theirs. */
function ruleOf(application: Application, { fields }: Model): readonly Equation[] {
  const equations = new Map<string, Equation>();
  for (const { origin, space, equation } of fields) {
    if (origin !== application || !equation) continue;
    const text = textOf(equation).replace(/\s+/g, " ");
    equations.set(`${space.name} ${equation.start}`, { space, text });
  }
  return [...equations.values()];
}
