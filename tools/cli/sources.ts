/** From a source to checked models, as the commands want them: diagnostics reported, the model chosen by name. */
import {
  type Checked,
  checkSource,
  type Format,
  type Model,
  type ReadImport,
  type Source,
} from "../../compiler/front.js";
import { Exit, exitCode, usage } from "./exit.js";
import { readImport } from "./files.js";
import { report } from "./report.js";

export interface CheckingOptions {
  readonly format?: Format;
  /** Whether standard output is for something else than diagnostics. */
  readonly taken?: boolean;
  readonly read?: ReadImport;
}

/** Checks a source and reports; ends the command with code 1 when there are errors. */
export function checkedOrExit(
  source: Source,
  { format = "pretty", taken = false, read = readImport }: CheckingOptions = {},
): Checked {
  const checked = checkSource(source, read);
  report(checked.diagnostics, format, taken);
  if (!checked.ok) throw new Exit(exitCode.diagnostics);
  return checked;
}

/** The one model that a command works on. */
export function theModel({ file, models }: Checked, name: string | undefined): Model {
  const path = file.source.name;
  const names = models.map((m) => m.name);
  if (names.length === 0)
    throw usage(`${path} declares no model`, "a model begins with `model Name { .. }`");
  if (name === undefined) {
    const [only] = models;
    if (models.length === 1 && only) return only;
    throw usage(`${path} declares ${names.join(", ")}`, "choose one with --model NAME");
  }
  const found = models.find((m) => m.name === name);
  if (!found) throw usage(`${path} has no model ${name}`, `it declares ${names.join(", ")}`);
  return found;
}
