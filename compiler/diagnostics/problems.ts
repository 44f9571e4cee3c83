/** The diagnostics of one run, handed from phase to phase: collected, never thrown, each said once. */
import type { Diagnostic } from "./diagnostic.js";

export class Problems {
  readonly #found = new Map<string, Diagnostic>();
  #errors = 0;

  report(diagnostic: Diagnostic): void {
    const { span } = diagnostic.primary;
    const key = `${diagnostic.code} ${span.source.name} ${span.start} ${span.end}`;
    if (this.#found.has(key)) return;
    this.#found.set(key, diagnostic);
    if (diagnostic.severity === "error") this.#errors++;
  }

  get anyErrors(): boolean {
    return this.#errors > 0;
  }

  /** How many errors there are so far. */
  get errors(): number {
    return this.#errors;
  }

  /** In the order of the text: by file, then by place. */
  get all(): readonly Diagnostic[] {
    return [...this.#found.values()].sort(
      (a, b) =>
        a.primary.span.source.name.localeCompare(b.primary.span.source.name) ||
        a.primary.span.start - b.primary.span.start ||
        a.code.localeCompare(b.code),
    );
  }
}
