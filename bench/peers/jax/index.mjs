/** jax-js on its WebAssembly back end. */
import "./iterators.mjs";
import { defaultDevice, init } from "@jax-js/jax";
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { sequence } from "./sequence.mjs";
import { training } from "./training.mjs";

export async function start() {
  await init("wasm");
  defaultDevice("wasm");
}

export const table = { ...dense, ...graph, ...sequence, ...training };
