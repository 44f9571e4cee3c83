/**
 * Stands between an engine and its kernels and holds every call to what threads rely on: parts of a range may run in any
 * order or at once. Each part runs alone, from the memory that was there before the call and with soiled scratch. No two
 * parts may change the same word, and what they change must add up to what the whole range gives: so no part reads what
 * another writes. They run once more where all that the call writes has been soiled first, which shows words that are
 * written with the value they had.
 */
import type { Manifest } from "../../../runtime/artifact.js";
import type { KernelFunction } from "../../../runtime/plan.js";
import type { Between } from "./open.js";

type Range = readonly [begin: number, end: number];

/** Calls of each function that are held to it. */
const most = 2;

/** The bits of a small number that is like no other nearby. */
const dirt = (word: number): number => 0x3f000000 + (Math.imul(word, 2654435761) & 0x3fffff);

export class Apart implements Between {
  readonly faults: string[] = [];
  /** Functions that were held to it, and how often. */
  readonly checked = new Map<string, number>();
  readonly #scratchWords: number;
  #memory: WebAssembly.Memory | null = null;

  constructor({ scratchBytes }: Manifest) {
    this.#scratchWords = scratchBytes / 4;
  }

  readonly share = (initial: number): WebAssembly.Memory => {
    this.#memory = new WebAssembly.Memory({ initial, maximum: 65536 });
    return this.#memory;
  };

  spread(name: string, call: KernelFunction): KernelFunction {
    return (frame, begin, end, scratch) => {
      const times = this.checked.get(name) ?? 0;
      if (end - begin < 2 || times === most) {
        call(frame, begin, end, scratch);
        return;
      }
      this.checked.set(name, times + 1);
      const words = new Uint32Array((this.#memory as WebAssembly.Memory).buffer);
      const before = words.slice();
      call(frame, begin, end, scratch);
      const whole = words.slice();
      const parts = cut(begin, end, times);
      const where = `${name} over ${parts.join(" | ")}`;
      const run = ([from, to]: Range): void => {
        for (let i = 0; i < this.#scratchWords; i++) words[scratch / 4 + i] = dirt(i);
        call(frame, from, to, scratch);
        words.set(whole.subarray(scratch / 4, scratch / 4 + this.#scratchWords), scratch / 4);
      };
      before.set(whole.subarray(scratch / 4, scratch / 4 + this.#scratchWords), scratch / 4);
      const together = this.#together(where, words, before, parts, run);
      const soiled = before.slice();
      for (let i = 0; i < whole.length; i++) {
        if (together[i] !== whole[i]) this.faults.push(`${where}: word ${i} is another`);
        if (before[i] !== whole[i]) soiled[i] = dirt(i);
      }
      this.#together(`${where}, soiled`, words, soiled, parts, run);
      words.set(whole);
    };
  }

  /** What all parts change, each begun from `start`; a word that two of them change is a fault. */
  #together(
    where: string,
    words: Uint32Array,
    start: Uint32Array,
    parts: readonly Range[],
    run: (part: Range) => void,
  ): Uint32Array {
    const all = start.slice();
    const changed = new Uint8Array(start.length);
    for (const part of parts) {
      words.set(start);
      run(part);
      for (let i = 0; i < words.length; i++) {
        if (words[i] === start[i]) continue;
        if (changed[i]) this.faults.push(`${where}: two parts write word ${i}`);
        changed[i] = 1;
        all[i] = words[i] as number;
      }
    }
    return all;
  }
}

/** No part begins where a tile of the whole range does: parts of odd size, or single rows at both ends. */
function cut(begin: number, end: number, way: number): readonly Range[] {
  const rows = end - begin;
  const third = Math.floor(rows / 3);
  const places = way % 2 === 0 ? [third, third + 2, rows >> 1] : [1, rows - 1];
  const inner = new Set(places.filter((p) => p > 0 && p < rows));
  const ends = [0, ...[...inner].sort((a, b) => a - b), rows];
  return ends.slice(1).map((to, i): Range => [begin + (ends[i] as number), begin + to]);
}
