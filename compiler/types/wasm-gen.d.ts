/** The parts of @webassemblyjs/wasm-gen that write custom sections; the package comes without types. */
declare module "@webassemblyjs/wasm-gen/lib/encoder/index.js" {
  /** LEB128. */
  export function encodeU32(value: number): readonly number[];
  /** Length and bytes of a text. */
  export function encodeUTF8Vec(text: string): readonly number[];
}
