/** `gnc explain MODEL --cost`: operations, bytes and bounds of every kernel, as formulas and, for given sizes, as numbers. */
import { costObject, costReport } from "../../../compiler/explain/cost/report.js";
import { compiledSource } from "../compiled.js";
import { about, usage } from "../exit.js";
import { machineOf } from "../machine.js";
import { readGraphs } from "../models.js";
import type { GivenSizes } from "../size-option.js";
import { allSizes } from "../sizes.js";

export interface CostFlags {
  readonly model?: string;
  readonly data?: string;
  readonly size?: GivenSizes;
  readonly machine?: string;
  readonly format: "pretty" | "json" | "markdown";
}

/** What `explain --cost` prints. */
export async function costText(path: string, flags: CostFlags): Promise<string> {
  const { data, format, machine = "documented", size } = flags;
  if (format === "markdown") throw usage("--cost is printed as text or json", "--format json");
  if (data !== undefined && size)
    throw usage("--data and --size are both given", "sizes follow from the data: leave --size out");
  const chosen = await machineOf(machine);
  const compiled = await compiledSource(path, flags.model);
  const { artifact, manifest } = compiled;
  const fromData = async (file: string): Promise<GivenSizes> => {
    const { openSession, sizesOf } = await import("../../bench/session.js");
    const graphs = await readGraphs(file, { signature: manifest });
    return about(file, async () => sizesOf((await openSession(artifact, graphs, [])).contents));
  };
  const given = size ? allSizes(manifest, size) : null;
  const options = { ...chosen, sizes: data === undefined ? given : await fromData(data) };
  if (format === "pretty") return costReport(compiled, options);
  return `${JSON.stringify(costObject(compiled, options), null, 2)}\n`;
}
