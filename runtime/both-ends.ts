/** Of edges what not every model asks for: the receiver of each, and how they look from their senders. Made when asked for. */
import { countingOrder, type Edges, groupOf, starts } from "./edges.js";

/** Edges seen from the sending end: `start` per sender, then edge numbers and receivers, both ascending. */
export interface Transpose {
  readonly start: Int32Array;
  readonly edges: Int32Array;
  readonly receivers: Int32Array;
}

export interface BothEnds {
  /** Of each edge. */
  readonly receivers: Int32Array;
  readonly transpose: Transpose;
}

/** Those of edges that are listed. */
class ListedEnds implements BothEnds {
  readonly #edges: Edges;
  #receivers: Int32Array | null = null;
  #transpose: Transpose | null = null;

  constructor(edges: Edges) {
    this.#edges = edges;
  }

  get receivers(): Int32Array {
    this.#receivers ??= groupOf(this.#edges.start);
    return this.#receivers;
  }

  get transpose(): Transpose {
    if (!this.#transpose) {
      const { receivers } = this;
      const { senders, senderCount } = this.#edges;
      const start = starts(senders, senderCount);
      const edges = countingOrder(senders, start);
      this.#transpose = { start, edges, receivers: edges.map((e) => receivers[e] as number) };
    }
    return this.#transpose;
  }
}

const known = new WeakMap<Edges, BothEnds>();

/** Kept for as long as the edges live; edges that a word makes know theirs. */
export function ends(edges: Edges): BothEnds {
  if ("transpose" in edges) return edges as Edges & BothEnds;
  const found = known.get(edges) ?? new ListedEnds(edges);
  known.set(edges, found);
  return found;
}
