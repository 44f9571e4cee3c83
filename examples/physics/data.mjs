/**
 * Writes the data that `gnc train` reads: `node examples/physics/data.mjs [--world NBody] [--count 200] [--into FOLDER]` simulates that many
 * worlds for 1000 steps and keeps every tenth state, and 20 other worlds for validation.
 */
import { parseArgs } from "node:util";
import { writeDataFiles } from "../data-file.mjs";
import { labelled, transitions, worlds } from "./worlds.mjs";

const { values } = parseArgs({
  options: {
    world: { type: "string", default: "NBody" },
    count: { type: "string", default: "200" },
    into: { type: "string" },
  },
});
const world = worlds[values.world];
if (!world) throw new Error(`--world is one of ${Object.keys(worlds).join(", ")}`);
const graphs = (options) =>
  transitions(world, { steps: 1000, ...options }).map((each) => labelled(world, each));
await writeDataFiles(
  new URL("physics.gn", import.meta.url),
  values.world,
  {
    [`${values.world}-train.safetensors`]: graphs({
      count: Number(values.count),
      every: 10,
      seed: 0.5,
    }),
    [`${values.world}-held.safetensors`]: graphs({ count: 20, every: 20, seed: 0.9 }),
  },
  values.into,
);
