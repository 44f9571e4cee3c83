/** Threads in a browser: the bits of Node in a page that is cross-origin isolated and in a worker of it, words elsewhere. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../runtime/index.js";
import { compileExample, exampleGraphs, projectFolder, root } from "../loader/made.js";
import { findBrowser, isolated, launch, serve, visit } from "./browser.js";

const executable = findBrowser();
const project = projectFolder();
let browser: Browser;
const sites: { readonly url: string; readonly server: Server }[] = [];

/** Trains with as many threads as the address says, and gives what came of it, or the error. */
const trains = `
import { CoraGAT } from "./gat.js";
import { graphsFrom, readSafetensors } from "./runtime.min.js";
export async function train(threads) {
  try {
    const model = await CoraGAT.load({ seed: 5, threads });
    const file = await (await fetch("cora.safetensors")).arrayBuffer();
    const [graph] = graphsFrom(readSafetensors(file).tensors, model.signature);
    const losses = [];
    for await (const { loss } of model.trainer().fit([graph], { epochs: 8 })) losses.push(loss);
    const logits = [...model.run(graph).paper.logits];
    model.dispose();
    return { losses, logits };
  } catch (error) {
    return { error: error.message };
  }
}`;
const html = (script: string): string => `<!doctype html><html><head>
<link rel="icon" href="data:," /></head><body><script type="module">${script}
document.body.dataset.done = JSON.stringify(result);
</script></body></html>`;
const page = html(`
import { train } from "./train.js";
const result = await train(Number(new URLSearchParams(location.search).get("threads")));`);
const pageOfWorker = html(`
const worker = new Worker("./worker.js", { type: "module" });
const result = await new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });`);
const worker = `import { train } from "./train.js"; postMessage(await train(2));`;

/** What the page does, here and on one thread. */
async function inNode(): Promise<unknown> {
  const wasm = new Uint8Array(readFileSync(join(project.path, "gat.wasm")));
  const model = await load(wasm, { seed: 5 });
  const [graph] = exampleGraphs("cora/cora.safetensors", model.signature);
  if (!graph) throw new Error("no graph");
  const losses: number[] = [];
  for await (const { loss } of model.trainer().fit([graph], { epochs: 8 })) losses.push(loss);
  return { losses, logits: [...(model.run(graph).paper?.logits ?? [])] };
}

describe.skipIf(executable === null)("threads in a browser", () => {
  beforeAll(async () => {
    await compileExample("cora/gat.gn", project.path, "./runtime.min.js");
    cpSync(join(root, "dist/runtime.min.js"), join(project.path, "runtime.min.js"));
    cpSync(join(root, "examples/cora/cora.safetensors"), join(project.path, "cora.safetensors"));
    const files = { "train.js": trains, "worker.js": worker, "worker.html": pageOfWorker };
    for (const [name, text] of Object.entries({ ...files, "index.html": page }))
      writeFileSync(join(project.path, name), text);
    const strict = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
    for (const headers of [isolated, {}, { ...isolated, "content-security-policy": strict }])
      sites.push(await serve(project.path, headers));
    browser = await launch(executable ?? "");
  });
  afterAll(async () => {
    await browser?.close();
    for (const { server } of sites) server.close();
    project.remove();
  });

  const result = async (site: number, path: string) => {
    const { done, errors } = await visit(browser, `${sites[site]?.url}${path}`);
    return { ...JSON.parse(done), errors };
  };

  it("a page that is cross-origin isolated trains on two threads, and a worker of it, as Node does", async () => {
    const wanted = { ...((await inNode()) as object), errors: [] };
    expect(await result(0, "index.html?threads=2")).toEqual(wanted);
    expect(await result(0, "index.html?threads=3")).toEqual(wanted);
    expect(await result(0, "worker.html")).toEqual(wanted);
  });

  it("a page that is not says which headers it lacks, and runs on one thread", async () => {
    const { error } = await result(1, "index.html?threads=2");
    expect(error).toMatch(/^GN5008: this page is not cross-origin isolated/);
    expect((await result(1, "index.html?threads=1")).losses.length).toBe(8);
  });

  it("a page whose policy forbids the workers says so", async () => {
    const { error } = await result(2, "index.html?threads=2");
    expect(error).toMatch(/^GN5009: a thread did not start; .* `worker-src blob:`/);
  });
});
