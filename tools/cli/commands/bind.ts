/** `gnc bind MODEL.wasm WEIGHTS`: weights into the artifact, without the compiler. */
import { bindWeights } from "../../../runtime/index.js";
import { readBytes, writeWhole } from "../files.js";

export function bindCommand(
  path: string,
  weights: string,
  options: { readonly output?: string },
): void {
  const bound = bindWeights(readBytes(path), readBytes(weights));
  writeWhole(options.output ?? path, bound);
  process.stderr.write(`${options.output ?? path}: ${bound.length} bytes\n`);
}
