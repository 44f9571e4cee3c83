/**
 * The rules of expressions, loosest first, and of the topologies that follow `over`.
 *
 * Every level of operators has the children `operand` and `operator`, in the order of the text; so have the suffixes
 * of an operand, one rule each, since chevrotain sorts children by kind.
 */
import * as t from "../tokens.js";
import { Gates } from "./gates.js";

export abstract class Expressions extends Gates {
  readonly expr = this.RULE("expr", () => {
    this.SUBRULE(this.conj, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.Or, { LABEL: "operator" });
      this.SUBRULE2(this.conj, { LABEL: "operand" });
    });
  });

  readonly conj = this.RULE("conj", () => {
    this.SUBRULE(this.neg, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.And, { LABEL: "operator" });
      this.SUBRULE2(this.neg, { LABEL: "operand" });
    });
  });

  readonly neg = this.RULE("neg", () => {
    this.OPTION(() => this.CONSUME(t.Not, { LABEL: "operator" }));
    this.SUBRULE(this.cmp, { LABEL: "operand" });
  });

  readonly cmp = this.RULE("cmp", () => {
    this.SUBRULE(this.sum, { LABEL: "operand" });
    this.OPTION(() => {
      this.OR(
        t.comparisons.map((sign) => ({ ALT: () => this.CONSUME(sign, { LABEL: "operator" }) })),
      );
      this.SUBRULE2(this.sum, { LABEL: "operand" });
    });
  });

  readonly sum = this.RULE("sum", () => {
    this.SUBRULE(this.term, { LABEL: "operand" });
    this.MANY(() => {
      this.OR(
        [t.Plus, t.Minus].map((sign) => ({ ALT: () => this.CONSUME(sign, { LABEL: "operator" }) })),
      );
      this.SUBRULE2(this.term, { LABEL: "operand" });
    });
  });

  readonly term = this.RULE("term", () => {
    this.SUBRULE(this.unary, { LABEL: "operand" });
    this.MANY(() => {
      this.OR(
        [t.Star, t.Slash].map((sign) => ({ ALT: () => this.CONSUME(sign, { LABEL: "operator" }) })),
      );
      this.SUBRULE2(this.unary, { LABEL: "operand" });
    });
  });

  readonly unary = this.RULE("unary", () => {
    this.OPTION(() => this.CONSUME(t.Minus, { LABEL: "operator" }));
    this.SUBRULE(this.prod, { LABEL: "operand" });
  });

  readonly prod = this.RULE("prod", () => {
    this.SUBRULE(this.postfix, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.At, { LABEL: "operator" });
      this.SUBRULE2(this.postfix, { LABEL: "operand" });
    });
  });

  readonly postfix = this.RULE("postfix", () => {
    this.SUBRULE(this.primary);
    this.MANY({ GATE: this.goesOn, DEF: () => this.SUBRULE(this.suffix) });
  });

  readonly suffix = this.RULE("suffix", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftBracket);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.at) });
          this.CONSUME(t.RightBracket);
        },
      },
      { ALT: () => this.SUBRULE(this.args) },
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          this.CONSUME(t.Name, { LABEL: "member" });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Over);
          this.SUBRULE(this.relation);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.By);
          this.SUBRULE(this.group);
        },
      },
    ]);
  });

  readonly at = this.RULE("at", () => {
    this.SUBRULE(this.sum, { LABEL: "value" });
    this.OPTION(() => {
      this.CONSUME(t.Less);
      this.SUBRULE2(this.sum, { LABEL: "range" });
    });
  });

  readonly relation = this.RULE("relation", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.topology) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE2(this.topology) });
          this.CONSUME(t.RightParen);
        },
      },
    ]);
  });

  readonly group = this.RULE("group", () => {
    this.OR(
      [t.Receiver, t.Sender, t.Graph, t.Batch].map((word) => ({
        ALT: () => this.CONSUME(word, { LABEL: "word" }),
      })),
    );
  });

  readonly args = this.RULE("args", () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.arg) });
    this.CONSUME(t.RightParen);
  });

  readonly arg = this.RULE("arg", () => {
    this.OPTION({
      GATE: this.named,
      DEF: () => {
        this.CONSUME(t.Name, { LABEL: "name" });
        this.CONSUME(t.Colon);
      },
    });
    this.SUBRULE(this.expr, { LABEL: "value" });
    this.OPTION2(() => {
      this.CONSUME(t.Where);
      this.SUBRULE2(this.expr, { LABEL: "where" });
    });
  });

  readonly primary = this.RULE("primary", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral, { LABEL: "number" }) },
      { ALT: () => this.CONSUME(t.True, { LABEL: "bool" }) },
      { ALT: () => this.CONSUME(t.False, { LABEL: "bool" }) },
      { ALT: () => this.CONSUME(t.Lower, { LABEL: "name" }) },
      {
        ALT: () => {
          this.CONSUME(t.Upper, { LABEL: "name" });
          this.OPTION({ GATE: this.touching, DEF: () => this.SUBRULE(this.instance) });
        },
      },
      ...t.spaceWords.map((word) => ({ ALT: () => this.CONSUME(word, { LABEL: "space" }) })),
      { ALT: () => this.SUBRULE(this.parens) },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
  });

  readonly instance = this.RULE("instance", () => {
    this.CONSUME(t.Less);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.size) });
    this.CONSUME(t.Greater);
  });

  readonly size = this.RULE("size", () => {
    this.SUBRULE(this.sum);
    this.OPTION(() => this.CONSUME(t.Ellipsis));
  });

  readonly parens = this.RULE("parens", () => {
    this.CONSUME(t.LeftParen);
    this.SUBRULE(this.expr);
    this.CONSUME(t.RightParen);
  });

  readonly list = this.RULE("list", () => {
    this.CONSUME(t.LeftBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expr) });
    this.CONSUME(t.RightBracket);
  });

  readonly topology = this.RULE("topology", () => {
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION({ GATE: this.sameLine, DEF: () => this.SUBRULE(this.args) });
  });
}
