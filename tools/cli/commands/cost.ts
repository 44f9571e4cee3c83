/** `gnc explain MODEL --cost`: operations, bytes and bounds of every kernel, as formulas and, for given sizes, as numbers. */
import { costObject, costReport } from "../../../compiler/explain/cost/report.js";
import { compiledSource } from "../compiled.js";
import { usage } from "../exit.js";
import { machineOf } from "../machine.js";
import { type SizeFlags, sizesFor } from "../sizes.js";

export interface CostFlags extends SizeFlags {
  readonly model?: string;
  readonly machine?: string;
  readonly format: "pretty" | "json" | "markdown";
}

/** What `explain --cost` prints. */
export async function costText(path: string, flags: CostFlags): Promise<string> {
  const { format, machine = "documented" } = flags;
  if (format === "markdown") throw usage("--cost is printed as text or json", "--format json");
  const chosen = await machineOf(machine);
  const compiled = await compiledSource(path, flags.model);
  const options = { ...chosen, sizes: await sizesFor(compiled, flags) };
  if (format === "pretty") return costReport(compiled, options);
  return `${JSON.stringify(costObject(compiled, options), null, 2)}\n`;
}
