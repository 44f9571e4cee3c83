/** Compiled models of the benchmark: WebAssembly files in bench/cache/models, made before anything is timed. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { checkSource, compileModel, render } from "../dist/compiler/index.js";
import { moduleOf } from "./peers/gnc/index.mjs";

const here = (path) => new URL(path, import.meta.url);

/**
 * What only runs has no gradients in it, like the models of the other peers.
 * @param {Iterable<{ file: string, model: string, trains?: boolean }>} wanted
 */
export async function compileAll(wanted) {
  mkdirSync(here("cache/models/"), { recursive: true });
  const unique = new Map([...wanted].map((one) => [moduleOf(one), one]));
  for (const [key, { file, model: name, trains }] of unique) {
    const text = readFileSync(here(`models/${file}.gn`), "utf8");
    const { models, diagnostics } = checkSource({ name: `${file}.gn`, text });
    const model = models.find((one) => one.name === name);
    if (!model) throw new Error(`no ${name} in ${file}.gn\n${render(diagnostics, "pretty")}`);
    writeFileSync(
      here(`cache/models/${key}.wasm`),
      await compileModel(model, { gradients: trains ? "train" : "none" }),
    );
  }
}
