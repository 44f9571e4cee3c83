/** `--machine documented`, `--machine measured`, `--machine measured,memory=12`: what bounds are taken against. */
import { documented, type Machine } from "../../compiler/explain/cost/machine.js";
import { usage } from "./exit.js";

export interface ChosenMachine {
  readonly machine: Machine;
  /** Where its numbers come from, in words. */
  readonly from: string;
}

const words = {
  documented: "a core of an AMD EPYC Genoa (documented)",
  measured: "this machine (measured)",
} as const;

export async function machineOf(spec: string): Promise<ChosenMachine> {
  const parts = spec.split(",");
  const isBase = (part: string): part is keyof typeof words => part in words;
  const base = parts.find(isBase) ?? "documented";
  const given = Object.fromEntries(parts.filter((part) => !isBase(part)).map(overridden));
  const known =
    base === "documented"
      ? documented
      : await (await import("../bench/machine.js")).measureMachine();
  const said = Object.keys(given).length > 0 ? `, ${Object.keys(given).join(", ")} given` : "";
  return { machine: { ...known, ...given }, from: `${words[base]}${said}` };
}

function overridden(part: string): readonly [string, number] {
  const [, name = "", text = ""] = /^(\w+)=(.+)$/.exec(part) ?? [];
  const value = Number(text);
  if (name in documented && value > 0 && Number.isFinite(value)) return [name, value];
  throw usage(
    `--machine does not know ${part || "nothing"}`,
    `write documented, measured, or ${Object.keys(documented).join("=.., ")}=.. with a number above 0`,
  );
}
