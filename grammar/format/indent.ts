/**
 * How far lines stand in: two columns for every body, two more where an item goes on, four where the head of a
 * declaration does, and within parentheses two more than the line that opened them.
 */
import * as t from "../tokens.js";
import type { Line } from "./lines.js";
import type { Piece } from "./pieces.js";

/** An open bracket: where its closer stands when it begins a line, and where the lines between stand. */
interface Open {
  readonly outside: number;
  readonly inside: number;
  readonly body: boolean;
}

/** Sets the indent of every line. */
export function indent(lines: readonly Line[]): readonly Line[] {
  const open: Open[] = [];
  for (const line of lines) {
    const [first] = line.pieces;
    if (first === undefined) continue;
    line.indent = indentOf(first, open);
    for (const piece of line.pieces) follow(piece, open, line.indent);
  }
  return lines;
}

function indentOf(first: Piece, open: readonly Open[]): number {
  const around = open.at(-1);
  const base = around?.inside ?? 0;
  if (around !== undefined && closes(first)) return around.outside;
  const itself = first.starts || first.type === null || first.body;
  if (itself) return base;
  if (around === undefined) return 4;
  return around.body ? base + 2 : base;
}

function follow(piece: Piece, open: Open[], indent: number): void {
  if (piece.body) {
    const outside = open.findLast(({ body }) => body)?.inside ?? 0;
    open.push({ outside, inside: outside + 2, body: true });
  } else if (
    piece.type === t.LeftBrace ||
    piece.type === t.LeftParen ||
    piece.type === t.LeftBracket
  ) {
    open.push({ outside: indent, inside: indent + 2, body: false });
  } else if (closes(piece)) open.pop();
}

function closes({ type }: Piece): boolean {
  return type === t.RightBrace || type === t.RightParen || type === t.RightBracket;
}
