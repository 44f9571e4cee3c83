/** Text from a model that writes, character after character as it is computed. */
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";
import { characters, context, encode } from "./text.mjs";

/** Until the Transformer's window is full; then it goes on from the last half of it. */
const overlap = context / 2;

/**
 * @param {"CharTransformer" | "CharLSTM"} name
 * @param {import("../../dist/runtime/index.js").WeightsSource} weights As its training model saved them.
 */
export async function writer(name, weights) {
  const wasm = await compileFrom(new URL("charlm.gn", import.meta.url), `${name}Write`);
  const model = await load(wasm, { weights });
  const window = name === "CharTransformer" ? context : Number.POSITIVE_INFINITY;
  return (prompt, length, options) => write(model, window, encode(prompt), length, options);
}

/** Yields `length` characters that follow the prompt. */
function* write(model, window, prompt, length, { heat = 0.8, seed = 0 } = {}) {
  let read = Array.from(prompt.slice(-(window - 1)));
  let left = length;
  for (let round = 0; left > 0; round++) {
    const count = Math.min(window, read.length + left);
    const tokens = Int32Array.from({ length: count }, (_, i) => read[i] ?? 0);
    const given = Uint8Array.from({ length: count }, (_, i) => Number(i < read.length));
    const graph = { char: { prompt: tokens, given }, batch: { heat: [heat] } };
    for (const { level, outputs } of model.stream(graph, { seed: seed + round })) {
      if (level < read.length) continue;
      tokens[level] = outputs.char.token[0];
      left--;
      yield characters[tokens[level]];
    }
    read = Array.from(tokens.slice(-overlap));
  }
}
