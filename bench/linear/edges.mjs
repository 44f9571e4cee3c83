/**
 * Time per edge of the message passing of a GCN, 16 wide, and a GAT, 8 heads of 8: `node edges.mjs MODEL-GRAPH MOST`. Every
 * node has ten edges, whose senders lie anywhere (`random`) or within 256 rows (`near`): what differs is what the caches
 * hold. Prints a JSON line for every number of edges.
 */
import { readFile } from "node:fs/promises";
import { load } from "../../dist/runtime/index.js";
import { compileAll } from "../compile.mjs";
import { measure } from "../peers/measure.mjs";
import { noise, noises } from "../workloads/noise.mjs";

const [name, most] = process.argv.slice(2);
const [model, place] = name.split("-");
const degree = 10;

const models = {
  gcn: { file: "aggregation", model: "Aggregate16", width: 16, input: "x", called: "GCN, 16 wide" },
  gat: { file: "attention", model: "Graph8x8", width: 64, input: "z", called: "GAT, 8 heads of 8" },
};

function graph(edges) {
  const nodes = edges / degree;
  const anywhere = (u) => Math.floor(u * nodes);
  const near = (u, r) => Math.min(nodes - 1, Math.max(0, r + Math.floor(512 * u) - 256));
  const [senders, receivers] = [new Int32Array(edges), new Int32Array(edges)];
  for (let e = 0; e < edges; e++) {
    const u = noise(e, 301) + 0.5;
    receivers[e] = Math.floor(e / degree);
    senders[e] = place === "near" ? near(u, receivers[e]) : anywhere(u);
  }
  return { nodes, senders, receivers };
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const { file, model: called, width, input, called: title } = models[model];
await compileAll([{ file, model: called }]);
const wasm = await readFile(new URL(`../cache/models/${file}.${called}.wasm`, import.meta.url));
for (let half = 8; Math.round(10 ** (half / 2)) <= Number(most); half++) {
  const count = Math.round(10 ** (half / 2) / degree) * degree;
  const { nodes, senders, receivers } = graph(count);
  const loaded = await load(wasm);
  const given = { v: { [input]: noises(nodes * width, 302) }, e: { senders, receivers } };
  const batch = loaded.batch(given);
  const { wall, cpu: used } = await measure(() => loaded.run(batch), {
    seconds: 0.5,
    least: 2,
    cpu,
  });
  loaded.dispose();
  const line = `${title}, ${place === "near" ? "senders near" : "senders anywhere"}`;
  const ns = (1e6 * Math.min(wall.best, used.best)) / count;
  process.stderr.write(`  ${count} edges: ${ns.toFixed(2)} ns an edge\n`);
  console.log(JSON.stringify({ line, edges: count, ns }));
}
