import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  artifactVersion,
  type Manifest,
  type ManifestLayout,
  type ManifestTopology,
  type StructureKind,
} from "../../runtime/artifact.js";
import { assemble } from "../../runtime/assemble.js";
import { GraphReader } from "../../runtime/graph.js";
import { levelOrders } from "../../runtime/level-order.js";
import { moreMakers } from "../../runtime/more-structures.js";
import { type Maker, makers, writeStored } from "../../runtime/structures.js";
import * as topologies from "../../runtime/topology.js";
import { toyManifest } from "./toy.js";

const list: ManifestLayout = { kind: "seq", max: null };

/** Two sets, a relation between them, a sparse input on the relation and one on a set, a tree. */
const manifest: Manifest = {
  ...toyManifest,
  version: artifactVersion,
  sets: [
    { name: "a", layout: list },
    { name: "b", layout: list },
  ],
  relations: [
    {
      name: "ab",
      given: true,
      topology: { kind: "sparse", symmetric: false, selfLoops: false },
      senders: "a",
      receivers: "b",
    },
    {
      name: "loops",
      given: true,
      topology: { kind: "sparse", symmetric: false, selfLoops: true },
      senders: "b",
      receivers: "b",
    },
    { name: "up", given: true, topology: { kind: "dag" }, senders: "a", receivers: "a" },
  ],
  inputs: [
    {
      name: "f",
      space: "loops",
      dtype: "f32",
      shape: [3],
      range: null,
      sparse: true,
      neededToRun: true,
      buffer: null,
    },
  ],
  structures: ["index(a)", "index(a, reverse)", "levels(up)", "levels(up, reverse)"].map((of) => ({
    kind: "level_start" as const,
    of,
  })),
};

type Pairs = readonly (readonly [number, number])[];
interface Case {
  readonly a: number;
  readonly b: number;
  readonly ab: Pairs;
  readonly loops: Pairs;
  readonly up: Pairs;
}

const anyCase: fc.Arbitrary<Case> = fc.tuple(fc.nat(5), fc.nat(5)).chain(([a, b]) => {
  const pairs = (from: number, to: number) =>
    fc
      .array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: from && to ? 10 : 0 })
      .map((all): Pairs => all.map(([s, r]) => [s % from, r % to]));
  return fc.record({
    a: fc.constant(a),
    b: fc.constant(b),
    ab: pairs(a, b),
    loops: pairs(b, b),
    up: pairs(a, a).map((all) => all.filter(([s, r]) => s < r)),
  });
});

const ends = (pairs: Pairs) => ({
  senders: pairs.map(([s]) => s),
  receivers: pairs.map(([, r]) => r),
});

/** Edge e of `loops` stores the value 100 e + k in column k, for k < e mod 3. */
const sparseOf = (pairs: Pairs) => {
  const counts = pairs.map((_, e) => e % 3);
  const indptr = [0];
  for (const count of counts) indptr.push((indptr.at(-1) as number) + count);
  const stored = counts.flatMap((count, e) =>
    Array.from({ length: count }, (_, k) => [k, 100 * e + k] as const),
  );
  return { indptr, indices: stored.map(([k]) => k), values: stored.map(([, v]) => v) };
};

const graphOf = ({ a, b, ab, loops, up }: Case) => ({
  a: { count: a },
  b: { count: b },
  ab: ends(ab),
  loops: { ...ends(loops), f: sparseOf(loops) },
  up: ends(up),
});

function build(cases: readonly Case[]) {
  const reader = new GraphReader(manifest, false, topologies);
  const batch = assemble(
    manifest,
    cases.map((c) => reader.read(graphOf(c), "")),
    { ...topologies, levelOrders },
  );
  const structure = (kind: StructureKind, of: string): number[] => {
    // Memory is not empty when a structure is written.
    const make = { ...makers, ...moreMakers }[kind] as Maker;
    const [words, write] = make(manifest, of, batch);
    const out = new Int32Array(words).fill(-7);
    write(out);
    return [...out];
  };
  return { batch, structure };
}

/** All edges of a batch by definition: receiver-major, senders ascending, then in the order given. */
function naive(cases: readonly Case[], name: "ab" | "loops") {
  let [senders, receivers] = [0, 0];
  const all: { s: number; r: number; graph: number; e: number }[] = [];
  cases.forEach((c, graph) => {
    const pairs: (readonly [number, number, number])[] = c[name].map(([s, r], e) => [s, r, e]);
    if (name === "loops")
      for (let v = 0; v < c.b; v++)
        if (!pairs.some(([s, r]) => s === v && r === v)) pairs.push([v, v, -1]);
    for (const [s, r, e] of pairs) all.push({ s: s + senders, r: r + receivers, graph, e });
    senders += name === "ab" ? c.a : c.b;
    receivers += c.b;
  });
  all.sort((x, y) => x.r - y.r || x.s - y.s);
  return { all, senders, receivers };
}

const countsTo = (keys: readonly number[], n: number) =>
  Array.from({ length: n + 1 }, (_, v) => keys.filter((k) => k < v).length);
const flatten = <E>(lists: readonly (readonly E[])[]) => lists.flat();

describe("structures of ragged batches", () => {
  it.each(["ab", "loops"] as const)("walk the edges of %s from both ends", (name) => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
        const { structure } = build(cases);
        const { all, senders, receivers } = naive(cases, name);
        expect(structure("senders", name)).toEqual(all.map(({ s }) => s));
        expect(structure("receivers", name)).toEqual(all.map(({ r }) => r));
        expect(structure("receiver_start", name)).toEqual(
          countsTo(
            all.map(({ r }) => r),
            receivers,
          ),
        );
        expect(structure("sender_start", name)).toEqual(
          countsTo(
            all.map(({ s }) => s),
            senders,
          ),
        );
        const bySender = [...all.keys()].sort(
          (x, y) => (all[x]?.s as number) - (all[y]?.s as number) || x - y,
        );
        expect(structure("edge_of", name)).toEqual(bySender);
        expect(structure("receiver_of", name)).toEqual(bySender.map((e) => all[e]?.r));
        expect(structure("graph_of", name)).toEqual(all.map(({ graph }) => graph));
      }),
    );
  });

  it("number graphs, rows and places", () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
        const { structure } = build(cases);
        expect(structure("graph_of", "a")).toEqual(
          flatten(cases.map(({ a }, g) => new Array<number>(a).fill(g))),
        );
        expect(structure("index", "a")).toEqual(
          flatten(cases.map(({ a }) => Array.from({ length: a }, (_, i) => i))),
        );
        const start = [0];
        for (const { a } of cases) start.push((start.at(-1) as number) + a);
        expect(structure("graph_start", "a")).toEqual(start);
        expect(structure("graph_of", "global")).toEqual([...cases.keys()]);
      }),
    );
  });

  it("list the stored values of sparse edge features with their edges, by row and by column", () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
        const { batch, structure } = build(cases);
        const { all } = naive(cases, "loops");
        const stored = all.flatMap(({ e }, row) =>
          e < 0 ? [] : Array.from({ length: e % 3 }, (_, k) => ({ row, k, value: 100 * e + k })),
        );
        const of = "nonzeros:loops.f";
        const values = new Float32Array(stored.length);
        writeStored("values", "loops", 0, batch, values);
        expect([...values]).toEqual(stored.map(({ value }) => value));
        expect(structure("rows", of)).toEqual(stored.map(({ row }) => row));
        expect(structure("columns", of)).toEqual(stored.map(({ k }) => k));
        expect(structure("row_start", of)).toEqual(
          countsTo(
            stored.map(({ row }) => row),
            all.length,
          ),
        );
        expect(structure("column_start", of)).toEqual(
          countsTo(
            stored.map(({ k }) => k),
            3,
          ),
        );
        const byColumn = [...stored.keys()].sort(
          (x, y) => (stored[x]?.k as number) - (stored[y]?.k as number) || x - y,
        );
        expect(structure("nonzero_of", of)).toEqual(byColumn);
        expect(structure("row_of", of)).toEqual(byColumn.map((k) => stored[k]?.row));
        const bits = Int32Array.from(structure("value_of", of));
        expect([...new Float32Array(bits.buffer)]).toEqual(byColumn.map((k) => stored[k]?.value));
      }),
    );
  });

  it.each(["index(a)", "index(a, reverse)", "levels(up)", "levels(up, reverse)"])(
    "%s lists every row once, after all it depends on",
    (of) => {
      fc.assert(
        fc.property(fc.array(anyCase, { maxLength: 4 }), (cases) => {
          const { structure } = build(cases);
          const [order, starts] = [structure("order", of), structure("level_start", of)];
          const rows = cases.reduce((sum, { a }) => sum + a, 0);
          expect([...order].sort((x, y) => x - y)).toEqual([...Array(rows).keys()]);
          expect([starts[0], starts.at(-1)]).toEqual([0, rows]);
          const level = new Map(
            order.map((row, at) => [row, starts.findLastIndex((s) => s <= at)]),
          );
          let first = 0;
          for (const { a, up } of cases) {
            const steps = of.startsWith("index")
              ? Array.from({ length: Math.max(0, a - 1) }, (_, i) => [i, i + 1] as const)
              : up;
            for (const [s, r] of steps) {
              const [before, after] = of.includes("reverse") ? [r, s] : [s, r];
              expect(level.get(first + before)).toBeLessThan(level.get(first + after) as number);
            }
            first += a;
          }
        }),
      );
    },
  );
});

describe("topologies without data", () => {
  const edges = (
    topology: ManifestTopology,
    senders: number,
    receivers = senders,
    layouts: readonly [ManifestLayout, ManifestLayout] = [list, list],
  ) => {
    const made = topologies.expand(topology, senders, receivers, layouts);
    return [...made.senders].map((s, e) => `${s}>${made.receivers[e]}`).join(" ");
  };
  const window = (
    taps: number[],
    rest: Partial<Record<"stride" | "dilation" | "pad", number[]>> = {},
  ): ManifestTopology => ({
    kind: "window",
    taps,
    stride: taps.map(() => 1),
    dilation: taps.map(() => 1),
    pad: taps.map((k) => (k - 1) / 2),
    ...rest,
  });

  it("have the edges their words say", () => {
    expect(edges({ kind: "complete", strict: false }, 2)).toBe("0>0 1>0 0>1 1>1");
    expect(edges({ kind: "complete", strict: true }, 3)).toBe("1>0 2>0 0>1 2>1 0>2 1>2");
    expect(edges({ kind: "complete", strict: false }, 1, 3)).toBe("0>0 0>1 0>2");
    expect(edges({ kind: "causal", strict: false }, 3)).toBe("0>0 0>1 1>1 0>2 1>2 2>2");
    expect(edges({ kind: "causal", strict: true }, 3)).toBe("0>1 0>2 1>2");
    expect(edges({ kind: "chain", reverse: false }, 3)).toBe("0>1 1>2");
    expect(edges({ kind: "chain", reverse: true }, 3)).toBe("1>0 2>1");
    expect(edges({ kind: "self" }, 2)).toBe("0>0 1>1");
    expect(edges(window([3]), 3)).toBe("0>0 1>0 0>1 1>1 2>1 1>2 2>2");
    expect(edges(window([2], { stride: [2], pad: [0] }), 5, 2)).toBe("0>0 1>0 2>1 3>1");
    expect(edges(window([2], { dilation: [2], pad: [2] }), 4)).toBe("0>0 1>1 0>2 2>2 1>3 3>3");
    expect(edges({ kind: "complete", strict: false }, 0)).toBe("");
  });

  it("number the taps of a window on a grid row-major, borders left out", () => {
    const grid = (height: number, width: number): ManifestLayout => ({
      kind: "grid",
      extents: [height, width],
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 }),
        (h, w, k, stride) => {
          const pad = Math.floor(k / 2);
          const [oh, ow] = [h, w].map((n) =>
            Math.max(0, Math.floor((n + 2 * pad - k) / stride) + 1),
          ) as [number, number];
          const topology = window([k, k], { stride: [stride, stride], pad: [pad, pad] });
          const made = topologies.expand(topology, h * w, oh * ow, [grid(h, w), grid(oh, ow)]);
          const wanted: number[][] = [];
          for (let r = 0; r < oh * ow; r++)
            for (let tap = 0; tap < k * k; tap++) {
              const y = Math.floor(r / ow) * stride + Math.floor(tap / k) - pad;
              const x = (r % ow) * stride + (tap % k) - pad;
              if (y >= 0 && y < h && x >= 0 && x < w) wanted.push([y * w + x, r, tap]);
            }
          expect(
            [...made.senders].map((s, e) => [s, made.receivers[e], made.offsets?.[e]]),
          ).toEqual(wanted);
        },
      ),
    );
  });
});

describe("a graph reader", () => {
  it("sorts the same edge arrays once", () => {
    const reader = new GraphReader(manifest, false, topologies);
    const graph = graphOf({ a: 2, b: 2, ab: [[1, 0]], loops: [], up: [] });
    const [one, two] = [reader.read(graph, ""), reader.read({ ...graph }, "")];
    expect(two.edges.ab).toBe(one.edges.ab);
    const other = reader.read(
      { ...graph, ab: { senders: [1], receivers: graph.ab.receivers } },
      "",
    );
    expect(other.edges.ab).not.toBe(one.edges.ab);
    const larger = reader.read({ ...graph, a: { count: 3 } }, "");
    expect(larger.edges.ab?.senderCount).toBe(3);
  });
});
