/** Whole models from their text compute the same scheduled as evaluated: outputs, losses, metrics, gradients, states. */
import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { checkSource } from "../../compiler/compile.js";
import { checkModel } from "../support/schedule-model.js";

const modelsOf = (file: string) => {
  const path = `test/fixtures/models/${file}.gn`;
  return checkSource({ name: path, text: readFileSync(path, "utf8") }).models;
};

const wanted = process.env.GN_MODELS?.split(",");

describe.each(["graph", "physics", "mnist", "seq2seq", "charlm", "coverage"])("%s", (file) => {
  const models = modelsOf(file).filter((m) => !wanted || wanted.includes(m.name));
  it.each(models.map((m) => [m.name, m] as const))("%s", (_, model) => {
    checkModel(model);
  });
});
