/** Both modes of a program: draws, dropout, losses, metrics, states and optimizers. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import type { Expr, Objective } from "../../compiler/ir/model.js";
import { allOf, type Space, unitSpace } from "../../compiler/ir/space.js";
import {
  add,
  aggregate,
  at,
  binder,
  bool,
  contract,
  draw,
  each,
  f32,
  field,
  get,
  input,
  lit,
  map,
  model,
  mul,
  param,
  pull,
  set,
  span,
  state,
  step,
  training,
} from "./support/model.js";
import { evaluation, run, tensorsOf, valuesIn } from "./support/run.js";
import { numbers } from "./support/values.js";

const nodes = set("paper");
const x = input("x", nodes, f32(3));
const y = input("y", nodes, f32());
const train = input("train", nodes, bool());
const test = input("test", nodes, bool());
const w = param("w", 3);
const inputs = {
  "paper.x": numbers(12),
  "paper.y": numbers(4, 2),
  "paper.train": [1, 0, 1, 1],
  "paper.test": [0, 0, 0, 0],
};
const batch = { sets: { paper: [4] }, inputs, params: { w: [1, -2, 3] }, step: 10 };
const objective = (
  name: string,
  value: Expr,
  where: Expr | null,
  space: Space = nodes,
): Objective => ({
  name,
  space,
  value,
  where,
  span,
});

const score = field("score", nodes, contract(get(x), get(w)));
const off = map("sub", get(score), get(y));
const square = mul(off, off);
const plain = inputs["paper.y"].map((target, i) => {
  const [a, b, c] = inputs["paper.x"].slice(3 * i, 3 * i + 3);
  return ((a ?? 0) - 2 * (b ?? 0) + 3 * (c ?? 0) - target) ** 2;
});
const parts = {
  sets: [nodes],
  inputs: [x, y, train, test],
  parameters: [w],
  fields: [score],
  outputs: [score],
};

describe("losses and metrics", () => {
  it("are means over the rows kept, 0 when there are none", () => {
    const [a, , c, d] = plain;
    const kept = ((a ?? 0) + (c ?? 0) + (d ?? 0)) / 3;
    const one = model({ ...parts, losses: [objective("loss", square, get(train))] });
    expect(run(one, batch).loss).toBeCloseTo(kept, 10);
    const none = model({ ...parts, losses: [objective("loss", square, get(test))] });
    expect(run(none, batch, "training").loss).toBe(0);
    const unit = objective("loss.3", mul(lit(2), lit(3)), null, unitSpace);
    const losses = [objective("loss", square, get(train)), objective("loss.2", square, null), unit];
    const all = plain.reduce((n, v) => n + v, 0) / 4;
    expect(run(model({ ...parts, losses }), batch).loss).toBeCloseTo(kept + all + 6, 10);
  });
  it("of metrics are given as totals and rows", () => {
    const metrics = [objective("a.train", square, get(train)), objective("b", get(y), null)];
    const { metrics: got } = run(model({ ...parts, metrics }), batch);
    const [a, , c, d] = plain;
    expect(got["a.train"]?.[0]).toBeCloseTo((a ?? 0) + (c ?? 0) + (d ?? 0), 10);
    expect(got["a.train"]?.[1]).toBe(3);
    expect(got.b?.[1]).toBe(4);
  });
  it("are not there when the model has none", () => {
    const program = lower(model(parts));
    expect(program.training).toBeNull();
    expect(program.inference.loss).toBeNull();
  });
});

const k = binder("k", 3);
const keep = map("lt", draw("uniform", "out/drop", k), lit(0.5));
const dropped = field(
  "dropped",
  nodes,
  each(
    [k],
    map("select", training, mul(mul(at(get(x), k), map("to_f32", keep)), lit(2)), at(get(x), k)),
  ),
);

describe("modes", () => {
  const made = model({
    ...parts,
    fields: [dropped],
    outputs: [dropped],
    losses: [objective("loss", get(y), null)],
  });
  it("leave no branch of training in inference", () => {
    const { inference } = lower(made);
    expect(inference.outputs[0]?.value.op).toBe("input");
    expect(run(made, batch).outputs.dropped).toEqual(inputs["paper.x"]);
  });
  it("draw in training, the same for the same seed and step", () => {
    const { dropped: got } = run(made, batch, "training").outputs;
    const xs = inputs["paper.x"];
    expect(got?.every((v, i) => v === 0 || Math.abs(v - 2 * (xs[i] ?? 0)) < 1e-12)).toBe(true);
    expect(got).toEqual(run(made, batch, "training").outputs.dropped);
    expect(got).not.toEqual(run(made, { ...batch, step: 11 }, "training").outputs.dropped);
  });
  it("share what is the same", () => {
    const shared = model({ ...parts, losses: [objective("loss", square, get(train))] });
    const program = lower(shared);
    expect(program.training?.loss).toBe(program.inference.loss);
    expect(program.training?.outputs[0]?.value).toBe(program.inference.outputs[0]?.value);
  });
});

describe("draws", () => {
  it("at two places differ, at one place agree", () => {
    const [a, b] = [draw("uniform", "a"), draw("uniform", "b")];
    const out = field("out", nodes, map("sub", a, draw("uniform", "a")));
    const other = field("other", nodes, map("sub", a, b));
    const { outputs } = run(
      model({ sets: [nodes], fields: [out, other], outputs: [out, other] }),
      batch,
    );
    expect(outputs.out).toEqual([0, 0, 0, 0]);
    expect(outputs.other?.every((v) => v !== 0)).toBe(true);
  });
  it("of a normal have mean 0 and variance 1", () => {
    const j = binder("j", 8);
    const out = field("out", nodes, each([j], draw("normal", "n", j)));
    const made = model({ sets: [nodes], fields: [out], outputs: [out] });
    const values = run(made, { sets: { paper: [2000] } }).outputs.out ?? [];
    const mean = values.reduce((n, v) => n + v, 0) / values.length;
    const variance = values.reduce((n, v) => n + (v - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });
});

describe("states and optimizers", () => {
  it("give a state its value after the step, in training alone", () => {
    const running = state("bn.mean", [3], null);
    const mean = aggregate("mean", allOf(nodes), get(x));
    const next = add(mul(lit(0.9), get(running)), mul(lit(0.1), mean));
    const out = field("out", nodes, map("sub", get(x), get(running)));
    const made = model({
      ...parts,
      states: [{ ...running, next }].map((s) => Object.assign(running, s)),
      fields: [out],
      outputs: [out],
      losses: [objective("loss", get(y), null)],
    });
    const given = { ...batch, states: { "bn.mean": [1, 2, 3] } };
    const { states } = run(made, given, "training");
    const want = [0, 1, 2].map((c) => {
      const column = inputs["paper.x"].filter((_, i) => i % 3 === c);
      return 0.9 * (c + 1) + (0.1 * column.reduce((n, v) => n + v, 0)) / 4;
    });
    states["bn.mean"]?.forEach((v, i) => {
      expect(v).toBeCloseTo(want[i] ?? 0, 10);
    });
    expect(run(made, given).states).toEqual({});
  });
  it("fill the settings that a line leaves out, schedules in `step` among those given", () => {
    const lr = mul(lit(0.1), map("pow", lit(0.5), map("floor", map("div", step, lit(5, "i32")))));
    const optimizers = [
      { kind: "adam", settings: { lr }, parameters: [w], span } as const,
      { kind: "sgd", settings: {}, parameters: [], span } as const,
    ];
    const [adam, sgd] = lower(model({ ...parts, optimizers })).optimizers;
    const value = (t: (typeof adam & object)["settings"][string] | undefined) =>
      t && valuesIn(t, [], evaluation(batch))[0];
    expect(value(adam?.settings.lr)).toBeCloseTo(0.025, 12);
    expect(value(adam?.settings.beta2)).toBe(0.999);
    expect(Object.keys(sgd?.settings ?? {})).toEqual([
      "lr",
      "momentum",
      "nesterov",
      "weight_decay",
      "clip",
    ]);
  });
});

describe("repeated text", () => {
  it("is one tensor", () => {
    const twice = () => mul(contract(get(x), get(w)), pull(allOf(nodes), lit(2)));
    const [a, b] = [field("a", nodes, twice()), field("b", nodes, twice())];
    const both = field("both", nodes, add(get(a), get(b)));
    const { inference } = lower(model({ ...parts, fields: [a, b, both], outputs: [a, b, both] }));
    expect(inference.outputs[0]?.value).toBe(inference.outputs[1]?.value);
    expect(tensorsOf(inference).filter((t) => t.op === "product")).toHaveLength(2);
  });
});
