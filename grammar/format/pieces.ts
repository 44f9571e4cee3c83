/**
 * Tokens and comments → pieces in the order of the text, each with the line break or blank before it.
 *
 * Here the author's breaks are read and `;` that a break or brace makes needless are dropped.
 */
import type { IToken, TokenType } from "chevrotain";
import { type Comment, endOf } from "../lex.js";
import type { Source } from "../source.js";
import * as t from "../tokens.js";
import type { Roles } from "./roles.js";

export interface Piece {
  readonly text: string;
  /** Where it stood, which is its name in `Roles`. */
  readonly start: number;
  /** Null of a comment. */
  readonly type: TokenType | null;
  /** Line breaks before it: 0, 1, or 2 for a blank line. */
  breaks: number;
  /** Blanks before it, where no line breaks. */
  space: number;
  /** Whether the author put several blanks before it. */
  readonly wide: boolean;
  readonly suffix: boolean;
  readonly body: boolean;
  readonly starts: boolean;
  readonly column: { readonly kind: string; readonly item: number } | null;
}

interface Place {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly type: TokenType | null;
}

/** The pieces of a file. */
export function piecesOf(
  source: Source,
  tokens: readonly IToken[],
  comments: readonly Comment[],
  roles: Roles,
): readonly Piece[] {
  const ofTokens = tokens.map(
    (token): Place => ({
      text: token.image,
      start: token.startOffset,
      end: endOf(token),
      line: token.startLine ?? 1,
      type: token.tokenType,
    }),
  );
  const ofComments = comments.map(
    ({ text, span, line }): Place => ({ text, start: span.start, end: span.end, line, type: null }),
  );
  const places = [...ofTokens, ...ofComments].sort((a, b) => a.start - b.start);
  const kept = places.filter((_, at) => !needlessSemicolon(places, at));
  return kept.map((place, at) => piece(source, kept[at - 1] ?? null, place, roles));
}

/** `;` parts items on one line; at a line break, behind `}` and before it nothing is parted. */
function needlessSemicolon(places: readonly Place[], at: number): boolean {
  const [before, place, after] = [places[at - 1], places[at], places[at + 1]];
  if (place?.type !== t.Semicolon) return false;
  if (before === undefined || after === undefined) return true;
  if (before.type === t.RightBrace || after.type === t.RightBrace || after.type === null)
    return true;
  return before.line < place.line || place.line < after.line;
}

function piece(source: Source, before: Place | null, place: Place, roles: Roles): Piece {
  const { text, start, line, type } = place;
  const between = before === null ? "" : source.text.slice(before.end, start);
  return {
    ...{ text, start, type },
    breaks: before === null ? 0 : Math.min(2, line - before.line),
    space: before !== null && blankBetween(before, place, roles) ? 1 : 0,
    wide: /[ \t]{2}$/.test(between),
    suffix: roles.suffixes.has(start),
    body: roles.bodies.has(start),
    starts: roles.starts.has(start),
    column: type === null ? { kind: "comment", item: -1 } : (roles.columns.get(start) ?? null),
  };
}

const tightBehind: readonly TokenType[] = [t.LeftParen, t.LeftBracket];
const tightBefore: readonly TokenType[] = [
  ...[t.RightParen, t.RightBracket, t.Comma, t.Semicolon, t.Colon, t.Ellipsis],
];

/** Whether a blank stands between two pieces on a line. */
function blankBetween(before: Place, after: Place, roles: Roles): boolean {
  if (after.type === null || before.type === null) return true;
  // `3 .x` is a member of a number; `3.x` would be a malformed one.
  if (after.type === t.Dot) return before.type === t.NumberLiteral;
  if (before.type === t.Dot || tightBehind.includes(before.type)) return false;
  if (tightBefore.includes(after.type) || roles.suffixes.has(after.start)) return false;
  if (roles.signs.has(before.start) || roles.generics.has(after.start)) return false;
  return !(roles.generics.has(before.start) && before.type === t.Less);
}
