/** `gnc check FILE..`: all that is wrong in some files. */
import { checkSource, type Diagnostic, type Format } from "../../../compiler/index.js";
import { Exit, exitCode } from "../exit.js";
import { readImport, readSource } from "../files.js";
import { report } from "../report.js";

export interface CheckOptions {
  readonly format: Format;
  readonly maxWarnings?: number;
}

export function checkCommand(paths: readonly string[], options: CheckOptions): void {
  const found: Diagnostic[] = paths.flatMap(
    (p) => checkSource(readSource(p), readImport).diagnostics,
  );
  report(found, options.format);
  const count = (severity: string): number => found.filter((d) => d.severity === severity).length;
  const tooMany = options.maxWarnings !== undefined && count("warning") > options.maxWarnings;
  if (count("error") > 0 || tooMany) throw new Exit(exitCode.diagnostics);
  if (options.format === "pretty" && found.length === 0) {
    process.stderr.write(
      `${paths.length === 1 ? paths[0] : `${paths.length} files`}: no problems\n`,
    );
  }
}
