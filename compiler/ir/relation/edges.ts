/**
 * The edges of one graph, numbered receiver-major with senders ascending (LANGUAGE 4): the meaning of every topology.
 *
 * Kernels walk most of these edges without ever listing them; this list is what their walks are tested against.
 */
import { bug } from "../../bug.js";
import type { Layout, Topology } from "../space.js";

/** The nodes of one set in one graph. */
export interface Extent {
  readonly count: number;
  readonly layout: Layout;
}

export interface Edges {
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** Of a window the tap, row-major; else 0. */
  readonly offset: Int32Array;
}

type Window = Extract<Topology, { readonly kind: "window" }>;

/** The edges that `topology` has without being told, between the nodes of one graph. */
export function edgesOf(topology: Topology, senders: Extent, receivers: Extent): Edges {
  const pairs = (has: (s: number, r: number) => boolean): Edges => {
    const list: Edge[] = [];
    for (let r = 0; r < receivers.count; r++) {
      for (let s = 0; s < senders.count; s++) if (has(s, r)) list.push([s, r, 0]);
    }
    return listed(list);
  };
  switch (topology.kind) {
    case "complete":
      return pairs((s, r) => !(topology.strict && s === r));
    case "causal":
      return pairs((s, r) => (topology.strict ? s < r : s <= r));
    case "chain":
      return pairs((s, r) => s === (topology.reverse ? r + 1 : r - 1));
    case "self":
      return pairs((s, r) => s === r);
    case "window":
      return listed(windowEdges(topology, extentsOf(senders), extentsOf(receivers)));
    case "sparse":
    case "tree":
    case "dag":
      return bug(`the edges of a ${topology.kind} relation come with the data`);
  }
}

/** For given edges: which one comes at each place of the order receiver-major, senders ascending, then as given. */
export function receiverMajor(
  senders: ArrayLike<number>,
  receivers: ArrayLike<number>,
): Int32Array {
  const by = (list: ArrayLike<number>, a: number, b: number) => Number(list[a]) - Number(list[b]);
  return Int32Array.from({ length: senders.length }, (_, e) => e).sort(
    (a, b) => by(receivers, a, b) || by(senders, a, b) || a - b,
  );
}

type Edge = readonly [sender: number, receiver: number, offset: number];

const listed = (edges: readonly Edge[]): Edges => ({
  senders: Int32Array.from(edges, (e) => e[0]),
  receivers: Int32Array.from(edges, (e) => e[1]),
  offset: Int32Array.from(edges, (e) => e[2]),
});

const extentsOf = ({ count, layout }: Extent): readonly number[] =>
  layout.kind === "grid" ? layout.extents : [count];

/** s = r stride + tap dilation - pad on each axis, where that is a node: nothing is beyond the border. */
function windowEdges(
  w: Window,
  senders: readonly number[],
  receivers: readonly number[],
): readonly Edge[] {
  const edges: Edge[] = [];
  for (let r = 0; r < size(receivers); r++) {
    const center = indices(r, receivers);
    for (let offset = 0; offset < size(w.taps); offset++) {
      const tap = indices(offset, w.taps);
      const place = center.map(
        (i, d) => i * of(w.stride, d) + of(tap, d) * of(w.dilation, d) - of(w.pad, d),
      );
      const inside = place.every((i, d) => i >= 0 && i < of(senders, d));
      if (inside) edges.push([place.reduce((p, i, d) => p * of(senders, d) + i, 0), r, offset]);
    }
  }
  return edges;
}

const of = (list: readonly number[], d: number): number => list[d] ?? bug("axes of unequal number");
const size = (extents: readonly number[]): number => extents.reduce((n, e) => n * e, 1);

/** A row-major position as one index per axis. */
function indices(position: number, extents: readonly number[]): readonly number[] {
  const out: number[] = [];
  let rest = position;
  for (const extent of extents.toReversed()) {
    out.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return out;
}
