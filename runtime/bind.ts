/**
 * Weights bound to a finished artifact, without the compiler: one custom section `gn.weights` is put at the end of the
 * module, in place of any that is there.
 */
import { modelSection, weightsSection } from "./artifact.js";
import { fail } from "./errors.js";
import { parseManifest } from "./load.js";
import { writeSafetensors } from "./safetensors.js";
import { matchWeights, type WeightsSource } from "./weights.js";

interface Section {
  /** Name of a custom section; null for the others. */
  readonly name: string | null;
  /** From the section's id to its end; where the bytes after the name begin. */
  readonly begin: number;
  readonly content: number;
  readonly end: number;
}

/** Unsigned LEB128 at `at`: the number, and where it ends. */
function readNumber(bytes: Uint8Array, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let k = 0; k < 5; k++) {
    const byte = bytes[at + k] ?? fail("GN5001", "the module ends in the middle of a section");
    value += (byte & 127) * 2 ** (7 * k);
    if (byte < 128) return [value, at + k + 1];
  }
  return fail("GN5001", "a section of the module has a malformed length");
}

function writeNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

function readSections(wasm: Uint8Array): Section[] {
  if (wasm.subarray(0, 8).join() !== "0,97,115,109,1,0,0,0")
    fail("GN5001", "this is no WebAssembly module");
  const sections: Section[] = [];
  for (let at = 8; at < wasm.length; ) {
    const [size, from] = readNumber(wasm, at + 1);
    const end = from + size;
    if (end > wasm.length) fail("GN5001", "the module ends in the middle of a section");
    const custom = wasm[at] === 0;
    const [length, name] = custom ? readNumber(wasm, from) : [0, from];
    const content = name + length;
    sections.push({
      name: custom ? new TextDecoder().decode(wasm.subarray(name, content)) : null,
      begin: at,
      content,
      end,
    });
    at = end;
  }
  return sections;
}

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
