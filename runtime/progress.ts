/** Counts the bytes of a response as they arrive. `load` fetches it where somebody wants to know. */
import type { LoadOptions } from "./load.js";

export function counted(
  { body, headers }: Response,
  onProgress: NonNullable<LoadOptions["onProgress"]>,
): ReadableStream<Uint8Array> | null {
  const total = Number(headers.get("content-length")) || null;
  let loaded = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.length;
      onProgress({ loaded, total });
      controller.enqueue(chunk);
    },
  });
  return body?.pipeThrough(count) ?? null;
}
