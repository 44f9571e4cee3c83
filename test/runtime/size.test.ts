import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { expect, it } from "vitest";

const runtime = new URL("../../runtime/index.ts", import.meta.url).pathname;

/** Bytes, minified and gzipped, of a page's program that loads and runs a model; without the modules in `later`. */
async function bytes(later: readonly RegExp[]): Promise<number> {
  const page = `import { load } from ${JSON.stringify(runtime)};
    export const Cora = {
      url: new URL("./cora.wasm", import.meta.url),
      load: (options = {}) => load(options.artifact ?? Cora.url, options),
    };`;
  const bundle = await rolldown({
    input: "page",
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === "page" ? id : null),
        load: (id) => (id === "page" ? page : null),
      },
    ],
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    external: [/^node:/, ...later],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  return gzipSync(output[0].code, { level: 9 }).length;
}

it("the runtime and a loader take at most 11.9 kB in a page that runs a model", async () => {
  expect(
    await bytes([
      /\/gradients\.js$/,
      /\/initialize\.js$/,
      /\/level-order\.js$/,
      /\/progress\.js$/,
      /\/renumber\.js$/,
      /\/stream\.js$/,
      /\/threads\.js$/,
      /\/topology\.js$/,
    ]),
  ).toBeLessThan(11_850);
});

it("what trains is fetched only for models that train, and takes at most 3.5 kB more", async () => {
  const later = [
    /\/level-order\.js$/,
    /\/progress\.js$/,
    /\/renumber\.js$/,
    /\/stream\.js$/,
    /\/threads\.js$/,
    /\/topology\.js$/,
  ];
  expect(await bytes(later)).toBeLessThan(15_500);
});
