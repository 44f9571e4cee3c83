/**
 * Source text → the same program in canonical text, for `gnc fmt`.
 *
 * The author's line breaks stay, since some of them mean something; indentation, blanks, needless `;` and blank lines
 * are set. What was written on one line and is too long for it gets a line for each item. Columns that the author
 * began to align are aligned. The result parses to the same tree, and formatting it again changes nothing.
 */
import { align } from "./format/align.js";
import { indent } from "./format/indent.js";
import { breakLines, type Line } from "./format/lines.js";
import { piecesOf } from "./format/pieces.js";
import { rolesOf } from "./format/roles.js";
import { lex } from "./lex.js";
import { parse } from "./parse.js";
import { runParser } from "./parser.js";
import type { Source } from "./source.js";

/** The canonical text of a source, or null when it has mistakes other than tabs. */
export function format(source: Source): string | null {
  const { errors, comments } = parse(source);
  if (errors.some(({ kind }) => kind !== "tab")) return null;
  const { tokens } = lex(source);
  const { tree } = runParser(tokens);
  if (tree === null) return null;
  const pieces = piecesOf(source, tokens, comments, rolesOf(tree));
  const lines = indent(breakLines(pieces));
  align(lines);
  return lines.map(textOfLine).join("");
}

function textOfLine({ indent: columns, pieces, blankBefore }: Line): string {
  const text = pieces.map(({ text: own, space }, i) => (i === 0 ? own : " ".repeat(space) + own));
  return `${blankBefore ? "\n" : ""}${" ".repeat(columns)}${text.join("")}\n`;
}
