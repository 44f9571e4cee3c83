/** The shape all builders of diagnostics share, and what they show of a value: its text, its type, who fixed its sizes. */
import type { Span } from "../../grammar/source.js";
import type { Diagnostic, Label } from "./diagnostic.js";

/** A value as a message shows it. */
export interface Shown {
  readonly text: string;
  readonly type: string;
  readonly span: Span;
  /** Who fixed its dimensions. */
  readonly notes: readonly string[];
}

/** What a page about a code needs: a failing program and its mended form. */
export interface CodeExample {
  readonly code: string;
  readonly title: string;
  readonly example: string;
  readonly mended: string;
}

interface Rest {
  readonly related?: readonly Label[];
  readonly notes?: readonly string[];
  readonly hint?: string;
}

const make =
  (severity: "error" | "warning") =>
  (code: string, message: string, span: Span, text: string, rest: Rest = {}): Diagnostic => ({
    code,
    severity,
    message,
    primary: { span, text },
    related: rest.related ?? [],
    notes: [...new Set(rest.notes ?? [])],
    hint: rest.hint ?? null,
  });

export const error = make("error");
export const warning = make("warning");

/** `x is f32[4]`. */
export const is = (x: Shown): string => `\`${x.text}\` is ${x.type}`;

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  const quoted = words.map((w) => `\`${w}\``);
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}

/** A hint that offers the nearest name. */
export const didYouMean = (near: string | null): string | undefined =>
  near === null ? undefined : `did you mean \`${near}\`?`;
