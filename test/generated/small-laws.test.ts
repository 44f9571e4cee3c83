/** Laws with a text of their own: what nothing gives, what an isolated node hears, what a seed decides. */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { load } from "../../runtime/index.js";
import { modelsOf } from "./support/sources.js";

async function opened(text: string) {
  const [model] = modelsOf("law.gn", text);
  if (!model) throw new Error("no model");
  return load(await compileModel(model, { gradients: "all" }));
}

const reducers = ["sum", "mean", "max", "min", "var"] as const;

describe("an isolated node", () => {
  const text = `model Isolated {
  nodes atom
  edges bond: atom -> atom
  input x: atom f32[5]
  node atom {
${reducers.map((r) => `    ${r}_ = ${r}(sender.x - 3); ${r}_else = ${r}(sender.x, empty: 7); ${r}_none = ${r}(sender.x where sender.x[0] > 99)`).join("\n")}
    degree = count(bond)
  }
  output ${reducers.map((r) => `${r}_, ${r}_else, ${r}_none`).join(", ")}, degree
}`;
  const x = Float32Array.from({ length: 15 }, (_, i) => i - 4);
  const graph = { atom: { x }, bond: { senders: [1, 2, 1], receivers: [0, 0, 2] } };
  const alone = { atom: { x: x.slice(0, 5) }, bond: { senders: [], receivers: [] } };

  it.each(reducers)("hears 0 from %s, or what `empty` says", async (r) => {
    using model = await opened(text);
    for (const outputs of [model.run([graph, alone])[1], model.run(alone)]) {
      expect([...(outputs?.atom?.[`${r}_`] ?? [])]).toEqual([0, 0, 0, 0, 0]);
      expect([...(outputs?.atom?.[`${r}_else`] ?? [])]).toEqual([7, 7, 7, 7, 7]);
      expect([...(outputs?.atom?.degree ?? [])]).toEqual([0]);
    }
    const { atom } = model.run(graph);
    expect([...(atom?.[`${r}_`] ?? [])].slice(5, 10)).toEqual([0, 0, 0, 0, 0]);
    expect([...(atom?.[`${r}_none`] ?? [])].every((v) => v === 0)).toBe(true);
  });

  it("gets and gives no gradient", async () => {
    using model = await opened(text);
    const ones = new Float32Array(5).fill(1);
    const cotangents = { atom: Object.fromEntries(reducers.map((r) => [`${r}_`, ones])) };
    const { inputs } = model.pullback(alone, cotangents);
    expect([...(inputs.atom?.x ?? [])]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("an empty batch", () => {
  const text = `model Empty {
  nodes atom
  edges bond: atom -> atom
  input x: atom f32[2]
  param W: f32[2, 3]
  edge bond { a = softmax(sender.x) by receiver }
  node atom { y = sum(a) @ W; z = softmax(x) by graph }
  global { top = max(y, empty: 2); all = mean(y) }
  output a, y, z, top, all
}`;
  const nothing = { atom: { x: [] }, bond: { senders: [], receivers: [] } };

  it("runs without nodes, and without graphs", async () => {
    using model = await opened(text);
    const { atom, global } = model.run(nothing);
    expect(atom?.y?.length).toBe(0);
    expect([...(global?.top ?? [])]).toEqual([2, 2, 2]);
    expect([...(global?.all ?? [])]).toEqual([0, 0, 0]);
    expect(model.run([])).toEqual([]);
    const { parameters } = model.pullback([], []);
    expect([...(parameters.W ?? [])].every((v) => v === 0)).toBe(true);
  });
});

describe("a draw", () => {
  const text = `import { dropout } from "std/core"
model Draws {
  nodes atom
  input x: atom f32[8]
  param W: f32[8]
  node atom { u[i < 8] = uniform(); n[i < 8] = normal(); y = dropout(x * W, 0.5) }
  output u, n
  loss sum[i](y[i])
  optimizer sgd(lr: 1)
}`;
  const graph = { atom: { x: new Float32Array(80).fill(1) } };

  it("is the same for the same seed, and another for another", async () => {
    using model = await opened(text);
    const first = model.run(graph, { seed: 3 }).atom;
    model.run(graph, { seed: 4 });
    expect(model.run(graph, { seed: 3 }).atom).toEqual(first);
    expect(model.run(graph, { seed: 4 }).atom?.u).not.toEqual(first?.u);
    expect(first?.u?.every((v) => v >= 0 && v < 1)).toBe(true);
  });

  it("gives dropout the same mask in each training with its seed", async () => {
    const losses = async (seed: number) => {
      using model = await opened(text);
      model.weights.set("W", new Float32Array(8).fill(1));
      const trainer = model.trainer({ seed, lr: 0 });
      return [1, 2, 3, 4].map(() => trainer.step(graph).loss);
    };
    const once = await losses(1);
    expect(await losses(1)).toEqual(once);
    expect(await losses(2)).not.toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(1);
    // Kept values are doubled, so the mean stays near 8.
    for (const loss of once) expect(loss).toBeGreaterThan(5);
    for (const loss of once) expect(loss).toBeLessThan(11);
  });
});
