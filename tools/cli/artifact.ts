/** The manifest of a compiled model, read without instantiating it. */
import { type Manifest, modelSection, weightsSection } from "../../runtime/artifact.js";
import { readManifest } from "../../runtime/load.js";
import { about, usage } from "./exit.js";
import { isModule } from "./files.js";

export interface ReadArtifact {
  readonly manifest: Manifest;
  /** Bytes of each custom section and of the whole. */
  readonly sizes: { readonly total: number; readonly model: number; readonly weights: number };
}

export async function readArtifact(path: string, bytes: Uint8Array): Promise<ReadArtifact> {
  if (!isModule(bytes))
    throw usage(
      `${path} is no compiled model`,
      path.endsWith(".gn")
        ? `compile it first: gnc compile ${path}`
        : "give a .wasm file made by gnc compile",
    );
  return about(path, async () => {
    const module = await WebAssembly.compile(new Uint8Array(bytes)).catch(() => {
      throw usage(`${path} is a damaged WebAssembly module`, "compile the model again");
    });
    const bytesOf = (name: string): number =>
      WebAssembly.Module.customSections(module, name)[0]?.byteLength ?? 0;
    return {
      manifest: readManifest(module),
      sizes: {
        total: bytes.length,
        model: bytesOf(modelSection),
        weights: bytesOf(weightsSection),
      },
    };
  });
}
