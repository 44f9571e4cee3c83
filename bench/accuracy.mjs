/**
 * Accuracy on Cora, ten seeds, public split, in the papers' protocols.
 *
 *   node bench/accuracy.mjs [--seeds 10] [--only gcn|gat]
 *
 * GCN (Kipf & Welling 2017): 200 epochs, the last weights. GAT (Velickovic et al. 2018): at most 1000 epochs, patience 100 on
 * validation loss and accuracy, the weights of the best epoch.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { graphsFrom, load, readSafetensors } from "../dist/runtime/index.js";

const { values: flags } = parseArgs({
  options: { seeds: { type: "string", default: "10" }, only: { type: "string" } },
});
const here = (path) => new URL(`../examples/cora/${path}`, import.meta.url);
const data = readSafetensors(readFileSync(here("cora.safetensors"))).tensors;

async function compiled(file) {
  const { models, diagnostics } = checkSource({
    name: file,
    text: readFileSync(here(file), "utf8"),
  });
  if (!models[0]) throw new Error(JSON.stringify(diagnostics));
  return compileModel(models[0]);
}

async function trained(wasm, seed, protocol) {
  const model = await load(wasm, { seed });
  const [graph] = graphsFrom(data, model.signature);
  const accuracy = await protocol(model.batch([graph]), model.trainer({ seed }));
  model.dispose();
  return accuracy;
}

/** The last weights after a fixed number of epochs. */
const fixed = (epochs) => (batch, trainer) => {
  for (let epoch = 0; epoch < epochs; epoch++) trainer.step(batch);
  return trainer.evaluate(batch).metrics["accuracy.test"];
};

/** The paper's code: stop when neither validation accuracy nor loss got better for `patience` epochs; keep where both were best. */
const early = (epochs, patience) => (batch, trainer) => {
  let best = { accuracy: 0, loss: Number.POSITIVE_INFINITY, test: 0 };
  for (let epoch = 0, waited = 0; epoch < epochs && waited < patience; epoch++) {
    trainer.step(batch);
    const { metrics } = trainer.evaluate(batch);
    const [accuracy, loss] = [
      metrics["accuracy.val"],
      metrics["cross_entropy.val"] ?? metrics["nll.val"],
    ];
    if (accuracy >= best.accuracy || loss <= best.loss) {
      if (accuracy >= best.accuracy && loss <= best.loss) best.test = metrics["accuracy.test"];
      best = {
        accuracy: Math.max(accuracy, best.accuracy),
        loss: Math.min(loss, best.loss),
        test: best.test,
      };
      waited = 0;
    } else waited++;
  }
  return best.test;
};

const models = { gcn: ["gcn.gn", fixed(200), 81.0], gat: ["gat.gn", early(1000, 100), 82.0] };
for (const [name, [file, protocol, wanted]] of Object.entries(models)) {
  if (flags.only && flags.only !== name) continue;
  const wasm = await compiled(file);
  const results = [];
  const started = performance.now();
  for (let seed = 0; seed < Number(flags.seeds); seed++) {
    results.push(100 * (await trained(wasm, seed, protocol)));
    process.stderr.write(`${name} seed ${seed}: ${results.at(-1).toFixed(1)} %\n`);
  }
  const mean = results.reduce((a, b) => a + b) / results.length;
  const deviation = Math.sqrt(results.reduce((s, r) => s + (r - mean) ** 2, 0) / results.length);
  const seconds = (performance.now() - started) / 1000 / results.length;
  console.log(
    `${name} on Cora: ${mean.toFixed(2)} % +- ${deviation.toFixed(2)} over ${results.length} seeds (wanted ${wanted.toFixed(1)}), ${seconds.toFixed(1)} s a run`,
  );
}
