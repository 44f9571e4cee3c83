/**
 * What each program must leave in memory, and where.
 *
 * A root is a tensor of the program in a place of its own. Where that is not so as it stands (a leaf, one tensor for
 * two places, a sum whose memory is laid out otherwise) a `stop` of it takes its place: a copy.
 */

import { bug } from "../bug.js";
import type { Arenas, Buffer, Ends, MetricBuffers, Place } from "../ir/kernel.js";
import type { DifferentiatedProgram, Forward, Gradient } from "../ir/program.js";
import { unitSpace } from "../ir/space.js";
import { type Axis, factorsOf, type Tensor, type TensorTable, without } from "../ir/tensor.js";
import { isImmediate, isMemory } from "./cost.js";
import { outerPartsOf } from "./products.js";
import type { Goal, Session } from "./program.js";

/** Collects the goals of one program. */
export class Goals {
  readonly #session: Session;
  readonly #found = new Map<Tensor, Goal>();

  constructor(session: Session) {
    this.#session = session;
  }

  get all(): readonly Goal[] {
    return [...this.#found.values()];
  }

  /** A root in a buffer of its own; one value with one layout is kept once. */
  buffer(value: Tensor, layout: readonly Axis[]): Buffer {
    const { buffers } = this.#session;
    const tensor = this.#own(value, layout, (t, goal) => goal.buffer === buffers.own(t, layout));
    return this.#add(tensor, layout, buffers.own(tensor, layout));
  }

  /** A root in an arena. */
  arena(value: Tensor, layout: readonly Axis[], place: Place): Buffer {
    const tensor = this.#own(value, layout, () => false);
    return this.#add(tensor, layout, this.#session.buffers.at(tensor, layout, place));
  }

  /** A scalar of type f32 in a buffer. */
  scalar(value: Tensor): Buffer {
    const { table } = this.#session;
    return this.buffer(value.dtype === "f32" ? value : table.map("to_f32", [value]), []);
  }

  /** The value itself, or a copy of it that no other goal has. */
  #own(value: Tensor, layout: readonly Axis[], shares: (t: Tensor, goal: Goal) => boolean): Tensor {
    const { table, layouts } = this.#session;
    const isTaken = (t: Tensor): boolean => {
      const goal = this.#found.get(t);
      return (goal && !shares(t, goal)) || !layouts.allows(t, layout);
    };
    const isLeaf = isMemory(value) || isImmediate(value);
    let t = isLeaf || isSplit(value, layout, table) ? table.stop(value) : value;
    while (isTaken(t)) t = table.stop(t);
    return t;
  }

  #add(tensor: Tensor, layout: readonly Axis[], buffer: Buffer): Buffer {
    this.#session.layouts.force(tensor, layout);
    this.#found.set(tensor, { tensor, buffer });
    return buffer;
  }
}

/** Whether a bucket would have to put neighbours of a row apart: its slots are not outermost in this layout. */
const isScattered = (side: Tensor, layout: readonly Axis[]): boolean => {
  if (side.op !== "product" || side.attrs.slots.length === 0) return false;
  const own = layout.filter((a) => side.axes.includes(a));
  return !own.slice(0, side.attrs.slots.length).every((a) => side.attrs.slots.includes(a));
};

/** Whether a sum over all rows is that of two sides whose axes this layout mixes, or has in an order that costs. */
function isSplit(t: Tensor, layout: readonly Axis[], table: TensorTable): boolean {
  if (t.op !== "product" || t.attrs.map?.to !== unitSpace || t.attrs.slots.length > 0) return false;
  const parts = outerPartsOf(t, layout, table);
  if (parts) return [parts.left, parts.right].some((side) => isScattered(side, layout));
  return factorsOf(t).some((f) => {
    const leading = layout.filter((a) => f.axes.includes(a));
    return outerPartsOf(t, [...leading, ...without(layout, leading)], table) !== null;
  });
}

/** All roots of one evaluation. */
export interface ForwardEnds {
  readonly loss: Buffer | null;
  readonly metrics: readonly (readonly [name: string, MetricBuffers])[];
}

export function lossAndMetrics(goals: Goals, { loss, metrics }: Forward): ForwardEnds {
  return {
    loss: loss && goals.scalar(loss),
    metrics: metrics.map((m) => [
      m.name,
      { total: goals.scalar(m.total), rows: goals.scalar(m.rows) },
    ]),
  };
}

/** Gradients into their arena. */
export function gradientGoals(goals: Goals, gradients: readonly Gradient[], arenas: Arenas): void {
  const offsets = new Map(arenas.parameters.map((p) => [p.parameter.path, p.offset]));
  for (const { parameter, root } of gradients) {
    const offset = offsets.get(parameter.path) ?? bug(`no parameter ${parameter.path}`);
    goals.arena(root.value, root.layout, { kind: "arena", arena: "gradients", offset });
  }
}

/** The next states into theirs. */
export function stateGoals(goals: Goals, { states }: Forward, arenas: Arenas): void {
  const offsets = new Map(arenas.states.map((s) => [s.state.path, s.offset]));
  for (const { state, next } of states) {
    const offset = offsets.get(state.path) ?? bug(`no state ${state.path}`);
    goals.arena(next.value, next.layout, { kind: "arena", arena: "next_states", offset });
  }
}

/** The goals of all programs that run on data, and where their ends lie. */
export interface AllGoals {
  readonly infer: Goals;
  readonly evaluate: Goals | null;
  readonly train: Goals | null;
  readonly pullback: Goals | null;
  readonly ends: Omit<Ends, "inputs">;
}

export function allGoals(
  program: DifferentiatedProgram,
  arenas: Arenas,
  session: Session,
): AllGoals {
  const { inference, training, gradients, pullback } = program;
  const infer = new Goals(session);
  const outputs = new Map(
    inference.outputs.map((o) => [o.name, infer.buffer(o.value, o.layout)] as const),
  );
  const evaluate = inference.loss || inference.metrics.length > 0 ? new Goals(session) : null;
  const evaluated = evaluate && lossAndMetrics(evaluate, inference);
  const train = training?.loss ? new Goals(session) : null;
  const trained = train && training && lossAndMetrics(train, training);
  if (train && training) {
    gradientGoals(train, gradients, arenas);
    stateGoals(train, training, arenas);
  }
  const pulled = pullback && new Goals(session);
  if (pulled && pullback) gradientGoals(pulled, pullback.parameters, arenas);
  const inputGradients =
    pulled && pullback
      ? new Map(pullback.inputs.map((r) => [r.name, pulled.buffer(r.value, r.layout)] as const))
      : null;
  const ends = {
    outputs,
    inputGradients,
    ...evaluationEnds({ evaluate: evaluated, train: trained }),
  };
  return { infer, evaluate, train, pullback: pulled, ends };
}

type Evaluations = Readonly<Record<"evaluate" | "train", ForwardEnds | null>>;

function evaluationEnds(evaluations: Evaluations): Pick<Ends, "loss" | "metrics"> {
  const loss: Partial<Record<"evaluate" | "train", Buffer>> = {};
  const metrics = new Map<string, Partial<Record<"evaluate" | "train", MetricBuffers>>>();
  for (const name of ["evaluate", "train"] as const) {
    const ends = evaluations[name];
    if (ends?.loss) loss[name] = ends.loss;
    for (const [metric, buffers] of ends?.metrics ?? []) {
      metrics.set(metric, { ...metrics.get(metric), [name]: buffers });
    }
  }
  return { loss, metrics };
}
