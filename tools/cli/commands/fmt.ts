/** `gnc fmt FILE..`: canonical text. Writes in place; `--check` only tells; `-` reads standard input and prints. */
import { formatSource } from "../../../compiler/format.js";
import type { Diagnostic } from "../../../compiler/front.js";
import { Exit, exitCode } from "../exit.js";
import { readSource, writeWhole } from "../files.js";
import { report } from "../report.js";

export function fmtCommand(paths: readonly string[], options: { readonly check?: boolean }): void {
  const wrong: Diagnostic[] = [];
  let unformatted = 0;
  for (const [at, source] of paths.map(readSource).entries()) {
    const path = paths[at] ?? "-";
    const { text, diagnostics } = formatSource(source);
    if (text === null) {
      wrong.push(...diagnostics);
      continue;
    }
    const differs = text !== source.text;
    if (differs) unformatted++;
    if (options.check && differs)
      process.stderr.write(`${source.name} is not formatted; run \`gnc fmt ${path}\`\n`);
    if (options.check) continue;
    if (path === "-" || differs) writeWhole(path, text);
    if (path !== "-" && differs) process.stderr.write(`${path} formatted\n`);
  }
  report(wrong, "pretty");
  if (wrong.length > 0 || (options.check && unformatted > 0)) throw new Exit(exitCode.diagnostics);
}
