/** The runtime in parts, as a page without a bundler has it: small, and all there. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { drawWeights } from "../../runtime/initialize.js";
import { readManifest } from "../../runtime/load.js";
import { compileExample, projectFolder, root } from "./made.js";

const parts = join(root, "dist/runtime.parts");
const project = projectFolder();
beforeAll(async () => {
  await compileExample("cora/gat.gn", project.path, "./runtime/index.js", { gradients: "none" });
  mkdirSync(join(project.path, "runtime"));
  cpSync(join(parts, "index.js"), join(project.path, "runtime/index.js"));
});
afterAll(() => project.remove());

it("is fetched at once in 13.1 kB", () => {
  const index = readFileSync(join(parts, "index.js"), "utf8");
  expect(gzipSync(index, { level: 9 }).length).toBeLessThanOrEqual(13_100);
  expect(index).not.toMatch(/from"|from "/);
});

it("needs no other part for a graph attention network with weights, and all are beside it", async () => {
  const { CoraGAT } = await import(/* @vite-ignore */ join(project.path, "gat.js"));
  const wasm = new Uint8Array(readFileSync(join(project.path, "gat.wasm")));
  const artifact = (): Response => new Response(wasm);
  await expect(CoraGAT.load({ artifact: artifact() })).rejects.toThrow("initialize.js");
  const weights = drawWeights(readManifest(await WebAssembly.compile(wasm)), 5);
  const model = await CoraGAT.load({ artifact: artifact(), weights });
  const x = { indptr: [0, 1, 2], indices: [0, 1432], values: [1, 1] };
  const graph = { paper: { x }, cites: { senders: [1, 0], receivers: [0, 1] } };
  const { logits } = model.run(graph).paper;
  cpSync(parts, join(project.path, "whole"), { recursive: true });
  const { load } = await import(/* @vite-ignore */ join(project.path, "whole/index.js"));
  expect((await load(wasm, { seed: 5 })).run(graph).paper.logits).toEqual(logits);
  expect(readdirSync(parts)).toEqual(expect.arrayContaining(["gradients.js", "topology.js"]));
});
