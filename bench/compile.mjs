/** Compiled models of the benchmark: WebAssembly files in bench/cache/models, made before anything is timed, in both builds. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { checkSource, compileInParts, relaxedArtifact, render } from "../dist/compiler/index.js";
import { moduleOf } from "./peers/gnc/index.mjs";

const here = (path) => new URL(path, import.meta.url);
/** What was compiled already: files and bounds are made of the same. */
const known = new Map();

/**
 * A model of the benchmark with its kernels in reach. What only runs has no gradients in it, like the models of the other peers.
 * @param {{ file: string, model: string, trains?: boolean }} wanted
 */
export function compiled(wanted) {
  const key = moduleOf(wanted);
  if (!known.has(key)) known.set(key, compile(wanted));
  return known.get(key);
}

function compile({ file, model: name, trains }) {
  const text = readFileSync(here(`models/${file}.gn`), "utf8");
  const { models, diagnostics } = checkSource({ name: `${file}.gn`, text });
  const model = models.find((one) => one.name === name);
  if (!model) throw new Error(`no ${name} in ${file}.gn\n${render(diagnostics, "pretty")}`);
  return compileInParts(model, { gradients: trains ? "train" : "none" });
}

/** @param {Iterable<{ file: string, model: string, trains?: boolean }>} wanted */
export async function compileAll(wanted) {
  mkdirSync(here("cache/models/"), { recursive: true });
  const unique = new Map([...wanted].map((one) => [moduleOf(one), one]));
  for (const [key, one] of unique) {
    const made = await compiled(one);
    writeFileSync(here(`cache/models/${key}.wasm`), made.artifact);
    writeFileSync(here(`cache/models/${key}.relaxed.wasm`), await relaxedArtifact(made));
  }
}
