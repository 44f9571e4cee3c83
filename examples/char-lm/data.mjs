/**
 * Writes the data that `gnc train` reads: `node examples/char-lm/data.mjs [--count 24000] [--into FOLDER]` makes `made/train.safetensors`,
 * windows for 2000 steps of 12, and `made/held.safetensors`, the last tenth of the text.
 */
import { parseArgs } from "node:util";
import { writeDataFiles } from "../data-file.mjs";
import { heldWindows, trainingWindows } from "./text.mjs";

const { values } = parseArgs({
  options: { count: { type: "string", default: "24000" }, into: { type: "string" } },
});
await writeDataFiles(
  new URL("charlm.gn", import.meta.url),
  "CharTransformer",
  {
    "train.safetensors": trainingWindows(Number(values.count)),
    "held.safetensors": heldWindows(),
  },
  values.into,
);
