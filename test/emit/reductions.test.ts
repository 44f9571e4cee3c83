/** Reductions within rows, along maps, over chunks and into slots, against the evaluator. */
import { describe, expect, it } from "vitest";
import { panelWidth, type Stage } from "../../compiler/ir/kernel.js";
import {
  allOf,
  graphOf,
  type Nonzeros,
  type RowMap,
  receiverOf,
  rowOf,
  type Space,
  senderOf,
  unitSpace,
} from "../../compiler/ir/space.js";
import { type Axis, type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine, type Split } from "./support/machine.js";
import { generator, nodeSet, randomEdges, relation, World } from "./support/world.js";

const nodes = nodeSet("node");
const others = nodeSet("other");
const edges = relation("edge", others, nodes);
const features: Nonzeros = { kind: "nonzeros", name: "nonzeros:node.x", of: nodes };

function world(counts: readonly number[] = [3, 0, 6], edgeCount = 20): World {
  const sets = [
    { set: nodes, counts },
    { set: others, counts: counts.map((n) => n + 1) },
  ];
  const pairs = counts.flatMap(() => []).concat();
  void pairs;
  const total = counts.reduce((a, b) => a + b, 0);
  const rows = Array.from({ length: 3 * total }, (_, i) => Math.floor(i / 3)).filter(
    (r) => r % 4 !== 1,
  );
  const columns = rows.map((_, i) => (i * 5) % 7);
  return new World({
    sets,
    edges: [randomEdges(edges, sets, edgeCount, generator(3))],
    sparse: [{ nonzeros: features, rows, columns, width: 9 }],
  });
}

const widths = [1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 20, 33, 48];
const rowsOf = (space: Space) => ({ over: "rows", space }) as const;

/** One walk of a sum, a maximum, its winner and a log-sum-exp along a map. */
function reductionsAlong(table: TensorTable, x: Tensor, w: Tensor, map: RowMap): readonly Tensor[] {
  const largest = table.extreme(x, "max", [], map);
  return [
    table.product({ factors: [x, w], map, scale: 0.5 }),
    largest,
    table.winner(largest),
    table.extreme(x, "min", [], map),
    table.lse(x, [], map),
  ];
}

describe("a walk", () => {
  const maps: readonly (readonly [string, RowMap])[] = [
    ["receiver", receiverOf(edges)],
    ["sender", senderOf(edges)],
    ["graph", graphOf(nodes)],
    ["row", rowOf(features)],
  ];
  for (const [name, map] of maps) {
    for (const width of widths) {
      it(`by ${name} reduces rows of ${width}`, async () => {
        const table = new TensorTable();
        const axis = table.axis("f", width);
        const m = new Machine(world());
        const x = table.input("x", map.from, [axis], "f32");
        const w = table.input("w", map.from, [], "f32");
        const targets = reductionsAlong(table, x, w, map);
        for (const t of [x, w, ...targets]) m.store(t);
        await m.run([
          m.kernel({ domain: rowsOf(map.to), stages: [{ kind: "walk", map, targets }] }),
        ]);
        m.check(targets);
      });
    }
  }

  it("gathers senders with weights per head", async () => {
    for (const [heads, width] of [
      [2, 3],
      [8, 8],
      [3, 5],
      [5, 2],
      [1, 64],
    ] as const) {
      const table = new TensorTable();
      const [h, d] = [table.axis("h", heads), table.axis("d", width)];
      const m = new Machine(world());
      const x = table.input("x", others, [h, d], "f32");
      const a = table.input("a", edges, [h], "f32");
      const y = table.product({
        factors: [table.pull(x, senderOf(edges)), a],
        map: receiverOf(edges),
      });
      const dots = table.product({
        factors: [table.pull(x, senderOf(edges)), a],
        map: receiverOf(edges),
        over: [d],
      });
      for (const t of [x, a, y, dots]) m.store(t);
      const stages: Stage[] = [{ kind: "walk", map: receiverOf(edges), targets: [y, dots] }];
      await m.run([m.kernel({ domain: rowsOf(nodes), stages })]);
      m.check([y, dots]);
    }
  });

  for (const shape of [[64], [70], [3, 43], [200]]) {
    it(`adds long rows of ${shape.join(" x ")} one after another, with the bits of groups`, async () => {
      const table = new TensorTable();
      const axes = shape.map((size, i) => table.axis(`f${i}`, size));
      const m = new Machine(world([5, 0, 9], 23));
      const x = table.input("x", edges, axes, "f32");
      const one = table.input("one", edges, [], "f32");
      const map = receiverOf(edges);
      const alone = table.product({ factors: [x], map });
      const weighted = table.product({ factors: [x, one], map });
      for (const t of [x, alone, weighted]) m.store(t);
      m.store(one, { value: () => 1 });
      const stages: Stage[] = [{ kind: "walk", map, targets: [alone, weighted] }];
      await m.run([m.kernel({ domain: rowsOf(nodes), stages, tile: 4 })]);
      m.check([alone, weighted]);
      expect(m.bits(alone)).toEqual(m.bits(weighted));
    });
  }

  it("writes fields of the elements it goes by", async () => {
    const table = new TensorTable();
    const h = table.axis("h", 3);
    const m = new Machine(world());
    const x = table.input("x", others, [h], "f32");
    const alpha = table.map("tanh", [table.pull(x, senderOf(edges))]);
    const y = table.product({ factors: [alpha], map: receiverOf(edges) });
    for (const t of [x, alpha, y]) m.store(t);
    await m.run([
      m.kernel({
        domain: rowsOf(nodes),
        stages: [{ kind: "walk", map: receiverOf(edges), targets: [alpha, y] }],
      }),
    ]);
    m.check([alpha, y]);
  });

  for (const counts of [[0], [1], [255], [256, 1], [700]]) {
    it(`over chunks of ${counts.join(" + ")} rows gives the sums of the batch`, async () => {
      const table = new TensorTable();
      const axis = table.axis("f", 6);
      const map = allOf(nodes);
      const m = new Machine(world(counts));
      const x = table.input("x", nodes, [axis], "f32");
      const w = table.input("w", nodes, [], "f32");
      const targets = reductionsAlong(table, x, w, map);
      for (const t of [x, w]) m.store(t);
      const partials = targets.map((t) => m.store(t, { place: { kind: "partials", of: nodes } }));
      const chunks = m.kernel({
        domain: { over: "chunks", space: nodes },
        tile: 64,
        stages: [{ kind: "walk", map, targets }],
      });
      const chunkStored = new Map(m.stored);
      for (const t of targets) m.store(t);
      const combines = targets.map((target, i) =>
        m.kernel({
          domain: { over: "count", count: 1 },
          stages: [{ kind: "combine", target, partials: partials[i] as never, of: nodes }],
        }),
      );
      await m.run([{ ...chunks, stored: chunkStored }, ...combines]);
      m.check(targets, 5e-6);
    });
  }
});

describe("a softmax stage", () => {
  for (const [heads, width] of [
    [1, 1],
    [2, 3],
    [8, 8],
    [4, 17],
  ] as const) {
    it(`weighs ${heads} heads of ${width}`, async () => {
      const table = new TensorTable();
      const [h, d] = [table.axis("h", heads), table.axis("d", width)];
      const [map, from] = [receiverOf(edges), senderOf(edges)];
      const m = new Machine(world());
      const z = table.input("z", others, [h, d], "f32");
      const l = table.input("l", others, [h], "f32");
      const r = table.input("r", nodes, [h], "f32");
      const logits = table.map("relu", [
        table.map("add", [table.pull(l, from), table.pull(r, map)]),
      ]);
      const lse = table.lse(logits, [], map);
      const weight = table.map("exp", [table.map("sub", [logits, table.pull(lse, map)])]);
      const sum = table.product({ factors: [weight, table.pull(z, from)], map });
      for (const t of [z, l, r, lse, sum]) m.store(t);
      await m.run([
        m.kernel({ domain: rowsOf(nodes), stages: [{ kind: "softmax", map, lse, sums: [sum] }] }),
      ]);
      m.check([lse, sum]);
    });
  }
});

describe("a reduce stage", () => {
  for (const width of widths) {
    it(`reduces over an axis of ${width}`, async () => {
      const table = new TensorTable();
      const [a, b] = [table.axis("a", 5), table.axis("b", width)];
      const m = new Machine(world());
      const x = table.input("x", nodes, [a, b], "f32");
      const y = table.input("y", nodes, [b], "f32");
      const over = (axes: readonly Axis[]): readonly Tensor[] => {
        const extreme = table.extreme(x, "max", axes, null);
        return [
          table.product({ factors: [x, y], over: axes, scale: 2 }),
          extreme,
          table.winner(extreme),
          table.extreme(x, "min", axes, null),
          table.lse(x, axes, null),
        ];
      };
      const targets = [
        ...over([a]),
        ...over([b]),
        ...over([a, b]),
        table.argmax(x, a),
        table.argmax(x, b),
      ];
      for (const t of [x, y, ...targets]) m.store(t);
      const stages = targets.map((target): Stage => ({ kind: "reduce", target }));
      await m.run([m.kernel({ domain: rowsOf(nodes), stages })]);
      m.check(targets);
    });
  }
});

describe("collect and columns", () => {
  for (const width of [1, 3, 4, 6, 9]) {
    it(`adds ${width} numbers to where indices point`, async () => {
      const table = new TensorTable();
      const [slot, d] = [table.axis("slot", 5), table.axis("d", width)];
      const m = new Machine(world());
      const x = table.input("x", edges, [d], "f32");
      const i = table.input("i", edges, [], "i32");
      const y = table.product({
        factors: [x],
        map: receiverOf(edges),
        slots: [{ axis: slot, index: i }],
      });
      for (const t of [x, i]) m.store(t);
      m.store(y, { layout: [slot, d] });
      const collect: Stage = { kind: "collect", target: y, map: receiverOf(edges) };
      await m.run([m.kernel({ domain: rowsOf(nodes), stages: [collect] })]);
      m.check([y]);
    });

    it(`sums sparse features by row and by column, ${width} wide`, async () => {
      const table = new TensorTable();
      const [f, d] = [table.axis("feature", 9), table.axis("d", width)];
      const m = new Machine(world());
      const value = table.input("x", features, [], "f32");
      const w = table.param("W", [f, d]);
      const g = table.input("g", nodes, [d], "f32");
      const slots = [{ axis: f, index: table.fact("column", features) }];
      const xw = table.product({
        factors: [value, table.pull(w, allOf(features), slots)],
        map: rowOf(features),
      });
      const dw = table.product({
        factors: [value, table.pull(g, rowOf(features))],
        map: allOf(features),
        slots,
      });
      for (const t of [value, w, g, xw]) m.store(t);
      m.store(dw, { layout: [f, d], place: { kind: "arena", arena: "gradients", offset: 4 } });
      await m.run([
        m.kernel({
          domain: rowsOf(nodes),
          stages: [{ kind: "walk", map: rowOf(features), targets: [xw] }],
        }),
        m.kernel({
          domain: { over: "count", count: 9 },
          stages: [{ kind: "columns", target: dw, shortlist: null }],
        }),
      ]);
      m.check([xw, dw]);
    });
  }
});

describe("outer and product", () => {
  for (const [k, n] of [
    [1, 1],
    [3, 2],
    [4, 8],
    [5, 7],
    [8, 4],
    [16, 16],
    [17, 3],
    [9, 24],
    [6, 41],
    [515, 9],
    [16, 2],
    [515, 3],
    [22, 2],
    [260, 136],
  ] as const) {
    for (const rows of k * n > 30000 ? [0, 3, 70] : [0, 1, 3, 4, 7, 300]) {
      it(`multiply ${rows} rows of ${k} to ${n} and back`, async () => {
        const table = new TensorTable();
        const [a, b] = [table.axis("k", k), table.axis("n", n)];
        const m = new Machine(world([rows]));
        const x = table.input("x", nodes, [a], "f32");
        const w = table.param("W", [a, b]);
        const y = table.product({ factors: [x, table.pull(w, allOf(nodes))], over: [a] });
        const g = table.input("g", nodes, [b], "f32");
        const dw = table.product({ factors: [x, g], map: allOf(nodes), scale: 0.5 });
        for (const t of [x, w, g, y]) m.store(t);
        const partials = m.store(dw, { layout: [a, b], place: { kind: "partials", of: nodes } });
        const panels = m.buffer({
          name: "panels",
          space: unitSpace,
          layout: [],
          dtype: "f32",
          place: { kind: "panels", stack: [], rows: [a], columns: [b] },
        });
        const outer = {
          ...m.kernel({
            domain: { over: "chunks", space: nodes },
            tile: 64,
            stages: [{ kind: "outer", over: [], stack: [], target: dw, left: x, right: g }],
          }),
          stored: new Map(m.stored),
        };
        m.store(dw, { layout: [a, b] });
        await m.run([
          m.kernel({
            domain: { over: "count", count: Math.ceil(n / panelWidth(n)) },
            stages: [{ kind: "pack", source: w, panels }],
          }),
          m.kernel({
            domain: rowsOf(nodes),
            tile: 64,
            stages: [
              { kind: "product", target: y, left: x, panels, stack: [], over: [a], columns: [b] },
            ],
          }),
          outer,
          m.kernel({
            domain: { over: "count", count: Math.ceil((k * n) / 1000) },
            stages: [{ kind: "combine", target: dw, partials, of: nodes }],
          }),
        ]);
        m.check([y, dw], 4e-6);
      });
    }
  }

  for (const [rows, k, n] of [
    [1, 7, 5],
    [65, 128, 136],
    [300, 19, 64],
  ] as const) {
    it(`sum ${rows} rows of two matrices of the batch, ${k} by ${n}, over what was there`, async () => {
      const table = new TensorTable();
      const [i, a, b] = [table.axis("i", rows), table.axis("k", k), table.axis("n", n)];
      const m = new Machine(world([3]));
      const [x, y] = [table.param("x", [i, a]), table.param("y", [i, b])];
      const t = table.product({ factors: [x, y], over: [i], scale: 0.5 });
      for (const each of [x, y, t]) m.store(each);
      const kernel = m.kernel({
        domain: rowsOf(unitSpace),
        stages: [{ kind: "outer", over: [i], stack: [], target: t, left: x, right: y }],
      });
      await m.run([kernel, kernel]);
      m.check([t], 4e-6);
    });
  }

  for (const [rows, stack, k, n] of [
    [0, 2, 6, 11],
    [1, 2, 6, 11],
    [5, 2, 6, 11],
    [130, 2, 6, 11],
    [70, 3, 515, 9],
    [70, 3, 19, 3],
    [23, 2, 132, 128],
  ] as const) {
    it(`multiply ${rows} rows by a stack of ${stack} matrices of ${k} by ${n}, and sum over an axis of the row`, async () => {
      const table = new TensorTable();
      const [j, s] = [table.axis("j", 3), table.axis("s", stack)];
      const [a, b] = [table.axis("k", k), table.axis("n", n)];
      const m = new Machine(world([rows]));
      const x = table.input("x", nodes, [j, s, a], "f32");
      const w = table.param("W", [s, a, b]);
      const y = table.product({ factors: [x, table.pull(w, allOf(nodes))], over: [a] });
      const g = table.input("g", nodes, [j, s, b], "f32");
      const dw = table.product({ factors: [x, g], over: [j], map: allOf(nodes) });
      for (const t of [x, w, g]) m.store(t);
      m.store(y, { layout: [j, s, b] });
      const place = { kind: "partials", of: nodes } as const;
      const partials = m.store(dw, { layout: [s, a, b], place });
      const panels = m.buffer({
        name: "panels",
        space: unitSpace,
        layout: [],
        dtype: "f32",
        place: { kind: "panels", stack: [s], rows: [a], columns: [b] },
      });
      const outer = {
        ...m.kernel({
          domain: { over: "chunks", space: nodes },
          tile: 64,
          stages: [{ kind: "outer", over: [j], stack: [s], target: dw, left: x, right: g }],
        }),
        stored: new Map(m.stored),
      };
      m.store(dw, { layout: [s, a, b] });
      await m.run([
        m.kernel({
          domain: { over: "count", count: stack * Math.ceil(n / panelWidth(n)) },
          stages: [{ kind: "pack", source: w, panels }],
        }),
        m.kernel({
          domain: rowsOf(nodes),
          tile: 64,
          stages: [
            { kind: "product", target: y, left: x, panels, stack: [s], over: [a], columns: [b] },
          ],
        }),
        outer,
        m.kernel({
          domain: { over: "count", count: 1 },
          stages: [{ kind: "combine", target: dw, partials, of: nodes }],
        }),
      ]);
      m.check([y, dw], 4e-6);
    });
  }

  it("give the same bits whatever the range", async () => {
    const bits = async (split: Split): Promise<Int32Array> => {
      const table = new TensorTable();
      const [a, b] = [table.axis("k", 13), table.axis("n", 19)];
      const m = new Machine(world([37]));
      const x = table.input("x", nodes, [a], "f32");
      const w = table.param("W", [a, b]);
      const y = table.product({ factors: [x, table.pull(w, allOf(nodes))], over: [a] });
      for (const t of [x, w, y]) m.store(t);
      const panels = m.buffer({
        name: "panels",
        space: unitSpace,
        layout: [],
        dtype: "f32",
        place: { kind: "panels", stack: [], rows: [a], columns: [b] },
      });
      await m.run(
        [
          m.kernel({
            domain: { over: "count", count: 3 },
            stages: [{ kind: "pack", source: w, panels }],
          }),
          m.kernel({
            domain: rowsOf(nodes),
            tile: 16,
            stages: [
              { kind: "product", target: y, left: x, panels, stack: [], over: [a], columns: [b] },
            ],
          }),
        ],
        split,
      );
      return m.bits(y);
    };
    const whole = await bits("whole");
    expect(await bits("single")).toEqual(whole);
    expect(await bits("halves")).toEqual(whole);
  });
});
