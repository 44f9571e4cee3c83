/**
 * Edges that a topology word makes: how many each node has, and where their intervals begin, follow from the word. The
 * edges themselves are listed only for who asks for them: kernels over rows of edges do, walks do not.
 */
import type { ManifestLayout, ManifestTopology } from "./artifact.js";
import type { BothEnds, Transpose } from "./both-ends.js";
import { countingOrder, type Edges, groupOf } from "./edges.js";
import { placeOf, volume } from "./safetensors.js";

type Window = Extract<ManifestTopology, { kind: "window" }>;
type Layouts = readonly [senders: ManifestLayout, receivers: ManifestLayout];
type Range = readonly [low: number, high: number];

/** The edges of one relation in one graph, as the word says, between so many nodes. */
export class MadeEdges implements Edges, BothEnds {
  readonly senderCount: number;
  readonly receiverCount: number;
  readonly start: Int32Array;
  readonly origin = null;
  readonly given: number;
  readonly #topology: ManifestTopology;
  readonly #layouts: Layouts;
  #listed: Listed | null = null;
  #transpose: Transpose | null = null;

  constructor(
    topology: ManifestTopology,
    senders: number,
    receivers: number,
    layouts: readonly [ManifestLayout, ManifestLayout],
  ) {
    this.#topology = topology;
    this.#layouts = layouts;
    this.senderCount = senders;
    this.receiverCount = receivers;
    this.start = ends(this.#degrees("receiver"));
    this.given = this.count;
  }

  get count(): number {
    return this.start[this.receiverCount] as number;
  }

  get senders(): Int32Array {
    return this.#list().senders;
  }

  get receivers(): Int32Array {
    return groupOf(this.start);
  }

  get offsets(): Int32Array | null {
    return this.#list().offsets;
  }

  get firstSender(): Int32Array {
    return this.#firsts("receiver");
  }

  get firstReceiver(): Int32Array {
    return this.#firsts("sender");
  }

  get transpose(): Transpose {
    this.#transpose ??= new Turned(this, ends(this.#degrees("sender")));
    return this.#transpose;
  }

  #firsts(of: keyof typeof intervals): Int32Array {
    const [own, other] = this.#counts(of);
    return Int32Array.from({ length: own }, (_, i) => intervals[of](this.#topology, i, other)[0]);
  }

  #counts = (of: keyof typeof intervals): readonly [own: number, other: number] =>
    of === "receiver"
      ? [this.receiverCount, this.senderCount]
      : [this.senderCount, this.receiverCount];

  /** How many edges each receiver has, or each sender. */
  #degrees(of: keyof typeof intervals): Int32Array {
    const topology = this.#topology;
    const [own, other] = this.#counts(of);
    if (topology.kind === "window") return this.#tapped(topology, of);
    const gap = topology.kind === "complete" && topology.strict;
    return Int32Array.from({ length: own }, (_, i) => {
      const [low, high] = intervals[of](topology, i, other);
      return Math.max(0, high - low) - (gap && i < other ? 1 : 0);
    });
  }

  /** On each axis the taps of a place that meet a node, counted; of a node the product over its axes. */
  #tapped(window: Window, of: keyof typeof intervals): Int32Array {
    const [from, into] = this.#extents();
    const own = of === "receiver" ? into : from;
    const counts = own.map((extent, axis) => {
      const met = new Int32Array(extent);
      for (let r = 0; r < (into[axis] as number); r++)
        for (const [s] of meetings(window, axis, r, from[axis] as number)) {
          const place = of === "receiver" ? r : s;
          met[place] = (met[place] as number) + 1;
        }
      return met;
    });
    return Int32Array.from({ length: volume(own) }, (_, i) =>
      placeOf(i, own).reduce((n, p, axis) => n * (counts[axis]?.[p] as number), 1),
    );
  }

  #extents = () =>
    [
      extents(this.#layouts[0], this.senderCount),
      extents(this.#layouts[1], this.receiverCount),
    ] as const;

  #list(): Listed {
    const topology = this.#topology;
    this.#listed ??=
      topology.kind === "window" ? slide(topology, this.start, ...this.#extents()) : this.#run();
    return this.#listed;
  }

  /** The senders of intervals, one after another. */
  #run(): Listed {
    const topology = this.#topology;
    const gap = topology.kind === "complete" && topology.strict;
    const senders = new Int32Array(this.count);
    let e = 0;
    for (let r = 0; r < this.receiverCount; r++) {
      const [low, high] = intervals.receiver(topology, r, this.senderCount);
      for (let s = low; s < high; s++) if (!gap || s !== r) senders[e++] = s;
    }
    return { senders, offsets: null };
  }
}

/** The order of the language, listed. */
interface Listed {
  readonly senders: Int32Array;
  readonly offsets: Int32Array | null;
}

/** Seen from the sending end; listed when asked for. */
class Turned implements Transpose {
  readonly start: Int32Array;
  readonly #of: MadeEdges;
  #edges: Int32Array | null = null;

  constructor(of: MadeEdges, start: Int32Array) {
    this.#of = of;
    this.start = start;
  }

  get edges(): Int32Array {
    this.#edges ??= countingOrder(this.#of.senders, this.start);
    return this.#edges;
  }

  get receivers(): Int32Array {
    const { receivers } = this.#of;
    return this.edges.map((e) => receivers[e] as number);
  }
}

/** [groups + 1] where each group begins, of the sizes of groups. */
function ends(sizes: Int32Array): Int32Array {
  const start = new Int32Array(sizes.length + 1);
  sizes.forEach((size, i) => {
    start[i + 1] = (start[i] as number) + size;
  });
  return start;
}

/** Senders `low <= s < high` of receiver i of a graph of so many senders, and the other way round; a gap not counted. */
const intervals = {
  receiver(topology: ManifestTopology, i: number, senders: number): Range {
    switch (topology.kind) {
      case "causal":
        return [0, Math.min(senders, topology.strict ? i : i + 1)];
      case "chain":
        return topology.reverse ? [i + 1, Math.min(senders, i + 2)] : before(i, senders);
      case "self":
        return [i, Math.min(senders, i + 1)];
      default:
        return [0, senders];
    }
  },
  sender(topology: ManifestTopology, i: number, receivers: number): Range {
    switch (topology.kind) {
      case "causal":
        return [topology.strict ? i + 1 : i, receivers];
      case "chain":
        return topology.reverse ? before(i, receivers) : [i + 1, Math.min(receivers, i + 2)];
      case "self":
        return [i, Math.min(receivers, i + 1)];
      default:
        return [0, receivers];
    }
  },
} as const;

const before = (i: number, count: number): Range => [Math.max(0, i - 1), Math.min(count, i)];

const extents = (layout: ManifestLayout, count: number): readonly number[] =>
  layout.kind === "grid" ? layout.extents : [count];

/** Receiver i sees sender i*stride + tap*dilation - pad on an axis, where that exists. */
function meetings(
  { taps, stride, dilation, pad }: Window,
  axis: number,
  receiver: number,
  extent: number,
): readonly (readonly [sender: number, tap: number])[] {
  const first = receiver * (stride[axis] as number) - (pad[axis] as number);
  const met: (readonly [number, number])[] = [];
  for (let tap = 0; tap < (taps[axis] as number); tap++) {
    const sender = first + tap * (dilation[axis] as number);
    if (sender >= 0 && sender < extent) met.push([sender, tap]);
  }
  return met;
}

/** The edges of a window; taps row-major. */
function slide(
  window: Window,
  start: Int32Array,
  from: readonly number[],
  into: readonly number[],
): Listed {
  const count = start.at(-1) as number;
  const [senders, offsets] = [new Int32Array(count), new Int32Array(count)];
  let e = 0;
  const visit = (place: readonly number[], axis: number, s: number, tap: number): void => {
    if (axis === place.length) {
      senders[e] = s;
      offsets[e++] = tap;
      return;
    }
    const extent = from[axis] as number;
    for (const [at, t] of meetings(window, axis, place[axis] as number, extent))
      visit(place, axis + 1, s * extent + at, tap * (window.taps[axis] as number) + t);
  };
  for (let r = 0; r < start.length - 1; r++) visit(placeOf(r, into), 0, 0, 0);
  return { senders, offsets };
}
