/**
 * One model: its spaces and inputs become places and variables of the outermost frame; outputs, losses, metrics and
 * optimizers are what follows its equations.
 */
import type * as ast from "../../grammar/ast.js";
import { sparseWants } from "../diagnostics/shapes.js";
import { inputWithoutSpace, noSuchPlace } from "../diagnostics/spaces.js";
import { noSuchSet } from "../diagnostics/topology.js";
import type { Input, Model } from "../ir/model.js";
import type { NodeSet } from "../ir/space.js";
import type { Context } from "./context.js";
import { readField } from "./expr.js";
import { knownVariable, readAs } from "./fields.js";
import { flatten } from "./flatten.js";
import type { Declared, Entry, Frame } from "./frame.js";
import { openFrame } from "./frames.js";
import { bindDefaults, newInstance, noFamily } from "./functions.js";
import { warnGradients, warnLabels } from "./gradients.js";
import { losses, metrics, optimizers, outputs } from "./objectives.js";
import { createParameters, finishStates } from "./owned.js";
import {
  batchPlace,
  type EdgePlace,
  edgePlace,
  globalPlace,
  nodePlace,
  type Place,
  type Places,
  setOf,
} from "./places.js";
import { neededInputs } from "./reach.js";
import { findRecurrences } from "./recurrence.js";
import { settle } from "./settle.js";
import { build, solve } from "./solve.js";
import { warnSparse } from "./sparsity.js";
import { unlessFailed } from "./stop.js";
import { layoutOf, topologyOf } from "./topology.js";
import { f32, printType, valueType, written } from "./types.js";
import { nearest } from "./walk.js";

/** The model of a declaration; null if something in it was reported. */
export function checkModel(declared: Declared, context: Context): Model | null {
  const { node } = declared;
  if (node.kind !== "model") return null;
  const instance = newInstance(null, declared, "", noFamily);
  bindDefaults(node.generics, instance.dims);
  const places: Places & { readonly declared: EdgePlace[] } = {
    words: new Map<string, Place>([
      ["global", globalPlace],
      ["batch", batchPlace],
    ]),
    declared: [],
    own: null,
    made: new Map(),
  };
  const frame = openFrame({
    context,
    instance,
    dims: instance.dims,
    places,
    here: null,
    caller: null,
    label: "",
    binders: [],
    indices: [],
  });
  const entries = new Map<string, Entry>();
  const sets = node.body.items.filter((item) => item.kind === "nodes");
  const relations = node.body.items.filter((item) => item.kind === "edges");
  for (const item of [...sets, ...relations])
    if (
      unlessFailed(() => settle(frame, () => declareSpaces(frame, item, places.declared))) === null
    )
      context.spacesFailed = true;
  for (const item of node.body.items)
    unlessFailed(() => settle(frame, () => declareInputs(frame, item, entries)));
  return settle(frame, () => {
    flatten(frame, entries);
    solve(frame);
    createParameters(frame);
    build(frame);
    return finish(frame, node);
  });
}

function finish(frame: Frame, node: ast.ModelDeclaration): Model | null {
  const { context } = frame;
  const results = { outputs: outputs(frame), losses: losses(frame), metrics: metrics(frame) };
  const served = optimizers(frame);
  finishStates(frame);
  if (context.failed) return null;
  const recurrences = findRecurrences(frame);
  if (context.failed) return null;
  if (!context.program.problems.anyErrors) {
    warnGradients(frame, results.losses);
    warnLabels(frame, results.outputs, results.losses);
    warnSparse(frame, results.losses);
  }
  const needed = neededInputs(results.outputs);
  return {
    name: node.name.text,
    doc: node.doc,
    span: node.span,
    sets: context.sets,
    relations: context.relations,
    inputs: context.inputs.map((input) => ({ ...input, neededToRun: needed.has(input) })),
    parameters: context.parameters,
    states: context.states,
    fields: context.fields,
    recurrences,
    applications: [frame.application, ...context.applications],
    ...results,
    optimizers: served,
  };
}

function declareSpaces(frame: Frame, item: ast.Item, relations: EdgePlace[]): boolean {
  const { context, places, dims } = frame;
  if (item.kind === "nodes") {
    const layout = unlessFailed(() =>
      settle(frame, () => layoutOf(item.topology, dims, frame)),
    ) ?? {
      kind: "seq",
      max: null,
    };
    for (const name of item.names) {
      const set: NodeSet = { kind: "nodes", name: name.text, layout, span: name.span };
      context.sets.push(set);
      places.words.set(name.text, nodePlace(name.text, set));
    }
  }
  if (item.kind !== "edges") return true;
  const [senders, receivers] = [item.senders, item.receivers].map((name) => endOf(frame, name));
  const from = senders && setOf(senders);
  const to = receivers && setOf(receivers);
  if (!senders || !receivers || !from || !to) return true;
  const topology = topologyOf(item.topology, from, to, dims, frame);
  const relation = context.made(topology, from, to, item.name.span, item.name.text);
  const place = edgePlace(item.name.text, relation, senders, receivers);
  places.words.set(item.name.text, place);
  relations.push(place);
  return true;
}

/** The node set at an end of a relation; sets may be declared further down. */
function endOf(frame: Frame, name: ast.Name): Place {
  const { node } = frame.declared;
  const place = frame.places.words.get(name.text);
  if (place && setOf(place)) return place;
  const known = node.body.items.flatMap((i) =>
    i.kind === "nodes" ? i.names.map((n) => n.text) : [],
  );
  return frame.fail(noSuchSet(name.span, name.text, nearest(name.text, known), known));
}

function inputPlace(frame: Frame, type: ast.FieldType, name: ast.Name): Place {
  const { words } = frame.places;
  const known = [...words.keys()];
  if (!type.space) return frame.fail(inputWithoutSpace(type.span, name.text, known));
  const { text, span } = type.space;
  return words.get(text) ?? frame.fail(noSuchPlace(span, text, nearest(text, known), known));
}

function declareInputs(frame: Frame, item: ast.Item, entries: Map<string, Entry>): void {
  if (item.kind !== "input") return;
  const { type, sparse } = item.type;
  for (const name of item.names) {
    const unknown = knownVariable(name.text, name.span, null, f32());
    entries.set(name.text, { ...unknown, failed: true });
    const place = inputPlace(frame, item.type, name);
    const made = written(type, frame.dims, frame);
    const wide = place === batchPlace;
    if (sparse && (made.dtype !== "f32" || made.shape.length !== 1 || wide))
      frame.fail(sparseWants(sparse, name.text, `\`${name.text}\` is ${printType(made)}`, wide));
    const input: Input = {
      kind: "input",
      name: name.text,
      space: place.space,
      type: valueType(made),
      sparse: sparse !== null,
      neededToRun: false,
      span: name.span,
    };
    const variable = knownVariable(name.text, name.span, place, made);
    readAs(variable, readField(input, name.span));
    frame.context.inputs.push(input);
    frame.context.unique("field", name.text);
    entries.set(name.text, variable);
  }
}
