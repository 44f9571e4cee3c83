/** Graphs that are run more than once. */
import type { Assembled } from "./assemble.js";
import type { AnyModel, ModelTypes } from "./types.js";

/**
 * Graphs bound to a model by `model.batch`: checked and, while no other batch is run, laid out in its memory. To run it
 * again costs no copy. The arrays it was made from must not change as long as it is used.
 */
export class Batch<T extends ModelTypes = AnyModel, Outputs = unknown> {
  /** For the type checker alone. */
  declare readonly types?: readonly [T, Outputs];
  /** Number of graphs. */
  readonly size: number;
  /** Whether it was made from one graph, not from an array. */
  readonly single: boolean;
  /** The model that made it. */
  readonly owner: object;
  readonly #read: () => Assembled;
  #contents: Assembled;
  #fresh = true;

  /** Batches are made by `model.batch`. */
  constructor(owner: object, size: number, single: boolean, read: () => Assembled) {
    this.owner = owner;
    this.size = size;
    this.single = single;
    this.#read = read;
    this.#contents = read();
  }

  /** Rows by space: nodes of each set, edges of each relation. */
  get rows(): Readonly<Record<string, number>> {
    return this.#contents.rows;
  }

  /** For the runtime itself: the graphs; read and checked again when memory does not hold them any more. */
  contents(isBound: (contents: Assembled) => boolean): Assembled {
    if (!this.#fresh && !isBound(this.#contents)) this.#contents = this.#read();
    this.#fresh = false;
    return this.#contents;
  }
}
