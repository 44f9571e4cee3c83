/**
 * The same work by one thread and by several, in one process: `node bench/threads.mjs [threads] [workload ..]` after a build.
 *
 * Samples of both alternate; what is compared are the best of each, because other work on the machine only ever adds time.
 * Both must give the same bits.
 */
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { load } from "../dist/runtime/index.js";
import { densify, noises, workloads } from "./peers/workloads.mjs";

const seconds = Number(process.env.SECONDS ?? 8);

async function artifact(text, name) {
  const { models, diagnostics } = checkSource({ name: "bench.gn", text });
  const model = models.find((m) => m.name === name);
  if (!model) throw new Error(JSON.stringify(diagnostics.map((d) => d.message)));
  return compileModel(model);
}
const file = (name) => readFileSync(new URL(`./models/${name}.gn`, import.meta.url), "utf8");
const relation = ({ senders, receivers }) => ({ senders, receivers });

const inference = (text, name, graph) => async () => {
  const wasm = await artifact(text, name);
  return async (threads) => {
    const model = await load(wasm, { threads });
    const batch = model.batch(graph());
    return {
      run: () => model.run(batch),
      result: () => Object.values(Object.values(model.run(batch))[0])[0],
    };
  };
};

const training = (name, sparse) => async () => {
  const inputs = workloads.gcn_train();
  const { indptr, indices, values } = inputs.x;
  const x = sparse ? { indptr, indices, values } : densify(inputs.x);
  const graph = { v: { x, y: inputs.y, train: inputs.train }, e: relation(inputs.graph) };
  const wasm = await artifact(file("gcn"), name);
  return async (threads) => {
    const model = await load(wasm, { threads });
    const batch = model.batch(graph);
    const trainer = model.trainer();
    return {
      run: () => trainer.step(batch),
      result: () => model.weights.get("h.W"),
    };
  };
};

/** A step of the models of `examples/char-lm`: 32 sequences of 64 characters. */
const writing = (name) => async () => {
  const text = readFileSync(new URL("../examples/char-lm/charlm.gn", import.meta.url), "utf8");
  const wasm = await artifact(text, name);
  const characters = (salt) => Int32Array.from(noises(64, salt), (x) => Math.floor((x + 0.5) * 65));
  const graphs = Array.from({ length: 32 }, (_, g) => ({
    char: { token: characters(g + 1), next: characters(g + 2) },
  }));
  return async (threads) => {
    const model = await load(wasm, { threads });
    const batch = model.batch(graphs);
    const trainer = model.trainer();
    const [path] = [...model.weights.entries()][0];
    return { run: () => trainer.step(batch), result: () => model.weights.get(path) };
  };
};

const square = (n) =>
  inference(
    `model Product {\n  nodes row\n  input x: row f32[${n}]\n  param W: f32[${n}, ${n}]\n  y = x @ W\n  output y\n}\n`,
    "Product",
    () => ({ row: { x: noises(n * n, 2) } }),
  );

const aggregation = (name, workload) =>
  inference(file("aggregation"), name, () => {
    const { graph, x } = workloads[workload]();
    return { v: { x }, e: relation(graph) };
  });

const table = {
  product_256: square(256),
  product_512: square(512),
  product_1024: square(1024),
  linear: inference(file("linear"), "Linear1433", () => ({ row: { x: workloads.linear().x } })),
  gcn_agg_64: aggregation("Aggregate64", "gcn_agg_64"),
  big_agg_64: aggregation("Sum64", "big_agg_64"),
  gat_8x8: inference(file("gat"), "Attention8x8", () => {
    const { graph, z } = workloads.gat_8x8();
    return { v: { z }, e: relation(graph) };
  }),
  gcn_train: training("DenseGCN", false),
  gcn_train_sparse: training("SparseGCN", true),
  lstm_train: writing("CharLSTM"),
  transformer_train: writing("CharTransformer"),
};

const same = (a, b) =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;

function timed(run) {
  const from = performance.now();
  run();
  return performance.now() - from;
}

async function compare(name, threads) {
  const make = await table[name]();
  const [one, several] = [await make(1), await make(threads)];
  const end = performance.now() + 1000 * seconds;
  const [a, b] = [[], []];
  for (let i = 0; i < 20 || performance.now() < end; i++) {
    a.push(timed(one.run));
    b.push(timed(several.run));
    // The threads look for work for a while before they sleep.
    if (i % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const bits = same(one.result(), several.result()) ? "same bits" : "OTHER BITS";
  for (const list of [a, b]) list.sort((x, y) => x - y);
  const [best, median] = [(xs) => xs[0], (xs) => xs[xs.length >> 1]];
  const ms = (x) => x.toPrecision(3).padStart(7);
  console.log(
    `${name.padEnd(18)} 1 thread ${ms(best(a))} (${ms(median(a))}) ms   ${threads} threads ${ms(best(b))} (${ms(median(b))}) ms   ` +
      `${(best(a) / best(b)).toFixed(2)}x (${(median(a) / median(b)).toFixed(2)}x)   ${bits}   load ${loadavg()[0].toFixed(1)}`,
  );
}

const [count = "2", ...names] = process.argv.slice(2);
for (const name of names.length ? names : Object.keys(table)) await compare(name, Number(count));
process.exit(0);
