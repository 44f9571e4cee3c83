/** The example of relational inference: its simulator against the reference's, and a short training that finds springs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/compile.js";
import {
  frames,
  graphsOf,
  particles,
  rangesOf,
  simulate,
  systems,
  trajectory,
} from "../../examples/nri-springs/simulate.mjs";
import { type AnyModel, load, readSafetensors } from "../../runtime/index.js";

describe.each(["springs", "charged"] as const)("the simulation of %s", (name) => {
  const file = readFileSync(new URL("data/nri-simulator.safetensors", import.meta.url));
  const { tensors } = readSafetensors(file);
  const [place, velocity, ties, places, velocities] = ["loc0", "vel0", "edges", "loc", "vel"].map(
    (field) => Float64Array.from(tensors.get(`${name}.${field}`)?.data ?? [], Number),
  );

  /** Largest difference in a frame; the reference keeps every twelfth. */
  function difference(run: number, kept: number): number {
    const start = {
      ties: ties?.slice(25 * run, 25 * run + 25) ?? new Float64Array(),
      place: place?.slice(10 * run, 10 * run + 10) ?? new Float64Array(),
      velocity: velocity?.slice(10 * run, 10 * run + 10) ?? new Float64Array(),
    };
    const x = trajectory(systems[name], start);
    const all = Array.from({ length: 2 * particles }, (_, at) => {
      const [axis, i] = [Math.floor(at / particles), at % particles];
      const mine = (i * frames + 12 * kept) * 4 + axis;
      const theirs = (run * 5 + kept) * 10 + at;
      return Math.max(
        Math.abs((x[mine] ?? Number.NaN) - (places?.[theirs] ?? 0)),
        Math.abs((x[mine + 2] ?? Number.NaN) - (velocities?.[theirs] ?? 0)),
      );
    });
    return Math.max(...all);
  }

  it.each([0, 1, 2, 3])("follows the reference from the start of run %i", (run) => {
    for (const kept of [0, 1]) expect(difference(run, kept)).toBeLessThan(1e-6);
    // charges that pass closely scatter: only springs can be followed to the end
    if (name === "springs") expect(difference(run, 4)).toBeLessThan(1e-6);
  });
});

describe("a short training on springs", async () => {
  const text = readFileSync(
    new URL("../../examples/nri-springs/springs.gn", import.meta.url),
    "utf8",
  );
  const [model] = checkSource({ name: "springs.gn", text }).models;
  if (!model) throw new Error("no model");
  const wasm = await compileModel(model);
  const simulations = simulate(systems.springs, 300, 0.5);
  const ranges = rangesOf(simulations);
  const training = graphsOf(simulations, ranges);
  const validation = graphsOf(simulate(systems.springs, 100, 0.7), ranges);

  it("tells which particles are joined, without being told", async () => {
    const trainer = (await load<AnyModel>(wasm, { seed: 1 })).trainer({ seed: 1 });
    const epochs = [];
    for await (const epoch of trainer.fit(training, { epochs: 4, batchSize: 8, validation })) {
      epochs.push(epoch.validation);
    }
    const [first, last] = [epochs[0], epochs.at(-1)];
    expect(last?.loss).toBeLessThan(0.6 * (first?.loss ?? 0));
    expect(last?.metrics.accuracy).toBeGreaterThan(0.65);
  }, 60_000);

  it("gives the same numbers again", async () => {
    const losses = async (): Promise<readonly number[]> => {
      const trainer = (await load<AnyModel>(wasm, { seed: 3 })).trainer({ seed: 3 });
      return [0, 8, 16].map((from) => trainer.step(training.slice(from, from + 8)).loss);
    };
    expect(await losses()).toEqual(await losses());
  });
});
