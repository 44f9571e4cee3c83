/**
 * The frame of a kernel: what the runtime tells it, one word each, numbered by first use (so that kernels of equal
 * structure get equal code) and loaded into variables at entry.
 */
import type { KernelSlot } from "../../ir/kernel.js";
import type { Code } from "./code.js";
import type { Local } from "./operand.js";

export class Frame {
  readonly #code: Code;
  readonly #slots: KernelSlot[] = [];
  readonly #words: Local<"i32">[] = [];

  constructor(code: Code) {
    this.#code = code;
  }

  get slots(): readonly KernelSlot[] {
    return this.#slots;
  }

  word(slot: KernelSlot): Local<"i32"> {
    const known = this.#slots.findIndex((s) => same(s, slot));
    const word = this.#words[known];
    if (word) return word;
    const code = this.#code;
    const made = code.within(code.root, () =>
      code.hold(code.loadInt(code.frame, 4 * this.#slots.length)),
    );
    this.#slots.push(slot);
    this.#words.push(made);
    return made;
  }
}

/** Objects by identity. */
function same(a: KernelSlot, b: KernelSlot): boolean {
  switch (a.kind) {
    case "buffer":
      return b.kind === "buffer" && a.buffer === b.buffer;
    case "structure":
      return b.kind === "structure" && a.structure === b.structure && a.of === b.of;
    case "rows":
    case "chunkRows":
      return b.kind === a.kind && a.space === b.space;
    case "arena":
      return b.kind === "arena" && a.arena === b.arena && a.offset === b.offset;
    case "control":
      return b.kind === "control";
    case "constant":
      return b.kind === "constant" && a.value === b.value;
  }
}
