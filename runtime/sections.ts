/** Sections of a WebAssembly module, and the numbers that they are written with. */
import { fail } from "./errors.js";

export interface Section {
  /** Name of a custom section; null for the others. */
  readonly name: string | null;
  /** From the section's id to its end; where the bytes after the name begin. */
  readonly begin: number;
  readonly content: number;
  readonly end: number;
}

/** Unsigned LEB128 at `at`: the number, and where it ends. */
export function readNumber(bytes: Uint8Array, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let k = 0; k < 5; k++) {
    const byte = bytes[at + k] ?? fail("GN5001", "the module ends in the middle of a section");
    value += (byte & 127) * 2 ** (7 * k);
    if (byte < 128) return [value, at + k + 1];
  }
  return fail("GN5001", "a section of the module has a malformed length");
}

export function writeNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

export function readSections(wasm: Uint8Array): Section[] {
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
