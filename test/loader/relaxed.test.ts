/** The build with relaxed SIMD: chosen where the machine has it, equal to the plain one up to rounding. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource, compileInParts, makeLoader, relaxedArtifact } from "../../compiler/index.js";
import { projectFolder } from "./made.js";

const source = `
import { GAT } from "std/graph"
import { Linear, dropout } from "std/core"
model Small {
  nodes atom
  edges bond: atom -> atom
  input x: atom f32[37]
  input y: atom f32[5]
  h = GAT<3, 8>(x)
  node atom { both = flatten(h) }
  out = Linear<5>(tanh(Linear<23>(both)))
  output out
  loss sum[i]((out[i] - y[i]) * (out[i] - y[i]))
  optimizer sgd(lr: 0.01)
}
`;
const program = `
import { readFileSync } from "node:fs";
import { Small } from "./small.js";
const draw = (n, k) => Float32Array.from({ length: n }, (_, i) => Math.sin(k * i + k));
const graph = (n, k) => ({
  atom: { x: draw(n * 37, k), y: draw(n * 5, k + 1) },
  bond: { senders: Int32Array.from({ length: 3 * n }, (_, i) => (i * 7) % n), receivers: Int32Array.from({ length: 3 * n }, (_, i) => (i * 5) % n) },
});
const graphs = [graph(9, 1), graph(1, 2), graph(14, 3), graph(6, 4)];
const model = await Small.load({ seed: 1 });
const alone = graphs.flatMap((g) => [...model.run(g).atom.out]);
const together = model.run(graphs).flatMap((g) => [...g.atom.out]);
const trainer = model.trainer();
const losses = [1, 2, 3].map(() => trainer.step(graphs).loss);
console.log(JSON.stringify({ url: Small.url.pathname.split("/").pop(), alone, together, losses }));
`;

interface Result {
  readonly url: string;
  readonly alone: readonly number[];
  readonly together: readonly number[];
  readonly losses: readonly number[];
}

const project = projectFolder();
afterAll(() => project.remove());
beforeAll(async () => {
  const { models } = checkSource({ name: "small.gn", text: source });
  const [model] = models;
  if (!model) throw new Error("the model does not compile");
  const compiled = await compileInParts(model);
  writeFileSync(join(project.path, "small.wasm"), compiled.artifact);
  writeFileSync(join(project.path, "small.relaxed.wasm"), await relaxedArtifact(compiled));
  const names = { model, file: "small.wasm", relaxed: "small.relaxed.wasm" };
  const loader = makeLoader([names], { source: "small.gn", runtime: "gnc/runtime" });
  writeFileSync(join(project.path, "small.js"), loader.js);
  writeFileSync(join(project.path, "program.mjs"), program);
});

const run = (...flags: readonly string[]): Result =>
  JSON.parse(
    execFileSync(process.execPath, [...flags, join(project.path, "program.mjs")], {
      encoding: "utf8",
    }),
  ) as Result;

/** Node 20 has relaxed SIMD behind a flag, newer ones have it. */
const flag = "--experimental-wasm-relaxed-simd";

describe("the build with relaxed SIMD", () => {
  it("is left alone where the machine cannot run it, and taken where it can", () => {
    const usual = run();
    const relaxed = usual.url === "small.wasm" ? run(flag) : usual;
    expect(relaxed.url).toBe("small.relaxed.wasm");
    if (usual.url !== "small.wasm") return;
    expect(relaxed.alone).not.toEqual(usual.alone);
    for (const [i, x] of usual.alone.entries()) expect(relaxed.alone[i]).toBeCloseTo(x, 5);
    for (const [i, x] of usual.losses.entries()) expect(relaxed.losses[i]).toBeCloseTo(x, 4);
  });

  it("gives a graph the same bits alone and in a batch", () => {
    const plain = run();
    const { alone, together } = plain.url === "small.wasm" ? run(flag) : plain;
    expect(together).toEqual(alone);
  });
});
