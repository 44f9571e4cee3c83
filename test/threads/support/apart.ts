/**
 * Stands between an engine and its kernels and holds every call to what threads rely on: parts of a range, and groups of
 * graphs in a recurrence, may run in any order or at once. Each part runs alone, from the memory that was there before the
 * call and with soiled scratch. No two parts may change the same word, and what they change must add up to what the whole
 * range gives: so no part reads what another writes. They run once more where all that the call writes has been soiled
 * first, which shows words that are written with the value they had.
 */
import type { Manifest } from "../../../runtime/artifact.js";
import type { Assembled } from "../../../runtime/assemble.js";
import { groupsOf } from "../../../runtime/by-graphs.js";
import type { KernelFunction, Plan } from "../../../runtime/plan.js";
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
  /** How many recurrences were. */
  recurrences = 0;
  readonly #kernels = new Map<KernelFunction, KernelFunction>();
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
    const spread: KernelFunction = (frame, begin, end, scratch) => {
      const whole = (): void => call(frame, begin, end, scratch);
      const times = this.checked.get(name) ?? 0;
      if (end - begin < 2 || times === most) {
        whole();
        return;
      }
      this.checked.set(name, times + 1);
      const ranges = cut(begin, end, times);
      const parts = ranges.map(
        ([from, to]) =>
          () =>
            call(frame, from, to, scratch),
      );
      this.#hold(`${name} over ${ranges.join(" | ")}`, scratch, whole, parts);
    };
    this.#kernels.set(spread, call);
    return spread;
  }

  /** Recurrences: groups of graphs may go through the levels in any order or at once. */
  adopt(plan: Plan, manifest: Manifest, batch: Assembled): void {
    const execute = plan.execute.bind(plan);
    plan.execute = (call, begin, end) => {
      const groups = "kernel" in call ? null : groupsOf(call, manifest, batch, 3);
      const whole = (): void => execute(call, begin, end);
      if (!groups) {
        whole();
        return;
      }
      this.recurrences++;
      const { count, levels, steps, cuts } = groups;
      const parts = Array.from({ length: count }, (_, group) => () => {
        for (let level = 0; level < levels; level++) {
          const at = level * (count + 1) + group;
          const [from, to] = [cuts[at] as number, cuts[at + 1] as number];
          if (from < to)
            for (const { call: step, frame } of steps)
              this.#kernels.get(step)?.(frame, from, to, plan.scratch);
        }
      });
      this.#hold(`a recurrence of ${steps.length} steps`, plan.scratch, whole, parts);
    };
  }

  #hold(where: string, scratch: number, whole: () => void, parts: readonly (() => void)[]): void {
    const words = new Uint32Array((this.#memory as WebAssembly.Memory).buffer);
    const [first, end] = [scratch / 4, scratch / 4 + this.#scratchWords];
    const before = words.slice();
    whole();
    const wanted = words.slice();
    before.set(wanted.subarray(first, end), first);
    const dirty = parts.map((part) => (): void => {
      for (let i = first; i < end; i++) words[i] = dirt(i);
      part();
      words.set(wanted.subarray(first, end), first);
    });
    const together = this.#together(where, words, before, dirty);
    const soiled = before.slice();
    for (let i = 0; i < wanted.length; i++) {
      if (together[i] !== wanted[i]) this.faults.push(`${where}: word ${i} is another`);
      if (before[i] !== wanted[i]) soiled[i] = dirt(i);
    }
    this.#together(`${where}, soiled`, words, soiled, dirty);
    words.set(wanted);
  }

  /** What all parts change, each begun from `start`; a word that two of them change is a fault. */
  #together(
    where: string,
    words: Uint32Array,
    start: Uint32Array,
    parts: readonly (() => void)[],
  ): Uint32Array {
    const all = start.slice();
    const changed = new Uint8Array(start.length);
    for (const part of parts) {
      words.set(start);
      part();
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
