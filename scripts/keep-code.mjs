/**
 * Keeps the compiled code of the command line for this Node (`bin/kept-code.js`): that of a check, and of a compilation.
 * `bundle.mjs` runs it in a process of its own.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Chunks, keptFor, keptName } from "../bin/kept-code.js";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const cli = path("dist/tools/cli/");
const folder = keptFor(cli);
const chunks = new Chunks(cli);
const { main } = chunks.load("main.cjs");
const code = new Map();

/** What V8 has compiled by the end of a command. Of chunks that an earlier one has loaded it may have dropped some since. */
async function run(...command) {
  await main(["node", "gnc", ...command]);
  for (const [chunk, script] of chunks.scripts)
    if (!code.has(chunk)) code.set(chunk, script.createCachedData());
}

await run("check", path("examples/translate/translate.gn"));
await run("compile", path("examples/translate/translate.gn"), "--model", "Additive", "-o", "-");
mkdirSync(folder, { recursive: true });
for (const [chunk, data] of code) writeFileSync(join(folder, keptName(chunk)), data);
