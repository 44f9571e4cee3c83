/** This project as a peer of the benchmark: compiles the workload's model, loads it, times it. `node gnc.mjs WORKLOAD [sparse]` */
import { readFileSync } from "node:fs";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { load } from "../dist/runtime/index.js";
import { densify, main, trained } from "./peers/workloads.mjs";

async function modelOf(file, name, weights = {}) {
  const text = readFileSync(new URL(`./models/${file}.gn`, import.meta.url), "utf8");
  const { models, diagnostics } = checkSource({ name: `${file}.gn`, text });
  const model = models.find((m) => m.name === name);
  if (!model) throw new Error(`${file}.gn: ${JSON.stringify(diagnostics.map((d) => d.message))}`);
  const loaded = await load(await compileModel(model));
  for (const [path, data] of Object.entries(weights)) loaded.weights.set(path, data);
  return loaded;
}

const relation = ({ senders, receivers }) => ({ senders, receivers });

async function inference(model, graph, read) {
  const batch = model.batch(graph);
  return {
    run: () => model.run(batch),
    result: () => read(model.run(batch)),
    dispose: () => model.dispose(),
  };
}

async function aggregation(name, { graph, x }) {
  return inference(
    await modelOf("aggregation", name),
    { v: { x }, e: relation(graph) },
    (out) => out.v.y,
  );
}

const gcnWeights = ({ W1, b1, W2, b2 }) => ({
  "h.W": W1,
  "h.b": b1,
  "logits.W": W2,
  "logits.b": b2,
});
const gcnGraph = (inputs, sparse, labels) => ({
  v: {
    x: sparse
      ? { indptr: inputs.x.indptr, indices: inputs.x.indices, values: inputs.x.values }
      : densify(inputs.x),
    ...(labels && { y: inputs.y, train: inputs.train }),
  },
  e: relation(inputs.graph),
});

const sparse = process.argv[3] === "sparse";
await main(sparse ? "gnc (sparse)" : "gnc", {
  linear: async ({ x, W }) =>
    inference(await modelOf("linear", "Linear1433", { W }), { row: { x } }, (out) => out.row.y),
  gcn_agg_16: (inputs) => aggregation("Aggregate16", inputs),
  gcn_agg_64: (inputs) => aggregation("Aggregate64", inputs),
  big_agg_64: (inputs) => aggregation("Sum64", inputs),
  gat_8x8: async ({ graph, z, from, to }) =>
    inference(
      await modelOf("gat", "Attention8x8", { from_: from, to }),
      { v: { z }, e: relation(graph) },
      (out) => out.v.y,
    ),
  gcn_infer: async (inputs) =>
    inference(
      await modelOf("gcn", sparse ? "SparseGCN" : "DenseGCN", gcnWeights(inputs)),
      gcnGraph(inputs, sparse, false),
      (out) => out.v.logits,
    ),
  gcn_train: async (inputs) => {
    const model = await modelOf("gcn", sparse ? "SparseGCN" : "DenseGCN", gcnWeights(inputs));
    const batch = model.batch(gcnGraph(inputs, sparse, true));
    const trainer = model.trainer();
    return {
      ...trained(
        () => trainer.step(batch),
        () => model.run(batch).v.logits,
      ),
      dispose: () => model.dispose(),
    };
  },
});
