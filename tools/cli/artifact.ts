/** The manifest of a compiled model, read without instantiating it. */
import { type Manifest, modelSection, weightsSection } from "../../runtime/artifact.js";
import { dataError } from "./exit.js";

export interface ReadArtifact {
  readonly manifest: Manifest;
  /** Bytes of each custom section and of the whole. */
  readonly sizes: Readonly<Record<string, number>>;
}

export async function readArtifact(path: string, bytes: Uint8Array): Promise<ReadArtifact> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(new Uint8Array(bytes));
  } catch {
    throw dataError(`${path} is no WebAssembly module`);
  }
  const [section] = WebAssembly.Module.customSections(module, modelSection);
  if (!section)
    throw dataError(
      `${path} is WebAssembly, but not made by gnc (it has no section ${modelSection})`,
    );
  const manifest = JSON.parse(new TextDecoder().decode(section)) as Manifest;
  const [weights] = WebAssembly.Module.customSections(module, weightsSection);
  return {
    manifest,
    sizes: { total: bytes.length, model: section.byteLength, weights: weights?.byteLength ?? 0 },
  };
}
