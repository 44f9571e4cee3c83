/**
 * Makes simulations, trains the model to tell which particles springs join, without being told, and draws what it found:
 * `node examples/nri-springs/reproduce.mjs [--system charged] [--simulations 5000] [--epochs 100]`, after a build.
 * With `--checkpoint file` it goes on from there, and writes it after each epoch; `--figure file` says where to draw.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawRelations } from "./draw.mjs";
import { graphsOf, particles, rangesOf, simulate, systems } from "./simulate.mjs";

const options = {
  system: { type: "string", default: "springs" },
  simulations: { type: "string", default: "5000" },
  test: { type: "string", default: "1000" },
  epochs: { type: "string", default: "100" },
  batch: { type: "string", default: "32" },
  seed: { type: "string", default: "1" },
  checkpoint: { type: "string" },
  figure: { type: "string" },
};
const { values } = parseArgs({ options });
const [seed, epochs, batchSize] = [values.seed, values.epochs, values.batch].map(Number);
const system = systems[values.system];

const made = performance.now();
const simulations = simulate(system, Number(values.simulations), 0.1 + seed);
const ranges = rangesOf(simulations);
const training = graphsOf(simulations, ranges);
const unseen = simulate(system, Number(values.test), 0.5 + seed);
const test = graphsOf(unseen, ranges);
console.log(`${training.length} + ${test.length} simulations in ${seconds(made)} s`);

const wasm = await compileFrom(new URL("springs.gn", import.meta.url), "Springs");
const model = await load(wasm, { seed });
const trainer = model.trainer({ seed });
if (values.checkpoint && existsSync(values.checkpoint))
  trainer.restore(readFileSync(values.checkpoint));

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(1);
}

/** The share of pairs that have the right type; which type is which is nobody's choice, so that of the better naming. */
const found = ({ accuracy }) => Math.max(accuracy, 1 - accuracy);
const percent = (share) => `${(100 * share).toFixed(2)} %`;

for await (const epoch of trainer.fit(training, { epochs, batchSize, validation: test })) {
  const { loss, metrics } = epoch.validation;
  console.log(
    `epoch ${epoch.epoch}: loss ${epoch.loss.toFixed(2)}, of the unseen ${loss.toFixed(2)}; edges ${percent(found(metrics))} (${epoch.seconds.toFixed(1)} s)`,
  );
  if (values.checkpoint) writeFileSync(values.checkpoint, trainer.checkpoint());
}

/** The probability that two particles are tied: of the type that goes with the ties of the unseen simulations. */
const { accuracy, matched } = trainer.evaluate(test).metrics;
const tied = accuracy >= 0.5 ? 1 : 0;
const shown = unseen.slice(0, 6).map(({ x, ties }, n) => {
  const { logits } = model.run(test[n]).pair;
  const found = (r, s) => {
    const at = 2 * (r * (particles - 1) + (s < r ? s : s - 1));
    return 1 / (1 + Math.exp(logits[at + 1 - tied] - logits[at + tied]));
  };
  return { x, ties, found };
});
const figure = values.figure ?? new URL(`${values.system}.svg`, import.meta.url);
await drawRelations(figure, shown);
console.log(
  `after ${trainer.steps} steps: edges ${percent(matched)} of ${test.length} unseen simulations`,
);
