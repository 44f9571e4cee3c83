/**
 * What `npm run build` does after `tsc`.
 *
 * The command line goes into few files, in place of what `tsc` wrote: loading two hundred small modules would take longer
 * than checking a model. Each command stays a chunk of its own, so that `gnc check` does not read what only training needs.
 * The runtime goes into one small file, `dist/runtime.min.js`, for pages without a bundler.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

async function bundle(input, options, output) {
  const made = await rolldown({ input: dist + input, logLevel: "warn", ...options });
  const chunks = await made.generate({ format: "esm", ...output });
  await made.close();
  return chunks.output.filter((chunk) => chunk.type === "chunk");
}

const cli = `${dist}tools/cli/`;
rmSync(`${cli}chunks`, { recursive: true, force: true });
mkdirSync(`${cli}chunks`, { recursive: true });
const commands = await bundle(
  "tools/cli/main.js",
  { platform: "node", external: ["binaryen"] },
  // without comments and blanks there is half as much to read; names stay, for who reports a fault
  {
    chunkFileNames: "chunks/[name].js",
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
);
for (const { fileName, code } of commands) writeFileSync(cli + fileName, code);

const [runtime] = await bundle(
  "runtime/index.js",
  { platform: "browser", external: ["node:fs/promises"] },
  { minify: true, codeSplitting: false },
);
writeFileSync(`${dist}runtime.min.js`, runtime.code);
