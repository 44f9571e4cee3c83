/** Bytes of a module as they are written: numbers in LEB128, floats as they lie in memory. */

const scratch = new DataView(new ArrayBuffer(8));

export class Bytes {
  #all = new Uint8Array(1024);
  #length = 0;

  /** What was written, until more is written. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#all.subarray(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#all.length) this.#grow(1);
    this.#all[this.#length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#all.length) this.#grow(values.length);
    this.#all.set(values, this.#length);
    this.#length += values.length;
  }

  unsigned(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** The low 32 bits, with their sign. */
  signed(value: number): void {
    let rest = value | 0;
    for (; rest < -0x40 || rest > 0x3f; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest & 0x7f);
  }

  signed64(value: bigint): void {
    let rest = value;
    for (; rest < -0x40n || rest > 0x3fn; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest & 0x7fn));
  }

  float(value: number): void {
    scratch.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.byte(scratch.getUint8(i));
  }

  double(value: number): void {
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
  }

  /** Their number, and each of them. */
  list<T>(items: readonly T[], write: (item: T, index: number) => void): void {
    this.unsigned(items.length);
    items.forEach(write);
  }

  text(value: string): void {
    this.sized(new TextEncoder().encode(value));
  }

  /** Their number, and the bytes. */
  sized(bytes: ArrayLike<number>): void {
    this.unsigned(bytes.length);
    this.bytes(bytes);
  }

  #grow(by: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#all.length, this.#length + by));
    grown.set(this.written);
    this.#all = grown;
  }
}
