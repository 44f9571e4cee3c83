/** The page's side of a measurement in a browser: peers are loaded when they are asked for. */
import { workloads } from "../workloads/index.mjs";
import { perform } from "./measure.mjs";

/** Where the server has the binaries of the peers, which Node finds by itself. */
globalThis.benchFiles = "/files/";

const gnc = (build) => async () => {
  const [{ on }, { load }] = await Promise.all([import("./gnc/index.mjs"), import("../../dist/runtime/index.js")]);
  return on(load, (key) => `/models/${key}.${build}`);
};

const open = {
  gnc: gnc("wasm"),
  "gnc relaxed": gnc("relaxed.wasm"),
  "tfjs-wasm": () => import("./tfjs/index.mjs"),
  "onnxruntime-web": async () => {
    const [{ on }, ort] = await Promise.all([import("./onnx/index.mjs"), import("onnxruntime-web/wasm")]);
    return on(ort, ["wasm"]);
  },
  "jax-js": () => import("./jax/index.mjs"),
};

/** `cpuTime` comes from outside: a page cannot see the time its thread has run. Its clock is coarse, so samples are long. */
globalThis.bench = (name, workload, variant, seconds) =>
  perform(open[name], workload, workloads[workload], variant, { seconds, least: 20, cpu: globalThis.cpuTime });

/** Keeps the thread busy, so that it can be told from others. */
globalThis.spin = (ms) => {
  for (const start = performance.now(); performance.now() - start < ms; );
};
