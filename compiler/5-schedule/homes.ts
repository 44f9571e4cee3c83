/**
 * Where the tensors of one program live: roots where their readers look for them, leaves in their arenas, the unknowns
 * and bodies of a recurrence with its results, everything else in a buffer of its own.
 */
import { bug } from "../bug.js";
import type { Buffer, Place } from "../ir/kernel.js";
import type { Tensor } from "../ir/tensor.js";
import type { Buffers } from "./buffers.js";

/** Offsets of parameters and states in their arenas, by path. */
export interface Offsets {
  readonly parameters: ReadonlyMap<string, number>;
  readonly states: ReadonlyMap<string, number>;
}

export class Homes {
  readonly buffers: Buffers;
  readonly #offsets: Offsets;
  readonly #known = new Map<Tensor, Buffer>();

  constructor(buffers: Buffers, offsets: Offsets) {
    this.buffers = buffers;
    this.#offsets = offsets;
  }

  set(t: Tensor, buffer: Buffer): void {
    this.#known.set(t, buffer);
  }

  of(t: Tensor): Buffer {
    const known = this.#known.get(t);
    if (known) return known;
    const made = this.#make(t);
    this.#known.set(t, made);
    return made;
  }

  #make(t: Tensor): Buffer {
    if (t.op !== "param" && t.op !== "state") return this.buffers.own(t);
    const arena = t.op === "param" ? "parameters" : "states";
    const offset = this.#offsets[arena].get(t.attrs.path) ?? bug(`no ${t.op} ${t.attrs.path}`);
    const place: Place = { kind: "arena", arena, offset };
    return this.buffers.at(t, t.attrs.layout, place);
  }
}
