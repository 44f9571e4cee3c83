/** What random models and the library once found, as short as it gets. */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { compare, printFindings } from "./support/agreement.js";
import { derive } from "./support/oracle.js";
import { modelsOf } from "./support/sources.js";
import { randomWorld } from "./support/world.js";

const texts: Readonly<Record<string, string>> = {
  "multiplies a table by a matrix of parameters before it is looked up, and pulls back through both": `
    nodes a
    input k: a index[20]
    param E: f32[20, 32]
    param W: f32[32, 40]
    node a { y = tanh(E[k] @ W) }
    output y
    loss sum[i](y[i] * y[i])
    optimizer adam(lr: 0.01)`,
  "adds every element of a chunk once, though the width is no multiple of the vectors": `
    nodes a
    input x: a f32[3]
    param W: f32[3, 50]
    node a { y = tanh(x @ W) }
    output y`,
  "compares integers along relations, graphs and chunks": `
    nodes a: seq(max: 9)
    edges r: a -> a
    input k: a index[5]
    input j: r i32
    param W: f32[6, 7]
    node a {
      m = max(sender.k)
      s = W[m + 1]
      n = min(sender.k where sender.k > 2, empty: 4)
      q = max(k) by graph
      p = min(k) by batch
    }
    edge r { z = min(j) by receiver; w = max(j) by batch }
    global { g = min(j); b = max(k where k < 3) }
    output m, s, n, q, p, z, w, g, b`,
  "stores the largest integer of a recurrence as an integer": `
    nodes char: seq(max: 4)
    input prompt: char index[5]
    input given:  char bool
    param E: f32[5, 5]
    node char {
      token = select(given, prompt, max(sender.guess) over chain)
      logits = sum(sender.z) over causal
      z: f32[5] = E[token]
      guess = argmax(logits)
    }
    output token, guess`,
  "pulls back through the largest sender of a recurrence": `
    nodes a: seq
    input x: a f32[2]
    node a { h: f32[2] = tanh(x + max(sender.h) over chain) }
    node a { g: f32[2] = tanh(x - min(sender.g) over causal(strict)) }
    output h, g`,
  "writes the logarithm of a softmax for the backward walk of the same kernel": `
    nodes a
    edges r: a -> a
    input x: a f32[3]
    param W, shift: f32[3, 3]
    edge r { w = softmax(sum[i](receiver.q[i] * sender.x[i])) by receiver }
    node a { q = x @ W; y = sum(w * sender.x) }
    output y
    loss sum[i, j]((y[i] - shift[i, j]) * (y[i] - shift[i, j]))
    optimizer adam(lr: 0.01)`,
  "takes cotangents of outputs that depend on nothing": `
    nodes a
    input k: a index[4]
    node a { v = mean(k) by graph; n = 0.5 * k }
    output v, n`,
};

describe("a module", () => {
  it.each(Object.entries(texts))("%s", async (_, body) => {
    const [model] = modelsOf("regression.gn", `model M {${body}\n}`);
    if (!model) throw new Error("no model");
    const artifact = await compileModel(model, { gradients: "all" });
    for (const seed of [1, 2, 3]) {
      const sizes = [[4], [0], [3], [1]].map(([n = 0]) => model.sets.map(() => n));
      const world = randomWorld(model, sizes, seed);
      const { faults } = await compare(derive(model), artifact, world);
      expect(printFindings(faults)).toBe("");
    }
  });
});
