/** Files in Node. `load` fetches it there; no page does. */
export async function read(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const files = "node:fs/promises"; // Not a literal, so that bundlers for the web leave it alone.
  const { readFile } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ files
  )) as typeof import("node:fs/promises");
  return readFile(path.startsWith("file:") ? new URL(path) : path, { signal });
}
