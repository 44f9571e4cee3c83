/** The examples as they are lowered and as they are optimised: equal outputs, loss and gradients. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import { optimize } from "../../compiler/3-optimize/optimize.js";
import { differentiate } from "../../compiler/4-differentiate/differentiate.js";
import { checkSource } from "../../compiler/check-source.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Model } from "../../compiler/ir/model.js";
import type { DifferentiatedProgram } from "../../compiler/ir/program.js";
import type { Nonzeros } from "../../compiler/ir/space.js";
import { postorder, type Tensor } from "../../compiler/ir/tensor.js";
import {
  type Batch,
  fillLeaves,
  randomBatch,
  randomFrom,
  randomIntegers,
} from "../support/random-graph.js";
import { difference } from "./support/agreement.js";

const examples = ["cora/gcn.gn", "cora/gat.gn", "karate/karate.gn", "mutag/mutag.gn"];

function modelOf(path: string): Model {
  const file = join(import.meta.dirname, "../../examples", path);
  const { models, diagnostics } = checkSource({ name: path, text: readFileSync(file, "utf8") });
  const [model] = models;
  if (!model) throw new Error(JSON.stringify(diagnostics));
  return model;
}

/** Outputs, loss and gradients, gradients by the path of their parameter. */
function rootsOf(p: DifferentiatedProgram): readonly Tensor[] {
  const gradients = p.gradients.toSorted((a, b) => (a.root.name < b.root.name ? -1 : 1));
  const loss = p.training?.loss ? [p.training.loss] : [];
  return [...p.inference.outputs, ...gradients.map((g) => g.root)].map((r) => r.value).concat(loss);
}

function batchOf(model: Model, roots: readonly Tensor[], seed: number): Batch {
  const random = randomFrom(seed);
  const all = postorder(roots);
  const stored = new Set(all.flatMap(({ space }) => (space.kind === "nonzeros" ? [space] : [])));
  const nonzeros = [...stored].map((space: Nonzeros) => ({ space, columns: 1433 }));
  const { sets, relations } = model;
  const batch = randomBatch(random, { sets, relations, nonzeros, largest: 4 });
  const integers = all.flatMap((t) => (t.op === "input" && t.dtype !== "f32" ? [t] : []));
  for (const { attrs, space } of integers)
    batch.inputs.set(attrs.path, randomIntegers(random, batch.rows(space), 2));
  fillLeaves(batch, roots, random);
  return batch;
}

describe.each(examples)("examples/%s", (path) => {
  it("computes the same before and after the laws", () => {
    const model = modelOf(path);
    const program = lower(model);
    const plain = rootsOf(differentiate(program, { pullback: false }));
    const derived = differentiate(optimize(program), { pullback: false });
    const good = rootsOf(optimize(derived));
    const batch = batchOf(model, [...plain, ...good], 1);
    const after = evaluate(good, batch);
    evaluate(plain, batch).forEach((value, i) => {
      expect(difference(value, after[i] ?? new Float64Array())).toBeLessThan(1e-9);
    });
  });
});
