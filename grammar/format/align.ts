/**
 * Columns: where neighbouring lines are of one kind and the author began to align them, they are aligned.
 */
import * as t from "../tokens.js";
import type { Line } from "./lines.js";
import type { Piece } from "./pieces.js";

/** Sets the blanks before what is aligned, one kind after the other, from left to right. */
export function align(lines: readonly Line[]): void {
  for (const kind of kindsOf(lines)) {
    for (const run of runsOf(lines, kind)) {
      if (run.some(({ piece }) => piece.wide)) alignRun(run);
    }
  }
}

interface Cell {
  readonly line: Line;
  readonly piece: Piece;
}

/** The kinds that occur, comments last since they stand behind all else. */
function kindsOf(lines: readonly Line[]): readonly string[] {
  const kinds = lines.flatMap(({ pieces }) => pieces.flatMap(({ column }) => column?.kind ?? []));
  const order = [":", "topology", "=", "{", "loss", "comment"];
  const rank = (kind: string) => order.findIndex((ending) => kind.endsWith(ending));
  return [...new Set(kinds)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Neighbouring lines that stand equally far in and have a piece of that kind. */
function runsOf(lines: readonly Line[], kind: string): readonly (readonly Cell[])[] {
  const runs: Cell[][] = [];
  let last: Cell | null = null;
  for (const line of lines) {
    const piece = cellOf(line, kind);
    const cell = piece === null ? null : { line, piece };
    const goesOn = last !== null && !line.blankBefore && last.line.indent === line.indent;
    if (cell !== null && goesOn) runs.at(-1)?.push(cell);
    else if (cell !== null) runs.push([cell]);
    last = cell;
  }
  return runs;
}

/** The piece of that kind that belongs to the item which opens the line. */
function cellOf({ pieces }: Line, kind: string): Piece | null {
  const [first, ...rest] = pieces;
  if (first === undefined || !first.starts) return null;
  const cell = rest.find(
    ({ column }) => column?.kind === kind && (kind === "comment" || column.item === first.start),
  );
  const opensLines = cell?.body === true && pieces.at(-1)?.type !== t.RightBrace;
  return cell === undefined || opensLines ? null : cell;
}

function alignRun(run: readonly Cell[]): void {
  const widths = run.map(({ line, piece }) => widthBefore(line, piece));
  const widest = Math.max(...widths);
  run.forEach(({ piece }, i) => {
    piece.space = 1 + widest - (widths[i] ?? widest);
  });
}

/** The columns from the line's first piece to the one before this, blanks included. */
function widthBefore({ pieces }: Line, piece: Piece): number {
  const before = pieces.slice(0, pieces.indexOf(piece));
  return before.reduce((sum, { text, space }, i) => sum + (i === 0 ? 0 : space) + text.length, 0);
}
