/**
 * Trains the convolutional and the dense network on 4000 digits, several seeds each, prints their accuracy on the other
 * 1000 and draws it epoch by epoch: `node examples/cnn-digits/reproduce.mjs [--seeds 3]`, after a build. `--short` trains on
 * one digit in ten, writes nothing, and prints what it found as one line of JSON.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { graphsFrom, load, readSafetensors } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawFigure, lines } from "../figure.mjs";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "3" }, short: { type: "boolean", default: false } },
});
const here = (name) => new URL(name, import.meta.url);

/** Digits of a file, one of every `every`. */
function digits(name, signature, every) {
  const { tensors } = readSafetensors(readFileSync(here(name)));
  return graphsFrom(tensors, signature).filter((_, i) => i % every === 0);
}

/** The accuracy on held-out digits after each epoch. */
async function curve(wasm, name, { seed, epochs, every = 1 }) {
  const model = await load(wasm, { seed });
  const training = digits("train.safetensors", model.signature, every);
  const validation = digits("test.safetensors", model.signature, every);
  const points = [];
  for await (const { epoch, validation: held, seconds } of model
    .trainer()
    .fit(training, { epochs, validation })) {
    points.push({ model: name, seed, epoch, accuracy: held.metrics.accuracy, seconds });
    if (!values.short)
      process.stderr.write(`${name} seed ${seed} epoch ${epoch}: ${held.metrics.accuracy}\n`);
  }
  const parameters = [...model.weights.entries()].reduce((sum, [, data]) => sum + data.length, 0);
  model.dispose();
  return { points, parameters };
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

if (values.short) {
  const wasm = await compileFrom(here("cnn.gn"), "Digits");
  const { points } = await curve(wasm, "Digits", { seed: 0, epochs: 5, every: 10 });
  console.log(JSON.stringify(points.map(({ accuracy }) => accuracy)));
} else {
  const epochs = 15;
  const all = [];
  for (const name of ["Digits", "DigitsDense"]) {
    const wasm = await compileFrom(here("cnn.gn"), name);
    const last = [];
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      const { points, parameters } = await curve(wasm, name, { seed, epochs });
      all.push(...points);
      last.push(points.at(-1).accuracy);
      const seconds = points.reduce((sum, point) => sum + point.seconds, 0);
      console.log(
        `${name} (${parameters} parameters) seed ${seed}: ${(100 * last.at(-1)).toFixed(1)} % in ${seconds.toFixed(0)} s`,
      );
    }
    console.log(`${name}: ${(100 * mean(last)).toFixed(2)} % on average`);
  }
  await drawFigure(
    here("accuracy.svg"),
    lines({
      title: "Accuracy on 1000 digits not trained on",
      values: all,
      x: { field: "epoch" },
      y: {
        field: "accuracy",
        aggregate: "mean",
        scale: { domain: [0.85, 1] },
        axis: { format: "%", title: null },
      },
      by: "model",
    }),
  );
}
