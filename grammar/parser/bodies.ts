/**
 * The rules of types and of everything between braces: items, sections and a model's declarations.
 *
 * An item that is not opened by a word is an equation, and an equation cannot begin with an expression; so one token
 * tells them apart.
 */
import * as t from "../tokens.js";
import { Expressions } from "./expressions.js";

export abstract class Bodies extends Expressions {
  // ---- items --------------------------------------------------------------------------------

  readonly body = this.RULE("body", () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => {
      this.SUBRULE(this.item);
      this.SUBRULE(this.end);
    });
    this.CONSUME(t.RightBrace);
  });

  readonly end = this.RULE("end", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Semicolon) }, { GATE: this.ended, ALT: () => {} }]);
  });

  readonly item = this.RULE("item", () => {
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.param, { LABEL: "item" }) },
        { ALT: () => this.SUBRULE(this.let, { LABEL: "item" }) },
        { ALT: () => this.SUBRULE(this.const, { LABEL: "item" }) },
        { ALT: () => this.SUBRULE(this.for, { LABEL: "item" }) },
        { ALT: () => this.SUBRULE(this.return, { LABEL: "item" }) },
        { ALT: () => this.SUBRULE(this.section, { LABEL: "item" }) },
        { GATE: this.declares, ALT: () => this.SUBRULE(this.declaration) },
        { ALT: () => this.SUBRULE(this.equation, { LABEL: "item" }) },
      ],
    });
  });

  readonly param = this.RULE("param", () => {
    this.CONSUME(t.Param);
    this.SUBRULE(this.names);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expr);
    });
  });

  readonly let = this.RULE("let", () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION(() => this.SUBRULE(this.dims));
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  readonly const = this.RULE("const", () => {
    this.CONSUME(t.Const);
    this.CONSUME(t.Upper, { LABEL: "name" });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  readonly for = this.RULE("for", () => {
    this.CONSUME(t.For);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Lower, { LABEL: "variable" });
          this.CONSUME(t.Less);
          this.SUBRULE(this.sum, { LABEL: "count" });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Upper, { LABEL: "variable" });
          this.CONSUME(t.In);
          this.CONSUME2(t.Upper, { LABEL: "list" });
        },
      },
    ]);
    this.SUBRULE(this.body);
  });

  readonly return = this.RULE("return", () => {
    this.CONSUME(t.Return);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expr) });
  });

  readonly section = this.RULE("section", () => {
    this.OR([
      {
        ALT: () => {
          this.OR2(
            [t.Edge, t.Node].map((word) => ({ ALT: () => this.CONSUME(word, { LABEL: "space" }) })),
          );
          this.OPTION(() => this.CONSUME(t.Name, { LABEL: "name" }));
        },
      },
      { ALT: () => this.CONSUME(t.Sender, { LABEL: "space" }) },
      { ALT: () => this.CONSUME(t.Receiver, { LABEL: "space" }) },
      { ALT: () => this.CONSUME(t.Global, { LABEL: "space" }) },
    ]);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => {
      this.SUBRULE(this.equation);
      this.SUBRULE(this.end);
    });
    this.CONSUME(t.RightBrace);
  });

  readonly equation = this.RULE("equation", () => {
    this.OR([
      {
        ALT: () => this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.target) }),
      },
      {
        ALT: () => {
          this.CONSUME(t.LeftBracket);
          this.AT_LEAST_ONE_SEP2({ SEP: t.Comma, DEF: () => this.SUBRULE2(this.target) });
          this.CONSUME(t.RightBracket);
        },
      },
    ]);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  readonly target = this.RULE("target", () => {
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION({
      GATE: this.sameLine,
      DEF: () => {
        this.CONSUME(t.LeftBracket);
        this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.binder) });
        this.CONSUME(t.RightBracket);
      },
    });
    this.OPTION2(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
  });

  readonly binder = this.RULE("binder", () => {
    this.CONSUME(t.Lower, { LABEL: "name" });
    this.OPTION(() => {
      this.CONSUME(t.Less);
      this.SUBRULE(this.sum);
    });
  });

  // ---- declarations of a model --------------------------------------------------------------

  readonly declaration = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.nodes, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.edges, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.inputs, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.state, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.output, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.loss, { LABEL: "item" }) },
      { ALT: () => this.SUBRULE(this.optimizer, { LABEL: "item" }) },
    ]);
  });

  readonly nodes = this.RULE("nodes", () => {
    this.CONSUME(t.Nodes);
    this.SUBRULE(this.names);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.topology);
    });
  });

  readonly edges = this.RULE("edges", () => {
    this.CONSUME(t.Edges);
    this.CONSUME(t.Name, { LABEL: "name" });
    this.CONSUME(t.Colon);
    this.CONSUME2(t.Name, { LABEL: "senders" });
    this.CONSUME(t.Arrow);
    this.CONSUME3(t.Name, { LABEL: "receivers" });
    this.OPTION({ GATE: this.sameLine, DEF: () => this.SUBRULE(this.topology) });
  });

  readonly inputs = this.RULE("inputs", () => {
    this.CONSUME(t.Input);
    this.SUBRULE(this.names);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.fieldtype);
  });

  readonly state = this.RULE("state", () => {
    this.CONSUME(t.State);
    this.SUBRULE(this.names);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  readonly output = this.RULE("output", () => {
    this.CONSUME(t.Output);
    this.SUBRULE(this.names);
  });

  readonly loss = this.RULE("loss", () => {
    this.OR(
      [t.Loss, t.Metric].map((word) => ({ ALT: () => this.CONSUME(word, { LABEL: "word" }) })),
    );
    this.SUBRULE(this.expr, { LABEL: "value" });
    this.OPTION(() => {
      this.CONSUME(t.Where);
      this.AT_LEAST_ONE_SEP({
        SEP: t.Comma,
        DEF: () => this.SUBRULE2(this.expr, { LABEL: "where" }),
      });
    });
  });

  readonly optimizer = this.RULE("optimizer", () => {
    this.CONSUME(t.Optimizer);
    this.SUBRULE(this.expr);
    this.OPTION(() => {
      this.CONSUME(t.For);
      this.SUBRULE(this.names);
    });
  });

  // ---- types --------------------------------------------------------------------------------

  readonly fieldtype = this.RULE("fieldtype", () => {
    this.OPTION({ GATE: this.spaceFirst, DEF: () => this.SUBRULE(this.space) });
    this.SUBRULE(this.type);
    this.OPTION2({ GATE: this.sameLine, DEF: () => this.CONSUME(t.Sparse) });
  });

  readonly space = this.RULE("space", () => {
    this.OR([
      ...t.spaceWords.map((word) => ({ ALT: () => this.CONSUME(word, { LABEL: "name" }) })),
      { ALT: () => this.CONSUME(t.Name, { LABEL: "name" }) },
    ]);
  });

  readonly type = this.RULE("type", () => {
    this.OR(t.typeWords.map((word) => ({ ALT: () => this.CONSUME(word, { LABEL: "element" }) })));
    this.OPTION({ GATE: this.sameLine, DEF: () => this.SUBRULE(this.dims) });
  });

  readonly dims = this.RULE("dims", () => {
    this.CONSUME(t.LeftBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.sum) });
    this.CONSUME(t.RightBracket);
  });

  readonly names = this.RULE("names", () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Name, { LABEL: "name" }) });
  });
}
