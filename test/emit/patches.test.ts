/** What a window sees, laid out by tap: inside and at the border, for every end, stride, dilation and width of a row. */
import { describe, expect, it } from "vitest";
import type { Stage } from "../../compiler/ir/kernel.js";
import { edgesOf } from "../../compiler/ir/relation/edges.js";
import {
  type Layout,
  type NodeSet,
  type Relation,
  receiverOf,
  senderOf,
  type Topology,
} from "../../compiler/ir/space.js";
import { type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine, type Split } from "./support/machine.js";
import { type Edges, nodeSet, relation, World } from "./support/world.js";

type Window = Extract<Topology, { kind: "window" }>;

interface Case {
  readonly window: Window;
  readonly from: Layout;
  readonly into: Layout;
}

const grid = (...extents: readonly number[]): Layout => ({ kind: "grid", extents });
const sequence: Layout = { kind: "seq", max: null };
const window = (
  taps: readonly number[],
  pad: readonly number[],
  stride = taps.map(() => 1),
  dilation = taps.map(() => 1),
): Window => ({ kind: "window", taps, stride, dilation, pad });

const same = (w: Window, layout: Layout): Case => ({ window: w, from: layout, into: layout });

const cases: readonly Case[] = [
  same(window([3], [1]), sequence),
  same(window([4], [3], [1], [2]), sequence),
  { window: window([3], [1], [2]), from: sequence, into: grid(5) },
  { window: window([5], [2], [3]), from: grid(19), into: sequence },
  same(window([5, 5], [2, 2]), grid(7, 9)),
  same(window([3, 3], [1, 1]), grid(1, 11)),
  same(window([5, 5], [2, 2]), grid(3, 2)),
  same(window([2, 3], [2, 2], [1, 1], [4, 2]), grid(8, 6)),
  { window: window([3, 3], [1, 1], [2, 2]), from: grid(9, 8), into: grid(5, 4) },
  { window: window([2, 4], [0, 3], [3, 1], [2, 3]), from: grid(9, 12), into: grid(3, 9) },
  { window: window([3, 3], [0, 0]), from: grid(6, 7), into: grid(4, 5) },
  same(window([3, 3, 3], [1, 1, 1]), grid(4, 5, 6)),
  same(window([2, 3, 9], [1, 1, 4], [1, 1, 1], [2, 1, 1]), grid(3, 4, 13)),
];

/** How many rows each of three graphs has. */
const countsOf = (layout: Layout): readonly number[] =>
  layout.kind === "grid"
    ? [0, 1, 2].map(() => layout.extents.reduce((n, e) => n * e, 1))
    : [6, 0, 17];

function edgesIn(r: Relation, from: readonly number[], into: readonly number[]): Edges {
  const all = { senders: [] as number[], receivers: [] as number[], taps: [] as number[] };
  let [s, q] = [0, 0];
  from.forEach((n, g) => {
    const m = into[g] ?? 0;
    const made = edgesOf(
      r.topology,
      { count: n, layout: r.senders.layout },
      { count: m, layout: r.receivers.layout },
    );
    all.senders.push(...Array.from(made.senders, (x) => s + x));
    all.receivers.push(...Array.from(made.receivers, (x) => q + x));
    all.taps.push(...made.offset);
    [s, q] = [s + n, q + m];
  });
  return { relation: r, ...all };
}

interface Made {
  readonly m: Machine;
  readonly target: Tensor;
  readonly stages: readonly Stage[];
  readonly rows: NodeSet;
}

/** Rows of `width` numbers by tap, at the receivers or at the senders. */
function made({ window: w, from, into }: Case, end: "sender" | "receiver", width: number): Made {
  const senders = { ...nodeSet("a"), layout: from };
  const receivers = from === into ? senders : { ...nodeSet("b"), layout: into };
  const r = relation("see", senders, receivers, w);
  const counts = [countsOf(from), countsOf(into)] as const;
  const sets = [...new Set([senders, receivers])].map((set) => ({
    set,
    counts: set === senders ? counts[0] : counts[1],
  }));
  const m = new Machine(new World({ sets, edges: [edgesIn(r, ...counts)] }));
  const table = new TensorTable();
  const [map, across] =
    end === "receiver" ? [receiverOf(r), senderOf(r)] : [senderOf(r), receiverOf(r)];
  const axis = table.axis(
    "tap",
    w.taps.reduce((n, t) => n * t, 1),
  );
  const channels = width > 0 ? [table.axis("c", width)] : [];
  const x = table.input("x", across.to as NodeSet, channels, "f32");
  const index = table.fact("offset", r);
  const target = table.product({ factors: [table.pull(x, across)], map, slots: [{ axis, index }] });
  m.store(x);
  m.store(target, { layout: [axis, ...channels] });
  return { m, target, stages: [{ kind: "collect", target, map }], rows: map.to as NodeSet };
}

async function run(of: Made, tile: number, split: Split = "whole"): Promise<Int32Array> {
  const kernel = of.m.kernel({ domain: { over: "rows", space: of.rows }, tile, stages: of.stages });
  const { kernels } = await of.m.run([kernel], split);
  of.m.check([of.target], 0);
  const structures = kernels.flatMap(({ slots }) => slots.filter((s) => s.kind === "structure"));
  const isCopied = !structures.some(({ structure }) =>
    /receiver_start|sender_start/.test(structure),
  );
  const isStrided = of.stages.some(
    (s) =>
      "map" in s &&
      s.map.kind === "sender" &&
      s.map.relation.topology.kind === "window" &&
      s.map.relation.topology.stride.some((n) => n > 1),
  );
  expect(isCopied).toBe(!isStrided);
  return of.m.bits(of.target);
}

describe("what a window sees", () => {
  it.each(cases)("through $window.taps of $from is laid out by tap", async (of) => {
    for (const width of [0, 1, 2, 3, 4, 5, 7, 8]) await run(made(of, "receiver", width), 64);
    for (const width of [1, 3, 8]) await run(made(of, "sender", width), 16);
  });

  it("is copied in loops where rows are wide", async () => {
    const of = same(window([3, 3], [1, 1]), grid(5, 6));
    for (const width of [33, 70]) {
      await run(made(of, "receiver", width), 16);
      await run(made(of, "sender", width), 16);
    }
  });

  it("does not depend on tiles and ranges", async () => {
    const of = same(window([3, 3], [1, 1]), grid(5, 6));
    const whole = await run(made(of, "receiver", 3), 64);
    for (const split of ["single", "halves"] as const)
      expect(await run(made(of, "receiver", 3), 4, split)).toEqual(whole);
  });
});
