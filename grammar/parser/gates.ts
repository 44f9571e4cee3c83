/**
 * The seven places where a token does not decide: what the parser may ask besides.
 *
 * Each is a question with its reason. A gate only looks: it never moves.
 */
import "../node20.js";
import { CstParser, type TokenType, tokenMatcher } from "chevrotain";
import * as t from "../tokens.js";

export abstract class Gates extends CstParser {
  /** What a topology, a type or a target has in brackets stands on its line. */
  protected readonly sameLine = (): boolean => this.LA(0).endLine === this.LA(1).startLine;

  /** `<` opens generics when it touches the name before it. */
  protected readonly touching = (): boolean =>
    (this.LA(0).endOffset ?? 0) + 1 === this.LA(1).startOffset;

  /** Whether the token so far ahead is of that type or family. */
  protected readonly next = (type: TokenType, ahead = 1): boolean =>
    tokenMatcher(this.LA(ahead), type);

  /** An operand goes on, save over a line break into `[` or `(`. */
  protected readonly goesOn = (): boolean =>
    this.sameLine() || !(this.next(t.LeftBracket) || this.next(t.LeftParen));

  /** Words such as `input` declare, unless what follows makes them a name that is given a value. */
  protected readonly declares = (): boolean =>
    ![t.Equals, t.Comma, t.LeftBracket, t.Colon].some((type) => this.next(type, 2));

  /** In `index[7]` the word is a type; in `index f32[3]` it would be the name of a space. */
  protected readonly spaceFirst = (): boolean =>
    !(this.next(t.Index) && this.next(t.LeftBracket, 2));

  /** An argument has a name where `:` follows one. */
  protected readonly named = (): boolean => this.next(t.Colon, 2);

  /** An item ends at a line break, before `}` and behind it, and else with `;`. */
  protected readonly ended = (): boolean =>
    this.next(t.RightBrace) ||
    this.next(t.RightBrace, 0) ||
    (this.LA(0).endLine ?? 0) < (this.LA(1).startLine ?? Number.POSITIVE_INFINITY);
}
