/**
 * What the functions of a module share: its constants, and the functions that they call.
 *
 * Constants are vectors of 16 bytes at the bottom of memory, each kept once. Kernels load them into variables at entry;
 * a `v128.const` inside a loop would be made again in every turn by newer engines (KERNELS, section 4).
 */
export class Pool {
  readonly #addresses = new Map<string, number>();
  readonly #vectors: Uint8Array[] = [];

  /** Names of the functions that are written already. */
  readonly functions = new Set<string>();

  /** The address of a vector of these 16 bytes. */
  address(bytes: Uint8Array): number {
    const key = bytes.join();
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const address = 16 * this.#vectors.length;
    this.#addresses.set(key, address);
    this.#vectors.push(bytes);
    return address;
  }

  /** What memory holds from address 0 on. */
  bytes(): Uint8Array {
    const all = new Uint8Array(16 * this.#vectors.length);
    for (const [i, v] of this.#vectors.entries()) all.set(v, 16 * i);
    return all;
  }
}
