/**
 * Model to tensors: every field equation becomes tensors with a row space and named axes.
 *
 * First the equations are lowered one by one, each with axes of its own; then `unifyAxes` gives the axes that meet one
 * name, so that the program has a rename only where one value needs an axis twice.
 */
import type { Field, Model } from "../ir/model.js";
import type { Forward, Program, Root } from "../ir/program.js";
import { unitSpace } from "../ir/space.js";
import { TensorTable } from "../ir/tensor.js";
import { numberSites } from "./draws.js";
import { rootTexts, unitsOf } from "./equations.js";
import { lowerFields, type Shared, whole } from "./fields.js";
import { Leaves } from "./leaves.js";
import { lossOf, lowerOptimizer, totalsOf } from "./objectives.js";
import { AxisKeeper, type Mode, Scope } from "./scope.js";
import { unifyAxes } from "./unify-axes.js";
import { coerce, relabel, spread } from "./values.js";

/** The program of a checked model. */
export function lower(model: Model): Program {
  const table = new TensorTable();
  const axes = new AxisKeeper(table);
  const sites = numberSites([...model.fields.map((f) => f.value), ...rootTexts(model)]);
  const leaves = new Leaves(table, axes);
  const shared: Shared = { table, axes, leaves, sites, lowered: new Map() };
  const units = unitsOf(model);
  const running = lowerFields(units, shared, false);
  const training = lowerFields(units, shared, true);
  return unifyAxes({
    model,
    table,
    inference: { ...forward(model, running), states: [] },
    training: model.losses.length > 0 ? forward(model, training) : null,
    optimizers: model.optimizers.map((o) => lowerOptimizer(o, training)),
  });
}

function forward(model: Model, mode: Mode): Forward {
  return {
    outputs: model.outputs.map(({ name, field }) => output(name, field, mode)),
    loss: lossOf(model.losses, mode),
    metrics: model.metrics.map((m) => ({ name: m.name, ...totalsOf(m, mode) })),
    states: updates(model, mode),
  };
}

function output(name: string, field: Field, mode: Mode): Root {
  const value = mode.read(field);
  const { tensor, axes } = whole(field, value, value.axes, mode.table);
  return { name, value: tensor, layout: axes };
}

/** The states that training changes, each in the layout of the state. */
function updates(model: Model, mode: Mode): Forward["states"] {
  const { table } = mode;
  return model.states.flatMap((state) => {
    if (!state.next) return [];
    const { axes } = mode.read(state);
    const next = relabel(table, new Scope(mode, unitSpace, state).lower(state.next), axes);
    const value = spread(table, coerce(table, next.tensor, "f32"), axes);
    return [{ state, next: { name: state.path, value, layout: axes } }];
  });
}
