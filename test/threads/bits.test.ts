/**
 * Bits never depend on the number of threads: inference and training of a model whose kernels run over rows, levels, chunks
 * and counts, a thousand times on one thread, and on 2, 3 and 7 that share every call of two rows and more.
 */
import { beforeAll, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { kernelsOf, type Manifest } from "../../runtime/artifact.js";
import { type GraphInput, load, type Model } from "../../runtime/index.js";
import { graphInput } from "../generated/support/module.js";
import { modelsOf } from "../generated/support/sources.js";
import { randomWorld } from "../generated/support/world.js";
import { onThreads } from "./support/open.js";

/** Steps on many graphs, and on one whose levels are wide. */
const times = 500;
const counts = [1, 2, 3, 7];

/** Sparse features, draws, attention along edges, winners, a recurrence, sums to graph and batch, states, a norm of gradients. */
const text = `import { GCN, GAT } from "std/graph"
import { GRU } from "std/recurrent"
import { dropout, cross_entropy, accuracy, BatchNorm } from "std/core"

model Everything {
  nodes atom: seq
  edges bond: atom -> atom sparse(self_loops)
  edges after: atom -> atom dag

  input x: atom f32[24] sparse
  input y: global index[3]
  param W: f32[20, 3]

  a = relu(GCN<8>(dropout(x, 0.2)) over bond)
  b = BatchNorm(flatten(GAT<2, 4>(a) over bond))
  c = GRU<6>(b) over chain
  node atom { most = max(sender.c) over bond; d: f32[8] = tanh(b + sum(sender.d) over after) }
  global { all = sum([c, most, d]) by graph }
  logits = all @ W

  output logits, c, d
  loss   cross_entropy(logits, y)
  metric accuracy(logits, y)
  optimizer adam(lr: 0.003, clip: 1)
}
`;

let artifact: Uint8Array;
let weights: Readonly<Record<string, readonly number[]>>;
let batches: readonly (readonly GraphInput[])[];
beforeAll(async () => {
  const [model] = modelsOf("everything.gn", text);
  if (!model) throw new Error("the model does not compile");
  artifact = await compileModel(model, { gradients: "all" });
  const many = Array.from({ length: 50 }, (_, g) => [9 + (g % 7)]);
  const worlds = [many, [[300]]].map((sizes) => randomWorld(model, sizes, 5));
  weights = worlds[0]?.weights ?? {};
  batches = worlds.map((world) => world.graphs.map(graphInput));
});

const hash = (values: ArrayLike<number>): number => {
  const bits = new Int32Array(Float32Array.from(values).buffer);
  return bits.reduce((sum, word) => (Math.imul(sum, 31) + word) | 0, 0);
};

/** The loss of every step, what the model computes after each, and what it has become. */
function history(model: Model): readonly (readonly number[])[] {
  const trainer = model.trainer({ seed: 2 });
  return batches.flatMap((graphs) => {
    const batch = model.batch(graphs);
    return Array.from({ length: times }, () => {
      const { loss } = trainer.step(batch);
      const outputs = model.run(batch) as { atom: { c: Float32Array; d: Float32Array } }[];
      const weights = [...model.weights.entries()].map(([, values]) => hash(values));
      return [loss, ...outputs.flatMap(({ atom: { c, d } }) => [hash(c), hash(d)]), ...weights];
    });
  });
}

it("has kernels over rows, levels, chunks and counts", async () => {
  using model = await load(artifact, { weights });
  const { programs } = model.signature as unknown as Manifest;
  const kernels = kernelsOf([...(programs.train ?? []), ...(programs.update ?? [])]);
  expect(new Set(kernels.map(({ domain }) => domain.over))).toEqual(
    new Set(["rows", "chunks", "level", "count"]),
  );
});

it(`gives the same bits on ${counts} threads, ${2 * times} times`, async () => {
  let wanted: readonly (readonly number[])[] | null = null;
  for (const count of counts) {
    const loaded = count === 1 ? load(artifact, { weights }) : onThreads(artifact, count, weights);
    using model = await loaded;
    const found = history(model);
    wanted ??= found;
    const differs = found.findIndex((step, i) => String(step) !== String(wanted?.[i]));
    expect(differs, `the first step that differs on ${count} threads`).toBe(-1);
  }
  expect(new Set(wanted?.map(String)).size).toBe(2 * times);
}, 600_000);
