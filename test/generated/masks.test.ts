/**
 * Kernels that run over the rows of a mask alone give what kernels over all rows give. The same model is written twice:
 * with a mask, and with weights that are 0 where it does not hold, of which the compiler knows nothing.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compileInParts, kernelsOf } from "../../compiler/compile.js";
import { load } from "../../runtime/index.js";
import { numbers } from "../library/open.js";
import { modelsOf } from "./support/sources.js";

const [inputs, classes] = [9, 5];

/**
 * Layers up to the logits, how many kernels at least run over some rows, and whether the first weights see some of the
 * features alone, where these are sparse.
 */
const layers: Readonly<Record<string, readonly [text: string, kernels: number, some?: true]>> = {
  GCN: ["h = relu(GCN<16>(x))\n  logits = GCN<5>(h)", 4, true],
  "GCN, one layer": ["logits = GCN<5>(x)", 2, true],
  "GCN whose hidden layer is measured as well": [
    "h = relu(GCN<16>(x))\n  logits = GCN<5>(h)\n  metric norm(h)",
    2,
    true,
  ],
  "three layers": ["h = relu(GCN<8>(x))\n  g = tanh(GCN<12>(h))\n  logits = GCN<5>(g)", 4],
  GAT: ["h = GAT<2, 4>(x)\n  z = GAT<2, 5>(flatten(h))\n  logits = z[0]", 1],
  SAGE: ["h = relu(SAGE<16>(x, x))\n  logits = SAGE<5>(h, h)", 1],
  dropout: ["h = relu(GCN<16>(dropout(x, 0.5)))\n  logits = GCN<5>(dropout(h, 0.5))", 3],
};

const textOf = (sparse: boolean, body: string, loss: string): string => `
import { GCN, GAT, SAGE } from "std/graph"
import { cross_entropy, dropout } from "std/core"
model M {
  nodes v
  edges e: v -> v
  input x: v f32[${inputs}]${sparse ? " sparse" : ""}
  input y: v index[${classes}]
  input train: v bool
  input weight: v f32
  ${body}
  output logits
  loss ${loss}
  optimizer sgd(lr: 0.5)
}`;

async function opened(text: string) {
  const [model] = modelsOf("masks.gn", text);
  if (!model) throw new Error("no model");
  const { artifact, schedule } = await compileInParts(model);
  const kernels = kernelsOf(schedule);
  const some = kernels.filter((k) => k.needed).length;
  const listed = kernels.filter((k) => k.stages.some((s) => s.kind === "shortlist")).length;
  return { model: await load(artifact, { seed: 1 }), some, listed };
}

/** Nodes and edges, and how many of twelve nodes the mask holds for. */
const anyGraph = fc.record({
  nodes: fc.integer({ min: 0, max: 200 }),
  degree: fc.constantFrom(0, 1, 3),
  share: fc.constantFrom(0, 1, 3, 12),
  seed: fc.nat(1000),
});
type Drawn = typeof anyGraph extends fc.Arbitrary<infer D> ? D : never;

const places = (count: number, of: number, seed: number): Int32Array =>
  Int32Array.from(numbers(count, seed), (u) => Math.min(of - 1, Math.floor(((u + 1) / 2) * of)));

function batchOf(graphs: readonly Drawn[], sparse: boolean) {
  const masks = graphs.map(({ nodes, share, seed }) =>
    Uint8Array.from(places(nodes, 12, seed + 5), (k) => Number(k < share)),
  );
  const all = graphs.reduce((n, g) => n + g.nodes, 0);
  const kept = masks.reduce((n, m) => n + m.reduce((a, b) => a + b, 0), 0);
  return graphs.map(({ nodes, degree, seed }, g) => {
    const train = masks[g] as Uint8Array;
    const weight = Float32Array.from(train, (m) => (m * all) / Math.max(1, kept));
    const dense = numbers(nodes * inputs, seed + 1).map((u) => (sparse && u < 0.4 ? 0 : u));
    const y = places(nodes, classes, seed + 2);
    const ends = (salt: number) => places(nodes > 0 ? nodes * degree : 0, nodes, seed + salt);
    const x = sparse ? stored(dense, nodes) : dense;
    return { v: { x, y, train, weight }, e: { senders: ends(3), receivers: ends(4) } };
  });
}

function stored(dense: Float32Array, nodes: number) {
  const places = [...dense.keys()].filter((i) => dense[i] !== 0);
  return {
    indptr: Int32Array.from(
      { length: nodes + 1 },
      (_, v) => places.filter((i) => i < v * inputs).length,
    ),
    indices: Int32Array.from(places, (i) => i % inputs),
    values: Float32Array.from(places, (i) => dense[i] ?? 0),
  };
}

const cases = Object.keys(layers).flatMap((name) => [
  [name, false] as const,
  [name, true] as const,
]);

it.each(cases)("%s, sparse %s: a mask trains as weights that are 0 do", async (name, sparse) => {
  const [body, kernels, isListed = false] = layers[name] ?? ["", 0];
  const loss = "cross_entropy(logits, y)";
  const { model: masked, some, listed } = await opened(textOf(sparse, body, `${loss} where train`));
  const { model: weighted, some: none } = await opened(textOf(sparse, body, `weight * ${loss}`));
  expect(some).toBeGreaterThanOrEqual(kernels);
  expect(none).toBe(0);
  expect(listed).toBe(sparse && isListed ? 1 : 0);
  const start = masked.weights.save();
  fc.assert(
    fc.property(fc.array(anyGraph, { minLength: 1, maxLength: 3 }), (graphs) => {
      const batch = batchOf(graphs, sparse);
      const losses = [masked, weighted].map((model) => {
        model.weights.load(start);
        const trainer = model.trainer({ seed: 3 });
        return Array.from({ length: 4 }, () => trainer.step(model.batch(batch)).loss);
      });
      const [some = [], all = []] = losses;
      // Both are sums over the rows in f32: each may be off by 2^-24 of itself a row.
      const rows = graphs.reduce((n, g) => n + g.nodes, 16);
      for (const [i, loss] of some.entries()) {
        const expected = all[i] ?? Number.NaN;
        const most = 2 * rows * 2 ** -24 * Math.max(1, Math.abs(expected));
        expect(Math.abs(loss - expected)).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: 12 },
  );
});
