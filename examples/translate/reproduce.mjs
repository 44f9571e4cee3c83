/**
 * Trains every model of `translate.gn` on the same pairs, prints their loss on pairs not trained on by the length of the
 * sentence, and draws loss and alignments: `node examples/translate/reproduce.mjs [--epochs 6]`, after a build. `--short`
 * trains two of them on one pair in eight, writes nothing, and prints what it found as one line of JSON.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { drawFigure, lines } from "../figure.mjs";
import { english, french, heldPairs, trainingPairs } from "./sentences.mjs";

const { values } = parseArgs({
  options: { epochs: { type: "string", default: "6" }, short: { type: "boolean", default: false } },
});
const here = (name) => new URL(name, import.meta.url);
const batchSize = 32;

async function train(name, { epochs, every = 1 }) {
  const model = await load(await compileFrom(here("translate.gn"), name), { seed: 1 });
  const trainer = model.trainer();
  const pairs = trainingPairs.filter((_, i) => i % every === 0);
  const losses = [];
  let seconds = 0;
  for await (const epoch of trainer.fit(pairs, { epochs, batchSize })) {
    losses.push(epoch.loss);
    seconds += epoch.seconds;
    if (!values.short)
      process.stderr.write(`${name} epoch ${epoch.epoch}: ${epoch.loss.toFixed(3)} training\n`);
  }
  return { model, trainer, losses, seconds };
}

/** Words of the source without its end. */
const lengthOf = ({ src }) => src.word.length - 1;
const buckets = [
  { label: "2-4", has: (n) => n <= 4 },
  { label: "5-6", has: (n) => n === 5 || n === 6 },
  { label: "7", has: (n) => n === 7 },
  { label: "8-9", has: (n) => n >= 8 },
];

/** Where a target's words look, for one pair. */
function alignment(model, pair, name) {
  const { next } = pair.tgt;
  const a = model.run(pair).look.a;
  const rows = [...next].map((word, j) => `${j + 1} ${english.words[word]}`);
  const columns = [...pair.src.word].map((word, i) => `${i + 1} ${french.words[word]}`);
  return rows.flatMap((target, j) =>
    columns.map((source, i) => ({ name, source, target, weight: a[j * columns.length + i] })),
  );
}

const heatMap = (title, cells) => ({
  title,
  data: { values: cells },
  mark: "rect",
  encoding: {
    x: { field: "source", type: "ordinal", sort: null, title: null, axis: { orient: "top" } },
    y: { field: "target", type: "ordinal", sort: null, title: null },
    color: {
      field: "weight",
      type: "quantitative",
      scale: { scheme: "greys", domain: [0, 1] },
      legend: null,
    },
  },
});

/** Loss by length, drawn and as a table in Markdown. */
async function report(results) {
  const points = results.flatMap(({ name, byLength }) =>
    byLength.map(({ label, loss }) => ({ model: name, words: label, loss })),
  );
  await drawFigure(
    here("length.svg"),
    lines({
      title: "Loss on sentences not trained on, nats a word",
      values: points,
      x: { field: "words", type: "ordinal", sort: null, title: "words of the source" },
      y: { field: "loss", scale: { zero: false }, title: null },
      by: "model",
      point: true,
    }),
  );
  console.log(`| model | all | ${buckets.map(({ label }) => label).join(" | ")} | right | s |`);
  console.log("|---|---|---|---|---|---|---|---|");
  for (const { name, all, byLength, seconds } of results) {
    const each = byLength.map(({ loss }) => loss.toFixed(2)).join(" | ");
    const right = (100 * all.metrics.accuracy).toFixed(1);
    console.log(
      `| ${name} | ${all.loss.toFixed(2)} | ${each} | ${right} % | ${seconds.toFixed(0)} |`,
    );
  }
}

/** One long held-out sentence as each model with an alignment sees it. */
async function drawAlignments(models) {
  const pair = heldPairs.find(
    (one) => lengthOf(one) === 9 && ![...one.src.word, ...one.tgt.next].includes(1),
  );
  await drawFigure(here("alignment.svg"), {
    concat: models.map(([name, model]) => heatMap(name, alignment(model, pair, name))),
    columns: 2,
  });
}

if (values.short) {
  const found = [];
  for (const name of ["NoAttention", "Additive"]) {
    const { losses, trainer } = await train(name, { epochs: 2, every: 8 });
    found.push({ name, losses, held: trainer.evaluate(heldPairs).loss });
  }
  console.log(JSON.stringify(found));
} else {
  mkdirSync(here("made"), { recursive: true });
  const names = [
    "NoAttention",
    "Additive",
    "LuongGlobal",
    "LuongLocalM",
    "LuongLocalP",
    "Transformer",
  ];
  const results = [];
  const aligned = [];
  for (const name of names) {
    const { model, trainer, seconds } = await train(name, { epochs: Number(values.epochs) });
    writeFileSync(here(`made/${name}.safetensors`), model.weights.save());
    const byLength = buckets.map(({ label, has }) => {
      const pairs = heldPairs.filter((pair) => has(lengthOf(pair)));
      return { label, loss: trainer.evaluate(pairs).loss };
    });
    results.push({ name, all: trainer.evaluate(heldPairs), byLength, seconds });
    if (model.signature.outputs.some((output) => output.name === "a")) aligned.push([name, model]);
    else model.dispose();
  }
  await report(results);
  await drawAlignments(aligned);
}
