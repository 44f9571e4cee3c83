/** Compiled models of the benchmark: WebAssembly files in bench/cache/models, made before anything is timed. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { checkSource, compileModel, render } from "../dist/compiler/index.js";

const here = (path) => new URL(path, import.meta.url);

/** @param {Iterable<readonly [file: string, model: string]>} wanted */
export async function compileAll(wanted) {
  mkdirSync(here("cache/models/"), { recursive: true });
  const unique = new Map([...wanted].map(([file, name]) => [`${file}.${name}`, [file, name]]));
  for (const [key, [file, name]] of unique) {
    const text = readFileSync(here(`models/${file}.gn`), "utf8");
    const { models, diagnostics } = checkSource({ name: `${file}.gn`, text });
    const model = models.find((one) => one.name === name);
    if (!model) throw new Error(`no ${name} in ${file}.gn\n${render(diagnostics, "pretty")}`);
    writeFileSync(here(`cache/models/${key}.wasm`), await compileModel(model));
  }
}
