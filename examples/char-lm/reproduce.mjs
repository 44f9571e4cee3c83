/**
 * Trains both models in the protocol of nanoGPT on a CPU (2000 steps of 12 windows of 64 characters), prints their loss on
 * the last tenth of the text, times tokens against their place, and draws both: `node examples/char-lm/reproduce.mjs`,
 * after a build. `--short` makes 60 steps, writes nothing, and prints what it found as one line of JSON.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawFigure, lines } from "../figure.mjs";
import { costs } from "./costs.mjs";
import { heldWindows, trainingWindows } from "./text.mjs";
import { writer } from "./writer.mjs";

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const here = (name) => new URL(name, import.meta.url);
const batchSize = 12;

/** Loss on the last tenth in nats a character, the curve that led there, and the weights. */
async function train(name, { steps, held }) {
  const model = await load(await compileFrom(here("charlm.gn"), name), { seed: 1 });
  const trainer = model.trainer();
  const windows = trainingWindows(steps * batchSize);
  const every = Math.max(1, Math.floor(steps / 40));
  const curve = [];
  let [sum, since] = [0, 0];
  const from = performance.now();
  for (let step = 1; step <= steps; step++) {
    sum += trainer.step(windows.slice((step - 1) * batchSize, step * batchSize)).loss;
    since++;
    if (step % every) continue;
    curve.push({ model: name, step, loss: sum / since });
    if (!values.short) process.stderr.write(`${name} step ${step}: ${(sum / since).toFixed(3)}\n`);
    [sum, since] = [0, 0];
  }
  const seconds = (performance.now() - from) / 1000;
  const { loss } = trainer.evaluate(held, { batchSize });
  const weights = model.weights.save();
  model.dispose();
  return { name, loss, seconds, curve, weights };
}

const names = ["CharTransformer", "CharLSTM"];
if (values.short) {
  const { loss, curve, weights } = await train("CharLSTM", { steps: 60, held: heldWindows(50) });
  const write = await writer("CharLSTM", weights);
  const text = [...write("ROMEO:", 40, { seed: 5 })].join("");
  console.log(JSON.stringify({ loss, first: curve[0].loss, text }));
} else {
  mkdirSync(here("made"), { recursive: true });
  const held = heldWindows();
  const curves = [];
  for (const name of names) {
    const { loss, seconds, curve, weights } = await train(name, { steps: 2000, held });
    writeFileSync(here(`made/${name}.safetensors`), weights);
    curves.push(...curve);
    console.log(`${name}: ${loss.toFixed(3)} nats a character held out, ${seconds.toFixed(0)} s`);
    const write = await writer(name, weights);
    console.log(`${[...write("ROMEO:\n", 300)].join("")}\n`);
  }
  await drawFigure(
    here("loss.svg"),
    lines({
      title: "Loss while training, nats a character",
      values: curves,
      x: { field: "step" },
      y: { field: "loss", scale: { zero: false } },
      by: "model",
    }),
  );
  const cost = [];
  for (const name of names) {
    const found = await costs(name, { places: 1024, rounds: 5, together: 64 });
    cost.push(...found.map((point) => ({ model: name, ...point })));
  }
  await drawFigure(
    here("cost.svg"),
    lines({
      title: "Time for a character by its place in the text",
      values: cost,
      x: { field: "place" },
      y: { field: "ms", title: "milliseconds" },
      by: "model",
      point: true,
    }),
  );
  for (const { model, place, ms } of cost)
    if (place % 256 === 32 || place > 960) console.log(`${model} at ${place}: ${ms.toFixed(3)} ms`);
}
