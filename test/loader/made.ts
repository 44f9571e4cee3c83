/** Artifacts and loaders of the examples in a folder where `gnc/runtime` is found, as a user's project has them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CompileOptions,
  checkSource,
  compileModel,
  makeLoader,
} from "../../compiler/index.js";
import {
  type GraphInput,
  graphsFrom,
  readSafetensors,
  type Signature,
} from "../../runtime/index.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A folder with the package `gnc` in it. */
export function projectFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "gnc-loader-"));
  mkdirSync(join(path, "node_modules"));
  symlinkSync(root, join(path, "node_modules/gnc"));
  writeFileSync(join(path, "package.json"), '{ "type": "module" }\n');
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Compiles `examples/cora/gat.gn` to `gat.wasm`, `gat.js`, `gat.d.ts` in the folder. */
export async function compileExample(
  example: string,
  folder: string,
  runtime = "gnc/runtime",
  options: CompileOptions = {},
): Promise<void> {
  const name = basename(example, ".gn");
  const { models } = checkSource({
    name: `${name}.gn`,
    text: readFileSync(join(root, "examples", example), "utf8"),
  });
  const [model] = models;
  if (!model) throw new Error(`${example} does not compile`);
  writeFileSync(join(folder, `${name}.wasm`), await compileModel(model, options));
  const loader = makeLoader([{ model, file: `${name}.wasm` }], { source: `${name}.gn`, runtime });
  writeFileSync(join(folder, `${name}.js`), loader.js);
  writeFileSync(join(folder, `${name}.d.ts`), loader.types);
}

/** The graphs of a data file of the examples. */
export function exampleGraphs(file: string, signature: Signature): GraphInput[] {
  const bytes = new Uint8Array(readFileSync(join(root, "examples", file)));
  return graphsFrom(readSafetensors(bytes).tensors, signature);
}
