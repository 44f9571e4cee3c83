import { describe, expect, it } from "vitest";
import type { ManifestInput, ManifestRelation, ManifestTopology } from "../../runtime/artifact.js";
import { runtimeCodes } from "../../runtime/codes.js";
import { GnError, load } from "../../runtime/index.js";
import { shell } from "./toy.js";

const input = (space: string, name: string, rest: Partial<ManifestInput> = {}): ManifestInput => ({
  name,
  space,
  dtype: "f32",
  shape: [],
  range: null,
  sparse: false,
  neededToRun: true,
  buffer: null,
  ...rest,
});

const relation = (
  name: string,
  topology: ManifestTopology,
  senders = "paper",
  receivers = "paper",
): ManifestRelation => ({
  name,
  given: true,
  topology,
  senders,
  receivers,
});
const sparse = (symmetric = false, selfLoops = false) =>
  ({ kind: "sparse", symmetric, selfLoops }) as const;
const set = (name: string, size: number | null = null) => ({
  name,
  layout: { kind: "set", size } as const,
});

const cora = () =>
  load(
    shell({
      model: "Cora",
      sets: [set("paper")],
      relations: [relation("cites", sparse())],
      inputs: [
        input("paper", "x", { shape: [2] }),
        input("paper", "y", { dtype: "i32", range: { low: 0, high: 6 }, neededToRun: false }),
        input("paper", "train", { dtype: "bool", neededToRun: false }),
        input("cites", "w", { neededToRun: false }),
        input("global", "u", { shape: [3], neededToRun: false }),
        input("batch", "tau", { neededToRun: false }),
      ],
    }),
    { checkFinite: true },
  );

const good = { paper: { x: [1, 2, 3, 4] }, cites: { senders: [0, 1], receivers: [1, 0] } };

/** Changes to a good graph and what is said of them. */
const slips: readonly (readonly [string, object, string])[] = [
  ["a missing field", { paper: {} }, "GN5010: paper.x is missing"],
  ["a missing field of known count", { paper: { count: 2 } }, "GN5010: paper.x is missing"],
  ["missing edges", { cites: { senders: [0] } }, "GN5010: cites.receivers is missing"],
  [
    "a space that is none",
    { papers: {} },
    "GN5011: papers is no space of this model; did you mean paper?",
  ],
  [
    "a field that is none",
    { paper: { x: [1, 2], xx: [1] } },
    "GN5011: paper.xx is no input of this model; did you mean x?",
  ],
  [
    "a string",
    { paper: { x: "1,2" } },
    "GN5012: paper.x must be a typed array or an array of numbers, but is string",
  ],
  [
    "nested arrays",
    {
      paper: {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    "GN5012: paper.x[0] must be a number, but is an array (arrays are flat, row-major)",
  ],
  [
    "a hole",
    { paper: { x: [1, undefined] } },
    "GN5012: paper.x[1] must be a number, but is undefined",
  ],
  ["rows that are not whole", { paper: { x: [1, 2, 3] } }, "GN5013: paper.x has 1.5 rows of [2]"],
  [
    "another length",
    { paper: { x: [1, 2, 3, 4], y: [1] } },
    "GN5013: paper.y has 1 rows of [], but paper has 2",
  ],
  [
    "ends of two lengths",
    { cites: { senders: [0], receivers: [1, 0] } },
    "GN5013: cites has 1 senders, but 2 receivers",
  ],
  [
    "an edge field of another length",
    { cites: { ...good.cites, w: [1] } },
    "GN5013: cites.w has 1 rows of [], but cites has 2",
  ],
  [
    "a global of another length",
    { global: { u: [1, 2, 3, 4, 5, 6] } },
    "GN5013: global.u has 2 rows of [3], but global has 1",
  ],
  [
    "two counts",
    { paper: { x: [1, 2, 3, 4], count: 3 } },
    "GN5013: paper.x has 2 rows of [2], but paper has 3",
  ],
  ["a count that is none", { paper: { x: [], count: 1.5 } }, "GN5017: paper.count is 1.5"],
  [
    "a receiver that does not exist",
    { cites: { senders: [0, 1], receivers: [0, 2] } },
    "GN5015: cites.receivers[1] is 2, but paper has 2 nodes",
  ],
  [
    "a negative sender",
    { cites: { senders: [-1], receivers: [0] } },
    "GN5015: cites.senders[0] is -1, but paper has 2 nodes",
  ],
  [
    "a sender between nodes",
    { cites: { senders: [0.5], receivers: [0] } },
    "GN5015: cites.senders[0] is 0.5",
  ],
  [
    "a label out of range",
    { paper: { x: [1, 2, 3, 4], y: [0, 7] } },
    "GN5016: paper.y[1] is 7, but must be 0 .. 6",
  ],
  [
    "a label that is not whole",
    { paper: { x: [1, 2, 3, 4], y: [0.5, 1] } },
    "GN5017: paper.y[0] is 0.5, not a whole number",
  ],
  [
    "a mask of other numbers",
    { paper: { x: [1, 2, 3, 4], train: [2, 1] } },
    "GN5016: paper.train[0] is 2, but must be 0 .. 1",
  ],
  ["an infinite number", { paper: { x: [1, Infinity, 0, 0] } }, "GN5018: paper.x[1] is Infinity"],
];

describe("a graph that does not fit", () => {
  it.each(slips)("%s is named", async (_, change, text) => {
    const model = await cora();
    expect(() => model.run({ ...good, ...change })).toThrow(text);
    expect(() => model.run([good, { ...good, ...change }])).toThrow(
      text.replace(/(paper|cites|global|papers)(?=[. ])/, "graphs[1].$1"),
    );
  });

  it("is no object", async () => {
    const model = await cora();
    expect(() => model.run(null as never)).toThrow("GN5012");
    expect(() => model.run([good, 3 as never])).toThrow("GN5012: graphs[1] must be an object");
  });

  it("disagrees with another about a field of the batch", async () => {
    const model = await cora();
    const at = (tau: number) => ({ ...good, batch: { tau } });
    expect(model.run([at(1), at(1)])).toHaveLength(2);
    expect(() => model.run([at(1), at(2)])).toThrow(
      "GN5024: batch.tau is one value for all graphs, but graphs 0 and 1 differ in it",
    );
  });

  it("takes booleans and whole floats where they fit", async () => {
    const model = await cora();
    expect(() =>
      model.run({
        ...good,
        paper: { x: [1, 2, 3, 4], train: [true, false], y: new Float32Array([1, 2]) },
      }),
    ).not.toThrow();
  });
});

describe("sizes of sets", () => {
  it("are bounded and fixed as the model says", async () => {
    const model = await load(
      shell({
        sets: [
          { name: "word", layout: { kind: "seq", max: 3 } },
          { name: "pixel", layout: { kind: "grid", extents: [2, 2] } },
          set("class", 5),
        ],
        inputs: [input("word", "t"), input("pixel", "x"), input("class", "c")],
      }),
    );
    const graph = (t: number, x: number, c: number) => ({
      word: { t: new Float32Array(t) },
      pixel: { x: new Float32Array(x) },
      class: { c: new Float32Array(c) },
    });
    expect(() => model.run(graph(3, 4, 5))).not.toThrow();
    expect(() => model.run(graph(4, 4, 5))).toThrow(
      "GN5019: word has 4 nodes, but the model allows 3",
    );
    expect(() => model.run(graph(3, 5, 5))).toThrow(
      "GN5013: pixel.x has 5 rows of [], but pixel has 4",
    );
    expect(() => model.run(graph(3, 4, 6))).toThrow(
      "GN5013: class.c has 6 rows of [], but class has 5",
    );
    expect(() =>
      model.run({ ...graph(3, 4, 5), class: { c: new Float32Array(5), count: 6 } }),
    ).toThrow("GN5014: class.count is 6, but the model has 5");
  });
});

describe("promises of topologies", () => {
  const run = async (
    topology: ManifestTopology,
    count: number,
    edges: readonly (readonly [number, number])[],
  ) => {
    const model = await load(
      shell({ sets: [set("paper")], relations: [relation("up", topology)] }),
    );
    model.run({
      paper: { count },
      up: { senders: edges.map(([s]) => s), receivers: edges.map(([, r]) => r) },
    });
  };

  it("a tree has one parent for each node, and no cycle", async () => {
    await run({ kind: "tree" }, 4, [
      [0, 2],
      [1, 2],
      [2, 3],
    ]);
    await expect(
      run({ kind: "tree" }, 3, [
        [0, 1],
        [0, 2],
      ]),
    ).rejects.toThrow(
      "GN5021: up is a tree (child -> parent), but node 0 has two parents, 1 and 2",
    );
    await expect(
      run({ kind: "tree" }, 3, [
        [0, 1],
        [1, 0],
      ]),
    ).rejects.toThrow(/GN5020: up has a cycle: (1 -> 0 -> 1|0 -> 1 -> 0)$/);
  });

  it("a dag has no cycle, and one that is there is shown", async () => {
    await run({ kind: "dag" }, 3, [
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 1],
    ]);
    await expect(
      run({ kind: "dag" }, 5, [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 1],
        [3, 4],
      ]),
    ).rejects.toThrow(
      /GN5020: up has a cycle: (1 -> 2 -> 3 -> 1|2 -> 3 -> 1 -> 2|3 -> 1 -> 2 -> 3)$/,
    );
    await expect(run({ kind: "dag" }, 1, [[0, 0]])).rejects.toThrow("cycle: 0 -> 0");
  });

  it("a symmetric relation has every edge in both directions", async () => {
    await run(sparse(true), 3, [
      [0, 1],
      [1, 0],
      [2, 2],
    ]);
    await expect(
      run(sparse(true), 3, [
        [0, 1],
        [1, 0],
        [1, 2],
      ]),
    ).rejects.toThrow("GN5022: up is symmetric, but edge 2 (1 -> 2) has no edge 2 -> 1");
    await expect(run(sparse(true), 3, [[2, 0]])).rejects.toThrow(
      "edge 0 (2 -> 0) has no edge 0 -> 2",
    );
    await expect(
      run(sparse(true), 2, [
        [0, 1],
        [0, 1],
        [1, 0],
      ]),
    ).rejects.toThrow("GN5022");
  });
});

describe("sparse features", () => {
  const model = () =>
    load(
      shell({ sets: [set("paper")], inputs: [input("paper", "x", { shape: [4], sparse: true })] }),
    );
  const rows = { indptr: [0, 1, 3], indices: [0, 1, 3], values: [1, 2, 3] };

  it.each([
    ["dense rows that are not whole", [1, 2, 3, 4, 5], "GN5013: paper.x has 1.25 rows of [4]"],
    ["a string", "x", "GN5012: paper.x must be a typed array or an array of numbers"],
    [
      "more indices than values",
      { ...rows, indices: [0, 1, 3, 2] },
      "GN5023: paper.x has 4 indices, but 3 values",
    ],
    [
      "offsets that go back",
      { ...rows, indptr: [0, 2, 1, 3] },
      "GN5023: paper.x.indptr must ascend from 0 to the 3 values",
    ],
    [
      "offsets that end elsewhere",
      { ...rows, indptr: [0, 1, 2] },
      "GN5023: paper.x.indptr must ascend from 0 to the 3 values",
    ],
    [
      "a column that does not exist",
      { ...rows, indices: [0, 4, 1] },
      "GN5016: paper.x.indices[1] is 4, but must be 0 .. 3",
    ],
  ])("%s are named", async (_, x, text) => {
    const loaded = await model();
    expect(() => loaded.run({ paper: { x } })).toThrow(text);
  });

  it("may be given dense", async () => {
    const loaded = await model();
    const dense = loaded.batch({ paper: { x: [1, 0, 0, 0, 0, 2, 0, 3] } });
    expect(dense.rows).toMatchObject({ paper: 2, "nonzeros:paper.x": 3 });
  });

  it("need one row for each node", async () => {
    const loaded = await model();
    expect(loaded.batch({ paper: { x: rows } }).rows).toMatchObject({
      paper: 2,
      "nonzeros:paper.x": 3,
    });
    expect(() => loaded.run({ paper: { x: rows, count: 3 } })).toThrow(
      "GN5013: paper.x has 2 rows of [4], but paper has 3",
    );
  });
});

describe("codes", () => {
  it("are listed once, in order", () => {
    const codes = runtimeCodes.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort());
  });

  it("begin every message", () => {
    const error = new GnError("GN5010", "x is missing");
    expect([error.code, error.message, error.name]).toEqual([
      "GN5010",
      "GN5010: x is missing",
      "GnError",
    ]);
  });
});
