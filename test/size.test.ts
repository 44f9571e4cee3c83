/** What a page pays for a graph attention network: the compiled module, and the runtime with the generated loader. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";
import { checkSource, compileModel, type Model, makeLoader } from "../compiler/index.js";
import { modelSection } from "../runtime/artifact.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const chunk = (name: string): RegExp => new RegExp(`/${name}\\.js$`);
const gzipped = (bytes: Uint8Array | string): number => gzipSync(bytes, { level: 9 }).length;

let model: Model;
let loader: string;
beforeAll(async () => {
  const source = "../examples/cora/gat.gn";
  const { models } = checkSource({ name: "gat.gn", text: readFileSync(here(source), "utf8") });
  const [only] = models;
  if (!only) throw new Error("the example does not compile");
  model = only;
  const made = { model, file: "gat.wasm" };
  loader = makeLoader([made], { source: "gat.gn", runtime: here("../runtime/index.ts") }).js;
});

/** The loader and all that it needs of the runtime in one file, minified; `later` is fetched when it is wanted. */
async function page(later: readonly RegExp[]): Promise<string> {
  const bundle = await rolldown({
    input: "loader",
    plugins: [
      {
        name: "loader",
        resolveId: (id) => (id === "loader" ? id : null),
        load: (id) => (id === "loader" ? loader : null),
      },
    ],
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    external: [/^node:/, ...later],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

it("the compiled GAT takes at most 4.2 kB, and 12 kB with training", async () => {
  const report = async (what: string, wasm: Uint8Array): Promise<number> => {
    const [section] = WebAssembly.Module.customSections(
      await WebAssembly.compile(new Uint8Array(wasm)),
      modelSection,
    );
    const description = gzipped(new Uint8Array(section ?? new ArrayBuffer(0)));
    const all = gzipped(wasm);
    process.stdout.write(
      `\n  CoraGAT ${what}: ${wasm.length} bytes, ${all} gzipped (of these about ${description} describe it)\n`,
    );
    return all;
  };
  expect(await report("that runs", await runsAlone())).toBeLessThanOrEqual(4_200);
  expect(await report("that trains", await compileModel(model))).toBeLessThanOrEqual(12_000);
});

const runsAlone = (): Promise<Uint8Array> => compileModel(model, { gradients: "none" });

/** What is fetched only for the few models or options that want it, and what is for models that train. */
const rare = [
  "files",
  "more-structures",
  "progress",
  "renumber",
  "shared-inputs",
  "stream",
  "threads",
  "topology",
].map(chunk);
const training = ["gradients", "initialize"].map(chunk);

it("a page that runs it takes at most 15 kB, and 4.5 kB more of the runtime with what trains", async () => {
  const module = gzipped(await runsAlone());
  const run = gzipped(await page([...rare, ...training]));
  const train = gzipped(await page(rare.filter((part) => !part.test("/more-structures.js"))));
  const all = gzipped(await page([]));
  process.stdout.write(
    `\n  runtime and loader: ${run} bytes gzipped to run (${run + module} with the module), ${train} with training and first weights, ${all} with all\n`,
  );
  expect(run + module).toBeLessThanOrEqual(15_000);
  expect(train).toBeLessThanOrEqual(15_500);
});

it("that page runs it with nothing else to fetch", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gnc-page-"));
  try {
    writeFileSync(join(folder, "page.mjs"), await page([...rare, ...training]));
    const wasm = new Uint8Array(await runsAlone());
    const { CoraGAT } = await import(/* @vite-ignore */ pathToFileURL(`${folder}/page.mjs`).href);
    // What is fetched later lies nowhere here.
    const fetched = (): Response => new Response(wasm);
    await expect(CoraGAT.load({ artifact: fetched() })).rejects.toThrow("initialize.js");
    const tensors = model.parameters.map(({ path, shape }) => [
      path,
      new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01),
    ]);
    const gat = await CoraGAT.load({
      artifact: fetched(),
      weights: Object.fromEntries(tensors),
    });
    const x = { indptr: [0, 1, 2], indices: [0, 1432], values: [1, 1] };
    const { logits } = gat.run({
      paper: { x },
      cites: { senders: [1, 0], receivers: [0, 1] },
    }).paper;
    expect(logits.length).toBe(14);
    expect(logits.every((value: number) => value > 0)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
