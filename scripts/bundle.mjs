/**
 * Puts the command line into few files, in place of what `tsc` wrote: loading two hundred small modules would take longer
 * than checking a model. Each command stays a chunk of its own, so that `gnc check` does not read what only training needs.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const cli = fileURLToPath(new URL("../dist/tools/cli/", import.meta.url));
rmSync(`${cli}chunks`, { recursive: true, force: true });
const bundle = await rolldown({
  input: `${cli}main.js`,
  platform: "node",
  external: ["binaryen"],
  logLevel: "warn",
});
const { output } = await bundle.generate({
  format: "esm",
  chunkFileNames: "chunks/[name].js",
  comments: { legal: true, annotation: false, jsdoc: false },
});
await bundle.close();
mkdirSync(`${cli}chunks`, { recursive: true });
for (const chunk of output)
  if (chunk.type === "chunk") writeFileSync(cli + chunk.fileName, chunk.code);
