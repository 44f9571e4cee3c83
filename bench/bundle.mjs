/** Peers made ready to be loaded: in Node tfjs, whose modules it cannot import as they are, and gnc; all of them for pages. */
import { createRequire } from "node:module";

const here = (path) => new URL(path, import.meta.url).pathname;
const banner =
  'import{createRequire as __cr}from"node:module";import{fileURLToPath as __fu}from"node:url";import{dirname as __dn}from"node:path";const require=__cr(import.meta.url),__filename=__fu(import.meta.url),__dirname=__dn(__filename);';

const builder = () => createRequire(here("peers/package.json"))("esbuild");

/** One script for pages, each peer a part of it that is fetched when it is asked for. */
export async function bundlePages() {
  await builder().build({
    entryPoints: [here("peers/page.mjs")],
    outdir: here("cache/pages"),
    bundle: true,
    splitting: true,
    minify: true,
    platform: "browser",
    format: "esm",
    external: ["node:*"],
    logLevel: "error",
  });
}

/** One file each of tfjs and of gnc, with what the benchmark does with them: the code of a peer is loaded as a page loads it. */
export async function bundleForNode() {
  const { build } = builder();
  for (const peer of ["tfjs", "gnc"])
    await build({
      entryPoints: [here(`peers/${peer}/index.mjs`)],
      outfile: here(`cache/${peer}.mjs`),
      bundle: true,
      platform: "node",
      format: "esm",
      mainFields: ["module", "main"],
      logLevel: "error",
      banner: { js: banner },
    });
}
