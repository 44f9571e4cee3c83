/** What a model stores: nothing per edge where the library needs it not, and no more than the formulas of `--memory` say. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileInParts } from "../../compiler/compile.js";
import { listsOf } from "../../compiler/explain/lists.js";
import { memoryReport } from "../../compiler/explain/memory.js";
import { peakAt, peakOf } from "../../compiler/explain/peak.js";
import type { Buffer, Schedule, ScheduledStep } from "../../compiler/ir/kernel.js";
import type { Model } from "../../compiler/ir/model.js";
import { openSession, sizesOf } from "../../tools/bench/session.js";
import { graphInput, randomGraph, sharedFields } from "../../tools/verify/graphs.js";
import { randomFrom } from "../../tools/verify/rows.js";
import { modelsOf } from "../generated/support/sources.js";

/** Buffers with a row per edge that a program of a schedule touches. */
function edgeBuffers({ programs }: Schedule, program: "infer" | "train"): ReadonlySet<Buffer> {
  const found = new Set<Buffer>();
  const look = (steps: readonly ScheduledStep[]): void => {
    for (const step of steps) {
      if (step.kind === "levels") look(step.steps);
      else
        for (const buffer of step.kernel.stored.values())
          if (buffer.space.kind === "edges" && buffer.place.kind === "buffer") found.add(buffer);
    }
  };
  look(programs[program]?.steps ?? []);
  return found;
}

/** Lists with an entry per edge of relations that come without data, as far as `infer` reads them. */
function listsOfMadeEdges(manifest: Parameters<typeof listsOf>[0]): readonly string[] {
  const made = new Set(manifest.relations.filter((r) => !r.given).map((r) => r.name));
  return listsOf(manifest)
    .filter((l) => l.size.space !== null && made.has(l.size.space) && l.programs.includes("infer"))
    .map((l) => `${l.name} of ${l.of}`);
}

/** Every block of the library on one set that could store something per edge: how it is used, where from, on what nodes. */
const within: readonly (readonly [use: string, file: string, nodes: string])[] = [
  ["Conv<8>(x) over window(3)", "conv", "seq"],
  ["Conv<8>(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["Conv<8>(x) over window(3, 3, 3)", "conv", "grid(4, 4, 4)"],
  ["Depthwise(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["Grouped<2, 8>(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["Upsample<8>(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["MaxPool(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["MeanPool(x) over window(3, 3)", "conv", "grid(8, 8)"],
  ["Residual<6>(x)", "conv", "grid(8, 8)"],
  ["RNN<8>(x) over chain", "recurrent", "seq"],
  ["GRU<8>(x) over chain", "recurrent", "seq"],
  ["Stacked<2, 8>(x)", "recurrent", "seq"],
  ["Bidirectional<8>(x)", "recurrent", "seq"],
  ["MultiHead<2>(x, x) over complete", "transformer", "seq"],
  ["MultiHead<2>(x, x) over causal", "transformer", "seq"],
  ["RelativeStack<1, 2, 4>(x) over complete", "transformer", "seq"],
  ["Encoder<2, 2, 12>(x)", "transformer", "seq"],
  ["NonLocalGaussian<4>(x) over complete", "nonlocal", "grid(8, 8)"],
  ["NonLocalEmbedded<4>(x) over complete", "nonlocal", "grid(8, 8)"],
  ["NonLocalDot<4>(x) over complete", "nonlocal", "grid(8, 8)"],
  ["NonLocalConcat<4>(x) over complete", "nonlocal", "grid(8, 8)"],
  ["GCN<8>(x)", "graph", "set"],
  ["GAT<2, 8>(x, rate: 0.6)", "graph", "set"],
  ["LSTM<8>(x)", "recurrent", "dag"],
  ["TreeLSTM<8>(x)", "recurrent", "tree"],
];

/** Those that look from a set `tgt` at another, `src`; of what they give, the alignment `a` is one number per edge. */
const across: readonly (readonly [use: string, file: string])[] = [
  ["y, a = Attend(q, x)", "align"],
  ["y, a = Attend(q, x, score: General)", "align"],
  ["y, a = Attend(q, x, score: Additive<8>)", "align"],
  ["y, a = Attend(q, x, score: Concat<8>)", "align"],
  ["y, a = AttendPlace(q, x)", "align"],
  ["y, a = AttendNear<2>(q, x)", "align"],
  ["y, a = AttendPredicted<8, 2>(q, x)", "align"],
  ["y, c, a = Bahdanau<8, 6>(x, q)", "align"],
  ["y = Luong<6>(x, q)", "align"],
  ["y = MultiHead<2>(q, x)", "transformer"],
  ["y = Decoder<2, 2, 12>(q, x)", "transformer"],
];

const imported = (use: string, file: string): string => {
  const names = [...new Set(use.match(/\b[A-Z][A-Za-z]+/g))].join(", ");
  return `import { ${names} } from "std/${file}"`;
};

const relations: Readonly<Record<string, string>> = {
  set: "edges tie: a -> a sparse(self_loops)",
  dag: "edges tie: a -> a dag",
  tree: "edges tie: a -> a tree",
};

function oneSet([use, file, nodes]: (typeof within)[number]): string {
  const relation = relations[nodes];
  const two = /^(LSTM|TreeLSTM)/.test(use);
  return `${imported(use, file)}
model Block {
  nodes a${relation ? "" : `: ${nodes}`}
  ${relation ?? ""}
  input x: a f32[6]
  ${two ? "y, _" : "y"} = ${use}${relation ? " over tie" : ""}
  output y
}`;
}

const twoSets = ([use, file]: (typeof across)[number], outputs: string): string =>
  `${imported(use, file)}
model Block {
  nodes src: seq(max: 16)
  nodes tgt: seq
  edges look: src -> tgt complete
  input x: src f32[6]
  input q: tgt f32[6]
  ${use} over look
  output ${outputs}
}`;

const built = async (text: string, gradients: "none" | "train" = "none") => {
  const [model] = modelsOf("block.gn", text);
  if (!model) throw new Error("no model");
  return compileInParts(model, { gradients });
};

describe("forward, nothing is stored per edge", () => {
  it.each(within.map((one) => [one[0], one] as const))("by %s", async (_, one) => {
    const { schedule, manifest } = await built(oneSet(one));
    expect([...edgeBuffers(schedule, "infer")].map((b) => b.name)).toEqual([]);
    expect(listsOfMadeEdges(manifest)).toEqual([]);
    expect(memoryReport(manifest)).toContain("No value is stored per edge");
  });

  it.each(across.map((one) => [one[0], one] as const))("by %s", async (_, one) => {
    const { schedule, manifest } = await built(twoSets(one, "y"));
    expect([...edgeBuffers(schedule, "infer")].map((b) => b.name)).toEqual([]);
    expect(listsOfMadeEdges(manifest)).toEqual([]);
  });

  it.each(across.filter(([use]) => use.includes(", a")).map((one) => [one[0], one] as const))(
    "but the alignment that is asked for, by %s",
    async (_, one) => {
      const { schedule, manifest } = await built(twoSets(one, "y, a"));
      expect([...edgeBuffers(schedule, "infer")]).toEqual([schedule.ends.outputs.get("a")]);
      expect(listsOfMadeEdges(manifest)).toEqual([]);
    },
  );

  it("is seen where it is not so", async () => {
    const { schedule, manifest } = await built(`
import { MLP } from "std/core"
model Messages {
  nodes a
  edges pair: a -> a complete
  input x: a f32[6]
  edge pair { m = MLP<8, 8, 8>([sender.x, receiver.x]) }
  node a    { y = sum(m) }
  output y
}`);
    expect(edgeBuffers(schedule, "infer").size).toBeGreaterThan(0);
    expect(listsOfMadeEdges(manifest).length).toBeGreaterThan(0);
  });
});

const examples: readonly (readonly [file: string, model: string, sizes: Record<string, number>])[] =
  [
    ["cora/gcn.gn", "CoraGCN", { paper: 900 }],
    ["cora/gat.gn", "CoraGAT", { paper: 900 }],
    ["mutag/mutag.gn", "Mutag", { atom: 700 }],
    ["char-lm/charlm.gn", "CharTransformer", { char: 60 }],
    ["char-lm/charlm.gn", "CharLSTM", { char: 200 }],
    ["cnn-digits/cnn.gn", "Digits", {}],
    ["translate/translate.gn", "Additive", { src: 30, tgt: 20 }],
    ["nri-springs/springs.gn", "Springs", { body: 5 }],
    ["physics/physics.gn", "NBody", { body: 60 }],
  ];
const graphsAtOnce = 3;

const graphsOf = (model: Model, sizes: Record<string, number>) => {
  const random = randomFrom(1, "memory");
  const shared = sharedFields(model, random);
  return Array.from({ length: graphsAtOnce }, () =>
    graphInput(randomGraph(model, (set) => sizes[set.name] ?? 10, random, shared)),
  );
};

describe("what is laid out is the peak that the formulas give, within a fifth", () => {
  it.each(examples)("in %s: %s", async (file, name, counts) => {
    const models = modelsOf(file, readFileSync(`examples/${file}`, "utf8"));
    const model = models.find((m) => m.name === name);
    if (!model) throw new Error(`no model ${name}`);
    const { artifact, manifest } = await compileInParts(model, { gradients: "train" });
    const { engine, contents } = await openSession(artifact, graphsOf(model, counts), [
      "infer",
      "train",
    ]);
    const sizes = sizesOf(contents);
    const said = peakAt(peakOf(manifest), (space) => sizes[space] ?? 0, true);
    const { parameters, structures, buffers } = engine.usage;
    expect(said).toBeGreaterThan(parameters + structures);
    // memory comes in pages
    const page = 65536;
    expect(engine.usage.peak).toBeGreaterThanOrEqual(said * 0.999);
    expect((engine.usage.peak - page) / said).toBeLessThan(1.2);
    expect(buffers).toBeLessThan(said);
  });

  it("and each step that is named is one that no other covers", async () => {
    const { manifest } = await built(readFileSync("examples/cora/gat.gn", "utf8"), "train");
    const { held } = peakOf(manifest);
    expect(held.length).toBeGreaterThan(0);
    for (const a of held)
      for (const b of held) if (a !== b) expect(a.bytes.covers(b.bytes)).toBe(false);
  });
});
