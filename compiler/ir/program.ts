/**
 * A model as tensors: what `2-lower` makes, `3-optimize` improves, `4-differentiate` extends and `5-schedule` reads.
 *
 * One table holds every tensor. A program is a list of named roots per purpose; each purpose is one way to run the
 * model. `training` is resolved when lowering, so that inference carries no dead branch.
 */
import type { Model, Optimizer, Parameter, State } from "./model.js";
import type { Axis, Tensor, TensorTable } from "./tensor.js";

/** A value that leaves the program, with the order of its axes in memory. */
export interface Root {
  readonly name: string;
  readonly value: Tensor;
  readonly layout: readonly Axis[];
}

/** What one evaluation of the model computes, with `training` fixed. */
export interface Forward {
  readonly outputs: readonly Root[];
  /** The sum of all losses: a scalar on the batch. Null when the model has none. */
  readonly loss: Tensor | null;
  /** For every metric its sum of values and its count of rows, scalars on the batch: batches are combined exactly. */
  readonly metrics: readonly {
    readonly name: string;
    readonly total: Tensor;
    readonly rows: Tensor;
  }[];
  /** States and their values after a training step. */
  readonly states: readonly { readonly state: State; readonly next: Root }[];
}

/** All that an evaluation is asked for. */
export const rootsOf = (f: Forward): readonly Tensor[] => [
  ...f.outputs.map((o) => o.value),
  ...(f.loss ? [f.loss] : []),
  ...f.metrics.flatMap((m) => [m.total, m.rows]),
  ...f.states.map((s) => s.next.value),
];

/** The hyperparameters of one optimizer line as scalars on the batch, perhaps of `step`. */
export interface LoweredOptimizer {
  readonly optimizer: Optimizer;
  readonly settings: Readonly<Record<string, Tensor>>;
}

export interface Program {
  readonly model: Model;
  readonly table: TensorTable;
  /** `training` false: what `run` and validation compute. */
  readonly inference: Forward;
  /** `training` true; null when the model has no loss. */
  readonly training: Forward | null;
  readonly optimizers: readonly LoweredOptimizer[];
}

/** A gradient: which parameter, and its value in the layout of the parameter. */
export interface Gradient {
  readonly parameter: Parameter;
  readonly root: Root;
}

/** A program with its derivatives. */
export interface DifferentiatedProgram extends Program {
  /** Gradients of the training loss, for every parameter it depends on. */
  readonly gradients: readonly Gradient[];
  /**
   * Gradients of sum(output * cotangent) over f32 outputs, in inference mode: to parameters and to f32 inputs. The
   * cotangents are inputs of the program named `cotangent.<output>`. Null when not asked for.
   */
  readonly pullback: {
    readonly cotangents: readonly Root[];
    readonly parameters: readonly Gradient[];
    readonly inputs: readonly Root[];
  } | null;
}
