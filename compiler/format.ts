/** `gnc fmt` as a function: canonical text, or the syntax errors that stand in its way. */
import { format } from "../grammar/format.js";
import type { Source } from "../grammar/source.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { Problems } from "./diagnostics/problems.js";
import { parseSource } from "./diagnostics/syntax.js";

export function formatSource(source: Source): {
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  const problems = new Problems();
  parseSource(source, problems);
  return { text: format(source), diagnostics: problems.all };
}
