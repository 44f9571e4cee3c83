/** What a page pays for a graph attention network: the compiled module, and the runtime with the generated loader. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";
import { checkSource, compileModel, type Model, makeLoader } from "../compiler/index.js";
import { modelSection } from "../runtime/artifact.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const limit = 12_000;
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

it("the compiled GAT takes at most 12 kB, with training or without", async () => {
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
  expect(
    await report("that runs", await compileModel(model, { gradients: "none" })),
  ).toBeLessThanOrEqual(limit);
  expect(await report("that trains", await compileModel(model))).toBeLessThanOrEqual(limit);
});

/** What is fetched only for the few models or options that want it, and what is for models that train. */
const rare = [
  "level-order",
  "more-structures",
  "progress",
  "renumber",
  "stream",
  "threads",
  "topology",
].map(chunk);
const training = ["gradients", "initialize"].map(chunk);

it("the runtime and the loader take at most 11.9 kB, and 3.5 kB more with what trains", async () => {
  const run = gzipped(await page([...rare, ...training]));
  const train = gzipped(await page(rare));
  const all = gzipped(await page([]));
  process.stdout.write(
    `\n  runtime and loader: ${run} bytes gzipped to run, ${train} with training and first weights, ${all} with all\n`,
  );
  expect(run).toBeLessThanOrEqual(11_850);
  expect(train).toBeLessThanOrEqual(15_500);
});
