/** Bytes as WebAssembly writes numbers and texts: LEB128, little endian. */
export class Bytes {
  #data = new Uint8Array(1024);
  #view = new DataView(this.#data.buffer);
  length = 0;

  done(): Uint8Array {
    return this.#data.slice(0, this.length);
  }

  #room(more: number): void {
    if (this.length + more <= this.#data.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#data.length, this.length + more));
    larger.set(this.#data);
    this.#data = larger;
    this.#view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.#room(1);
    this.#data[this.length++] = value;
  }

  unsigned(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  signed(value: number): void {
    let rest = value;
    for (; rest < -64 || rest > 63; rest = Math.floor(rest / 128)) this.byte(mod128(rest) | 128);
    this.byte(mod128(rest));
  }

  float(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  all(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#data.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Its length, then the bytes. */
  sized(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.all(bytes);
  }

  text(text: string): void {
    this.sized(new TextEncoder().encode(text));
  }
}

const mod128 = (value: number): number => ((value % 128) + 128) % 128;
