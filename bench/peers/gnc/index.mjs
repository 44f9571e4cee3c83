/** This project as a peer: loads the workload's compiled model. In Node it reads the file, in a page it fetches it. */
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { sequence } from "./sequence.mjs";
import { training } from "./training.mjs";

/**
 * Of every variant: the model, and what makes a job of it and the inputs. `weights` are handed to `load`, as the other peers
 * make their model of the weights at hand; else the job sets them, over first ones that were drawn.
 */
export const models = { ...dense, ...graph, ...sequence, ...training };

/** @param load The runtime's. @param read From `FILE.MODEL` to the module, or where it lies. */
export function on(load, read) {
  const job = ({ file, model, weights, make }) => async (inputs) => {
    const given = weights && { weights: weights(inputs) };
    return make(await load(await read(`${file}.${model}`), given), inputs);
  };
  const table = Object.entries(models).map(([workload, variants]) => [
    workload,
    Object.fromEntries(Object.entries(variants).map(([variant, one]) => [variant, job(one)])),
  ]);
  return { table: Object.fromEntries(table) };
}

/** The runtime in one file, as a page has it, and as the other peers come. */
export async function node() {
  const [{ load }, { readFile }] = await Promise.all([import("../../../dist/runtime.min.js"), import("node:fs/promises")]);
  return on(load, (key) => readFile(new URL(`../../cache/models/${key}.wasm`, import.meta.url)));
}
