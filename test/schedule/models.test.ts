/** Whole models from their text compute the same scheduled as evaluated: outputs, losses, metrics, gradients, states. */
import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { checkSource } from "../../compiler/compile.js";
import { checkModel } from "../support/schedule-model.js";

const modelsOf = (file: string) => {
  const path = `test/fixtures/models/${file}.gn`;
  return checkSource({ name: path, text: readFileSync(path, "utf8") }).models;
};

/** Those that are small enough for float64 loops in seconds; `GN_MODELS` names others. */
const small = "CoraGAT,Heterogeneous,Mutag,NBodyEnergy,CovSeq,CovTree";
const wanted = (process.env.GN_MODELS ?? small).split(",");

const models = ["graph", "physics", "mnist", "seq2seq", "charlm", "coverage"]
  .flatMap(modelsOf)
  .filter((m) => wanted.includes(m.name));

describe("scheduled equals evaluated:", () => {
  it.each(models.map((m) => [m.name, m] as const))("%s", (_, model) => {
    checkModel(model);
  });
});
