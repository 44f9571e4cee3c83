/** What is claimed of random models holds in their modules. */
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { biasOf } from "../../compiler/explain/bias/bias.js";
import { claimWords } from "../../compiler/explain/bias/words.js";
import { holds, verified } from "../../tools/verify/verify.js";
import { type Recipe, recipes, settings, sourceOf } from "../generated/support/random-source.js";
import { checked } from "../generated/support/sources.js";

const tried = new Map<string, number>();
afterAll(() => console.log("claims tried:", Object.fromEntries(tried)));

async function check(recipe: Recipe): Promise<void> {
  const text = sourceOf(recipe);
  const model = checked(text);
  const [row] = model ? biasOf(model) : [];
  if (!row) return;
  for (const [claim, found] of await verified(row)) {
    const { kind } = claim.symmetry;
    tried.set(kind, (tried.get(kind) ?? 0) + 1);
    if (!holds(found)) expect.fail(`${claimWords(claim)}: ${JSON.stringify(found)}\n${text}`);
  }
}

it("claims of random models hold", async () => {
  await fc.assert(fc.asyncProperty(recipes, check), settings(150));
  for (const kind of ["permutation", "edge order", "graphs", "translation", "prefix", "suffix"])
    expect(tried.get(kind), `${kind} was claimed of some`).toBeGreaterThan(0);
}, 600_000);
