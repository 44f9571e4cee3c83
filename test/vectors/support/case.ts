/** What a vector becomes in the language: a model, and where each of its tensors goes. */
import type { View } from "./view.js";

/** The tensors of a batch, rows first: all graphs one after the other, ends of edges counted over all of them. */
export type Fields = Readonly<Record<string, Readonly<Record<string, View>>>>;

export interface Common {
  /** Text of a file with one model; `std/..` may be imported. */
  readonly model: string;
  /** Fields by space and name; of a relation also `senders` and `receivers`, of a set without fields its `count`. */
  readonly graph: Fields;
  /**
   * For node sets of several graphs: the graph of each node. Sets left out are one graph. Also for relations that a topology
   * makes, where their edges have fields.
   */
  readonly graphOf?: Readonly<Record<string, View>>;
  /** How many graphs there are, where the last ones may be empty. */
  readonly graphs?: number;
  /** By path, whole families stacked. */
  readonly weights?: Readonly<Record<string, View>>;
  readonly states?: Readonly<Record<string, View>>;
  /** Parameters that the vector has once and the model twice: the path of the second, and that of the first. */
  readonly twins?: Readonly<Record<string, string>>;
  /** Names of tensors that the model has no use for, each with the reason. */
  readonly unread?: Readonly<Record<string, string>>;
}

/** Outputs and gradients of one call. */
export interface CallCase extends Common {
  readonly kind: "call";
  /** By `space.name`, rows first. */
  readonly outputs: Readonly<Record<string, View>>;
}

/** Losses and parameters of a few training steps. */
export interface TrainingCase extends Common {
  readonly kind: "training";
  /** Fields that change from step to step, counted from 0: noise that a vector gives. They are among those of `graph` too. */
  readonly graphAt?: (step: number) => Fields;
  /** Outputs after the last step. */
  readonly outputs: Readonly<Record<string, View>>;
  /** States after the last step. */
  readonly statesAfter?: Readonly<Record<string, View>>;
}

/**
 * One call in training mode. The model's loss is sum(output * cotangent) with inputs, cotangent and all as parameters, and
 * its optimizer `sgd(lr: 1)`: each parameter changes by minus its gradient, which of the cotangent is the output.
 */
export interface StepCase extends Common {
  readonly kind: "step";
  /** What each parameter changes by, the sign turned. */
  readonly changes: Readonly<Record<string, View>>;
  readonly statesAfter: Readonly<Record<string, View>>;
}

export type VectorCase = CallCase | TrainingCase | StepCase;

/** One vector as the index describes it. */
export interface Vector {
  readonly id: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly mode: "train" | "eval";
  /** The absolute part is given for the largest number of a tensor, or as it is. */
  readonly tolerance: {
    readonly rtol: number;
    readonly atol_times_max_abs?: number;
    readonly atol?: number;
  };
  /** The file of several small cases that this one lies in, by its path without the ending. */
  readonly file?: string;
  /** Inputs that are not f32: `i32`, `bool`. */
  readonly types?: Readonly<Record<string, string>>;
  /** Parameters without a gradient of their own (a bias before a norm), of which Adam makes steps of the rounding. */
  readonly unstable?: readonly string[];
  /** The shape of every tensor by name. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

/** The shape of a tensor of a vector. */
export function shapeOf({ id, tensors }: Vector, name: string): readonly number[] {
  const found = tensors[name];
  if (!found) throw new Error(`${id} has no ${name}`);
  return found;
}

/** One extent of a tensor of a vector. */
export const extentOf = (vector: Vector, name: string, axis: number): number =>
  shapeOf(vector, name).at(axis) as number;

/** Those of the views that there are: a bias that a vector lacks is null. */
export const present = (
  views: Readonly<Record<string, View | null | undefined>>,
): Readonly<Record<string, View>> =>
  Object.fromEntries(Object.entries(views).flatMap(([name, view]) => (view ? [[name, view]] : [])));

/** How the vectors with an id are said in the language. */
export type Table = Readonly<Record<string, (vector: Vector) => VectorCase>>;

export const call = (given: Omit<CallCase, "kind">): CallCase => ({ kind: "call", ...given });
export const step = (given: Omit<StepCase, "kind">): StepCase => ({ kind: "step", ...given });
export const training = (given: Omit<TrainingCase, "kind">): TrainingCase => ({
  kind: "training",
  ...given,
});
