/** `npm run demo`: compiles the two-layer GCN of Kipf & Welling from its `.gn` file, trains it on Cora, prints its test accuracy. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { graphsFrom, load, readSafetensors } from "../dist/runtime/index.js";

const here = (path) => new URL(`../examples/cora/${path}`, import.meta.url);
const text = readFileSync(here("gcn.gn"), "utf8");
console.log(`\nexamples/cora/gcn.gn:\n\n${text.replace(/^/gm, "  ")}`);

const compiling = performance.now();
const { models } = checkSource({ name: "gcn.gn", text });
const wasm = await compileModel(models[0]);
console.log(
  `compiled in ${(performance.now() - compiling).toFixed(0)} ms to ${wasm.length} bytes of WebAssembly (${gzipSync(wasm).length} gzipped)`,
);

const model = await load(wasm, { seed: 1 });
const [graph] = graphsFrom(
  readSafetensors(readFileSync(here("cora.safetensors"))).tensors,
  model.signature,
);
const trainer = model.trainer();
console.log("training on Cora: 2708 papers, 5278 citations, 140 labels");
const training = performance.now();
for await (const { epoch, loss } of trainer.fit([graph], { epochs: 200 })) {
  if (epoch % 50 === 0) console.log(`  epoch ${epoch}  loss ${loss.toFixed(4)}`);
}
const seconds = (performance.now() - training) / 1000;
const { metrics } = trainer.evaluate([graph]);
console.log(
  `200 epochs in ${seconds.toFixed(2)} s\n\ntest accuracy ${(100 * metrics["accuracy.test"]).toFixed(1)} % (the paper: 81.5 %)\n`,
);
