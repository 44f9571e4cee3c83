/** Data files for `gnc train`, from the graphs of an example. Needs a build (`npm run build`). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { dataFrom, load, writeSafetensors } from "../dist/runtime/index.js";
import { compileFrom } from "./compile.mjs";

/**
 * Writes one file for each entry of `files`.
 *
 * @param {URL} source The `.gn` file.
 * @param {string} modelName
 * @param {Readonly<Record<string, readonly object[]>>} files Graphs by the name of their file.
 * @param {string} [into] A folder; by default `made` beside the `.gn` file.
 */
export async function writeDataFiles(source, modelName, files, into) {
  const folder = into ?? fileURLToPath(new URL("made", source));
  const model = await load(await compileFrom(source, modelName));
  mkdirSync(folder, { recursive: true });
  for (const [name, graphs] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, writeSafetensors(dataFrom(graphs, model.signature)));
    console.log(`${relative(".", path)}: ${graphs.length} graphs`);
  }
  model.dispose();
}
