/**
 * Kernel lists of small models, to be read by eye (`vitest -u` writes them anew), and what LOWERING promises of memory:
 * no value as wide as the features is kept for edges by the forward pass of the usual graph networks.
 */
import { describe, expect, it } from "vitest";
import { bug } from "../../compiler/bug.js";
import { type CompileOptions, checkSource, toKernels } from "../../compiler/compile.js";
import type { Buffer, Schedule, ScheduledStep } from "../../compiler/ir/kernel.js";
import { printSchedule } from "../../compiler/ir/kernel.print.js";
import { verifySchedule } from "../../compiler/ir/kernel.verify.js";
import { volume } from "../../compiler/ir/tensor.js";

const graph = "nodes atom; edges bond: atom -> atom sparse";

/** The text of a model by name: its space, its equations. */
const models: Readonly<Record<string, string>> = {
  gcn: `
import { GCN } from "std/graph"
model Gcn { ${graph}; input x: atom f32[32]; y = GCN<16>(x); output y }`,
  "gcn-sparse": `
import { GCN } from "std/graph"
import { cross_entropy } from "std/core"
model Papers {
  ${graph}; input x: atom f32[32] sparse; input y: atom index[4]; input known: atom bool
  z = GCN<4>(relu(GCN<16>(x)))
  output z
  loss cross_entropy(z, y) where known
  optimizer sgd(lr: 0.1)
}`,
  gat: `
import { GAT } from "std/graph"
model Gat { ${graph}; input x: atom f32[32]; y = GAT<4, 8>(x); output y }`,
  sage: `
import { SAGEPool } from "std/graph"
model Sage { ${graph}; input x: atom f32[32]; y = SAGEPool<16, 16>(x); output y }`,
  gin: `
import { GIN } from "std/graph"
model Gin { ${graph}; input x: atom f32[32]; y = GIN<16, 16>(x); output y }`,
  interaction: `
import { Interaction } from "std/physics"
model Forces {
  ${graph}
  input o: atom f32[8]; input ext: atom f32[4]; input r: bond f32[4]
  y, e = Interaction<16, 8>(o, r, ext)
  output y
}`,
  mlp: `
import { MLP, cross_entropy } from "std/core"
model Mlp {
  nodes atom; input x: atom f32[32]; input y: atom index[8]
  z = MLP<16, 8>(x)
  output z
  loss cross_entropy(z, y)
  optimizer adam(lr: 0.001, clip: 1)
}`,
  embedding: `
import { Embedding, Linear, mse } from "std/core"
model Words {
  nodes word; input kind: word index[20]; input y: word f32[4]
  z = Linear<4>(Embedding<20, 16>(kind))
  output z
  loss mse(z, y)
  optimizer sgd(lr: 0.1)
}`,
  table: `
import { Embedding, Linear, mse } from "std/core"
model Words {
  nodes word; input kind: word index[20]; input y: word f32[40]
  z = Linear<40>(Embedding<20, 32>(kind))
  output z
  loss mse(z, y)
  optimizer sgd(lr: 0.1)
}`,
  "batch-norm": `
import { BatchNorm, Linear, mse } from "std/core"
model Normed {
  nodes atom; input x: atom f32[16]; input y: atom f32[16]
  z = BatchNorm(Linear<16>(x))
  output z
  loss mse(z, y)
  optimizer sgd(lr: 0.1)
}`,
  rnn: `
import { RNN } from "std/recurrent"
model Chain { nodes word: seq; input x: word f32[16]; h = RNN<16>(x) over chain; output h }`,
  attention: `
import { MultiHead } from "std/transformer"
model Words { nodes word: seq; input x: word f32[32]; y = MultiHead<4>(x, x) over complete; output y }`,
};

function scheduleOf(name: string, options: CompileOptions = {}): Schedule {
  const checked = checkSource({ name, text: models[name] ?? bug(`no model ${name}`) });
  const [model] = checked.models;
  if (!model) return bug(checked.diagnostics.map((d) => d.message).join("; "));
  const { schedule } = toKernels(model, options);
  verifySchedule(schedule);
  return schedule;
}

describe("the kernels of", () => {
  it.each(Object.keys(models))("%s", async (name) => {
    await expect(printSchedule(scheduleOf(name))).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

/** Buffers of edges that a program computes, with words per edge. */
function keptOnEdges(steps: readonly ScheduledStep[]): ReadonlyMap<Buffer, number> {
  const found = new Map<Buffer, number>();
  for (const step of steps) {
    if (step.kind === "levels") continue;
    for (const [t, buffer] of step.kernel.stored) {
      const isKept = buffer.place.kind === "buffer" && t.op !== "input";
      if (isKept && t.space.kind === "edges") found.set(buffer, volume(buffer.layout));
    }
  }
  return found;
}

describe("the forward pass keeps nothing for edges in", () => {
  it.each(["gcn", "gat", "sage", "gin", "attention"])("%s", (name) => {
    const { programs } = scheduleOf(name, { gradients: "none" });
    expect([...keptOnEdges(programs.infer?.steps ?? []).values()]).toEqual([]);
  });
});

it("keeps one word per edge and head in the backward of GAT", () => {
  const { programs } = scheduleOf("gat", { gradients: "all" });
  expect([...keptOnEdges(programs.pullback?.steps ?? []).values()]).toEqual([4]);
});

it("keeps one layer of an edge network, which no node can compute", () => {
  const { programs } = scheduleOf("interaction", { gradients: "none" });
  expect([...keptOnEdges(programs.infer?.steps ?? []).values()]).toEqual([150]);
});
