/** `gnc check FILE..`: all that is wrong in some files. */
import { checkSource } from "../../../compiler/check-source.js";
import type { Diagnostic, Format } from "../../../compiler/front.js";
import { Exit, exitCode } from "../exit.js";
import { readImport, readSource } from "../files.js";
import { report } from "../report.js";

export interface CheckOptions {
  readonly format: Format;
  readonly maxWarnings?: number;
}

export function checkCommand(paths: readonly string[], options: CheckOptions): void {
  const sources = paths.map(readSource);
  const found = unique(sources.flatMap((source) => checkSource(source, readImport).diagnostics));
  report(found, options.format);
  const count = (severity: string): number => found.filter((d) => d.severity === severity).length;
  const tooMany = options.maxWarnings !== undefined && count("warning") > options.maxWarnings;
  if (count("error") > 0 || tooMany) throw new Exit(exitCode.diagnostics);
  if (options.format === "pretty" && found.length === 0) {
    process.stderr.write(
      `${sources.length === 1 ? sources[0]?.name : `${paths.length} files`}: no problems\n`,
    );
  }
}

/** What is wrong in a file that several import is said once. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const known = new Map<string, Diagnostic>();
  for (const d of diagnostics) {
    const { source, start } = d.primary.span;
    const key = `${source.name}:${start}:${d.code}:${d.message}`;
    if (!known.has(key)) known.set(key, d);
  }
  return [...known.values()];
}
