/** The words that the language itself defines (LANGUAGE 3, "Built in"), by what kind of thing they are. */
import type { Reducer } from "../ir/model.js";

/** Functions of one number. */
export const unaryNames = [
  "relu", "tanh", "sigmoid", "exp", "log", "sqrt", "rsqrt", "sin", "cos", "erf",
] as const; // biome-ignore format: one line reads better

export const pointwiseNames: ReadonlySet<string> = new Set([
  ...unaryNames,
  "abs",
  "min",
  "max",
  "clip",
  "pow",
  "floor",
  "round",
  "mod",
  "select",
]);

/** Reducers over rows and over bound axes. */
export const reducers: ReadonlyMap<string, Reducer> = new Map<string, Reducer>([
  ["sum", "sum"],
  ["mean", "mean"],
  ["max", "max"],
  ["min", "min"],
  ["var", "var"],
]);

/** Functions that are no library text. */
export const builtinNames: ReadonlySet<string> = new Set([
  ...pointwiseNames,
  ...reducers.keys(),
  "softmax",
  "log_softmax",
  "argmax",
  "norm",
  "one_hot",
  "flatten",
  "stop",
  "uniform",
  "normal",
  "count",
]);

/** Values that the language gives. */
export const builtinValues: ReadonlySet<string> = new Set(["index", "offset", "training", "step"]);

export const topologyWords = [
  "sparse", "tree", "dag", "complete", "causal", "chain", "window", "self",
] as const; // biome-ignore format: one line reads better

export const initializerNames = [
  "glorot", "he", "normal", "uniform", "orthogonal", "zeros", "ones",
] as const; // biome-ignore format: one line reads better
