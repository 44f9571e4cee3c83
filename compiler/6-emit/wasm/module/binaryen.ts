/** What binaryen says of a module: it is large and takes long to load, so it is asked only where nobody else knows. */

/** The text of a module. */
export async function textOf(wasm: Uint8Array): Promise<string> {
  const m = await read(wasm);
  try {
    return m.emitText();
  } finally {
    m.dispose();
  }
}

/** Whether a module is valid that has instructions which this machine may not have. */
export async function isValid(wasm: Uint8Array): Promise<boolean> {
  const m = await read(wasm);
  try {
    return m.validate() === 1;
  } finally {
    m.dispose();
  }
}

async function read(wasm: Uint8Array) {
  const { default: binaryen } = await import("binaryen");
  const m = binaryen.readBinary(wasm);
  m.setFeatures(binaryen.Features.All);
  return m;
}
