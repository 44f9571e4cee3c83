/**
 * What `npm run build` does after `tsc`.
 *
 * The command line goes into few files: loading two hundred small modules would take longer than checking a model. Each
 * command stays a chunk of its own, so that `gnc check` does not read what only training needs. They are CommonJS, whose
 * compiled code `keep-code.mjs` can keep (`bin/kept-code.js`).
 * For pages without a bundler the runtime is made small, as one file, `dist/runtime.min.js`, and as a folder, `dist/runtime.parts/`,
 * of which a page fetches `index.js`, and of the rest what its model asks for.
 */
import { execFileSync } from "node:child_process";
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
for (const folder of ["chunks", "kept"]) rmSync(cli + folder, { recursive: true, force: true });
mkdirSync(`${cli}chunks`, { recursive: true });
const commands = await bundle(
  "tools/cli/main.js",
  { platform: "node", external: ["binaryen"] },
  // without comments and blanks there is half as much to read; names stay, for who reports a fault
  {
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name].cjs",
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
);
for (const { fileName, code } of commands) writeFileSync(cli + fileName, code);
const keepCode = fileURLToPath(new URL("keep-code.mjs", import.meta.url));
execFileSync(process.execPath, [keepCode], { stdio: "pipe" });

const forPages = { platform: "browser", external: ["node:fs/promises"] };
const small = { minify: true, codeSplitting: false };
const [runtime] = await bundle("runtime/index.js", forPages, small);
writeFileSync(`${dist}runtime.min.js`, runtime.code);

/** All that a module imports at once, and what that imports. */
function importedBy(module, getModuleInfo, found = new Set()) {
  if (found.has(module)) return found;
  found.add(module);
  for (const id of getModuleInfo(module).importedIds) importedBy(id, getModuleInfo, found);
  return found;
}

const parts = `${dist}runtime.parts/`;
rmSync(parts, { recursive: true, force: true });
mkdirSync(parts, { recursive: true });
let always;
const chunks = await bundle(
  "runtime/index.js",
  { ...forPages, preserveEntrySignatures: "allow-extension" },
  {
    minify: true,
    chunkFileNames: "[name].js",
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          debugName: "always",
          name(id, context) {
            always ??= importedBy(`${dist}runtime/index.js`, (of) => context.getModuleInfo(of));
            return always.has(id) ? "index" : null;
          },
        },
      ],
    },
  },
);
for (const { fileName, code } of chunks) writeFileSync(parts + fileName, code);
