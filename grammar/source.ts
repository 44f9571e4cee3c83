/**
 * A piece of source text and places in it.
 *
 * Every later noun carries a `Span`, so that a message can always point at the text it speaks of.
 */

/** One `.gn` file: a name to show (`cora.gn`, `std/core`) and its text. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A stretch of a source, as offsets into its text: `start` is its first character, `end` is one past its last. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: lines and columns from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The line and column of an offset. */
export function positionAt(source: Source, offset: number): Position {
  const before = source.text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

/** The text a span covers. */
export function textOf(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The smallest span that holds both. */
export function join(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
