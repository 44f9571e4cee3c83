/**
 * Trains a CNN and the four non-local networks on the same grids and prints their accuracy on others:
 * `node examples/non-local/reproduce.mjs`, after a build. `--short` trains one of them on small grids, writes nothing, and
 * prints what it found as one line of JSON.
 */
import { parseArgs } from "node:util";
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawFigure, lines } from "../figure.mjs";
import { grids } from "./grids.mjs";

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const here = (name) => new URL(name, import.meta.url);
const batchSize = 16;

async function accuracy(name, { steps, held, side }) {
  const sized = (text) => text.replaceAll("grid(12, 12)", `grid(${side}, ${side})`);
  const model = await load(await compileFrom(here("twins.gn"), name, sized), { seed: 1 });
  const trainer = model.trainer();
  const curve = [];
  const test = grids(held, 0.5, side);
  const from = performance.now();
  const every = steps / 20;
  for (let step = 1; step <= steps; step++) {
    trainer.step(grids(batchSize, (step * 0.618034) % 1, side));
    if (step % every) continue;
    const [right] = Object.values(trainer.evaluate(test, { batchSize }).metrics);
    curve.push({ model: name, step, accuracy: right });
    if (!values.short) process.stderr.write(`${name} step ${step}: ${right}\n`);
  }
  const seconds = (performance.now() - from) / 1000;
  const parameters = [...model.weights.entries()].reduce((sum, [, data]) => sum + data.length, 0);
  model.dispose();
  return { name, curve, parameters, seconds, right: curve.at(-1).accuracy };
}

if (values.short) {
  const { curve, parameters } = await accuracy("Embedded", { steps: 1600, held: 100, side: 8 });
  console.log(JSON.stringify({ parameters, right: curve.at(-1).accuracy }));
} else {
  const results = [];
  for (const name of ["Local", "Gaussian", "Embedded", "Dot", "Concat"])
    results.push(await accuracy(name, { steps: 3000, held: 400, side: 12 }));
  console.log("| model | parameters | right | s |\n|---|---|---|---|");
  for (const { name, parameters, right, seconds } of results)
    console.log(
      `| ${name} | ${parameters} | ${(100 * right).toFixed(1)} % | ${seconds.toFixed(0)} |`,
    );
  await drawFigure(
    here("accuracy.svg"),
    lines({
      title: "Has this symbol a twin anywhere? Accuracy on grids not trained on",
      values: results.flatMap(({ curve }) => curve),
      x: { field: "step" },
      y: { field: "accuracy", scale: { domain: [0.5, 1] }, axis: { format: "%", title: null } },
      by: "model",
    }),
  );
}
