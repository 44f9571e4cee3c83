/**
 * The peers: where each runs, and how its module is loaded. `shell` says what starts its process: Node, Python, or a page in
 * Chromium; `browser` marks what a page could load, which is what ratios are taken against; `own` is gnc, `again` gnc once
 * more, to see the noise; `flags` are for Node; `twin` is the peer in Node of one in Chromium, `page` its name there.
 */
import { pathToFileURL } from "node:url";

const here = (path) => new URL(path, import.meta.url).pathname;
const built = (name) => pathToFileURL(here(`../cache/${name}.mjs`)).href;

const opened = (build) => async () => (await import(built("gnc"))).node(new URL("../cache/models/", import.meta.url), build);
const gnc = { browser: true, own: true, shell: "node", open: opened("wasm") };
/** From version 21 on Node has relaxed SIMD without being asked. */
const relaxed = Number.parseInt(process.versions.node, 10) < 21 ? ["--experimental-wasm-relaxed-simd"] : [];

const inNode = {
  gnc,
  "gnc (again)": { ...gnc, again: true, page: "gnc" },
  "gnc relaxed": { ...gnc, flags: relaxed, open: opened("relaxed.wasm") },
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

const inChromium = Object.entries(inNode)
  .filter(([, peer]) => peer.browser)
  .map(([name, { open, ...peer }]) => [`${name} in Chromium`, { page: name, ...peer, shell: "chromium", twin: name }]);

export const peers = { ...inNode, ...Object.fromEntries(inChromium) };

/** Where a peer runs, for what runs in a page is compared with what does too. */
export const placeOf = (name) => (peers[name].shell === "chromium" ? "chromium" : "node");
