/** `gnc bind MODEL.wasm WEIGHTS`: weights into the artifact, without the compiler. */
import { bindWeights } from "../../../runtime/bind.js";
import { readArtifact } from "../artifact.js";
import { about } from "../exit.js";
import { readBytes, writeWhole } from "../files.js";
import { onlyOnce } from "./run.js";

export async function bindCommand(
  path: string,
  weights: string,
  options: { readonly output?: string },
): Promise<void> {
  onlyOnce(path, weights);
  const artifact = readBytes(path);
  await readArtifact(path, artifact);
  const bound = await about(weights, () => bindWeights(artifact, readBytes(weights)));
  const output = options.output ?? path;
  writeWhole(output, bound);
  if (output !== "-") process.stderr.write(`${output}: ${bound.length} bytes, with its weights\n`);
}
