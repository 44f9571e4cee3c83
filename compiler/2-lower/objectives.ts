/** Losses, metrics and the settings of optimizers. */
import type { Objective, Optimizer } from "../ir/model.js";
import type { LoweredOptimizer } from "../ir/program.js";
import { allOf, unitSpace } from "../ir/space.js";
import type { Tensor, TensorTable } from "../ir/tensor.js";
import { groupBy } from "./aggregations.js";
import { type Group, kept, size, sum } from "./groups.js";
import { quotient, total } from "./products.js";
import { type Mode, Scope } from "./scope.js";
import { coerce, constantLike } from "./values.js";

/** The sum of an objective over the rows it keeps, and how many these are: scalars on the batch. */
export interface Totals {
  readonly total: Tensor;
  readonly rows: Tensor;
}

export function totalsOf(objective: Objective, mode: Mode): Totals {
  const { table } = mode;
  const rows = new Scope(mode, objective.space, objective);
  const value = coerce(table, rows.lower(objective.value).tensor, "f32");
  if (objective.space === unitSpace) return ofOneRow(objective, value, rows);
  const { space, where, span } = objective;
  const group = groupBy(allOf(space), where, rows.on(unitSpace), span);
  return { total: sum(group, value), rows: size(group) };
}

/** An objective of the whole batch is one row. */
function ofOneRow({ where, span }: Objective, value: Tensor, scope: Scope): Totals {
  const { table } = scope;
  const condition = where && scope.lower(where).tensor;
  const group: Group = { table, over: [], map: null, where: condition, span };
  const rows = condition ? coerce(table, condition, "f32") : table.constant(1);
  return { total: kept(group, value, 0), rows };
}

/** The sum over all losses of the mean over the rows kept; null without losses. */
export function lossOf(losses: readonly Objective[], mode: Mode): Tensor | null {
  const { table } = mode;
  const means = losses.map((objective) => {
    const { total: all, rows } = totalsOf(objective, mode);
    const divisor = atLeastOne(table, rows);
    return quotient(table, all, divisor, objective.span);
  });
  return means.length === 0 ? null : total(table, means, null);
}

const atLeastOne = (table: TensorTable, rows: Tensor): Tensor =>
  rows.op === "const" ? rows : table.map("max", [rows, constantLike(table, rows, 1)]);

/** Settings that an optimizer line leaves out. */
const defaults: Readonly<Record<Optimizer["kind"], Readonly<Record<string, number>>>> = {
  sgd: { lr: 0.01, momentum: 0, nesterov: 0, weight_decay: 0, clip: 0 },
  adam: { lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0, clip: 0 },
  adamw: { lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0, clip: 0 },
};

export function lowerOptimizer(optimizer: Optimizer, mode: Mode): LoweredOptimizer {
  const { table } = mode;
  const scope = new Scope(mode, unitSpace, optimizer);
  const given = Object.entries(optimizer.settings).map(([name, expr]) => [
    name,
    coerce(table, scope.lower(expr).tensor, "f32"),
  ]);
  const filled = Object.entries(defaults[optimizer.kind]).map(([name, value]) => [
    name,
    table.constant(value),
  ]);
  return { optimizer, settings: Object.fromEntries([...filled, ...given]) };
}
