import { describe, expect, it } from "vitest";
import { type Epoch, type EpochStep, load, readSafetensors } from "../../runtime/index.js";
import { reference, type ToyGraph, toy, toyManifest } from "./toy.js";

const line = (n: number, scale = 1): ToyGraph => ({
  node: {
    x: Array.from({ length: n }, (_, i) => scale * (i + 1)),
    y: Array.from({ length: n }, (_, i) => i + 1),
  },
  link: {
    senders: Array.from({ length: n - 1 }, (_, i) => i),
    receivers: Array.from({ length: n - 1 }, (_, i) => i + 1),
    w: new Array<number>(n - 1).fill(0.5),
  },
});

const data = [1, 2, 3, 4, 5, 2, 3].map((n, k) => line(n, 0.1 + 0.05 * k));

async function collect(epochs: AsyncIterable<Epoch>) {
  const all: Omit<Epoch, "seconds">[] = [];
  for await (const { seconds, ...rest } of epochs) all.push(rest);
  return all;
}

describe("a training step", () => {
  it("does what the formulas say", async () => {
    const model = await load(toy());
    const trainer = model.trainer();
    const graph = line(3, 0.1);
    let [a, velocity] = [2, 0];
    for (let step = 0; step < 3; step++) {
      const { out, h } = reference(graph, a);
      const error = out.map((v, i) => v - (graph.node.y?.[i] as number));
      const loss = error.reduce((sum, e) => sum + e * e, 0) / 3;
      const result = trainer.step(graph);
      expect(result.step).toBe(step + 1);
      expect(result.loss).toBeCloseTo(loss, 5);
      expect(result.metrics.error).toBeCloseTo(loss, 5);
      velocity =
        velocity * 0.5 + error.reduce((sum, e, i) => sum + 2 * e * (h[i] as number), 0) / 3;
      a -= (0.1 / (1 + step)) * velocity;
      expect(model.weights.get("a")[0]).toBeCloseTo(a, 5);
      expect([...model.weights.get("s")]).toEqual([step + 1]);
    }
  });

  it("takes hyperparameters that replace the model's, numbers or functions of the step", async () => {
    const model = await load(toy());
    const steps: number[] = [];
    const lr = (step: number) => {
      steps.push(step);
      return step === 0 ? 0 : 1;
    };
    const trainer = model.trainer({ lr });
    trainer.step(data);
    expect(model.weights.get("a")[0]).toBe(2);
    trainer.step(data);
    expect(model.weights.get("a")[0]).not.toBe(2);
    expect(steps).toEqual([0, 1]);
    expect(() => model.trainer({ lrr: 1 } as object)).toThrow(
      "GN5040: a trainer has no option lrr; did you mean lr?",
    );
    expect(() => model.trainer({ lr: "fast" } as object)).toThrow("GN5040");
  });

  it("needs the labels that run does not need", async () => {
    const model = await load(toy());
    const { node, link } = line(2);
    const unlabelled = { node: { x: node.x }, link };
    expect(() => model.trainer().step(unlabelled)).toThrow(
      "GN5010: node.y is missing; losses and metrics need it",
    );
    expect(() => model.trainer().step([line(1), unlabelled])).toThrow("graphs[1].node.y");
    expect(model.run(unlabelled).node?.out).toHaveLength(2);
  });

  it("stops at a loss that is not finite, before it touches the parameters", async () => {
    const model = await load(toy(), { checkFinite: true });
    const trainer = model.trainer();
    const graph = line(2, 1e30);
    expect(() => trainer.step(graph)).toThrow("GN5041");
    expect(model.weights.get("a")[0]).toBe(2);
    expect(trainer.steps).toBe(0);
  });

  it("allocates no memory when the same batch is trained on", async () => {
    const model = await load(toy());
    const trainer = model.trainer();
    const batch = model.batch(data);
    trainer.step(batch);
    const before = model.memory;
    for (let k = 0; k < 10; k++) trainer.step(batch);
    trainer.evaluate(batch);
    expect(model.memory).toEqual(before);
  });
});

describe("evaluate", () => {
  it("combines batches exactly for metrics, and by graphs for the loss", async () => {
    const trainer = (await load(toy())).trainer();
    const each = data.map((graph) => trainer.evaluate(graph));
    const nodes = data.map((graph) => graph.node.x.length);
    const total = nodes.reduce((a, b) => a + b, 0);
    const all = trainer.evaluate(data, { batchSize: 2 });
    expect(all.metrics.error).toBeCloseTo(trainer.evaluate(data).metrics.error as number, 5);
    expect(all.metrics.error).toBeCloseTo(
      each.reduce((sum, s, k) => sum + (s.metrics.error as number) * (nodes[k] as number), 0) /
        total,
      5,
    );
    expect(trainer.evaluate([])).toEqual({ loss: 0, metrics: { error: 0 } });
  });

  it("leaves parameters and states alone", async () => {
    const model = await load(toy());
    model.trainer().evaluate(data);
    expect([...model.weights.entries()].map(([path, [v]]) => [path, v])).toEqual([
      ["a", 2],
      ["s", 0],
    ]);
  });
});

describe("fit", () => {
  it("gives loss, metrics and validation of every epoch, and learns", async () => {
    const trainer = (await load(toy())).trainer();
    const epochs = await collect(
      trainer.fit(data, { epochs: 5, batchSize: 3, validation: data.slice(0, 2) }),
    );
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 3],
      [2, 6],
      [3, 9],
      [4, 12],
      [5, 15],
    ]);
    expect(epochs.at(-1)?.loss).toBeLessThan(epochs[0]?.loss as number);
    expect(epochs.at(-1)?.validation?.metrics.error).toBeGreaterThan(0);
    expect(await collect(trainer.fit(data, { epochs: 5 }))).toEqual([]);
  });

  it("tells of each step, with the means of the epoch so far", async () => {
    const trainer = (await load(toy())).trainer();
    const told: EpochStep[] = [];
    const onStep = (step: EpochStep): void => void told.push(step);
    const epochs = await collect(trainer.fit(data, { epochs: 2, batchSize: 3, onStep }));
    expect(told.map(({ epoch, step, position, of }) => [epoch, step, position, of])).toEqual([
      [1, 1, 1, 3],
      [1, 2, 2, 3],
      [1, 3, 3, 3],
      [2, 4, 1, 3],
      [2, 5, 2, 3],
      [2, 6, 3, 3],
    ]);
    expect(epochs.map(({ loss }) => loss)).toEqual([told[2]?.loss, told[5]?.loss]);
    expect(told[0]?.loss).not.toBe(told[1]?.loss);
  });

  it("does the same with the same seed, and another order with another", async () => {
    const run = async (seed: number) =>
      collect((await load(toy())).trainer({ seed }).fit(data, { epochs: 3, batchSize: 2 }));
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it("stops when aborted and goes on from there to the same bits", async () => {
    const options = { epochs: 4, batchSize: 2 };
    const whole = (await load(toy())).trainer();
    const wanted = await collect(whole.fit(data, options));

    const first = (await load(toy())).trainer();
    const controller = new AbortController();
    let count = 0;
    const graphs = data.map((graph) => ({
      get node() {
        if (++count === 40) controller.abort("enough");
        return graph.node;
      },
      link: graph.link,
    }));
    await expect(
      collect(first.fit(graphs, { ...options, signal: controller.signal })),
    ).rejects.toBe("enough");
    expect(first.steps).toBeGreaterThan(0);
    const model = await load(toy());
    const second = model.trainer({ seed: 77 });
    second.restore(first.checkpoint());
    expect(second.steps).toBe(first.steps);
    const rest = await collect(second.fit(data, options));
    expect(rest).toEqual(wanted.slice(-rest.length));
    expect(second.checkpoint()).toEqual(whole.checkpoint());
  });

  it("lets the event loop turn", async () => {
    const trainer = (await load(toy())).trainer();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for await (const _ of trainer.fit(data, { epochs: 50, batchSize: 1 }));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
});

describe("checkpoints", () => {
  it("are weights files with moments and progress", async () => {
    const model = await load(toy());
    const trainer = model.trainer();
    trainer.step(data);
    const file = trainer.checkpoint();
    expect([...readSafetensors(file).tensors.keys()]).toEqual(["a", "moment1:a", "moment2:a", "s"]);
    const other = await load(toy(), { weights: file });
    expect(other.weights.get("a")).toEqual(model.weights.get("a"));
  });

  it("are rejected when they are none, and nothing changes", async () => {
    const model = await load(toy());
    const trainer = model.trainer();
    trainer.step(data);
    const before = trainer.checkpoint();
    expect(() => trainer.restore(model.weights.save())).toThrow("GN5035");
    expect(() => trainer.restore(Uint8Array.of(1))).toThrow("GN5034");
    const wider = await load(
      toy({ parameters: [{ ...(toyManifest.parameters[0] as object), shape: [1] } as never] }),
    );
    expect(() => trainer.restore(wider.trainer().checkpoint())).toThrow("GN5032");
    expect(trainer.checkpoint()).toEqual(before);
  });
});
