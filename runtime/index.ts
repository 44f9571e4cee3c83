/** The runtime of compiled models: `load(artifact)` gives a typed model. Has no dependencies; runs in browsers and Node. */
export type { Manifest } from "./artifact.js";
export type { Batch } from "./batch.js";
export { bindWeights } from "./bind.js";
export { graphsFrom, tensorsFrom } from "./data.js";
export { GnError } from "./errors.js";
export type { OutputArray } from "./fields.js";
export type { GraphInput } from "./graph.js";
export { dataFrom } from "./join-graphs.js";
export { type LoadOptions, load, type ModelSource } from "./load.js";
export type { Model } from "./model.js";
export {
  readSafetensors,
  type Tensor,
  type TensorData,
  type Tensors,
  writeSafetensors,
} from "./safetensors.js";
export type { Level } from "./stream.js";
export type { Trainer } from "./train.js";
export type {
  AnyModel,
  Epoch,
  EpochStep,
  FieldsOf,
  FitOptions,
  IntoOptions,
  MemoryUse,
  ModelTypes,
  Override,
  Pullback,
  RunOptions,
  Scores,
  Signature,
  StepResult,
  TrainerOptions,
} from "./types.js";
export type { Numbers, SparseRows } from "./values.js";
export type { Weights, WeightsSource } from "./weights.js";
