/** Sums by column of sparse features that are dropped at random: each is drawn once, in parts where a column is long. */
import { describe, it } from "vitest";
import { allOf, type Nonzeros, rowOf } from "../../compiler/ir/space.js";
import { type Axis, type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine } from "./support/machine.js";
import { nodeSet, World } from "./support/world.js";

const nodes = nodeSet("node");
const features: Nonzeros = { kind: "nonzeros", name: "nonzeros:node.x", of: nodes };

/** Rows with a value in the first column each, and in the last one every third. */
function world(rows: number, width: number): World {
  const all = Array.from({ length: rows }, (_, r) => r);
  const cells = all.flatMap((r) =>
    r % 3 === 0 ? [[r, 0] as const, [r, width - 1] as const] : [[r, 0] as const],
  );
  const sparse = {
    nonzeros: features,
    rows: cells.map(([r]) => r),
    columns: cells.map(([, c]) => c),
    width,
  };
  return new World({ sets: [{ set: nodes, counts: [rows] }], edges: [], sparse: [sparse] });
}

/** The value of each non-zero, dropped at random. */
function droppedOf(table: TensorTable, value: Tensor, f: Axis): Tensor {
  const slots = [{ axis: f, index: table.fact("column", features) }];
  const drawn = table.pull(table.random(2, nodes, [f]), rowOf(features), slots);
  const keep = table.map("ge", [drawn, table.constant(0.6, features)]);
  return table.map("select", [keep, value, table.constant(0, features)]);
}

async function agrees(rows: number, out: number): Promise<void> {
  const table = new TensorTable();
  const [f, d] = [table.axis("feature", 5), table.axis("d", out)];
  const m = new Machine(world(rows, 5));
  m.pages = 1024;
  const value = table.input("x", features, [], "f32");
  const g = table.input("g", nodes, [d], "f32");
  const slots = [{ axis: f, index: table.fact("column", features) }];
  const dropped = droppedOf(table, value, f);
  const dw = table.product({
    factors: [dropped, table.pull(g, rowOf(features))],
    map: allOf(features),
    slots,
    scale: 2.5,
  });
  for (const t of [value, g]) m.store(t);
  m.store(dw, { layout: [f, d] });
  const domain = { over: "count", count: 5 } as const;
  await m.run([m.kernel({ domain, stages: [{ kind: "columns", target: dw, shortlist: null }] })]);
  m.check([dw], Math.max(4e-6, Math.sqrt(rows) * 2 ** -23));
}

describe("columns of dropped features", () => {
  for (const out of [1, 3, 8, 16, 33, 64]) it(`are summed ${out} wide`, () => agrees(20, out));
  it("are summed where one does not fit into scratch", () => agrees(70000, 33));
});

describe("dropped features that are kept", () => {
  for (const rows of [...Array(18).keys(), 70])
    it(`are written for ${rows} rows, four at a time, and nothing behind them`, async () => {
      const table = new TensorTable();
      const f = table.axis("feature", 5);
      const m = new Machine(world(rows, 5));
      const value = table.input("x", features, [], "f32");
      const dropped = droppedOf(table, value, f);
      const after = table.map("neg", [value]);
      for (const t of [value, dropped, after]) m.store(t);
      const kernel = (target: Tensor) =>
        m.kernel({ domain: { over: "rows", space: features }, stages: [{ kind: "map", target }] });
      await m.run([kernel(after), kernel(dropped)]);
      m.check([dropped, after]);
    });
});
