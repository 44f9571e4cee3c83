/** Structures are written when a program first reads them: what a program gives must not depend on what ran before it. */
import { beforeAll, expect, it } from "vitest";
import { checkSource, compileModel, type Model } from "../../compiler/index.js";
import { load } from "../../runtime/index.js";
import { readManifest } from "../../runtime/load.js";

const text = `import { GCN } from "std/graph"
import { cross_entropy } from "std/core"

model Small {
  nodes paper
  edges cites: paper -> paper sparse(symmetric, self_loops)
  input x: paper f32[4] sparse
  input y: paper index[3]
  logits = GCN<3>(relu(GCN<5>(x)))
  output logits
  loss cross_entropy(logits, y)
  optimizer adam(lr: 0.1)
}
`;

/** Two papers that cite each other and one alone; `shift` moves the columns of the features, not their number. */
const cites = { senders: Int32Array.of(1, 0), receivers: Int32Array.of(0, 1) };
const graphOf = (shift: number) => ({
  paper: {
    x: {
      indptr: [0, 2, 3, 4],
      indices: [0, 1, 2, 1].map((column) => (column + shift) % 4),
      values: [1, 2, 3, 4],
    },
    y: [0, 1, 2],
  },
  cites,
});

let wasm: Uint8Array;
beforeAll(async () => {
  const { models } = checkSource({ name: "small.gn", text });
  const [model] = models;
  if (!model) throw new Error("the model does not compile");
  wasm = await compileModel(model);
});

it("training gives the same bits whether the batch has been run before or not", async () => {
  const [one, two] = [await load(wasm), await load(wasm)];
  const [trainer, other] = [one.trainer(), two.trainer()];
  const batch = two.batch(graphOf(0));
  for (let step = 0; step < 3; step++) {
    two.run(batch);
    other.evaluate(batch);
    expect(other.step(batch)).toEqual(trainer.step(graphOf(0)));
  }
  expect(two.weights.save()).toEqual(one.weights.save());
});

it("features that change on edges that stay are walked anew by every program", async () => {
  const [one, two] = [await load(wasm), await load(wasm)];
  const [trainer, other] = [one.trainer(), two.trainer()];
  for (const shift of [0, 1, 2, 0]) {
    const graph = graphOf(shift);
    const fresh = { ...graph, cites: { senders: [1, 0], receivers: [0, 1] } };
    expect(two.run(graph)).toEqual(one.run(fresh));
    expect(other.step(graph)).toEqual(trainer.step(fresh));
  }
  expect(two.weights.save()).toEqual(one.weights.save());
});

it("compiled without gradients holds what a run needs alone, and computes the same", async () => {
  const { models } = checkSource({ name: "small.gn", text });
  const alone = await compileModel(models[0] as Model, { gradients: "none" });
  const description = readManifest(await WebAssembly.compile(new Uint8Array(alone)));
  expect(Object.keys(description.programs)).not.toContain("evaluate");
  expect(Object.keys(description.programs)).not.toContain("schedule");
  expect(description).toMatchObject({ loss: {}, metrics: [], optimizers: [], settingsWords: 0 });
  expect(description.inputs.map(({ buffer }) => buffer === null)).toEqual([false, true]);
  const [run, whole] = [await load(alone), await load(wasm)];
  expect(run.run(graphOf(0))).toEqual(whole.run(graphOf(0)));
  expect(() => run.trainer()).toThrow("GN5004");
});
