/**
 * Weights bound to a finished artifact, without the compiler: one custom section `gn.weights` is put at the end of the
 * module, in place of any that is there.
 */
import { modelSection, weightsSection } from "./artifact.js";
import { fail } from "./errors.js";
import { parseManifest } from "./load.js";
import { writeSafetensors } from "./safetensors.js";
import { readSections, writeNumber } from "./sections.js";
import { matchWeights, type WeightsSource } from "./weights.js";

/**
 * The artifact with these weights, which `load` uses from then on.
 * @param weights A safetensors file (a checkpoint, too), or arrays by name.
 * @throws GN5001, GN5002 for what is no artifact; GN5030 to GN5034 when the weights do not fit it.
 */
export function bindWeights(wasm: Uint8Array, weights: WeightsSource): Uint8Array {
  const sections = readSections(wasm);
  const model = sections.find(({ name }) => name === modelSection);
  if (!model) return fail("GN5001", "this WebAssembly module is no model compiled by gnc");
  const manifest = parseManifest(wasm.subarray(model.content, model.end));
  const tensors = matchWeights(manifest, weights, false).map(
    ({ piece, data }) =>
      [piece.name, { shape: piece.shape, data: Float32Array.from(data) }] as const,
  );
  const file = writeSafetensors(tensors, { format: "gnc", model: manifest.model });
  const name = new TextEncoder().encode(weightsSection);
  const content = [...writeNumber(name.length), ...name];
  const head = [0, ...writeNumber(content.length + file.length), ...content];
  const kept = sections.filter((section) => section.name !== weightsSection);
  const parts = [
    wasm.subarray(0, 8),
    ...kept.map(({ begin, end }) => wasm.subarray(begin, end)),
    Uint8Array.from(head),
    file,
  ];
  const bound = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bound.set(part, at);
    at += part.length;
  }
  return bound;
}
