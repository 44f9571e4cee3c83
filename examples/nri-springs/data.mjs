/**
 * Writes the data that `gnc train` reads: `node examples/nri-springs/data.mjs [--system charged] [--count 5000] [--into FOLDER]` makes that many
 * simulations, and 1000 others for validation.
 */
import { parseArgs } from "node:util";
import { writeDataFiles } from "../data-file.mjs";
import { graphsOf, rangesOf, simulate, systems } from "./simulate.mjs";

const { values } = parseArgs({
  options: {
    system: { type: "string", default: "springs" },
    count: { type: "string", default: "5000" },
    into: { type: "string" },
    held: { type: "string", default: "1000" },
  },
});
const system = systems[values.system];
const simulations = simulate(system, Number(values.count), 1.1);
const ranges = rangesOf(simulations);
await writeDataFiles(
  new URL("springs.gn", import.meta.url),
  "Springs",
  {
    [`${values.system}-train.safetensors`]: graphsOf(simulations, ranges),
    [`${values.system}-held.safetensors`]: graphsOf(
      simulate(system, Number(values.held), 1.5),
      ranges,
    ),
  },
  values.into,
);
