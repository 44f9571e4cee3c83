#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { Chunks, keptFor } from "./kept-code.js";

const cli = fileURLToPath(new URL("../dist/tools/cli/", import.meta.url));

/** With the compiled code that the build has kept for this Node; else Node 22 and later keep their own for the next start. */
function commandLine() {
  if (existsSync(keptFor(cli))) return new Chunks(cli).load("main.cjs");
  module.enableCompileCache?.();
  return module.createRequire(import.meta.url)("../dist/tools/cli/main.cjs");
}

await commandLine().main(process.argv);
