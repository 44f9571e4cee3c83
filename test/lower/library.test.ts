/** Models of the standard library lower to well-formed tensors that mean what their text says. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import { expectAgreement } from "./support/agreement.js";
import { libraryModels, modelsOf } from "./support/library-models.js";
import { randomBatch } from "./support/random-batch.js";
import { renamesOf } from "./support/run.js";

describe.each(Object.entries(libraryModels))("the library's %s", (name, text) => {
  it("means what its text says", () => {
    for (const model of modelsOf(`${name}.gn`, text))
      for (const seed of [1, 2]) expectAgreement(model, randomBatch(model, seed));
  });
});

/** Square layers with a residual connection want an axis twice; nothing else here does. */
describe.each(["GCN", "GAT", "convolution", "dense"])("the library's %s", (name) => {
  it("needs few renames", () => {
    const [model] = modelsOf(`${name}.gn`, libraryModels[name] ?? "");
    const renames = model ? renamesOf(lower(model).inference) : [];
    expect(renames.length).toBeLessThanOrEqual(name === "convolution" ? 1 : 0);
  });
});
