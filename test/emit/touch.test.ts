/** Rows that are gathered from large buffers are read ahead, which no result may show. */
import { describe, expect, it } from "vitest";
import { emitText } from "../../compiler/6-emit/wasm/emit.js";
import { checkSource, compileModel, kernelsOf, toKernels } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import { load } from "../../runtime/index.js";

const sum = "node v { y = sum(sender.x) over e }";
/** Attention, which looks everywhere alike where `s` is 0. */
const mean =
  "edge e { a = softmax(sender.s) by receiver }\n node v { y = sum(a * sender.x) over e }";

function modelOf(width: number, topology = "sparse", equations = sum): Model {
  const text = `model Sums {
    nodes v
    edges e: v -> v ${topology}
    input x: v f32[${width}]
    input s: v f32
    ${equations}
    output y
  }`;
  const [model] = checkSource({ name: "sums.gn", text }).models;
  if (!model) throw new Error("no model");
  return model;
}

/** Sums of whole numbers along edges, exact in any order. */
function sums(from: Int32Array, to: Int32Array, x: Float32Array, width: number): Float32Array {
  const y = new Float32Array(x.length);
  from.forEach((f, e) => {
    const t = to[e] as number;
    for (let i = 0; i < width; i++)
      y[t * width + i] = (y[t * width + i] as number) + (x[f * width + i] as number);
  });
  return y;
}

/** Few edges a node, one node that nobody reaches at the end, and one with more than are read ahead. */
function graph(nodes: number, edges: number, hub: number) {
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const senders = Int32Array.from({ length: edges + hub }, () => next(nodes));
  const receivers = Int32Array.from(senders, (_, e) => (e < edges ? next(nodes - 1) : 70));
  return { senders, receivers };
}

describe("reading ahead", () => {
  for (const [name, nodes] of [
    ["large", 33_000],
    ["small", 300],
  ] as const)
    it(`leaves sums over a ${name} graph and their gradients as they are`, async () => {
      const width = 32;
      const { senders, receivers } = graph(nodes, 2 * nodes, 5000);
      const x = Float32Array.from({ length: nodes * width }, (_, i) => (i % 17) - 8);
      const cotangent = Float32Array.from(x, (_, i) => (i % 13) - 6);
      const model = await load(await compileModel(modelOf(width), { gradients: "all" }));
      const input = { v: { x }, e: { senders, receivers } };
      expect(model.run(input).v?.y).toEqual(sums(senders, receivers, x, width));
      const { inputs } = model.pullback(input, { v: { y: cotangent } });
      expect(inputs.v?.x).toEqual(sums(receivers, senders, cotangent, width));
    });

  it("leaves attention over a large graph as it is", async () => {
    const [width, nodes] = [128, 9_000];
    const { senders, receivers } = graph(nodes, 2 * nodes, 1000);
    const x = Float32Array.from({ length: nodes * width }, (_, i) => (i % 17) - 8);
    const model = await load(await compileModel(modelOf(width, "sparse", mean)));
    const s = new Float32Array(nodes);
    const { y } = model.run({ v: { x, s }, e: { senders, receivers } }).v as { y: Float32Array };
    const degrees = sums(senders, receivers, new Float32Array(nodes).fill(1), 1);
    const all = sums(senders, receivers, x, width);
    const off = y.map((v, i) => {
      const degree = degrees[Math.floor(i / width)] as number;
      return Math.abs(v - (all[i] as number) / Math.max(1, degree));
    });
    expect(off.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(1e-5);
  });

  it("is for rows of two lines to sixteen, in attention of eight, along edges that come with the data", async () => {
    const reads = async (...of: Parameters<typeof modelOf>): Promise<boolean> => {
      const { schedule } = toKernels(modelOf(...of));
      return (await emitText(kernelsOf(schedule))).includes("touch_rows");
    };
    expect(await reads(32)).toBe(true);
    expect(await reads(256)).toBe(true);
    expect(await reads(16)).toBe(false);
    expect(await reads(260)).toBe(false);
    expect(await reads(32, "complete")).toBe(false);
    expect(await reads(128, "sparse", mean)).toBe(true);
    expect(await reads(64, "sparse", mean)).toBe(false);
  });
});
