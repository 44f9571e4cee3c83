/** The one memory of a loaded model: its views, which change when it grows, and its growth. */
import { fail } from "./errors.js";

const pageBytes = 65536;

/** Makes memory that threads share, of so many pages at first. */
export type Share = (initial: number) => WebAssembly.Memory;

export class Memory {
  readonly object: WebAssembly.Memory;
  f32!: Float32Array;
  i32!: Int32Array;

  constructor(bytes: number, share?: Share) {
    const initial = this.#pages(bytes);
    this.object = share?.(initial) ?? new WebAssembly.Memory({ initial, maximum: 65536 });
    this.#refresh();
  }

  get bytes(): number {
    return this.f32.byteLength;
  }

  /** Makes memory reach `bytes`. @throws GN5043. */
  grow(bytes: number): void {
    const more = this.#pages(bytes) - this.bytes / pageBytes;
    if (more <= 0) return;
    try {
      this.object.grow(more);
    } catch (cause) {
      fail(
        "GN5043",
        `this needs ${Math.ceil(bytes / 2 ** 20)} MiB, more than there is; use smaller batches`,
        cause,
      );
    }
    this.#refresh();
  }

  /** With slack, for vector loads at the very end. */
  #pages(bytes: number): number {
    return Math.ceil((bytes + 64) / pageBytes);
  }

  #refresh(): void {
    this.f32 = new Float32Array(this.object.buffer);
    this.i32 = new Int32Array(this.object.buffer);
  }
}
