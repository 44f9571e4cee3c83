/** `gnc bench MODEL --data D`: how long each kernel takes, and how near that is to what the machine could do. */
import type { ProgramName } from "../../../runtime/artifact.js";
import { benchObject, benchReport, measured } from "../../bench/report.js";
import { openSession, sizesOf } from "../../bench/session.js";
import { timeKernels } from "../../bench/time.js";
import { compiledSource, graphsFor } from "../compiled.js";
import { about, usage } from "../exit.js";
import { machineOf } from "../machine.js";
import type { GivenSizes } from "../size-option.js";

export interface BenchFlags {
  readonly data?: string;
  readonly size?: GivenSizes;
  readonly program: "infer" | "train";
  readonly seconds: number;
  readonly machine: string;
  readonly model?: string;
  readonly format: "pretty" | "json";
}

/** What one run, and one step of training, call in turn. */
const programs: Readonly<Record<BenchFlags["program"], readonly ProgramName[]>> = {
  infer: ["infer"],
  train: ["prepare", "train", "schedule", "update"],
};

export async function benchCommand(path: string, flags: BenchFlags): Promise<void> {
  const { data, size, program } = flags;
  if (data === undefined && !size)
    throw usage(
      "neither data nor sizes are given",
      `gnc bench ${path} --data FILE.safetensors, or --size NAME=COUNT for a random graph`,
    );
  if (data !== undefined && size)
    throw usage("--data and --size are both given", "sizes follow from the data: leave --size out");
  const compiled = await compiledSource(path, flags.model);
  const names = programs[program];
  if (program === "train" && !compiled.manifest.programs.train)
    throw usage(`${compiled.model.name} declares no loss, so it does not train`, "--program infer");
  const graphs = await graphsFor(compiled, flags);
  const { engine, contents } = await about(data ?? path, () =>
    openSession(
      compiled.artifact,
      graphs,
      names.filter((n) => compiled.manifest.programs[n]),
    ),
  );
  const chosen = await machineOf(flags.machine);
  const times = await timeKernels(engine, names, flags.seconds * 1000);
  const results = measured(compiled, times, chosen, sizesOf(contents));
  const json = flags.format === "json";
  process.stdout.write(
    json ? `${JSON.stringify(benchObject(results), null, 2)}\n` : benchReport(results),
  );
}
