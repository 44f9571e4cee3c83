/** What kernels are said to do, against figures worked out by hand, and formulas against what they stand for. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkSource, compileInParts } from "../../compiler/compile.js";
import { costOf, type ProgramCost, totalOf } from "../../compiler/explain/cost/cost.js";
import { boundAt, boundOf, documented, type Machine } from "../../compiler/explain/cost/machine.js";
import { costReport, lookUp } from "../../compiler/explain/cost/report.js";
import { Formula } from "../../compiler/explain/formula.js";

const compiled = async (text: string, name = "test.gn") => {
  const { models, diagnostics } = checkSource({ name, text });
  const [model] = models;
  if (!model) throw new Error(diagnostics.map((d) => d.message).join("\n"));
  return compileInParts(model);
};

async function programOf(text: string, program: string): Promise<ProgramCost> {
  const found = costOf(await compiled(text)).find((p) => p.program === program);
  if (!found) throw new Error(`no program ${program}`);
  return found;
}

const infer = (text: string): Promise<ProgramCost> => programOf(text, "infer");
const example = (file: string): string => readFileSync(`examples/${file}`, "utf8");

describe("operations", () => {
  it("of a dense product are 2 K N a row, and its bytes each side once", async () => {
    const { kernels } = await infer(`
      model Dense { nodes row; input x: row f32[96]; param W: f32[96, 40]; y = x @ W; output y }`);
    expect(kernels).toHaveLength(1);
    const [product] = kernels;
    expect(String(product?.flops)).toBe(`${2 * 96 * 40} * row`);
    expect(product?.functions.isZero).toBe(true);
    expect(String(product?.read)).toBe(`${4 * 96} * row + ${4 * 96 * 40}`);
    expect(String(product?.written)).toBe(`${4 * 40} * row`);
    expect(product?.over).toBe("rows of row");
    expect(product?.parameters).toEqual(["W"]);
  });

  it("of bias and rectifier are one each, and of a function one call", async () => {
    const total = totalOf(
      await infer(`
      model Layer {
        nodes row; input x: row f32[8]; param W: f32[8, 16]; param b: f32[16]
        y = tanh(max(x @ W + b, 0))
        output y
      }`),
    );
    expect(String(total.flops)).toBe(`${2 * 8 * 16 + 16 + 16} * row`);
    expect(String(total.functions)).toBe("16 * row");
  });

  it("of a GCN with sparse features are those of its sums and of its second product", async () => {
    const total = totalOf(await infer(example("cora/gcn.gn")));
    const perNonzero = 2 * 16;
    // both sums gather what was scaled before
    const perEdge = 16 + 7;
    // d (x W); relu(d sum + b); times W; d (h W); d sum + b
    const perRow = 16 + 3 * 16 + 2 * 16 * 7 + 7 + 2 * 7;
    expect(String(total.flops)).toBe(
      `${perRow} * paper + ${perNonzero} * nonzeros:paper.x + ${perEdge} * cites`,
    );
    expect(total.functions.isZero).toBe(true);
  });

  it("of a GAT are those of its two attentions", async () => {
    const { kernels } = await infer(example("cora/gat.gn"));
    const total = totalOf({ program: "infer", kernels });
    // a logit: s + r, compared to 0, times 0.2; then the largest, the difference, the sum, divided by it
    const logit = 3 + 4;
    const perEdge = 8 * logit + 2 * 64 + (logit + 2 * 7);
    // two dots of z of each layer; elu: compared, smaller of x and 0, -1; the second product
    const perRow = 2 * 2 * 64 + 3 * 64 + 2 * 64 * 7 + 2 * 2 * 7;
    expect(String(total.flops)).toBe(
      `${perRow} * paper + ${perEdge} * cites + ${2 * 64} * nonzeros:paper.x`,
    );
    // exp of elu; exp of each logit
    expect(String(total.functions)).toBe("64 * paper + 9 * cites");
  });

  it("of attention over all pairs are 4 d for each pair, which loads no pair from memory", async () => {
    const { kernels } = await infer(`
      import { scaled } from "std/core"
      model Attention {
        nodes token: seq
        edges pair: token -> token complete
        input q, k, v: token f32[4, 8]
        edge pair  { a[h] = softmax(scaled(receiver.q[h], sender.k[h])) by receiver }
        node token { y[h] = sum(a[h] * sender.v[h]) }
        output y
      }`);
    const [attention] = kernels;
    expect(kernels).toHaveLength(1);
    // q k / sqrt(K), max, difference, sum, division, and the weighted sum of values
    expect(attention?.flops.each("pair")).toBe(2 * 32 + 4 * (1 + 4) + 2 * 32);
    expect(attention?.functions.each("pair")).toBe(4);
    expect(attention?.read.each("pair")).toBe(0);
  });

  it("of what is looked up are those of its place alone", async () => {
    const total = totalOf(
      await infer(`
      model Lookup { nodes row; input i: row index[1000]; param E: f32[1000, 8]; y = exp(E[i]); output y }`),
    );
    expect(String(total.functions)).toBe("8 * row");
    expect(String(total.read)).toBe(`${4 + 4 * 8} * row`);
  });

  it("of a recurrence read the weights again at every level", async () => {
    const { kernels } = await infer(`
      import { RNN } from "std/recurrent"
      model Recurrent { nodes word: seq; input x: word f32[8]; h = RNN<16>(x) over chain; output h }`);
    const within = kernels.filter((k) => k.levels === "index(word)");
    expect(Formula.sum(within.map((k) => k.read)).each("levels(word)")).toBeGreaterThanOrEqual(
      4 * 16 * 16,
    );
    expect(Formula.sum(within.map((k) => k.flops)).each("word")).toBeGreaterThanOrEqual(
      2 * 16 * 16,
    );
  });

  it("of training name the gradient that a kernel computes", async () => {
    const { kernels } = await programOf(example("cora/gcn.gn"), "train");
    const names = kernels.flatMap((k) => k.computes.map((c) => c.name));
    for (const path of ["h.W", "h.b", "logits.W", "logits.b"])
      expect(names).toContain(`gradient of ${path}`);
  });

  it("of Adam are sixteen a parameter", async () => {
    const { kernels } = await programOf(example("cora/gat.gn"), "update");
    expect(kernels.map((k) => String(k.flops))).toEqual([String(16 * 92304)]);
  });
});

describe("bounds", () => {
  const work = (flops: number, bytes: number) => ({
    flops: Formula.rows("row", flops),
    functions: Formula.zero,
    read: Formula.rows("row", bytes),
    written: Formula.zero,
    touched: (sizes: (name: string) => number) => bytes * sizes("row"),
  });
  const machine: Machine = { flops: 50, functions: 1, cached: 100, memory: 10, cache: 1 };

  it("are of operations where these take longer than the bytes", () => {
    expect(boundOf(work(100, 100), machine)).toBe("compute always");
    expect(boundOf(work(100, 300), machine)).toBe("memory always");
    expect(boundAt(work(100, 100), machine, () => 1000)).toEqual({ bound: "compute", ns: 2000 });
  });

  it("take from memory what does not fit into the caches", () => {
    expect(boundAt(work(1, 100), machine, () => 5_000)).toEqual({ bound: "memory", ns: 5_000 });
    expect(boundAt(work(1, 100), machine, () => 50_000)).toEqual({ bound: "memory", ns: 400_000 });
  });

  it("hold for large batches where something is read once for all rows", () => {
    const once = { ...work(100, 1), read: Formula.rows("row", 1).plus(Formula.of(1e6)) };
    expect(boundOf(once, machine)).toBe("compute at large");
  });
});

describe("formulas", () => {
  const formula = Formula.sum([Formula.rows("a", 3), Formula.of(5), Formula.rows("chunks(a)", 2)]);

  it("are worth what their sizes say", () => {
    expect(String(formula)).toBe("3 * a + 2 * chunks(a) + 5");
    expect(formula.at(lookUp({ a: 600 }))).toBe(3 * 600 + 2 * 4 + 5);
    expect(formula.at(lookUp({ a: 1e6 }))).toBe(3e6 + 2 * 16 + 5);
  });

  it("cover others that are nowhere larger", () => {
    expect(formula.covers(Formula.rows("a", 3))).toBe(true);
    expect(formula.covers(Formula.rows("b"))).toBe(false);
  });
});

it("a report says equations, lines, formulas and numbers", async () => {
  const text = costReport(await compiled(example("cora/gat.gn"), "gat.gn"), {
    machine: documented,
    from: "a machine",
    sizes: { paper: 2708, cites: 13264, "nonzeros:paper.x": 49216, global: 1 },
  });
  expect(text).toContain("CoraGAT: 92302 parameters");
  expect(text).toContain("    h/z: z[h] = x @ W[h]  (std/graph:16, for gat.gn:13)");
  expect(text).toContain("FLOPs       256 * paper + 128 * nonzeros:paper.x = 6.993 M");
  expect(text).toMatch(/bound +compute: at least [\d.]+ µs/);
  expect(text).toContain("parameters  heads.W, heads.from_, heads.to");
});
