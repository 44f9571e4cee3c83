/** Compiled models in a browser page without a bundler: they load and train, to the same bits as in Node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../runtime/index.js";
import { compileExample, exampleGraphs, projectFolder, root } from "../loader/made.js";
import { findBrowser, launch, serve, visit } from "./browser.js";

const executable = findBrowser();
const project = projectFolder();
let browser: Browser;
let site: { readonly url: string; readonly server: Server };

const page = `<!doctype html><html><head><link rel="icon" href="data:," /></head><body><script type="module">
import { CoraGAT } from "./gat.js";
import { graphsFrom, readSafetensors } from "./runtime/index.js";
const model = await CoraGAT.load({ seed: 5 });
const file = await (await fetch("cora.safetensors")).arrayBuffer();
const [graph] = graphsFrom(readSafetensors(file).tensors, model.signature);
const losses = [];
for await (const { loss } of model.trainer().fit([graph], { epochs: 3 })) losses.push(loss);
const logits = [...model.run(graph).paper.logits];
document.body.dataset.done = JSON.stringify({ losses, logits });
</script></body></html>`;

/** What the page does, here. */
async function inNode(): Promise<unknown> {
  const model = await load(new Uint8Array(readFileSync(join(project.path, "gat.wasm"))), {
    seed: 5,
  });
  const [graph] = exampleGraphs("cora/cora.safetensors", model.signature);
  if (!graph) throw new Error("no graph");
  const losses: number[] = [];
  for await (const { loss } of model.trainer().fit([graph], { epochs: 3 })) losses.push(loss);
  return { losses, logits: [...(model.run(graph).paper?.logits ?? [])] };
}

describe.skipIf(executable === null)("in a browser", () => {
  beforeAll(async () => {
    await compileExample("cora/gat.gn", project.path, "./runtime/index.js");
    cpSync(join(root, "dist/runtime.parts"), join(project.path, "runtime"), { recursive: true });
    cpSync(join(root, "examples/cora/cora.safetensors"), join(project.path, "cora.safetensors"));
    writeFileSync(join(project.path, "index.html"), page);
    site = await serve(project.path);
    browser = await launch(executable ?? "");
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
    project.remove();
  });

  it("a graph attention network trains on Cora to the bits it has in Node", async () => {
    const { done, errors } = await visit(browser, `${site.url}index.html`);
    expect(errors).toEqual([]);
    expect(JSON.parse(done)).toEqual(await inNode());
  });

  it("the page of the karate club trains with the runtime as one file", async () => {
    const args = [join(root, "scripts/page.mjs"), "karate", "--port", "0"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(child.stdout, "data");
      const { done, errors } = await visit(browser, String(line).trim(), "#train");
      expect(errors).toEqual([]);
      const losses: number[] = JSON.parse(done);
      expect(losses.length).toBe(60);
      expect(losses.at(-1)).toBeLessThan(0.05);
    } finally {
      child.kill();
    }
  });
});
