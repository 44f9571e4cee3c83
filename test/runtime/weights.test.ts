import { describe, expect, it } from "vitest";
import type { ManifestInitializer, ManifestParameter } from "../../runtime/artifact.js";
import { bindWeights, load, readSafetensors, writeSafetensors } from "../../runtime/index.js";
import { initialize } from "../../runtime/initialize.js";
import { philox, shuffled, uniforms } from "../../runtime/random.js";
import { shell, toy } from "./toy.js";

const parameter = (
  path: string,
  shape: number[],
  offset: number,
  rest: Partial<ManifestParameter> = {},
): ManifestParameter => ({
  path,
  shape,
  families: 0,
  offset,
  init: { kind: "normal", std: 1 },
  ...rest,
});

/** `h.W` of 2 x 3, a family `f[2]` of layers, a state. */
const network = () =>
  shell({
    model: "Net",
    parameters: [
      parameter("h.W", [2, 3], 0),
      parameter("f.W", [2, 2], 6, { families: 1 }),
      parameter("g.hidden.W", [2, 1], 10, { families: 1, familyAt: [1] }),
    ],
    parameterWords: 12,
    states: [parameter("norm.mean", [2], 0, { init: { kind: "constant", value: 0.5 } })],
    stateWords: 2,
  });

const names = ["f.0.W", "f.1.W", "g.0.hidden.W", "g.1.hidden.W", "h.W", "norm.mean"];

describe("weights", () => {
  it("are read and written by path", async () => {
    const { weights } = await load(network());
    weights.set("h.W", [1, 2, 3, 4, 5, 6]);
    expect([...weights.get("h.W")]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(weights.paths).toEqual(["h.W", "f.W", "g.hidden.W", "norm.mean"]);
    expect([...weights.entries()].map(([path, { length }]) => [path, length])).toEqual([
      ["h.W", 6],
      ["f.W", 4],
      ["g.hidden.W", 2],
      ["norm.mean", 2],
    ]);
    expect(() => weights.get("h.V")).toThrow(
      "GN5033: there is no parameter h.V; did you mean h.W?",
    );
    expect(() => weights.set("h.W", [1])).toThrow("GN5032: h.W has 6 values, but 1 were given");
    expect(() => weights.set("h.W", "no" as never)).toThrow("GN5012");
  });

  it("are saved with families split by name, and loaded again", async () => {
    const model = await load(network(), { seed: 1 });
    const file = model.weights.save();
    expect([...readSafetensors(file).tensors.keys()].sort()).toEqual(names);
    const other = await load(network(), { seed: 2 });
    expect(other.weights.get("f.W")).not.toEqual(model.weights.get("f.W"));
    other.weights.load(file);
    expect(other.weights.save()).toEqual(file);
    expect((await load(network(), { weights: file })).weights.save()).toEqual(file);
  });

  it("take a family stacked, too, and arrays by name", async () => {
    const { weights } = await load(network());
    weights.load(
      { "f.W": { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }, "g.1.hidden.W": [9] },
      { partial: true },
    );
    expect([...weights.get("f.W")]).toEqual([1, 2, 3, 4]);
    expect(weights.get("g.hidden.W")[1]).toBe(9);
  });

  it("say what is missing, what is too much and what has another shape, and change nothing", async () => {
    const { weights } = await load(network());
    const before = weights.save();
    const all = new Map(readSafetensors(before).tensors);
    const without = (name: string) => writeSafetensors([...all].filter(([key]) => key !== name));
    expect(() => weights.load(without("f.1.W"))).toThrow("GN5030: the weights lack f.1.W");
    expect(() =>
      weights.load(writeSafetensors([...all, ["i.W", { shape: [1], data: Float32Array.of(1) }]])),
    ).toThrow("GN5031: the weights hold i.W, which Net does not have");
    all.set("h.W", { shape: [3, 2], data: new Float32Array(6) });
    expect(() => weights.load(writeSafetensors(all))).toThrow(
      "GN5032: h.W is [3,2], but the model has [2,3]",
    );
    expect(() => weights.load({ "h.W": [1, 2] }, { partial: true })).toThrow(
      "GN5032: h.W is 2 numbers, but the model has [2,3]",
    );
    expect(() => weights.load(Uint8Array.of(1))).toThrow("GN5034");
    expect(weights.save()).toEqual(before);
  });

  it("are checked for numbers that are not finite when asked to", async () => {
    const { weights } = await load(network(), { checkFinite: true });
    expect(() => weights.set("norm.mean", [0, NaN])).toThrow("GN5018: norm.mean[1] is NaN");
    expect(() => weights.load({ "norm.mean": [0, Infinity] }, { partial: true })).toThrow("GN5018");
  });

  it("take effect at the next run", async () => {
    const model = await load(toy(), { weights: { a: [3], s: [0] } });
    const graph = { node: { x: [1] }, link: { senders: [], receivers: [], w: [] } };
    expect([...(model.run(graph).node?.out ?? [])]).toEqual([3]);
    model.weights.set("a", [4]);
    expect([...(model.run(graph).node?.out ?? [])]).toEqual([4]);
  });
});

describe("weights bound to an artifact", () => {
  it("are what load starts from, and are replaced when bound again", async () => {
    const bound = bindWeights(toy(), { a: [5], s: [1] });
    expect((await load(bound)).weights.get("a")).toEqual(Float32Array.of(5));
    const again = bindWeights(bound, { a: [6], s: [1] });
    expect(again.length).toBe(bound.length);
    expect((await load(again)).weights.get("a")).toEqual(Float32Array.of(6));
    expect((await load(again, { weights: { a: [7], s: [0] } })).weights.get("a")).toEqual(
      Float32Array.of(7),
    );
    const module = await WebAssembly.compile(again as Uint8Array<ArrayBuffer>);
    expect((await load(module)).weights.get("a")).toEqual(Float32Array.of(6));
  });

  it("are checked against the model", () => {
    expect(() => bindWeights(toy(), { a: [5] })).toThrow("GN5030: the weights lack s");
    expect(() => bindWeights(toy(), { a: [5, 6], s: [0] })).toThrow("GN5032");
  });

  it("need a whole artifact", () => {
    const bytes = toy();
    expect(() => bindWeights(Uint8Array.of(1, 2, 3), {})).toThrow(
      "GN5001: this is no WebAssembly module",
    );
    expect(() => bindWeights(bytes.subarray(0, 8), {})).toThrow("no model compiled by gnc");
    expect(() => bindWeights(bytes.subarray(0, bytes.length - 1), {})).toThrow(
      "in the middle of a section",
    );
  });
});

describe("initialisers", () => {
  const draw = (init: ManifestInitializer, shape: number[], seed = 1, name = "W") => {
    const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
    initialize(out, shape, init, seed, name);
    return out;
  };
  const moments = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [
      mean,
      Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length),
    ] as const;
  };

  it("have the mean and spread of their formulas", () => {
    const [n, m] = [200, 300];
    const bound = Math.sqrt(6 / (n + m));
    const glorot = draw({ kind: "glorot", fanIn: n, fanOut: m }, [n, m]);
    expect(Math.max(...glorot)).toBeLessThan(bound);
    for (const [values, mean, std] of [
      [glorot, 0, bound / Math.sqrt(3)],
      [draw({ kind: "he", fanIn: n, fanOut: m }, [n, m]), 0, Math.sqrt(2 / n)],
      [draw({ kind: "normal", std: 3 }, [n, m]), 0, 3],
      [draw({ kind: "uniform", low: 1, high: 2 }, [n, m]), 1.5, 1 / Math.sqrt(12)],
      [draw({ kind: "constant", value: 7 }, [n, m]), 7, 0],
    ] as const) {
      const [gotMean, gotStd] = moments(values);
      expect(gotMean).toBeCloseTo(mean, 1);
      expect(Math.abs(gotStd - std)).toBeLessThanOrEqual(0.02 * std);
    }
  });

  it.each([
    [8, 8],
    [12, 5],
    [5, 12],
    [1, 3],
  ])("orthogonal: %d x %d has orthonormal rows or columns", (rows, columns) => {
    const q = draw({ kind: "orthogonal" }, [rows, columns]);
    const count = Math.min(rows, columns);
    const entry = (v: number, i: number) =>
      (columns > rows ? q[v * columns + i] : q[i * columns + v]) as number;
    for (let a = 0; a < count; a++)
      for (let b = 0; b < count; b++) {
        let sum = 0;
        for (let i = 0; i < Math.max(rows, columns); i++) sum += entry(a, i) * entry(b, i);
        expect(sum).toBeCloseTo(a === b ? 1 : 0, 5);
      }
  });

  it("depend on the seed and the name, and on nothing else", async () => {
    const init = { kind: "normal", std: 1 } as const;
    expect(draw(init, [4])).toEqual(draw(init, [4]));
    expect(draw(init, [4])).not.toEqual(draw(init, [4], 2));
    expect(draw(init, [4])).not.toEqual(draw(init, [4], 1, "V"));
    expect(draw(init, [4]).subarray(0, 2)).toEqual(draw(init, [2]));
    const [first, second] = (await load(network())).weights.get("g.hidden.W");
    expect(first).not.toBe(second);
  });
});

describe("random numbers", () => {
  it("are those of Philox4x32-10", () => {
    // Known answers of Random123 1.14 (kat_vectors).
    const ones = 0xffffffff;
    const draw = (counter: number[], key0: number, key1: number) => [
      ...philox(Uint32Array.from(counter), key0, key1),
    ];
    expect(draw([0, 0, 0, 0], 0, 0)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(draw([ones, ones, ones, ones], ones, ones)).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(draw([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0xa4093822, 0x299f31d0)).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it("lie in [0, 1)", () => {
    const next = uniforms(3, "x");
    for (let k = 0; k < 1000; k++) expect(next()).toBeLessThan(1);
  });

  it("shuffle to a permutation that the seed decides", () => {
    expect(shuffled(20, 1, "epoch 0").sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect(shuffled(20, 1, "epoch 0")).toEqual(shuffled(20, 1, "epoch 0"));
    expect(shuffled(20, 1, "epoch 0")).not.toEqual(shuffled(20, 1, "epoch 1"));
  });
});
