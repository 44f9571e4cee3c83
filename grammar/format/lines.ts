/**
 * Pieces → lines: where they break, beyond where the author broke them.
 *
 * A body with a break in it has its braces at line ends; a body on one line that is too long for it has its items on
 * lines of their own. Blank lines stand only between items.
 */
import * as t from "../tokens.js";
import type { Piece } from "./pieces.js";

/** The width that a line with a body on it may have. */
const widest = 100;

export interface Line {
  readonly pieces: readonly Piece[];
  readonly blankBefore: boolean;
  /** Columns before the first piece. */
  indent: number;
}

/** A bracket and what stands in it, its closer last. */
interface Bracket {
  readonly opener: Piece;
  readonly inside: readonly Piece[];
}

/** Sets the breaks and cuts the pieces into lines. */
export function breakLines(given: readonly Piece[]): readonly Line[] {
  for (const [at, piece] of given.entries()) {
    const before = given[at - 1];
    if (before?.type === null) piece.breaks = Math.max(1, piece.breaks);
    else if (piece.body) piece.breaks = 0;
  }
  for (const bracket of bracketsOf(given)) {
    if (!bracket.opener.body) closeBlanks(bracket);
    else if (broken(bracket)) openUp(bracket);
  }
  let pieces = given;
  for (;;) {
    const long = tooLong(pieces);
    if (long.length === 0) return cut(pieces);
    const gone = new Set(long.flatMap(spread));
    pieces = pieces.filter((piece) => !gone.has(piece));
  }
}

/** All brackets, inner ones first. */
function bracketsOf(pieces: readonly Piece[]): readonly Bracket[] {
  const open: number[] = [];
  const brackets: Bracket[] = [];
  pieces.forEach(({ type }, at) => {
    if (type === t.LeftBrace || type === t.LeftParen || type === t.LeftBracket) open.push(at);
    if (type !== t.RightBrace && type !== t.RightParen && type !== t.RightBracket) return;
    const start = open.pop() ?? at;
    const opener = pieces[start];
    if (opener !== undefined) brackets.push({ opener, inside: pieces.slice(start + 1, at + 1) });
  });
  return brackets;
}

function broken({ inside }: Bracket): boolean {
  return inside.some(({ breaks }) => breaks > 0);
}

/** Puts the braces of a body at line ends, with no blank line inside of them. */
function openUp({ inside }: Bracket): void {
  const [first, last] = [inside[0], inside.at(-1)];
  if (first !== undefined) first.breaks = first.type === null && first.breaks === 0 ? 0 : 1;
  if (last !== undefined) last.breaks = 1;
}

/** No blank lines within parentheses. */
function closeBlanks({ inside }: Bracket): void {
  for (const piece of inside) piece.breaks = Math.min(1, piece.breaks);
}

/** The bodies that stand on one line and make it too long, of each line its outermost. */
function tooLong(pieces: readonly Piece[]): readonly Bracket[] {
  const depths = depthsOf(pieces);
  const long = cut(pieces).filter((line) => width(line, depths) > widest);
  if (long.length === 0) return [];
  const bodies = new Map(bracketsOf(pieces).map((bracket) => [bracket.opener, bracket]));
  return long.flatMap((line) => {
    const onLine = line.pieces.filter(({ body }) => body).map((opener) => bodies.get(opener));
    return (
      onLine.find((body) => body !== undefined && body.inside.length > 1 && !broken(body)) ?? []
    );
  });
}

/** How many bodies stand round each piece. */
function depthsOf(pieces: readonly Piece[]): ReadonlyMap<Piece, number> {
  const depths = new Map<Piece, number>();
  let depth = 0;
  for (const piece of pieces) {
    if (piece.type === t.RightBrace) depth--;
    depths.set(piece, depth);
    if (piece.type === t.LeftBrace) depth++;
  }
  return depths;
}

function width({ pieces }: Line, depths: ReadonlyMap<Piece, number>): number {
  const [first, ...rest] = pieces;
  if (first === undefined) return 0;
  const indent = 2 * (depths.get(first) ?? 0);
  return rest.reduce(
    (sum, { text, space }) => sum + space + text.length,
    indent + first.text.length,
  );
}

/** Gives every item of a body a line of its own. The `;` between them are needless then: they are the result. */
function spread(body: Bracket): readonly Piece[] {
  openUp(body);
  const needless: Piece[] = [];
  let depth = 0;
  for (const piece of body.inside) {
    if (piece.type === t.RightBrace) depth--;
    if (depth === 0 && piece.starts) piece.breaks = Math.max(1, piece.breaks);
    if (depth === 0 && piece.type === t.Semicolon) needless.push(piece);
    if (piece.type === t.LeftBrace) depth++;
  }
  return needless;
}

function cut(pieces: readonly Piece[]): readonly Line[] {
  const lines: { pieces: Piece[]; blankBefore: boolean; indent: number }[] = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line === undefined || piece.breaks > 0) {
      lines.push({ pieces: [piece], blankBefore: piece.breaks > 1, indent: 0 });
    } else line.pieces.push(piece);
  }
  return lines;
}
