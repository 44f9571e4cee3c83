/**
 * The edges of one relation in one graph, in the order of the language: receiver-major, senders ascending, equal pairs in
 * the order they were given. Rows are numbered within the graph.
 */

import { fail } from "./errors.js";

/** Ends of edges in any order, of one graph. */
export interface Ends {
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
}

export interface Edges {
  readonly senderCount: number;
  readonly receiverCount: number;
  readonly count: number;
  /** Of each edge. */
  readonly senders: Int32Array;
  /** First edge of each receiver, and the number of edges. */
  readonly start: Int32Array;
  /** For each edge its place in the user's list, -1 for an added self-loop; null when the two orders are one. */
  readonly origin: Int32Array | null;
  /** How many edges the user gave. */
  readonly given: number;
  /** Of a window the tap of each edge. */
  readonly offsets?: Int32Array | null;
  /** Where the neighbours of each receiver and of each sender are an interval: the first of them. */
  readonly firstSender?: Int32Array;
  readonly firstReceiver?: Int32Array;
}

/** Edges that are listed, `senders` in the order of the language. */
export const listedEdges = (
  senders: Int32Array,
  start: Int32Array,
  senderCount: number,
  origin: Int32Array | null,
  given: number,
): Edges => ({
  senders,
  start,
  senderCount,
  receiverCount: start.length - 1,
  count: senders.length,
  origin,
  given,
});

/** [groups + 1] first place of each group when rows are listed by group. */
export function starts(group: ArrayLike<number>, groups: number): Int32Array {
  const start = new Int32Array(groups + 1);
  for (let i = 0, end = group.length; i < end; i++) {
    const next = (group[i] as number) + 1;
    start[next] = (start[next] as number) + 1;
  }
  accumulate(start);
  return start;
}

/** From counts, one place up, to first places; `more` rows come to each group besides. Returns how many came. */
function accumulate(start: Int32Array, more?: Uint8Array): number {
  let [end, added] = [0, 0];
  for (let g = 1; g < start.length; g++) {
    const extra = more ? (more[g - 1] as number) : 0;
    added += extra;
    end += (start[g] as number) + extra;
    start[g] = end;
  }
  return added;
}

/** The group of each row when rows are listed by group. */
export function groupOf(start: Int32Array): Int32Array {
  const group = new Int32Array(start.at(-1) as number);
  for (let g = 1; g < start.length - 1; g++) group.fill(g, start[g], start[g + 1]);
  return group;
}

/** Rows listed by group, those of a group ascending. */
export function countingOrder(group: ArrayLike<number>, start: Int32Array): Int32Array {
  const next = start.slice();
  const order = new Int32Array(group.length);
  for (let row = 0, end = order.length; row < end; row++) {
    const g = group[row] as number;
    const place = next[g] as number;
    order[place] = row;
    next[g] = place + 1;
  }
  return order;
}

/**
 * Puts given edges into the order of the language; with `loops` it adds each self-loop that is missing. Null when an end is
 * no node: the counts of nodes do not make up all edges then.
 */
export function sortEdges(
  ends: Ends,
  senders: number,
  receivers: number,
  loops: boolean,
): Edges | null {
  const { senders: from, receivers: into } = ends;
  const given = from.length;
  const [first, start] = [new Int32Array(senders + 1), new Int32Array(receivers + 1)];
  const lacking = new Uint8Array(receivers).fill(loops ? 1 : 0);
  const bySender = countEnds(ends, first, start, lacking);
  accumulate(first);
  const added = accumulate(start, lacking);
  const count = start[receivers] as number;
  if (first[senders] !== given || count - added !== given) return null;
  if (!added && ascends(into, from)) return listedEdges(from, start, senders, null, given);
  const order = bySender ? null : countingOrder(from, first);
  const [sorted, origin] = [new Int32Array(count), new Int32Array(count)];
  const next = start.slice();
  // Sender after sender, so that those of each receiver ascend; before the edges of a sender the loop that it lacks.
  for (let sender = 0; sender < senders; sender++) {
    const begin = first[sender] as number;
    const end = first[sender + 1] as number;
    for (let i = lacking[sender] ? begin - 1 : begin; i < end; i++) {
      const e = i < begin ? -1 : order ? (order[i] as number) : i;
      const receiver = e < 0 ? sender : (into[e] as number);
      const place = next[receiver] as number;
      next[receiver] = place + 1;
      sorted[place] = sender;
      origin[place] = e;
    }
  }
  return listedEdges(sorted, start, senders, origin, given);
}

/**
 * In one pass, because a first graph meets slow code: how many edges have each node as sender and as receiver, one place up;
 * which nodes lack no loop. Returns whether senders ascend.
 */
function countEnds(
  { senders, receivers }: Ends,
  bySender: Int32Array,
  byReceiver: Int32Array,
  lacking: Uint8Array,
): boolean {
  let [last, ascending] = [0, true];
  for (let e = 0, end = senders.length; e < end; e++) {
    const sender = senders[e] as number;
    const receiver = receivers[e] as number;
    bySender[sender + 1] = (bySender[sender + 1] as number) + 1;
    byReceiver[receiver + 1] = (byReceiver[receiver + 1] as number) + 1;
    if (sender === receiver) lacking[sender] = 0;
    if (sender < last) ascending = false;
    last = sender;
  }
  return ascending;
}

/** Whether no pair of numbers comes before the one ahead of it. */
export function ascends(major: ArrayLike<number>, minor: ArrayLike<number>): boolean {
  for (let i = 1, end = major.length; i < end; i++) {
    const step = (major[i] as number) - (major[i - 1] as number);
    if (!(step > 0 || (step === 0 && (minor[i] as number) >= (minor[i - 1] as number))))
      return false;
  }
  return true;
}

/**
 * Checks that a relation has the reverse of every edge. The edges that leave a node, in the order of the language, are the
 * reverse of those that enter it then: each is compared with the next of these, and the smaller of the two at a difference
 * lacks its mirror.
 * @throws GN5022
 */
export function checkSymmetric({ senders, start, origin }: Edges, name: string): void {
  const next = start.slice();
  const lonely = (e: number, s: number, r: number) =>
    fail(
      "GN5022",
      `${name} is symmetric, but edge ${origin?.[e] ?? e} (${s} -> ${r}) has no edge ${r} -> ${s}`,
    );
  for (let r = 0, e = 0; r < start.length - 1; r++)
    for (const end = start[r + 1] as number; e < end; e++) {
      const s = senders[e] as number;
      const mirror = next[s] as number;
      const found = mirror < (start[s + 1] as number) ? (senders[mirror] as number) : Infinity;
      if (found < r) lonely(mirror, found, s);
      if (found > r) lonely(e, s, r);
      next[s] = mirror + 1;
    }
  const v = next.findIndex((e, r) => e < (start[r + 1] ?? 0));
  const e = next[v];
  if (e !== undefined) lonely(e, senders[e] as number, v);
}
