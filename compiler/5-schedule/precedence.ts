/**
 * Which of some numbered things come before which, while they and what they wait for are still added. Each has the set of
 * all that come before it, as bits: a search would walk through all of them each time.
 */
export class Precedence {
  /** By number. */
  readonly #before: Uint32Array[] = [];
  readonly #after: number[][] = [];

  /** Puts one right before another. */
  link(a: number, b: number): void {
    const after = this.#after[a];
    if (after) after.push(b);
    else this.#after[a] = [b];
    this.#add(union([this.#before[a], bit(a)]), b);
  }

  /** Tells of each whether it comes before one of these, by any number of steps. */
  beforeAny(numbers: readonly number[]): (number: number) => boolean {
    const bits = union(numbers.map((n) => this.#before[n]));
    return (n) => (((bits[n >>> 5] ?? 0) >>> (n & 31)) & 1) === 1;
  }

  /** Adds to what comes before one, and before all that come after it. */
  #add(more: Uint32Array, first: number): void {
    const open = [first];
    for (let n = open.pop(); n !== undefined; n = open.pop()) {
      const had = this.#before[n];
      if (had && more.every((word, i) => (word & ~(had[i] ?? 0)) === 0)) continue;
      this.#before[n] = union([had, more]);
      open.push(...(this.#after[n] ?? []));
    }
  }
}

function bit(n: number): Uint32Array {
  const bits = new Uint32Array((n >>> 5) + 1);
  bits[n >>> 5] = 1 << (n & 31);
  return bits;
}

function union(sets: readonly (Uint32Array | undefined)[]): Uint32Array {
  const all = new Uint32Array(Math.max(0, ...sets.map((s) => s?.length ?? 0)));
  for (const set of sets)
    set?.forEach((word, i) => {
      all[i] = (all[i] ?? 0) | word;
    });
  return all;
}
