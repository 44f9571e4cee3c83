/**
 * The peers: where each runs, and how its module is loaded. `shell` says what starts its process: Node, Python, or a page in
 * Chromium; `browser` marks what a page could load, which is what ratios are taken against.
 */
import { pathToFileURL } from "node:url";

const here = (path) => new URL(path, import.meta.url).pathname;
const built = (name) => pathToFileURL(here(`../cache/${name}.mjs`)).href;

const gnc = { browser: true, own: true, shell: "node", open: async () => (await import("./gnc/index.mjs")).node() };

export const peers = {
  gnc,
  "gnc (again)": { ...gnc, again: true },
  "tfjs-wasm": { browser: true, shell: "node", packages: ["@tensorflow/tfjs-core"], open: () => import(built("tfjs")) },
  "onnxruntime-web": {
    browser: true,
    shell: "node",
    packages: ["onnxruntime-web"],
    open: async () => (await import("./onnx/index.mjs")).on(await import("onnxruntime-web/wasm"), ["wasm"]),
  },
  "jax-js": { browser: true, shell: "node", packages: ["@jax-js/jax"], open: () => import("./jax/index.mjs") },
  "onnxruntime-node": {
    shell: "node",
    packages: ["onnxruntime-node"],
    open: async () => (await import("./onnx/index.mjs")).on(await import("onnxruntime-node"), ["cpu"]),
  },
  pytorch: { shell: "python" },
};
