/** Models of the examples from their files. Needs a build (`npm run build`). */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSource, compileModel, render } from "../dist/compiler/index.js";

/**
 * Compiles one model of a `.gn` file of the examples, which import nothing but the library.
 *
 * @param {URL} file
 * @param {string} name
 * @param {(text: string) => string} [change] Applied to the text first, to vary a constant.
 */
export async function compileFrom(file, name, change = (text) => text) {
  const text = change(readFileSync(file, "utf8"));
  const { models, diagnostics } = checkSource({ name: fileURLToPath(file), text });
  const model = models.find((one) => one.name === name);
  if (model) return compileModel(model);
  throw new Error(diagnostics.length ? render(diagnostics, "pretty") : `no model ${name}`);
}
