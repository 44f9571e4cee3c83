/**
 * The grammar as chevrotain rules; `gn.ebnf` says the same for people, and a test keeps the two equal.
 *
 * In: tokens. Out: a concrete syntax tree with locations, or the first mistake. This file holds what stands at file
 * level; `parser/bodies.ts` what stands in braces, `parser/expressions.ts` the rest, `parser/gates.ts` the questions
 * that one token does not answer. Rules have the names of `gn.ebnf`; labels name the children.
 */
import "./node20.js";
import type { CstNode, IRecognitionException, IToken } from "chevrotain";
import { expectedWords } from "./expected.js";
import { Bodies } from "./parser/bodies.js";
import * as t from "./tokens.js";

/** What one run of the parser gives: a whole tree, or the mistake that stopped it. */
export type ParserResult =
  | { readonly tree: CstNode; readonly error: null }
  | { readonly tree: null; readonly error: IRecognitionException };

let built: GnParser | null = null;

/** The one parser: building it analyses the grammar, so it is done once and late; nothing stays in it between runs. */
export function theParser(): GnParser {
  built ??= new GnParser();
  return built;
}

/**
 * Parses tokens as a file, up to the first mistake. chevrotain's own recovery stays off: what it reports next is often
 * the echo of the first mistake, and it recurses once per mistake. `parse.ts` mends one and comes again.
 */
export function runParser(tokens: readonly IToken[]): ParserResult {
  const parser = theParser();
  parser.input = [...tokens];
  const tree: CstNode = parser.file();
  const [error] = parser.errors;
  parser.input = [];
  return error === undefined ? { tree, error: null } : { tree: null, error };
}

export class GnParser extends Bodies {
  /** Validates the grammar: in tests, not where somebody waits for a check. */
  constructor(validate = false) {
    super([...t.vocabulary], {
      skipValidations: !validate,
      maxLookahead: 1,
      recoveryEnabled: false,
      nodeLocationTracking: "full",
      errorMessageProvider: expectedWords,
    });
    this.performSelfAnalysis();
  }

  readonly file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.import));
    this.MANY2(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.const, { LABEL: "declaration" }) },
        { ALT: () => this.SUBRULE(this.fn, { LABEL: "declaration" }) },
        { ALT: () => this.SUBRULE(this.block, { LABEL: "declaration" }) },
        { ALT: () => this.SUBRULE(this.model, { LABEL: "declaration" }) },
      ]),
    );
  });

  readonly import = this.RULE("import", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.LeftBrace);
    this.SUBRULE(this.names);
    this.CONSUME(t.RightBrace);
    this.CONSUME(t.From);
    this.CONSUME(t.StringLiteral);
  });

  readonly fn = this.RULE("fn", () => {
    this.CONSUME(t.Fn);
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION(() => this.SUBRULE(this.generics));
    this.SUBRULE(this.params);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.results);
    this.SUBRULE(this.body);
  });

  readonly block = this.RULE("block", () => {
    this.CONSUME(t.Block);
    this.CONSUME(t.Upper, { LABEL: "name" });
    this.OPTION(() => this.SUBRULE(this.generics));
    this.SUBRULE(this.params);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.results);
    this.OPTION2(() => {
      this.CONSUME(t.Over);
      this.CONSUME(t.LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.ends) });
      this.CONSUME(t.RightParen);
    });
    this.SUBRULE(this.body);
  });

  readonly model = this.RULE("model", () => {
    this.CONSUME(t.Model);
    this.CONSUME(t.Upper, { LABEL: "name" });
    this.OPTION(() => this.SUBRULE(this.generics));
    this.SUBRULE(this.body);
  });

  readonly generics = this.RULE("generics", () => {
    this.CONSUME(t.Less);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.generic) });
    this.CONSUME(t.Greater);
  });

  readonly generic = this.RULE("generic", () => {
    this.CONSUME(t.Upper, { LABEL: "name" });
    this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Ellipsis) },
        {
          ALT: () => {
            this.CONSUME(t.Equals);
            this.SUBRULE(this.sum);
          },
        },
      ]),
    );
  });

  readonly params = this.RULE("params", () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.parameter) });
    this.CONSUME(t.RightParen);
  });

  readonly parameter = this.RULE("parameter", () => {
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.fieldtype);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expr);
    });
  });

  readonly results = this.RULE("results", () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.fieldtype) });
  });

  readonly ends = this.RULE("ends", () => {
    this.CONSUME(t.Name, { LABEL: "name" });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.space, { LABEL: "senders" });
    this.CONSUME(t.Arrow);
    this.SUBRULE2(this.space, { LABEL: "receivers" });
  });
}
