/** What follows a product or a sum pointwise: done before the result is stored, or by itself where that is needed. */
import { describe, expect, it } from "vitest";
import { emitText } from "../../compiler/6-emit/wasm/emit.js";
import { type Kernel, panelWidth, type Stage } from "../../compiler/ir/kernel.js";
import { allOf, receiverOf, unitSpace } from "../../compiler/ir/space.js";
import { type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine, type Split } from "./support/machine.js";
import { generator, nodeSet, randomEdges, relation, World } from "./support/world.js";

const nodes = nodeSet("node");
const all = allOf(nodes);
const tile = 16;

interface Made {
  readonly m: Machine;
  readonly kernels: readonly Kernel[];
  readonly results: readonly Tensor[];
}

type Kind = "added" | "rectified" | "both" | "read again" | "over its left side";

/** y = max(0.5 x W + b, 0) or part of it, the product in scratch. */
function made(rows: number, inner: number, columns: number, kind: Kind): Made {
  const table = new TensorTable();
  const [a, b] = [table.axis("k", inner), table.axis("n", columns)];
  const m = new Machine(new World({ sets: [{ set: nodes, counts: [rows] }] }));
  const x = table.input("x", nodes, [a], "f32");
  const [w, bias] = [table.param("W", [a, b]), table.param("b", [b])];
  const left = table.map("tanh", [x]);
  const product = table.product({ factors: [left, table.pull(w, all)], over: [a], scale: 0.5 });
  const sum = kind === "rectified" ? product : table.map("add", [table.pull(bias, all), product]);
  const y = kind === "added" ? sum : table.map("relu", [sum]);
  const last = kind === "read again" ? [table.map("sigmoid", [product])] : [];
  for (const t of [x, w, bias, ...last]) m.store(t);
  const [before, after] = [tile * inner, tile * (inner + columns)];
  m.store(left, { place: { kind: "scratch", offset: 0 } });
  m.store(product, { place: { kind: "scratch", offset: before } });
  const copies = kind === "over its left side" ? [table.stop(y)] : [];
  for (const t of copies) m.store(t);
  m.store(y, copies.length > 0 ? { place: { kind: "scratch", offset: 0 } } : {});
  const panels = m.buffer({
    name: "panels",
    space: unitSpace,
    layout: [],
    dtype: "f32",
    place: { kind: "panels", stack: [], rows: [a], columns: [b] },
  });
  const stages: Stage[] = [
    { kind: "map", target: left },
    { kind: "product", target: product, left, panels, stack: [], over: [a], columns: [b] },
    ...[y, ...last, ...copies].map((target): Stage => ({ kind: "map", target })),
  ];
  const count = Math.ceil(columns / panelWidth(columns));
  const pack = m.kernel({
    domain: { over: "count", count },
    stages: [{ kind: "pack", source: w, panels }],
  });
  const domain = { over: "rows", space: nodes } as const;
  const run = m.kernel({ domain, tile, scratch: after, stages });
  return { m, kernels: [pack, run], results: copies.length > 0 ? copies : [y, ...last] };
}

async function run(of: Made, split: Split = "whole"): Promise<readonly Int32Array[]> {
  await of.m.run(of.kernels, split);
  of.m.check(of.results, 4e-6);
  return of.results.map((t) => of.m.bits(t));
}

/** The functions that multiply in the module of a case. */
const multiplied = async ({ kernels }: Made): Promise<string | undefined> =>
  /func \$(multiply_[\w.]+)/.exec(await emitText(kernels))?.[1];

describe("what follows a product", () => {
  it.each(["added", "rectified", "both"] as const)("is done with it: %s", async (kind) => {
    const name = await multiplied(made(5, 9, 12, kind));
    expect(name).toContain(kind === "both" ? "_added_rectified" : `_${kind}`);
    for (const [rows, inner, columns] of [
      [0, 5, 9],
      [37, 25, 32],
      [19, 7, 5],
      [6, 4, 41],
      [18, 20, 3],
    ] as const)
      await run(made(rows, inner, columns, kind));
  });

  it.each(["read again", "over its left side"] as const)("waits if it is %s", async (kind) => {
    expect(await multiplied(made(5, 9, 9, kind))).toBe("multiply_9x9_by_0.5");
    await run(made(37, 9, 9, kind));
  });

  it("leaves no trace of tiles and ranges", async () => {
    const whole = await run(made(37, 9, 13, "both"));
    for (const split of ["single", "halves"] as const)
      expect(await run(made(37, 9, 13, "both"), split)).toEqual(whole);
  });
});

const edges = relation("edge", nodes, nodes);
const receiver = receiverOf(edges);

type Follower =
  | "scaled"
  | "rectified"
  | "read again"
  | "with a call"
  | "over what it reads"
  | "beside what it reads"
  | "long";

/** y = max(s Σ x + b, 0) or part of it: sums of the rows at edges, in scratch. */
function summed(width: number, kind: Follower): Made {
  const table = new TensorTable();
  const axis = table.axis("f", width);
  const sets = [{ set: nodes, counts: [3, 0, 40] }];
  const m = new Machine(new World({ sets, edges: [randomEdges(edges, sets, 90, generator(3))] }));
  const message = table.input("x", edges, [axis], "f32");
  const weight = table.input("w", edges, [], "f32");
  const scale = table.input("s", nodes, [], "f32");
  const bias = table.param("b", [axis]);
  const own = table.map("neg", [table.input("z", nodes, [axis], "f32")]);
  const factors = kind === "long" ? [message] : [message, weight];
  const sum = table.product({ factors, map: receiver });
  const scaled = table.product({ factors: [scale, sum] });
  const inScratch = kind.endsWith("what it reads");
  const more = inScratch ? own : table.pull(bias, all);
  const shifted = table.map("add", [more, scaled]);
  const y =
    kind === "scaled" ? scaled : table.map(kind === "with a call" ? "tanh" : "relu", [shifted]);
  const last = kind === "read again" ? [table.map("neg", [sum])] : [];
  for (const t of [message, weight, scale, bias, ...own.inputs, ...last]) m.store(t);
  m.store(own, { place: { kind: "scratch", offset: 0 } });
  m.store(sum, { place: { kind: "scratch", offset: tile * width } });
  const copies = inScratch ? [table.stop(y)] : [];
  for (const t of copies) m.store(t);
  const offset = kind === "over what it reads" ? 0 : 2 * tile * width;
  m.store(y, inScratch ? { place: { kind: "scratch", offset } } : {});
  const stages: Stage[] = [
    { kind: "map", target: own },
    { kind: "walk", map: receiver, targets: [sum] },
    ...[y, ...last, ...copies].map((target): Stage => ({ kind: "map", target })),
  ];
  const domain = { over: "rows", space: nodes } as const;
  const kernel = m.kernel({ domain, tile, scratch: 3 * tile * width, stages });
  return { m, kernels: [kernel], results: copies.length > 0 ? copies : [y, ...last] };
}

/** Loops over the rows of a tile, and within them. */
const loops = async ({ kernels }: Made): Promise<number> =>
  (await emitText(kernels)).match(/\(loop/g)?.length ?? 0;

describe("what follows a sum along a map", () => {
  const widths = [1, 3, 4, 7, 16, 20, 33, 64];

  it.each([
    ["rectified", "with a call"],
    ["beside what it reads", "over what it reads"],
  ] as const)("is done with it if it is %s, and waits if it is %s", async (done, waits) => {
    expect(await loops(summed(8, done))).toBeLessThan(await loops(summed(8, waits)));
    for (const width of widths) for (const kind of [done, waits]) await run(summed(width, kind));
  });

  // what has no place of its own, or is put together in memory, would be missed
  it.each(["scaled", "read again", "long"] as const)("gives the same if it is %s", async (kind) => {
    for (const width of widths) await run(summed(width, kind));
  });

  it("leaves no trace of tiles and ranges", async () => {
    const whole = await run(summed(20, "rectified"));
    for (const split of ["single", "halves"] as const)
      expect(await run(summed(20, "rectified"), split)).toEqual(whole);
  });
});
