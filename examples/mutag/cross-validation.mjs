/**
 * Ten-fold cross validation on MUTAG, as Xu et al. 2019 measure: `node examples/mutag/cross-validation.mjs [--seeds 1]`,
 * after a build. Folds are random and stratified, other ones for each seed.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { graphsFrom, load, readSafetensors } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";

const options = {
  seeds: { type: "string", default: "1" },
  epochs: { type: "string", default: "200" },
};
const { values } = parseArgs({ options });
const [seeds, epochs] = [Number(values.seeds), Number(values.epochs)];

const here = (name) => new URL(name, import.meta.url);
const wasm = await compileFrom(here("mutag.gn"), "Mutag");
const { signature } = await load(wasm);
const graphs = ["train.safetensors", "test.safetensors"].flatMap((file) =>
  graphsFrom(readSafetensors(readFileSync(here(file))).tensors, signature),
);

/** The fold of each graph: as many of either class in each. */
function folds(seed) {
  let state = seed + 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const order = graphs
    .map(({ global }, i) => ({ i, key: Number(global.class[0]) + random() }))
    .sort((a, b) => a.key - b.key);
  const fold = [];
  order.forEach(({ i }, place) => {
    fold[i] = place % 10;
  });
  return fold;
}

/** Accuracy on one fold after each epoch of training on the others. */
async function curve(held, seed) {
  const model = await load(wasm, { seed });
  const trainer = model.trainer();
  const training = graphs.filter((_, i) => !held(i));
  const validation = graphs.filter((_, i) => held(i));
  const accuracies = [];
  for await (const epoch of trainer.fit(training, { epochs, validation }))
    accuracies.push(epoch.validation.metrics.accuracy);
  model.dispose();
  return accuracies;
}

const percent = (values) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
  return `${(100 * mean).toFixed(1)} +- ${(100 * spread).toFixed(1)} %`;
};

for (let seed = 0; seed < seeds; seed++) {
  const fold = folds(seed);
  const curves = [];
  for (let k = 0; k < 10; k++) curves.push(await curve((i) => fold[i] === k, seed));
  const at = (epoch) => curves.map((accuracies) => accuracies[epoch]);
  const total = (epoch) => at(epoch).reduce((a, b) => a + b, 0);
  const best = [...Array(epochs).keys()].reduce((a, b) => (total(b) > total(a) ? b : a));
  console.log(
    `seed ${seed}: after ${epochs} epochs ${percent(at(epochs - 1))}; in the best epoch for all folds, the paper's way, ${percent(at(best))} (epoch ${best + 1})`,
  );
}
