/** tfjs ships modules that Node cannot import as they are: one file of it for Node. */
import { createRequire } from "node:module";

const here = (path) => new URL(path, import.meta.url).pathname;
const banner =
  'import{createRequire as __cr}from"node:module";import{fileURLToPath as __fu}from"node:url";import{dirname as __dn}from"node:path";const require=__cr(import.meta.url),__filename=__fu(import.meta.url),__dirname=__dn(__filename);';

export async function bundleForNode() {
  const { build } = createRequire(here("peers/package.json"))("esbuild");
  await build({
    entryPoints: [here("peers/tfjs/index.mjs")],
    outfile: here("cache/tfjs.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    logLevel: "error",
    banner: { js: banner },
  });
}
