/** A model of a text, compiled and loaded through the public runtime. */
import { compileModel } from "../../compiler/compile.js";
import { type Model as Loaded, load } from "../../runtime/index.js";
import { modelsOf } from "../generated/support/sources.js";

export async function openText(text: string, seed = 1): Promise<Loaded> {
  const [model] = modelsOf("text.gn", text);
  if (!model) throw new Error("no model");
  return load(await compileModel(model), { seed });
}

/** Numbers between -1 and 1, the same in every run. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
