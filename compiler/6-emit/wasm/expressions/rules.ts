/** How each op is evaluated in place: one row per op. Reductions along maps are stages of their own. */
import { bug } from "../../../bug.js";
import type { ForEachOp } from "../../../ir/tensor.js";
import { literal, spread, type Value } from "../values.js";
import { type At, on } from "./at.js";
import type { Evaluator } from "./evaluator.js";
import { fact, integers } from "./facts.js";
import { pointwise } from "./functions.js";
import { pull } from "./lookups.js";
import { random } from "./random.js";
import { argmax, extreme, logSumExp, product, winner } from "./reductions.js";
import { view } from "./views.js";

const unstored = (t: {
  readonly op: string;
  readonly label: string | null;
  readonly id: number;
}): never => bug(`${t.op} ${t.label ?? t.id} has no place in memory`);

export const rules: ForEachOp<[at: At, e: Evaluator], Value> = {
  input: unstored,
  param: unstored,
  state: unstored,
  unknown: unstored,
  recur: unstored,

  const: (t, at, e) => spread(e.code, literal(e.code, t.dtype, t.attrs.value), at.lanes),

  iota: (t, at, e) => integers(e, on(at, t.attrs.axis), at.lanes),

  fact: (t, at, e) =>
    at.row.four ? e.byLane(t, at) : spread(e.code, fact(t, at.row, e), at.lanes),
  random,
  map: pointwise,
  product,

  pull,
  extreme,
  winner,
  lse: logSumExp,
  argmax,
  view,
  stop: (t, at, e) => e.value(t.inputs[0], at),
  result: (t, at, e) => e.value(t.inputs[0].inputs[t.attrs.index] ?? bug("result of no body"), at),
};
