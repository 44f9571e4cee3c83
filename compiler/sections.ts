/** Custom sections of a WebAssembly module: appended behind all others, so that the code stays as it is. */
import encoder from "@webassemblyjs/wasm-gen/lib/encoder/index.js";

/** The number of a custom section. */
const custom = 0;

/** The module with one more section at its end. */
export function appendSection(wasm: Uint8Array, name: string, payload: Uint8Array): Uint8Array {
  const title = encoder.encodeUTF8Vec(name);
  const size = encoder.encodeU32(title.length + payload.length);
  const out = new Uint8Array(wasm.length + 1 + size.length + title.length + payload.length);
  out.set(wasm);
  out.set([custom, ...size, ...title], wasm.length);
  out.set(payload, out.length - payload.length);
  return out;
}
