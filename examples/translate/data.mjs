/** Writes the data that `gnc train` reads, for all models of `translate.gn`: `node examples/translate/data.mjs [--count N] [--into FOLDER]`. */
import { parseArgs } from "node:util";
import { writeDataFiles } from "../data-file.mjs";
import { heldPairs, trainingPairs } from "./sentences.mjs";

const { values } = parseArgs({ options: { count: { type: "string" }, into: { type: "string" } } });
await writeDataFiles(
  new URL("translate.gn", import.meta.url),
  "NoAttention",
  {
    "train.safetensors": trainingPairs.slice(0, values.count ? Number(values.count) : undefined),
    "held.safetensors": heldPairs,
  },
  values.into,
);
