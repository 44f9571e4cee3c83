/**
 * Start: a fresh process loads the compiled Cora GCN with its weights and runs it once (`both`), compiled to run only and
 * compiled to train too. `node bench/start.mjs [runs]` prints milliseconds; the runtime is `dist/runtime.min.js`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { bindWeights, load } from "../dist/runtime/index.js";

const runs = Number(process.argv[2] ?? 15);
const here = (path) => new URL(path, import.meta.url).href;
const { models } = checkSource({
  name: "gcn.gn",
  text: readFileSync(new URL("../examples/cora/gcn.gn", import.meta.url), "utf8"),
});
const folder = mkdtempSync(join(tmpdir(), "gnc-start-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, "start.mjs"),
  `
const begun = performance.now();
const { load, graphsFrom, readSafetensors } = await import(${JSON.stringify(here("../dist/runtime.min.js"))});
const { readFileSync } = await import("node:fs");
const data = readSafetensors(readFileSync(new URL(${JSON.stringify(here("../examples/cora/cora.safetensors"))})));
const imported = performance.now();
const model = await load(new URL("./" + process.argv[2] + ".wasm", import.meta.url));
const loaded = performance.now();
const [graph] = graphsFrom(data.tensors, model.signature);
model.run(graph);
const done = performance.now();
console.log(JSON.stringify({ import: imported - begun, load: loaded - imported, first: done - loaded, both: done - imported }));
`,
);
for (const gradients of ["none", "train"]) {
  const wasm = await compileModel(models[0], { gradients });
  const weights = (await load(wasm)).weights.save();
  writeFileSync(join(folder, `${gradients}.wasm`), bindWeights(wasm, weights));
  report(gradients === "none" ? "compiled to run only" : "compiled to train too", gradients);
}

function report(title, name) {
  const start = () => execFileSync("node", [join(folder, "start.mjs"), name], { encoding: "utf8" });
  const rows = Array.from({ length: runs }, () => JSON.parse(start()));
  console.log(title);
  for (const key of ["import", "load", "first", "both"]) {
    const [least, median] = ends(rows.map((row) => row[key]));
    console.log(`  ${key.padEnd(8)} min ${least.toFixed(1)} ms, median ${median.toFixed(1)} ms`);
  }
}

function ends(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0], sorted[sorted.length >> 1]];
}
