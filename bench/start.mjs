/** Start: a fresh process loads the compiled Cora GCN with its weights and runs it once (`both`). `node bench/start.mjs [runs]` prints milliseconds. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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
const wasm = await compileModel(models[0]);
const weights = (await load(wasm)).weights.save();
writeFileSync(join(folder, "gcn.wasm"), bindWeights(wasm, weights));
writeFileSync(
  join(folder, "start.mjs"),
  `
const begun = performance.now();
const { load, graphsFrom, readSafetensors } = await import(${JSON.stringify(here("../dist/runtime/index.js"))});
const { readFileSync } = await import("node:fs");
const data = readSafetensors(readFileSync(new URL(${JSON.stringify(here("../examples/cora/cora.safetensors"))})));
const imported = performance.now();
const model = await load(new URL("./gcn.wasm", import.meta.url));
const loaded = performance.now();
const [graph] = graphsFrom(data.tensors, model.signature);
model.run(graph);
const done = performance.now();
console.log(JSON.stringify({ import: imported - begun, load: loaded - imported, first: done - loaded, both: done - imported }));
`,
);
const rows = Array.from({ length: runs }, () =>
  JSON.parse(execFileSync("node", [join(folder, "start.mjs")], { encoding: "utf8" })),
);
for (const key of ["import", "load", "first", "both"]) {
  const sorted = rows.map((r) => r[key]).sort((a, b) => a - b);
  console.log(
    `${key.padEnd(8)} min ${sorted[0].toFixed(1)} ms, median ${sorted[sorted.length >> 1].toFixed(1)} ms`,
  );
}
