/** Random models say in their module what they mean in the evaluator: outputs, pullbacks, the first training step. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { compare, printFindings } from "./support/agreement.js";
import { blame } from "./support/blame.js";
import { derive } from "./support/oracle.js";
import { type Recipe, recipes, settings, sourceOf } from "./support/random-source.js";
import { checked } from "./support/sources.js";
import { randomWorld } from "./support/world.js";

/** Throws with the text, where to look, and what is wrong. */
async function check(recipe: Recipe): Promise<void> {
  const text = sourceOf(recipe);
  const model = checked(text);
  if (!model) return;
  const world = randomWorld(model, recipe.sizes, recipe.seed);
  const { faults } = await compare(
    derive(model),
    await compileModel(model, { gradients: "all" }),
    world,
  );
  if (faults.length === 0) return;
  const phases = blame(model, world).join("\n") || "all phases before emit agree";
  expect.fail(`${printFindings(faults)}\n${phases}\n${text}`);
}

describe("a random model", () => {
  it("computes in its module what it means in the evaluator", async () => {
    await fc.assert(fc.asyncProperty(recipes, check), settings(60));
  }, 600_000);
});
