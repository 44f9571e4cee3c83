#!/usr/bin/env node
import module from "node:module";

// Node 22 and later keep the compiled code of the command line for the next start
module.enableCompileCache?.();
const { main } = await import("../dist/tools/cli/main.js");

await main(process.argv);
