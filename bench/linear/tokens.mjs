/**
 * Time per token of the models of examples/char-lm that write: `node tokens.mjs CharTransformer|CharLSTM PLACES`. A level of
 * the stream computes one token; each place keeps the fastest of several texts, and lines are means over 32 places.
 */
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../../examples/compile.mjs";

const [name, most] = process.argv.slice(2);
const places = Number(most);
const rounds = 7;
const together = 32;
const called = {
  CharTransformer: "causal Transformer, 4 layers, 128 wide",
  CharLSTM: "LSTM, 256 wide",
};

const file = new URL("../../examples/char-lm/charlm.gn", import.meta.url);
const longer = (text) => text.replace("const Context = 64", `const Context = ${places}`);
const model = await load(await compileFrom(file, `${name}Write`, longer));
const graph = {
  char: { prompt: new Int32Array(places), given: new Uint8Array(places) },
  batch: { heat: [1] },
};
const batch = model.batch(graph);
const best = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
for (let round = 0; round < rounds; round++) {
  let before = performance.now();
  for (const { level } of model.stream(batch)) {
    const now = performance.now();
    best[level] = Math.min(best[level], now - before);
    before = now;
  }
  process.stderr.write(`  text ${round + 1} of ${rounds}\n`);
}
for (let at = 0; at < places; at += together) {
  const us = (1000 * best.slice(at, at + together).reduce((a, b) => a + b)) / together;
  console.log(JSON.stringify({ line: called[name], place: at + together / 2, us }));
}
