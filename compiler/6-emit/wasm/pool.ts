/**
 * What the functions of a module share: its constants, and the functions that they call.
 *
 * Constants are words at the bottom of memory, each run kept once. Kernels load them into variables at entry; a
 * `v128.const` inside a loop would be made again in every turn by newer engines (KERNELS, section 4).
 */
export class Pool {
  readonly #addresses = new Map<string, number>();
  readonly #words: number[] = [];

  /** Names of the functions that are written already. */
  readonly functions = new Set<string>();

  /** The address of a run of these words. */
  address(words: Uint32Array): number {
    const key = words.join();
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const address = 4 * this.#words.length;
    this.#addresses.set(key, address);
    this.#words.push(...words);
    return address;
  }

  /** What memory holds from address 0 on. */
  bytes(): Uint8Array {
    return new Uint8Array(Uint32Array.from(this.#words).buffer);
  }
}
