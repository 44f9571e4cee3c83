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

/** Whether a workload is a step of training. */
export const trains = (workload) => workload.endsWith("_train");

/** The name of a compiled model: with gradients it is another than without. */
export const moduleOf = ({ file, model, trains }) => `${file}.${model}${trains ? ".train" : ""}`;

/** @param load The runtime's. @param read From the name of a module to its bytes, or where it lies. */
export function on(load, read) {
  const job = (workload, { weights, make, ...model }) => async (inputs) => {
    const given = weights && { weights: weights(inputs) };
    const name = moduleOf({ ...model, trains: trains(workload) });
    return make(await load(await read(name), given), inputs);
  };
  const table = Object.entries(models).map(([workload, variants]) => [
    workload,
    Object.fromEntries(Object.entries(variants).map(([variant, one]) => [variant, job(workload, one)])),
  ]);
  return { table: Object.fromEntries(table) };
}

/** The runtime in one file, as a page has it, and as the other peers come; `folder` has the modules, in more than one build. */
export async function node(folder, build) {
  const [{ load }, { readFile }] = await Promise.all([import("../../../dist/runtime.min.js"), import("node:fs/promises")]);
  return on(load, (key) => readFile(new URL(`${key}.${build}`, folder)));
}
