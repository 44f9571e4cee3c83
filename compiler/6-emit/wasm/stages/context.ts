/** What a stage is given: the kernel's code, its expressions, and the rows that it is to work on. */
import type { Kernel, Stage } from "../../../ir/kernel.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Frame } from "../frame.js";
import type { Index, Local } from "../operand.js";
import type { Places } from "../places.js";
import type { Row } from "../rows.js";

/** The rows of a tile. */
export interface Tile {
  /** Places of the first row and after the last one, in the domain. */
  readonly begin: Local<"i32">;
  readonly end: Local<"i32">;
  /** Whether places are row numbers, so that rows lie next to each other in buffers. */
  readonly contiguous: boolean;
  /** The row at a place of the domain. */
  readonly row: (place: Index) => Row;
  /** Writes a loop over the rows. */
  readonly each: (body: (row: Row) => void) => void;
}

export interface StageContext {
  readonly kernel: Kernel;
  readonly code: Code;
  readonly frame: Frame;
  readonly places: Places;
  readonly e: Evaluator;
  readonly tile: Tile;
  /** Scratch of the emitter's own, after that of the kernel. */
  readonly scratch: Scratch;
}

/** Words of scratch that stages ask for beyond those the schedule laid out. */
export class Scratch {
  readonly #first: number;
  #most = 0;

  constructor(first: number) {
    this.#first = first;
  }

  /** The offset of so many words, which live while the stage runs. */
  words(count: number): number {
    this.#most = Math.max(this.#most, count);
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#most;
  }
}

export type StageOf<K extends Stage["kind"]> = Extract<Stage, { kind: K }>;
export type Emitters = {
  readonly [K in Stage["kind"]]: (stage: StageOf<K>, c: StageContext) => void;
};

/** All that are read to compute a tensor: stored tensors and those in between. */
export function readBy(t: Tensor, e: Evaluator, found = new Set<Tensor>()): ReadonlySet<Tensor> {
  for (const x of t.inputs) {
    if (found.has(x)) continue;
    found.add(x);
    if (!e.stored(x) && x.op !== "recur") readBy(x, e, found);
  }
  return found;
}
