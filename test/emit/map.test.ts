/** Pointwise stages: every function and view, at widths that fill vectors and widths that do not. */
import { describe, expect, it } from "vitest";
import { emit } from "../../compiler/6-emit/wasm/emit.js";
import { allOf, graphOf, receiverOf, senderOf, unitSpace } from "../../compiler/ir/space.js";
import { TensorTable } from "../../compiler/ir/tensor.js";
import { Machine } from "./support/machine.js";
import { generator, nodeSet, randomEdges, relation, World } from "./support/world.js";

const nodes = nodeSet("node");
const edges = relation("edge", nodes, nodes);

function world(counts: readonly number[] = [3, 0, 6], edgeCount = 20): World {
  const sets = [{ set: nodes, counts }];
  return new World({ sets, edges: [randomEdges(edges, sets, edgeCount, generator(3))] });
}

const rows = { over: "rows", space: nodes } as const;

describe("a map stage", () => {
  for (const width of [...Array(18).keys()].slice(1)) {
    it(`computes rows of ${width}`, async () => {
      const table = new TensorTable();
      const axis = table.axis("f", width);
      const m = new Machine(world());
      const x = table.input("node.x", nodes, [axis], "f32");
      const b = table.param("b", [axis]);
      const y = table.map("relu", [table.map("add", [x, table.pull(b, allOf(nodes))])]);
      m.store(x);
      m.store(b, { place: { kind: "arena", arena: "parameters", offset: 3 } });
      m.store(y);
      await m.run([m.kernel({ domain: rows, stages: [{ kind: "map", target: y }] })]);
      m.check([y]);
    });
  }

  it("reads senders, receivers and graphs from an edge", async () => {
    const table = new TensorTable();
    const axis = table.axis("f", 6);
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [axis], "f32");
    const u = table.input("global.u", graphOf(edges).to, [], "f32");
    const s = table.pull(x, senderOf(edges));
    const r = table.pull(x, receiverOf(edges));
    const g = table.pull(u, graphOf(edges));
    const y = table.map("mul", [table.map("sub", [s, r]), g]);
    for (const t of [x, u, y]) m.store(t);
    await m.run([
      m.kernel({ domain: { over: "rows", space: edges }, stages: [{ kind: "map", target: y }] }),
    ]);
    m.check([y]);
  });

  it("joins pieces at places that no vector begins at", async () => {
    const table = new TensorTable();
    const [a, b, c] = [table.axis("a", 7), table.axis("b", 6), table.axis("c", 13)];
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [a], "f32");
    const z = table.input("node.z", nodes, [b], "f32");
    const y = table.map("add", [
      table.view(x, { kind: "pad", from: a, to: c, start: 0, step: 1 }),
      table.view(table.map("tanh", [z]), { kind: "pad", from: b, to: c, start: 7, step: 1 }),
    ]);
    for (const t of [x, z, y]) m.store(t);
    await m.run([m.kernel({ domain: rows, stages: [{ kind: "map", target: y }] })]);
    m.check([y]);
  });

  it("sees through every view", async () => {
    const table = new TensorTable();
    const [a, b] = [table.axis("a", 6), table.axis("b", 10)];
    const [ab, a2, b2] = [table.axis("ab", 60), table.axis("a2", 6), table.axis("b2", 10)];
    const [odd, wide] = [table.axis("odd", 5), table.axis("wide", 13)];
    const one = table.axis("one", 4);
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [a, b], "f32");
    const merged = table.view(x, { kind: "merge", from: [a, b], to: ab });
    const split = table.view(merged, { kind: "split", from: ab, to: [a2, b2] });
    const other = table.view(merged, { kind: "split", from: ab, to: [b2, a2] });
    const sliced = table.view(x, { kind: "slice", from: b, to: odd, start: 1, step: 2 });
    const padded = table.view(sliced, { kind: "pad", from: odd, to: wide, start: 2, step: 2 });
    const picked = table.view(x, { kind: "pick", from: a, at: 3 });
    const placed = table.view(picked, { kind: "place", to: one, at: 2 });
    const renamed = table.view(picked, { kind: "rename", from: b, to: b2 });
    const all = [merged, split, other, sliced, padded, picked, placed, renamed];
    for (const t of [x, ...all]) m.store(t);
    await m.run([
      m.kernel({ domain: rows, stages: all.map((target) => ({ kind: "map", target })) }),
    ]);
    m.check(all);
  });

  it("looks up rows of a table, and reads 0 outside of it", async () => {
    const table = new TensorTable();
    const [word, f] = [table.axis("word", 5), table.axis("f", 6)];
    const m = new Machine(world());
    const id = table.input("node.id", nodes, [], "i32");
    const e = table.param("E", [word, f]);
    const y = table.pull(e, allOf(nodes), [{ axis: word, index: id }]);
    m.store(id);
    m.store(e);
    m.store(y);
    await m.run([m.kernel({ domain: rows, stages: [{ kind: "map", target: y }] })]);
    m.check([y]);
  });

  it("puts numbers where indices point, within the row", async () => {
    const table = new TensorTable();
    const [c, k] = [table.axis("c", 6), table.axis("k", 3)];
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [k], "f32");
    const i = table.input("node.i", nodes, [k], "i32");
    const slots = [{ axis: c, index: i }];
    const all = [
      table.product({ factors: [x], slots, over: [k], scale: 0.5 }),
      table.product({ factors: [x], slots }),
    ];
    for (const t of [x, i, ...all]) m.store(t);
    const stages = all.map((target) => ({ kind: "map", target }) as const);
    await m.run([m.kernel({ domain: rows, stages })]);
    m.check(all);
  });

  it("draws the bits of Philox, four at a time and one by one", async () => {
    const table = new TensorTable();
    const axes = [table.axis("a", 3), table.axis("b", 8), table.axis("c", 7)] as const;
    const m = new Machine(world());
    const draws = [
      table.random(7, nodes, [axes[1]]),
      table.random(8, nodes, [axes[0], axes[1]]),
      table.random(9, nodes, [axes[0], axes[2]]),
      table.random(10, nodes, []),
      table.random(11, edges, [axes[2]]),
    ];
    for (const t of draws) m.store(t);
    await m.run([
      m.kernel({
        domain: rows,
        stages: draws.slice(0, 4).map((target) => ({ kind: "map", target })),
      }),
      m.kernel({
        domain: { over: "rows", space: edges },
        stages: draws.slice(4).map((target) => ({ kind: "map", target })),
      }),
    ]);
    for (const t of draws) expect([...m.read(t)]).toEqual([...m.expected(t)]);
  });

  it("knows facts and positions", async () => {
    const table = new TensorTable();
    const axis = table.axis("i", 6);
    const m = new Machine(world());
    const facts = [
      table.fact("index", nodes),
      table.fact("row", nodes),
      table.fact("count", nodes, receiverOf(edges)),
      table.fact("count", nodes, senderOf(edges)),
      table.iota(axis, nodes),
    ];
    const step = table.fact("step", unitSpace);
    const both = table.map("add", [table.iota(axis, nodes), table.fact("row", nodes)]);
    const all = [...facts, both];
    for (const t of [...all, step]) m.store(t);
    await m.run([
      m.kernel({ domain: rows, stages: all.map((target) => ({ kind: "map", target })) }),
      m.kernel({ domain: { over: "count", count: 1 }, stages: [{ kind: "map", target: step }] }),
    ]);
    m.check([...all, step], 0);
  });

  it("gives the same bytes twice", async () => {
    const table = new TensorTable();
    const axis = table.axis("f", 9);
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [axis], "f32");
    const y = table.map("exp", [x]);
    m.store(x);
    m.store(y);
    const kernel = m.kernel({ domain: rows, stages: [{ kind: "map", target: y }] });
    const [a, b] = [await emit([kernel]), await emit([kernel])];
    expect(a.wasm).toEqual(b.wasm);
  });

  it("shares the code of equal kernels", async () => {
    const table = new TensorTable();
    const axis = table.axis("f", 9);
    const m = new Machine(world());
    const x = table.input("node.x", nodes, [axis], "f32");
    const y = table.map("exp", [x]);
    const z = table.map("exp", [y]);
    for (const t of [x, y, z]) m.store(t);
    const module = await m.run(
      [y, z].map((target) => m.kernel({ domain: rows, stages: [{ kind: "map", target }] })),
    );
    expect(module.kernels.map((k) => k.function)).toEqual(["k0", "k0"]);
    m.check([y, z]);
  });
});
