#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { Chunks } from "./kept-code.js";

const cli = fileURLToPath(new URL("../dist/tools/cli/", import.meta.url));

await new Chunks(cli).load("main.cjs").main(process.argv);
