/**
 * The same work by one thread and by several, in one process, after a build:
 *
 *     node bench/threads.mjs [threads] [workload or workload:variant ..]
 *
 * Samples of both alternate; what is compared are the best of each, because other work on the machine only ever adds time.
 * Both must give the same bits. `SECONDS` is the time for each workload.
 */
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { load } from "../dist/runtime/index.js";
import { models } from "./peers/gnc/index.mjs";
import { workloads } from "./workloads/index.mjs";

const seconds = Number(process.env.SECONDS ?? 8);
const usual = [
  "gemm_256",
  "gemm_512",
  "gemm_1024",
  "linear",
  "gcn_agg_64",
  "big_agg_64",
  "gat_8x8",
  "gat_4x32_uniform",
  "gcn_train",
  "gcn_train:sparse",
  "lstm_train",
  "transformer_train",
];

async function artifact({ file, model }) {
  const text = readFileSync(new URL(`./models/${file}.gn`, import.meta.url), "utf8");
  const found = checkSource({ name: `${file}.gn`, text }).models.find(({ name }) => name === model);
  return compileModel(found);
}

async function timed(run) {
  const from = performance.now();
  await run();
  return performance.now() - from;
}

async function compare(asked, threads) {
  const [workload, variant = "plain"] = asked.split(":");
  const how = models[workload]?.[variant];
  if (!how) throw new Error(`no ${asked}; there are ${Object.keys(models).join(", ")}`);
  const [wasm, inputs] = [await artifact(how), workloads[workload].inputs()];
  const loaded = [await load(wasm), await load(wasm, { threads })];
  const [one, several] = loaded.map((model) => how.make(model, inputs));
  const bits = String([...(await one.result())]) === String([...(await several.result())]);
  const [a, b] = [[], []];
  for (const end = performance.now() + 1000 * seconds; a.length < 20 || performance.now() < end; ) {
    a.push(await timed(one.run));
    b.push(await timed(several.run));
  }
  for (const model of loaded) model.dispose();
  for (const list of [a, b]) list.sort((x, y) => x - y);
  const both = (list) => {
    const [best, median] = [list[0], list[list.length >> 1]];
    return `${best.toPrecision(3).padStart(7)} (${median.toPrecision(3)}) ms`.padEnd(22);
  };
  console.log(
    `${asked.padEnd(18)} 1 thread ${both(a)} ${threads} threads ${both(b)} ${(a[0] / b[0]).toFixed(2)}x   ` +
      `${bits ? "same bits" : "OTHER BITS"}   load ${loadavg()[0].toFixed(1)}`,
  );
}

const [count = "2", ...asked] = process.argv.slice(2);
for (const name of asked.length ? asked : usual) await compare(name, Number(count));
