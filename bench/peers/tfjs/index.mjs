/** tfjs on its WebAssembly back end, one thread: the fastest formulations known for each workload. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { sequence } from "./sequence.mjs";
import { training } from "./training.mjs";

export async function start() {
  setWasmPaths(globalThis.benchFiles ?? new URL("../peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
}

export const table = { ...dense, ...graph, ...sequence, ...training };
