/**
 * The edges of one relation in one graph, in the order of the language: receiver-major, senders ascending, equal pairs in
 * the order they were given. Rows are numbered within the graph. What not every model needs is built when asked for.
 */

/** Ends of edges in any order, of one graph. */
export interface Ends {
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
}

/** Edges seen from the sending end: `start` per sender, then edge numbers and receivers, both ascending. */
export interface Transpose {
  readonly start: Int32Array;
  readonly edges: Int32Array;
  readonly receivers: Int32Array;
}

export class Edges {
  readonly senderCount: number;
  readonly receiverCount: number;
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** First edge of each receiver, and the number of edges. */
  readonly start: Int32Array;
  /** For each edge its place in the user's list, -1 for an added self-loop; null when the two orders are one. */
  readonly origin: Int32Array | null;
  /** Of a window the tap of each edge. */
  readonly offsets: Int32Array | null;
  /** How many edges the user gave. */
  readonly given: number;
  #transpose: Transpose | null = null;

  /** @param ends In the order of the language. */
  constructor(
    ends: Ends,
    senderCount: number,
    receiverCount: number,
    origin: Int32Array | null,
    offsets: Int32Array | null = null,
    given: number = ends.senders.length,
  ) {
    this.senders = ends.senders;
    this.receivers = ends.receivers;
    this.senderCount = senderCount;
    this.receiverCount = receiverCount;
    this.start = starts(ends.receivers, receiverCount);
    this.origin = origin;
    this.offsets = offsets;
    this.given = given;
  }

  get count(): number {
    return this.senders.length;
  }

  get transpose(): Transpose {
    if (!this.#transpose) {
      const start = starts(this.senders, this.senderCount);
      const edges = countingOrder(this.senders, start);
      this.#transpose = { start, edges, receivers: pick(this.receivers, edges) };
    }
    return this.#transpose;
  }
}

/** [groups + 1] first place of each group when rows are listed by group. */
export function starts(group: ArrayLike<number>, groups: number): Int32Array {
  const start = new Int32Array(groups + 1);
  for (let i = 0; i < group.length; i++) {
    const next = (group[i] as number) + 1;
    start[next] = (start[next] as number) + 1;
  }
  for (let g = 0; g < groups; g++) start[g + 1] = (start[g + 1] as number) + (start[g] as number);
  return start;
}

/** Rows listed by group, those of a group in the order of `within` (default: ascending). */
export function countingOrder(
  group: ArrayLike<number>,
  start: Int32Array,
  within?: Int32Array,
): Int32Array {
  const next = start.slice();
  const order = new Int32Array(group.length);
  for (let i = 0; i < order.length; i++) {
    const row = within ? (within[i] as number) : i;
    const g = group[row] as number;
    const place = next[g] as number;
    order[place] = row;
    next[g] = place + 1;
  }
  return order;
}

export function pick(values: Int32Array, order: Int32Array): Int32Array {
  return order.map((row) => values[row] as number);
}

/** Puts given edges into the order of the language; with `loops` it first adds each self-loop that is missing. */
export function sortEdges(ends: Ends, senders: number, receivers: number, loops: boolean): Edges {
  const given = ends.senders.length;
  const all = loops ? addLoops(ends, receivers) : ends;
  const bySender = countingOrder(all.senders, starts(all.senders, senders));
  const order = countingOrder(all.receivers, starts(all.receivers, receivers), bySender);
  if (order.length === given && order.every((row, place) => row === place))
    return new Edges(all, senders, receivers, null);
  const sorted = { senders: pick(all.senders, order), receivers: pick(all.receivers, order) };
  const origin = order.map((row) => (row < given ? row : -1));
  return new Edges(sorted, senders, receivers, origin, null, given);
}

function addLoops({ senders, receivers }: Ends, nodes: number): Ends {
  const missing = new Set(Array.from({ length: nodes }, (_, i) => i));
  senders.forEach((sender, e) => {
    if (sender === receivers[e]) missing.delete(sender);
  });
  const ends = (given: Int32Array) => Int32Array.from([...given, ...missing]);
  return { senders: ends(senders), receivers: ends(receivers) };
}
