/** Time per token of the models that write, by its place. */
import { load } from "../../dist/runtime/index.js";
import { compileFrom } from "../compile.mjs";

/**
 * Milliseconds for the token at each place of a text, the fastest of several texts, averaged over stretches of places. The
 * model is compiled for texts of this length.
 *
 * @param {string} name CharLSTM or CharTransformer.
 * @param {{ places: number, rounds: number, together: number }} options
 */
export async function costs(name, { places, rounds, together }) {
  const longer = (text) => text.replace("const Context = 64", `const Context = ${places}`);
  const file = new URL("charlm.gn", import.meta.url);
  const model = await load(await compileFrom(file, `${name}Write`, longer));
  const char = { prompt: new Int32Array(places), given: new Uint8Array(places) };
  const batch = model.batch({ char, batch: { heat: [1] } });
  const best = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    let before = performance.now();
    for (const { level } of model.stream(batch)) {
      const now = performance.now();
      best[level] = Math.min(best[level], now - before);
      before = now;
    }
  }
  model.dispose();
  return Array.from({ length: places / together }, (_, k) => ({
    place: together * k + together / 2,
    ms: best.slice(together * k, together * (k + 1)).reduce((a, b) => a + b) / together,
  }));
}
