/**
 * A diagnostic as characters: for people (code frame and carets), for programs (JSON lines), for GitHub (annotations).
 *
 * The only file that knows about columns and colours. Colour is handed in as a `Paint`, so that the compiler needs no
 * terminal and goldens are plain.
 */
import { positionAt, type Span } from "../../grammar/source.js";
import type { Diagnostic, Label } from "./diagnostic.js";

export type Format = "pretty" | "json" | "github";

/** How parts of a message are coloured. */
export interface Paint {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
export const noPaint: Paint = { error: same, warning: same, strong: same, dim: same };

/** All diagnostics in one format, with a closing line of counts for people. */
export function render(
  diagnostics: readonly Diagnostic[],
  format: Format,
  paint: Paint = noPaint,
): string {
  if (format === "json") return diagnostics.map((d) => `${JSON.stringify(asJson(d))}\n`).join("");
  if (format === "github") return diagnostics.map((d) => `${asAnnotation(d)}\n`).join("");
  if (diagnostics.length === 0) return "";
  return `${diagnostics.map((d) => renderPretty(d, paint)).join("\n")}\n${countLine(diagnostics, paint)}\n`;
}

function countLine(diagnostics: readonly Diagnostic[], paint: Paint): string {
  const count = (severity: string): number =>
    diagnostics.filter((d) => d.severity === severity).length;
  const words = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
  const parts = [];
  if (count("error")) parts.push(paint.error(words(count("error"), "error")));
  if (count("warning")) parts.push(paint.warning(words(count("warning"), "warning")));
  return parts.join(", ");
}

// ---- for people ---------------------------------------------------------------------------

/** One diagnostic with its code frame:  `error[GN2104]: ...` then the lines it speaks of, notes and the hint. */
export function renderPretty(d: Diagnostic, paint: Paint = noPaint): string {
  const colour = d.severity === "error" ? paint.error : paint.warning;
  const labels = [d.primary, ...d.related];
  const width = String(Math.max(...labels.map((l) => lineOf(l.span)))).length;
  const gutter = " ".repeat(width);
  const bar = paint.dim("|");
  const out = [`${colour(`${d.severity}[${d.code}]`)}: ${paint.strong(d.message)}`];
  for (const [i, group] of groupBySource(labels).entries()) {
    const first = group[0];
    if (!first) continue;
    out.push(
      `${gutter}${paint.dim(i === 0 ? "-->" : ":::")} ${place(first.span)}`,
      `${gutter} ${bar}`,
    );
    out.push(...frame(group, d.primary, width, colour, paint), `${gutter} ${bar}`);
  }
  for (const note of d.notes) out.push(`${gutter} ${paint.dim("=")} ${indent(note, width + 3)}`);
  if (d.hint !== null)
    out.push(`${gutter} ${paint.dim("=")} ${paint.strong("help")}: ${indent(d.hint, width + 9)}`);
  if (d.notes.length === 0 && d.hint === null) out.pop();
  return `${out.join("\n")}\n`;
}

const lineOf = (span: Span): number => positionAt(span.source, span.start).line;

const indent = (text: string, by: number): string => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/** `cora.gn:12:9` */
export function place(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}

function groupBySource(labels: readonly Label[]): readonly (readonly Label[])[] {
  const groups = new Map<object, Label[]>();
  for (const label of labels) {
    const group = groups.get(label.span.source);
    if (group) group.push(label);
    else groups.set(label.span.source, [label]);
  }
  return [...groups.values()];
}

/** The lines that a group of labels touches, each followed by its marks. */
function frame(
  labels: readonly Label[],
  primary: Label,
  width: number,
  colour: (text: string) => string,
  paint: Paint,
): readonly string[] {
  const byLine = new Map<number, Label[]>();
  for (const label of labels)
    byLine.set(lineOf(label.span), [...(byLine.get(lineOf(label.span)) ?? []), label]);
  const out: string[] = [];
  let previous: number | null = null;
  const bar = paint.dim("|");
  for (const [line, here] of [...byLine].sort((a, b) => a[0] - b[0])) {
    if (previous !== null && line > previous + 1) out.push(paint.dim(`${" ".repeat(width)} ...`));
    previous = line;
    const text = here[0]?.span.source.text.split("\n")[line - 1] ?? "";
    out.push(`${paint.dim(String(line).padStart(width))} ${bar} ${expandTabs(text)}`);
    for (const label of here.sort((a, b) => b.span.start - a.span.start)) {
      out.push(
        `${" ".repeat(width)} ${bar} ${mark(label, text, label === primary ? "^" : "-", label === primary ? colour : paint.dim)}`,
      );
    }
  }
  return out;
}

const tabWidth = 4;
const expandTabs = (text: string): string => text.replaceAll("\t", " ".repeat(tabWidth));

/** `     ^^^^^^^^ x is f32[4]`: cut at the end of the first line of a span. */
function mark(label: Label, line: string, sign: string, colour: (text: string) => string): string {
  const { column } = positionAt(label.span.source, label.span.start);
  const start = expandTabs(line.slice(0, column - 1)).length;
  const covered = line.slice(column - 1, column - 1 + label.span.end - label.span.start);
  const length = Math.max(1, expandTabs(covered).length);
  return `${" ".repeat(start)}${colour(`${sign.repeat(length)}${label.text ? ` ${indent(label.text, start + length + 4)}` : ""}`)}`;
}

// ---- for programs -------------------------------------------------------------------------

interface JsonPlace {
  readonly file: string;
  readonly start: { readonly line: number; readonly column: number; readonly offset: number };
  readonly end: { readonly line: number; readonly column: number; readonly offset: number };
}

function jsonPlace({ source, start, end }: Span): JsonPlace {
  return {
    file: source.name,
    start: { ...positionAt(source, start), offset: start },
    end: { ...positionAt(source, end), offset: end },
  };
}

function asJson(d: Diagnostic): object {
  return {
    ...jsonPlace(d.primary.span),
    severity: d.severity,
    code: d.code,
    message: d.message,
    label: d.primary.text,
    related: d.related.map((l) => ({ ...jsonPlace(l.span), label: l.text })),
    notes: d.notes,
    help: d.hint,
  };
}

/** GitHub's workflow command, `::error file=..,line=..::..`, with its escapes. */
function asAnnotation(d: Diagnostic): string {
  const encode = (text: string): string =>
    text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string): string =>
    encode(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const start = positionAt(d.primary.span.source, d.primary.span.start);
  const end = positionAt(d.primary.span.source, d.primary.span.end);
  const where = `file=${property(d.primary.span.source.name)},line=${start.line},endLine=${end.line},col=${start.column},endColumn=${end.column}`;
  const text = [
    d.message,
    ...(d.primary.text ? [d.primary.text] : []),
    ...d.notes,
    ...(d.hint ? [`help: ${d.hint}`] : []),
  ].join("\n");
  return `::${d.severity} ${where},title=${property(d.code)}::${encode(text)}`;
}
