/**
 * What the compiler has to say, as data: a stable code, the exact text it speaks of, the places that made the
 * expectation, and what to write instead. `render.ts` alone turns it into characters.
 */
import type { Span } from "../../grammar/source.js";

export interface Label {
  readonly span: Span;
  readonly text: string;
}

export interface Diagnostic {
  /** `GN2104`: 1xxx syntax, 2xxx names, shapes and spaces, 3xxx topology and recurrence, 4xxx training, 5xxx run time. Never reused. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** One sentence in the user's words. */
  readonly message: string;
  readonly primary: Label;
  readonly related: readonly Label[];
  /** Facts that explain: `In was fixed to 1433 by the call on cora.gn:12:9`. */
  readonly notes: readonly string[];
  /** What to write. */
  readonly hint: string | null;
}
