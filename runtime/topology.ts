/**
 * Topologies: the edges of those that come without data (complete, causal, chain, window, self), the promises of those
 * that come with it (symmetric, tree, dag), and the levels of trees and dags.
 */
import type { ManifestLayout, ManifestTopology } from "./artifact.js";
import { Edges } from "./edges.js";
import { fail } from "./errors.js";
import { placeOf } from "./safetensors.js";

type Window = Extract<ManifestTopology, { kind: "window" }>;

/** Senders `low <= s < high` of receiver `r`, maybe without r itself. */
function interval(
  topology: ManifestTopology,
  r: number,
  senders: number,
): readonly [number, number] {
  switch (topology.kind) {
    case "causal":
      return [0, Math.min(senders, topology.strict ? r : r + 1)];
    case "chain":
      return topology.reverse
        ? [r + 1, Math.min(senders, r + 2)]
        : [Math.max(0, r - 1), Math.min(senders, r)];
    case "self":
      return [r, Math.min(senders, r + 1)];
    default:
      return [0, senders];
  }
}

/** All edges of a relation that comes without data, between `senders` and `receivers` nodes of one graph. */
export function expand(
  topology: ManifestTopology,
  senders: number,
  receivers: number,
  layouts: readonly [ManifestLayout, ManifestLayout],
): Edges {
  if (topology.kind === "window") return slide(topology, senders, receivers, layouts);
  const ranges = Array.from({ length: receivers }, (_, r) => interval(topology, r, senders));
  const most = ranges.reduce((sum, [low, high]) => sum + Math.max(0, high - low), 0);
  const [from, to] = [new Int32Array(most), new Int32Array(most)];
  const strict = topology.kind === "complete" && topology.strict;
  let e = 0;
  ranges.forEach(([low, high], r) => {
    for (let s = low; s < high; s++) {
      if (strict && s === r) continue;
      from[e] = s;
      to[e++] = r;
    }
  });
  return new Edges(
    { senders: from.subarray(0, e), receivers: to.subarray(0, e) },
    senders,
    receivers,
    null,
  );
}

const extents = (layout: ManifestLayout, count: number): readonly number[] =>
  layout.kind === "grid" ? layout.extents : [count];

/** Receiver i sees sender i*stride + tap*dilation - pad on each axis, where that exists; taps row-major. */
function slide(
  { taps, stride, dilation, pad }: Window,
  senders: number,
  receivers: number,
  layouts: readonly [ManifestLayout, ManifestLayout],
): Edges {
  const [from, to] = [extents(layouts[0], senders), extents(layouts[1], receivers)];
  const edges: [sender: number, receiver: number, tap: number][] = [];
  const visit = (
    axis: number,
    place: readonly number[],
    r: number,
    s: number,
    tap: number,
  ): void => {
    if (axis === taps.length) {
      edges.push([s, r, tap]);
      return;
    }
    const [count, extent] = [taps[axis] as number, from[axis] as number];
    const first = (place[axis] as number) * (stride[axis] as number) - (pad[axis] as number);
    for (let t = 0; t < count; t++) {
      const at = first + t * (dilation[axis] as number);
      if (at >= 0 && at < extent) visit(axis + 1, place, r, s * extent + at, tap * count + t);
    }
  };
  for (let r = 0; r < receivers; r++) visit(0, placeOf(r, to), r, 0, 0);
  const [s, r, offsets] = [0, 1, 2].map((k) =>
    Int32Array.from(edges, (edge) => edge[k] as number),
  ) as [Int32Array, Int32Array, Int32Array];
  return new Edges({ senders: s, receivers: r }, senders, receivers, null, offsets);
}

/** Checks what a relation promises. @throws GN5020 (cycle), GN5021 (two parents), GN5022 (not symmetric). */
export function checkPromise(topology: ManifestTopology, edges: Edges, name: string): void {
  if (topology.kind === "tree") checkParents(edges, name);
  if (topology.kind === "tree" || topology.kind === "dag") levels(edges, name, false);
  if (topology.kind === "sparse" && topology.symmetric) checkSymmetric(edges, name);
}

/** Edges of a tree run from child to parent. */
function checkParents({ transpose, senderCount }: Edges, name: string): void {
  for (let s = 0; s < senderCount; s++) {
    const [a, b] = transpose.receivers.subarray(transpose.start[s], transpose.start[s + 1]);
    if (b !== undefined)
      fail(
        "GN5021",
        `${name} is a tree (child -> parent), but node ${s} has two parents, ${a} and ${b}`,
      );
  }
}

/** Seen from both ends, the sorted edge lists of a symmetric relation are equal. */
function checkSymmetric(edges: Edges, name: string): void {
  const { senders, receivers, transpose, start } = edges;
  for (let v = 0; v < edges.receiverCount; v++) {
    const into = senders.subarray(start[v], start[v + 1]);
    const out = transpose.receivers.subarray(transpose.start[v], transpose.start[v + 1]);
    const at = into.findIndex((u, k) => u !== out[k]);
    if (at < 0 && into.length === out.length) continue;
    // The smaller of the two at the first difference is the one that lacks its mirror.
    const u = Math.min(into[at] ?? Infinity, out[at < 0 ? into.length : at] ?? Infinity);
    const inward = u === into[at];
    const e = inward
      ? (start[v] as number) + at
      : senders.findIndex((s, i) => s === v && receivers[i] === u);
    const [s, r] = inward ? [u, v] : [v, u];
    fail(
      "GN5022",
      `${name} is symmetric, but edge ${edges.origin?.[e] ?? e} (${s} -> ${r}) has no edge ${r} -> ${s}`,
    );
  }
}

/**
 * The level of each node: the length of the longest path that leads to it, or from it when `reverse`.
 * @throws GN5020 with the cycle, if there is one.
 */
export function levels(edges: Edges, name: string, reverse: boolean): Int32Array {
  const { start, senders, transpose, receiverCount: nodes } = edges;
  const [before, previous] = reverse ? [transpose.start, transpose.receivers] : [start, senders];
  const [after, next] = reverse ? [start, senders] : [transpose.start, transpose.receivers];
  const level = new Int32Array(nodes);
  const waits = level.map((_, v) => (before[v + 1] as number) - (before[v] as number));
  const ready = [...waits.keys()].filter((v) => waits[v] === 0);
  for (const v of ready)
    for (const w of next.subarray(after[v], after[v + 1])) {
      level[w] = Math.max(level[w] as number, (level[v] as number) + 1);
      waits[w] = (waits[w] as number) - 1;
      if (waits[w] === 0) ready.push(w);
    }
  if (ready.length < nodes) {
    // Each node that still waits has such a node before it: walk back until one comes again.
    const path = [waits.findIndex((n) => n > 0)];
    for (;;) {
      const v = path.at(-1) as number;
      const u = previous
        .subarray(before[v], before[v + 1])
        .find((w) => (waits[w] as number) > 0) as number;
      const met = path.indexOf(u);
      path.push(u);
      if (met < 0) continue;
      const cycle = reverse ? path.slice(met) : path.slice(met).reverse();
      fail(
        "GN5020",
        `${name} has a cycle: ${cycle.slice(0, 12).join(" -> ")}${cycle.length > 12 ? " -> .." : ""}`,
      );
    }
  }
  return level;
}
