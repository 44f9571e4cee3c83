/** Walks that keep values of elements in scratch, on rows of few, many and too many elements. */
import { describe, expect, it } from "vitest";
import type { Stage } from "../../compiler/ir/kernel.js";
import { receiverOf, senderOf } from "../../compiler/ir/space.js";
import { type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine, type Split } from "./support/machine.js";
import { generator, nodeSet, relation, World } from "./support/world.js";

const nodes = nodeSet("node");
const edges = relation("edge", nodes, nodes);
const map = receiverOf(edges);
const from = senderOf(edges);

/** A graph whose rows receive these numbers of edges. */
function withDegrees(degrees: readonly number[]): World {
  const next = generator(9);
  const receivers = degrees.flatMap((n, r) => new Array<number>(n).fill(r));
  const senders = receivers.map(() => Math.floor(next() * degrees.length));
  return new World({
    sets: [{ set: nodes, counts: [degrees.length] }],
    edges: [{ relation: edges, senders, receivers }],
  });
}

/** Attention with dropout on its weights: 2 heads of 20. */
function attention(
  table: TensorTable,
  m: Machine,
): { readonly stages: readonly Stage[]; readonly targets: readonly Tensor[] } {
  const [h, d] = [table.axis("h", 2), table.axis("d", 20)];
  const z = table.input("z", nodes, [h, d], "f32");
  const s = table.input("s", nodes, [h], "f32");
  const logits = table.map("tanh", [table.map("add", [table.pull(s, from), table.pull(s, map)])]);
  const lse = table.lse(logits, [], map);
  const weight = table.map("exp", [table.map("sub", [logits, table.pull(lse, map)])]);
  const keep = table.map("lt", [table.random(4, edges, [h]), table.constant(0.5, edges)]);
  const kept = table.map("select", [keep, weight, table.constant(0, edges)]);
  const zs = table.pull(z, from);
  const [whole, some] = [weight, kept].map((w) => table.product({ factors: [w, zs], map }));
  const plain = table.product({ factors: [table.map("sigmoid", [logits]), zs], map, scale: 0.5 });
  for (const t of [z, s, lse, whole, some, plain]) if (t) m.store(t);
  const targets = [lse, whole, some, plain].filter((t) => t !== undefined);
  const stages: Stage[] = [
    { kind: "softmax", map, lse, sums: targets.slice(1, 3) },
    { kind: "walk", map, targets: [plain] },
  ];
  return { stages, targets };
}

async function run(
  degrees: readonly number[],
  split: Split = "whole",
): Promise<readonly Int32Array[]> {
  const table = new TensorTable();
  const m = new Machine(withDegrees(degrees));
  m.pages = 1024;
  const { stages, targets } = attention(table, m);
  await m.run([m.kernel({ domain: { over: "rows", space: nodes }, tile: 8, stages })], split);
  m.check(targets, 1e-3);
  return targets.map((t) => m.bits(t));
}

describe("values of elements in scratch", () => {
  it("serve rows of few and of many elements", async () => {
    await run([0]);
    await run([0, 0, 1, 0, 5, 2, 0, 17, 3, 1, 0]);
    await run([3000, 0, 2, 2500, 1]);
  });

  it("may be made of values that the tile keeps of its rows", async () => {
    const table = new TensorTable();
    const d = table.axis("d", 40);
    const m = new Machine(withDegrees([3, 0, 1, 2, 7, 5]));
    const x = table.input("x", nodes, [], "f32");
    const z = table.input("z", nodes, [d], "f32");
    const own = table.map("exp", [x]);
    const weight = table.map("tanh", [
      table.map("add", [table.pull(own, map), table.pull(x, from)]),
    ]);
    const y = table.product({ factors: [weight, table.pull(z, from)], map });
    for (const t of [x, z, y]) m.store(t);
    m.store(own, { place: { kind: "scratch", offset: 2 } });
    const stages: Stage[] = [
      { kind: "map", target: own },
      { kind: "walk", map, targets: [y] },
    ];
    const domain = { over: "rows", space: nodes } as const;
    await m.run([m.kernel({ domain, tile: 4, scratch: 8, stages })]);
    m.check([y]);
  });

  it("are left out where a row has too many", async () => {
    await run([3, 70000, 2]);
  });

  it("leave no trace of blocks, tiles and ranges in the bits", async () => {
    const degrees = [4, 0, 9, 2100, 2100, 3, 0, 0, 1, 6, 2, 8, 5];
    const whole = await run(degrees);
    expect(await run(degrees, "single")).toEqual(whole);
    expect(await run(degrees, "halves")).toEqual(whole);
  });
});
