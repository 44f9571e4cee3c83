/**
 * Trains an Interaction Network in each world and compares its next velocities with constant ones, on simulations it has
 * not seen; runs the n-body module on 3 and 12 bodies; rolls out 100 steps and draws them beside the truth:
 * `node examples/physics/reproduce.mjs`, after a build. `--short` takes few steps, writes nothing, and prints what it found
 * as one line of JSON.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { randomInt, randomLcg } from "d3-random";
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawFigure } from "../figure.mjs";
import { snapshot, step } from "./simulators.mjs";
import { labelled, transitions, worlds } from "./worlds.mjs";

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const here = (name) => new URL(name, import.meta.url);
const batchSize = 64;

/** A trained model of a world. */
async function train(name, { steps, simulations }) {
  const world = worlds[name];
  const model = await load(await compileFrom(here("physics.gn"), name), { seed: 1 });
  const training = transitions(world, { count: simulations, steps: 1000, every: 10, seed: 0.5 });
  const graphs = training.map((transition) => labelled(world, transition));
  const draw = randomInt.source(randomLcg(0.3))(graphs.length);
  const trainer = model.trainer();
  const from = performance.now();
  let sum = 0;
  for (let k = 1; k <= steps; k++) {
    sum += trainer.step(Array.from({ length: batchSize }, () => graphs[draw()])).loss;
    if (k % 500 || values.short) continue;
    process.stderr.write(`${world.title} step ${k}: loss ${(sum / 500).toExponential(2)}\n`);
    sum = 0;
  }
  return { model, trainer, seconds: (performance.now() - from) / 1000 };
}

/** The mean squared error of constant velocity over that of the model, on other simulations. */
function ratio(name, trainer, options) {
  const world = worlds[name];
  const held = transitions(world, { steps: 1000, every: 20, seed: 0.9, ...options });
  let [squares, count] = [0, 0];
  for (const { change } of held)
    for (const dv of change) {
      squares += (dv / world.unit) ** 2;
      count++;
    }
  const graphs = held.map((transition) => labelled(world, transition));
  const { loss } = trainer.evaluate(graphs, { batchSize: 200 });
  return squares / count / loss;
}

/** Places of all bodies step by step: of the simulator, and of the model left to itself from the same start. */
function rollOut(name, model, { steps, bodies }) {
  const { make, graph, unit, bodies: set, title } = worlds[name];
  const truth = make(randomLcg(0.77), bodies);
  const state = snapshot(truth.state);
  const points = [];
  let [worst, reach] = [0, 0];
  for (let t = 0; t <= steps; t++) {
    for (let i = 0; i < state.x.length / 2; i++) {
      const of = (x, kind) => ({ kind, title, body: i, t, x: x[2 * i], y: x[2 * i + 1] });
      points.push(of(truth.state.x, "truth"), of(state.x, "network"));
      const off = Math.hypot(...[0, 1].map((k) => state.x[2 * i + k] - truth.state.x[2 * i + k]));
      worst = Math.max(worst, off);
      reach = Math.max(reach, Math.hypot(truth.state.x[2 * i], truth.state.x[2 * i + 1]));
    }
    step(truth);
    const { dv } = model.run(graph(state))[set];
    for (let i = 0; i < dv.length; i++) {
      state.v[i] += dv[i] * unit;
      state.x[i] += state.v[i] * truth.dt;
    }
  }
  return { points, worst, share: worst / reach };
}

const panel = (points) => ({
  title: points[0].title,
  width: 240,
  height: 240,
  data: { values: points.map(({ x, y, ...rest }) => ({ ...rest, x: round(x), y: round(y) })) },
  mark: { type: "line", strokeWidth: 1.5 },
  encoding: {
    x: { field: "x", type: "quantitative", title: null, scale: { zero: false } },
    y: { field: "y", type: "quantitative", title: null, scale: { zero: false } },
    order: { field: "t", type: "quantitative" },
    detail: { field: "body", type: "nominal" },
    color: { field: "kind", type: "nominal", title: null, sort: ["truth", "network"] },
    strokeDash: { field: "kind", type: "nominal", title: null, sort: ["truth", "network"] },
  },
});
const round = (value) => Number(value.toPrecision(4));

if (values.short) {
  const found = {};
  for (const name of ["String", "Balls"]) {
    const { model, trainer } = await train(name, { steps: 250, simulations: 20 });
    found[name] = ratio(name, trainer, { count: 3 });
    model.dispose();
  }
  console.log(JSON.stringify(found));
} else {
  mkdirSync(here("made"), { recursive: true });
  const panels = [];
  console.log(
    "| world | constant velocity / network | the paper | rollout of 100 steps, off by | s |",
  );
  console.log("|---|---|---|---|---|");
  const row = (title, times, paper, { worst, share }, seconds) =>
    console.log(
      `| ${title} | ${times.toFixed(0)} | ${paper} | ${worst.toPrecision(2)} m, ${(100 * share).toFixed(1)} % of the way | ${seconds} |`,
    );
  for (const name of Object.keys(worlds)) {
    const { title, paper } = worlds[name];
    const { model, trainer, seconds } = await train(name, { steps: 4000, simulations: 200 });
    writeFileSync(here(`made/${name}.safetensors`), model.weights.save());
    const rolled = rollOut(name, model, { steps: 100 });
    row(title, ratio(name, trainer, { count: 20 }), paper, rolled, seconds.toFixed(0));
    panels.push(panel(rolled.points));
    if (name !== "NBody") continue;
    for (const bodies of [3, 12]) {
      const others = rollOut(name, model, { steps: 100, bodies });
      row(
        `${title}, ${bodies} bodies`,
        ratio(name, trainer, { count: 20, bodies }),
        "",
        others,
        "",
      );
    }
  }
  await drawFigure(here("rollout.svg"), { hconcat: panels });
}
