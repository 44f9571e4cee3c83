/**
 * Writes text to the terminal as it comes: after `reproduce.mjs`, or `gnc train` with `--weights-out`,
 * `node examples/char-lm/write.mjs "ROMEO:" [--model CharLSTM] [--length 500] [--heat 0.8] [--seed 0] [--weights FILE]`.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { characters } from "./text.mjs";
import { writer } from "./writer.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "CharTransformer" },
    length: { type: "string", default: "500" },
    heat: { type: "string", default: "0.8" },
    seed: { type: "string", default: "0" },
    weights: { type: "string" },
  },
});
const [prompt = "\n"] = positionals;
const fail = (text) => {
  console.error(text);
  process.exit(2);
};
const unknown = [...prompt].find((character) => !characters.includes(character));
if (unknown)
  fail(`the text has no ${JSON.stringify(unknown)}; it has ${JSON.stringify(characters)}`);
for (const name of ["length", "heat", "seed"])
  if (!(Number(values[name]) >= 0))
    fail(`--${name} must be a number from 0, but is ${values[name]}`);
if (!["CharTransformer", "CharLSTM"].includes(values.model))
  fail(`--model must be CharTransformer or CharLSTM, but is ${values.model}`);
const file = values.weights ?? new URL(`made/${values.model}.safetensors`, import.meta.url);
if (!existsSync(file))
  fail(`${values.model} has no weights yet: run node examples/char-lm/reproduce.mjs first`);
const write = await writer(values.model, readFileSync(file));
process.stdout.write(prompt);
const options = { heat: Number(values.heat), seed: Number(values.seed) };
for (const character of write(prompt, Number(values.length), options))
  process.stdout.write(character);
process.stdout.write("\n");
