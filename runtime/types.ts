/** The types a user of a model meets: those of its graphs and outputs, of what it says of itself, and of training. */
import type { Hyperparameter, Manifest } from "./artifact.js";
import type { OutputArray } from "./fields.js";
import type { Numbers } from "./values.js";

/** The types of one model. `gnc` writes them beside the artifact; without them names are not checked when compiling. */
export interface ModelTypes {
  /** A graph as `run` needs it. */
  readonly graph: object;
  /** A graph with what losses and metrics need besides. */
  readonly labelled: object;
  /** Outputs of one graph by space and name. */
  readonly outputs: object;
  /** Cotangents of f32 outputs by space and name. */
  readonly cotangents: object;
  /** Gradients of f32 inputs by space and name. */
  readonly gradients: object;
  /** Paths of parameters and states. */
  readonly parameters: string;
  /** Names of metrics. */
  readonly metrics: string;
}

/** Arrays by space and name. */
export type FieldsOf<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** A model about which nothing is known before it is loaded. */
export interface AnyModel extends ModelTypes {
  readonly graph: object;
  readonly labelled: object;
  readonly outputs: FieldsOf<OutputArray>;
  readonly cotangents: FieldsOf<Numbers>;
  readonly gradients: FieldsOf<Float32Array>;
}

/** What `pullback` gives: gradients by path of parameter, and of inputs by space and name. */
export interface Pullback<T extends ModelTypes, Gradients> {
  readonly parameters: Readonly<Record<T["parameters"], Float32Array>>;
  readonly inputs: Gradients;
}

/** What a model says of itself: its spaces, inputs, outputs and parameters, with shapes and types. */
export type Signature = Pick<
  Manifest,
  | "model"
  | "doc"
  | "compiler"
  | "sets"
  | "relations"
  | "inputs"
  | "outputs"
  | "parameters"
  | "states"
  | "optimizers"
>;

/** Bytes a model uses. */
export interface MemoryUse {
  readonly parameters: number;
  /** Gradients, moments and the like, when the model has been trained. */
  readonly training: number;
  /** Edge lists and offsets of the bound batch. */
  readonly structures: number;
  /** Inputs, intermediate values and outputs of the bound batch. */
  readonly buffers: number;
  /** All memory of the model, the most it has ever used. */
  readonly peak: number;
}

export interface RunOptions {
  /** Decides the draws of a model that draws when it runs; default: the seed the model was loaded with. */
  readonly seed?: number;
}

export interface IntoOptions<Outputs> extends RunOptions {
  /**
   * Outputs of an earlier run to write into: nothing is allocated while sizes stay the same. Arrays of another length are
   * left alone and new ones returned in their place.
   */
  readonly into?: Outputs | undefined;
}

/** A hyperparameter that replaces the model's own: a number, or a function of the step, counted from 0. */
export type Override = number | ((step: number) => number);

export interface TrainerOptions
  extends Partial<Record<Exclude<Hyperparameter, "nesterov">, Override>> {
  readonly nesterov?: boolean;
  /** Decides shuffling and all draws; default: the seed the model was loaded with. */
  readonly seed?: number;
}

/** The mean loss, and the mean of each metric over the rows it counts (0 when there are none). */
export interface Scores<Metric extends string = string> {
  readonly loss: number;
  readonly metrics: Readonly<Record<Metric, number>>;
}

export interface StepResult<Metric extends string = string> extends Scores<Metric> {
  /** Steps done, this one included. */
  readonly step: number;
}

/** A step within an epoch of `fit`; `loss` and `metrics` are means over the epoch so far. */
export interface EpochStep<Metric extends string = string> extends StepResult<Metric> {
  /** The epoch under way, counted from 1. */
  readonly epoch: number;
  /** Steps done in this epoch, and how many it has. */
  readonly position: number;
  readonly of: number;
}

export interface Epoch<Metric extends string = string> extends StepResult<Metric> {
  /** Epochs done, this one included. */
  readonly epoch: number;
  readonly validation?: Scores<Metric>;
  readonly seconds: number;
}

export interface FitOptions<Graph = unknown, Metric extends string = string> {
  /** The epoch to stop at, counted over the life of the trainer and its checkpoints. */
  readonly epochs: number;
  /** Graphs per step; default 32. */
  readonly batchSize?: number;
  /** Whether each epoch has an order of its own; default true. */
  readonly shuffle?: boolean;
  /** Graphs to evaluate after each epoch. */
  readonly validation?: readonly Graph[];
  /** Called after each step, for progress within long epochs. */
  readonly onStep?: (step: EpochStep<Metric>) => void;
  /** Stops between two steps with the signal's reason; `fit` may be called again to go on from there. */
  readonly signal?: AbortSignal;
}
