/** From a path to checked models, as the commands want them: diagnostics reported, the model chosen by name. */
import { type Checked, checkSource, type Format, type Model } from "../../compiler/index.js";
import { Exit, exitCode, usage } from "./exit.js";
import { readImport, readSource } from "./files.js";
import { report } from "./report.js";

/** Checks a file and reports; ends the command with code 1 when there are errors. */
export function checkedOrExit(path: string, format: Format): Checked {
  const checked = checkSource(readSource(path), readImport);
  report(checked.diagnostics, format);
  if (!checked.ok) throw new Exit(exitCode.diagnostics);
  return checked;
}

/** The one model that a command works on. */
export function theModel(checked: Checked, path: string, name: string | undefined): Model {
  const names = checked.models.map((m) => m.name);
  if (names.length === 0) throw usage(`${path} declares no model; write \`model Name { .. }\``);
  if (name === undefined) {
    const [only] = checked.models;
    if (checked.models.length === 1 && only) return only;
    throw usage(`${path} declares ${names.join(", ")}; choose one with --model NAME`);
  }
  const found = checked.models.find((m) => m.name === name);
  if (!found) throw usage(`${path} has no model ${name}; it declares ${names.join(", ")}`);
  return found;
}
