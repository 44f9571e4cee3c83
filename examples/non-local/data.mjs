/** Writes the data that `gnc train` reads, for all models of `twins.gn`: `node examples/non-local/data.mjs [--count 48000] [--into FOLDER]`. */
import { parseArgs } from "node:util";
import { writeDataFiles } from "../data-file.mjs";
import { grids } from "./grids.mjs";

const { values } = parseArgs({
  options: { count: { type: "string", default: "48000" }, into: { type: "string" } },
});
await writeDataFiles(
  new URL("twins.gn", import.meta.url),
  "Local",
  {
    "train.safetensors": grids(Number(values.count), 0.3, 12),
    "held.safetensors": grids(400, 0.5, 12),
  },
  values.into,
);
