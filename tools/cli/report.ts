/** Diagnostics on standard error (pretty) or standard output (json, github), in colour where a person looks. */
import pc from "picocolors";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.js";
import { type Format, noPaint, type Paint, render } from "../../compiler/diagnostics/render.js";

export function paintFor(stream: NodeJS.WriteStream): Paint {
  const wanted =
    process.env.FORCE_COLOR !== undefined || (stream.isTTY && process.env.NO_COLOR === undefined);
  if (!wanted) return noPaint;
  const c = pc.createColors(true);
  return {
    error: (s) => c.bold(c.red(s)),
    warning: (s) => c.bold(c.yellow(s)),
    strong: c.bold,
    dim: c.dim,
  };
}

/** @param taken Whether standard output is for something else: then programs, too, read standard error. */
export function report(diagnostics: readonly Diagnostic[], format: Format, taken = false): void {
  if (format === "pretty")
    process.stderr.write(render(diagnostics, format, paintFor(process.stderr)));
  else (taken ? process.stderr : process.stdout).write(render(diagnostics, format));
}
