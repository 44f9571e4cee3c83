/** `gnc fmt FILE..`: canonical text. Writes in place; `--check` only tells; `-` reads standard input and prints. */
import { formatSource } from "../../../compiler/index.js";
import { Exit, exitCode } from "../exit.js";
import { readSource, writeWhole } from "../files.js";
import { report } from "../report.js";

export function fmtCommand(paths: readonly string[], options: { readonly check?: boolean }): void {
  let unformatted = 0;
  for (const path of paths) {
    const source = readSource(path);
    const { text, diagnostics } = formatSource(source);
    if (text === null) {
      report(diagnostics, "pretty");
      throw new Exit(exitCode.diagnostics);
    }
    if (path === "-") process.stdout.write(text);
    else if (text !== source.text) {
      unformatted++;
      if (!options.check) writeWhole(path, text);
      process.stderr.write(
        `${path}${options.check ? " is not formatted; run `gnc fmt`" : " formatted"}\n`,
      );
    }
  }
  if (options.check && unformatted > 0) throw new Exit(exitCode.diagnostics);
}
