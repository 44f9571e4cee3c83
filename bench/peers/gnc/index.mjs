/** This project as a peer: loads the workload's compiled model. In Node it reads the file, in a page it fetches it. */
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { sequence } from "./sequence.mjs";
import { training } from "./training.mjs";

/** Of every variant: the model, and what makes a job of it and the inputs. */
export const models = { ...dense, ...graph, ...sequence, ...training };

/** @param load The runtime's. @param read From `FILE.MODEL` to the module, or where it lies. */
export function on(load, read) {
  const job = ({ file, model, make }) => async (inputs) => make(await load(await read(`${file}.${model}`)), inputs);
  const table = Object.entries(models).map(([workload, variants]) => [
    workload,
    Object.fromEntries(Object.entries(variants).map(([variant, one]) => [variant, job(one)])),
  ]);
  return { table: Object.fromEntries(table) };
}

export async function node() {
  const [{ load }, { readFile }] = await Promise.all([import("../../../dist/runtime/index.js"), import("node:fs/promises")]);
  return on(load, (key) => readFile(new URL(`../../cache/models/${key}.wasm`, import.meta.url)));
}
