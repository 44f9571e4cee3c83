/**
 * Attention in many spellings, of the library and of a user's own under other names: all walks of all of them are products of
 * pairs, nothing has a word per edge, and the module agrees with the evaluator, gradients included.
 */
import { describe, expect, it } from "vitest";
import { emitText } from "../../compiler/6-emit/wasm/emit.js";
import { compileModel, kernelsOf, toKernels } from "../../compiler/compile.js";
import type { Kernel } from "../../compiler/ir/kernel.js";
import type { Model } from "../../compiler/ir/model.js";
import { compare, printFindings } from "./support/agreement.js";
import { derive } from "./support/oracle.js";
import { modelsOf } from "./support/sources.js";
import { randomWorld } from "./support/world.js";

const texts: Readonly<Record<string, string>> = {
  MultiHead: `
    import { MultiHead } from "std/transformer"
    model M { nodes a: seq; input x: a f32[16]; y = MultiHead<2>(x, x) over complete; output y }`,
  "MultiHead over causal": `
    import { MultiHead } from "std/transformer"
    model M { nodes a: seq; input x: a f32[27]; y = MultiHead<3>(x, x) over causal; output y }`,
  "MultiHead from one set to another": `
    import { MultiHead } from "std/transformer"
    model M {
      nodes a: seq; nodes b; edges look: a -> b complete
      input x: a f32[12]; input z: b f32[16]
      y = MultiHead<2>(z, x) over look
      output y
    }`,
  Relative: `
    import { Relative } from "std/transformer"
    model M {
      nodes a: seq; input x: a f32[16]; param K, V: f32[5, 8]
      y = Relative<2, 2>(x, K, V) over complete
      output y
    }`,
  "Attend, with weights dropped": `
    import { Attend } from "std/align"
    model M {
      nodes a: seq; edges e: a -> a complete(strict)
      input x: a f32[9]
      c, w = Attend(x, x) over e
      edge e { kept = select(uniform() >= 0.4, w, 0) }
      node a { d = sum(kept * sender.x) }
      output c, d
    }`,
  "Attend from one set to another": `
    import { Attend } from "std/align"
    model M {
      nodes a: seq; nodes b: seq; edges e: a -> b causal
      input s: b f32[10]; input h: a f32[10]
      c, w = Attend(s, h) over e
      output c
    }`,
  NonLocalEmbedded: `
    import { NonLocalEmbedded } from "std/nonlocal"
    model M { nodes p: grid(4, 5); input x: p f32[9]; y = NonLocalEmbedded<8>(x) over complete; output y }`,
  "a user's own": `
    model Tables {
      nodes guest; nodes dish; edges likes: guest -> dish complete
      input wants: guest f32[3, 11]
      input offers: dish f32[3, 11]
      input worth: guest f32[4]
      edge likes { taste[i] = exp(sum[j](sender.wants[i, j] * receiver.offers[i, j]) / 11) }
      node dish {
        z[i] = sum(taste[i])
        mean[i, k] = sum(taste[i] * sender.worth[k]) / z[i]
      }
      output mean
    }`,
};

const modelOf = (name: string): Model => {
  const [model] = modelsOf("attention.gn", texts[name] ?? "");
  if (!model) throw new Error("no model");
  return model;
};

/** Kernels that walk the edges of a relation. */
const walking = (kernels: readonly Kernel[]): readonly Kernel[] =>
  kernels.filter(({ stages }) =>
    stages.some(
      (s) =>
        (s.kind === "walk" || s.kind === "softmax") &&
        (s.map.kind === "receiver" || s.map.kind === "sender"),
    ),
  );

const sizes = [
  [13, 5],
  [1, 2],
  [0, 3],
  [4, 0],
  [9, 21],
];

describe("attention", () => {
  it.each(Object.keys(texts))("is products of pairs: %s", async (name) => {
    const { schedule } = toKernels(modelOf(name), { gradients: "all" });
    const kernels = kernelsOf(schedule);
    expect(walking(kernels).length).toBeGreaterThan(2);
    for (const kernel of walking(kernels)) {
      expect((await emitText([kernel])).includes("pair_dots"), kernel.name).toBe(true);
    }
    const wide = kernels.flatMap(({ stored }) =>
      [...stored].filter(([t, b]) => t.space.kind === "edges" && b.place.kind === "buffer"),
    );
    expect(wide.map(([t]) => t.label)).toEqual([]);
  });

  it.each(Object.keys(texts))("agrees with the evaluator: %s", async (name) => {
    const model = modelOf(name);
    const artifact = await compileModel(model, { gradients: "all" });
    for (const seed of [1, 2]) {
      const { faults } = await compare(derive(model), artifact, randomWorld(model, sizes, seed));
      expect(printFindings(faults)).toBe("");
    }
  });
});
