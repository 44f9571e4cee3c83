/**
 * Writes text to the terminal as it comes: after `reproduce.mjs`, or `gnc train` with `--weights-out`,
 * `node examples/char-lm/write.mjs "ROMEO:" [--model CharLSTM] [--length 500] [--heat 0.8] [--seed 0] [--weights FILE]`.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
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
const file = values.weights ?? new URL(`made/${values.model}.safetensors`, import.meta.url);
if (!existsSync(file)) {
  console.error(
    `${values.model} has no weights yet: run node examples/char-lm/reproduce.mjs first`,
  );
  process.exit(3);
}
const write = await writer(values.model, readFileSync(file));
process.stdout.write(prompt);
const options = { heat: Number(values.heat), seed: Number(values.seed) };
for (const character of write(prompt, Number(values.length), options))
  process.stdout.write(character);
process.stdout.write("\n");
