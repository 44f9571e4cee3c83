/** Optimizer steps and clipping against the formulas in double precision. */
import { describe, expect, it } from "vitest";
import { emit } from "../../compiler/6-emit/wasm/emit.js";
import { hyperparameters } from "../../runtime/artifact.js";
import { expectClose, Machine } from "./support/machine.js";
import { found, generator, nodeSet, seed, World } from "./support/world.js";

const world = new World({ sets: [{ set: nodeSet("node"), counts: [1] }] });
type Kind = "sgd" | "adam" | "adamw";
type Settings = Record<(typeof hyperparameters)[number], number>;

const settings: Settings = {
  lr: 0.1,
  momentum: 0.9,
  nesterov: 0,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weight_decay: 0.05,
  clip: 1,
};

interface State {
  readonly p: number;
  readonly g: number;
  readonly m: number;
  readonly v: number;
}

/** One step on one number. */
function step(kind: Kind, x: State, s: Settings, scale: number): State {
  const { p, m, v } = x;
  const g = x.g * scale;
  if (kind === "sgd") {
    const b = s.momentum * m + g + s.weight_decay * p;
    const ahead = s.nesterov === 1 ? g + s.weight_decay * p + s.momentum * b : b;
    return { ...x, m: b, p: p - s.lr * ahead };
  }
  const all = kind === "adam" ? g + s.weight_decay * p : g;
  const t = seed.step + 1;
  const [m1, v1] = [s.beta1 * m + (1 - s.beta1) * all, s.beta2 * v + (1 - s.beta2) * all * all];
  const update = m1 / (1 - s.beta1 ** t) / (Math.sqrt(v1 / (1 - s.beta2 ** t)) + s.eps);
  const decay = kind === "adamw" ? s.weight_decay * p : 0;
  return { ...x, m: m1, v: v1, p: p - s.lr * (update + decay) };
}

async function run(kind: Kind, words: number, s: Settings, clipped: boolean): Promise<void> {
  const m = new Machine(world);
  const [first, at] = [8, 3];
  const norm = m.kernel({
    domain: { over: "count", count: 1 },
    stages: [{ kind: "norm", ranges: [[first, words]], settings: at }],
  });
  const update = m.kernel({
    domain: { over: "count", count: words / 4 },
    stages: [{ kind: "optimizer", optimizer: kind, clipped, first, settings: at }],
  });
  const module = await emit([norm, update]);
  m.start(module);
  const next = generator(words + 1);
  const arenas = ["parameters", "gradients", "moment1", "moment2"].map((name) => m.arena(name));
  for (const [i, a] of arenas.entries())
    for (let k = 0; k < words; k++) a[first + k] = i === 3 ? next() : next() * 2 - 1;
  hyperparameters.forEach((name, i) => {
    m.arena("settings")[at + i] = s[name];
  });
  const before = Array.from({ length: words }, (_, k): State => {
    const [p = 0, g = 0, mm = 0, v = 0] = arenas.map((a) => a[first + k]);
    return { p, g, m: mm, v };
  });
  const functions = m.instantiate(module);
  for (const k of module.kernels) m.call(found(functions[k.function]), k, module, "whole");
  const size = Math.sqrt(before.reduce((sum, x) => sum + x.g ** 2, 0));
  const scale = clipped && s.clip > 0 ? Math.min(1, s.clip / size) : 1;
  const after = before.map((x) => step(kind, x, s, scale));
  const got = (name: string): readonly number[] => [
    ...m.arena(name).subarray(first, first + words),
  ];
  expectClose(
    got("parameters"),
    after.map((x) => x.p),
    2e-6,
  );
  expectClose(
    got("moment1"),
    after.map((x) => x.m),
    2e-6,
  );
  if (kind !== "sgd")
    expectClose(
      got("moment2"),
      after.map((x) => x.v),
      2e-6,
    );
}

/** Moments after a step without gradients, after so many steps. */
async function decayed(kind: Kind, done: number, moments: readonly number[]): Promise<number[]> {
  const m = new Machine(world);
  m.stepsDone = done;
  const update = m.kernel({
    domain: { over: "count", count: moments.length / 4 },
    stages: [{ kind: "optimizer", optimizer: kind, clipped: false, first: 0, settings: 0 }],
  });
  const module = await emit([update]);
  m.start(module);
  hyperparameters.forEach((name, i) => {
    m.arena("settings")[i] = name === "weight_decay" ? 0 : settings[name];
  });
  m.arena("moment1").set(moments);
  const functions = m.instantiate(module);
  for (const k of module.kernels) m.call(found(functions[k.function]), k, module, "whole");
  return [...m.arena("moment1").subarray(0, moments.length)];
}

describe("moments that decay", () => {
  const least = 2 ** -149;
  const moments = [least, -4 * least, 2 ** -127, 0, 1, -(2 ** -100), Number.NaN, 2];

  for (const kind of ["sgd", "adam", "adamw"] as const) {
    it(`of ${kind} are gone every 64 steps, once below the normal numbers`, async () => {
      const [a, b, c, zero, ...rest] = await decayed(kind, 63, moments);
      expect([a, b, c, zero]).toEqual([0, 0, 0, 0]);
      expect(rest).toEqual(
        [1, -(2 ** -100), Number.NaN, 2].map((x) => Math.fround(x * Math.fround(0.9))),
      );
    });
  }

  it("are held by rounding in between", async () => {
    expect(await decayed("adam", 62, [least, 0, 0, 0])).toEqual([least, 0, 0, 0]);
  });
});

describe("an optimizer", () => {
  for (const kind of ["sgd", "adam", "adamw"] as const) {
    for (const words of [0, 4, 8, 20, 64]) {
      it(`${kind} steps ${words} words`, async () => {
        await run(kind, words, settings, false);
        await run(kind, words, { ...settings, nesterov: 1, clip: 0.01 }, true);
        await run(kind, words, { ...settings, clip: 0 }, true);
      });
    }
  }
});
