#!/usr/bin/env node
import { main } from "../dist/tools/cli/main.js";

await main(process.argv);
