/**
 * A module whose memory may be shared. Memory that threads share is of another type than memory that they do not, and a
 * module says which it imports; so one word of the artifact is rewritten before it is compiled. Nothing else changes.
 */
import { fail } from "./errors.js";
import { readNumber, readSections, writeNumber } from "./sections.js";

/** Pages of a memory of 4 GiB: shared memory must say how far it may grow. */
export const mostPages = 65536;

const importSection = 2;
/** One import, `env.memory`, a memory. */
const head = [
  1,
  3,
  ...new TextEncoder().encode("env"),
  6,
  ...new TextEncoder().encode("memory"),
  2,
];
/** Limits of a memory that is shared and has a maximum. */
const isShared = 3;

/** @throws GN5001 for what is no artifact. */
export function sharedModule(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const imports = readSections(wasm).find(({ begin }) => wasm[begin] === importSection);
  if (!imports) return fail("GN5001", "this WebAssembly module is no model compiled by gnc");
  const { begin, content, end } = imports;
  if (head.some((byte, i) => wasm[content + i] !== byte))
    fail("GN5001", "the module imports other things than memory");
  const [initial] = readNumber(wasm, content + head.length + 1);
  const memory = [...head, isShared, ...writeNumber(initial), ...writeNumber(mostPages)];
  const section = [importSection, ...writeNumber(memory.length), ...memory];
  return Uint8Array.from([...wasm.subarray(0, begin), ...section, ...wasm.subarray(end)]);
}
