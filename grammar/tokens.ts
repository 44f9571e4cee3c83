/**
 * Every token of the language, one per line, in the order in which the lexer tries them.
 *
 * Hard words are never names. Soft words are names everywhere and words only where the parser asks for them: their
 * category is `Lower`, whose own is `Name`. The label is what messages call the token.
 */
import "./node20.js";
import { createToken, Lexer, type TokenType } from "chevrotain";

/** Any name, small or capitalised. */
export const Name = createToken({ name: "NAME", pattern: Lexer.NA, label: "a name" });
export const Lower = createToken({
  name: "LOWER",
  pattern: /[a-z_][A-Za-z0-9_]*'*/,
  categories: Name,
  label: "a name with a small letter",
});
export const Upper = createToken({
  name: "UPPER",
  pattern: /[A-Z][A-Za-z0-9_]*'*/,
  categories: Name,
  label: "a name with a capital letter",
});

/** A word may be the beginning of a name: `in` of `input`, `node` of `nodes` and of `node'`. */
function hard(text: string): TokenType {
  const pattern = new RegExp(`${text}(?![A-Za-z0-9_'])`);
  return createToken({ name: `word_${text}`, pattern, label: `\`${text}\`` });
}

function soft(text: string): TokenType {
  const pattern = new RegExp(`${text}(?![A-Za-z0-9_'])`);
  return createToken({ name: `word_${text}`, pattern, categories: Lower, label: `\`${text}\`` });
}

function sign(name: string, text: string): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\`` });
}

// ---- words --------------------------------------------------------------------------------

export const Import = hard("import");
export const From = hard("from");
export const Const = hard("const");
export const Fn = hard("fn");
export const Block = hard("block");
export const Model = hard("model");
export const Param = hard("param");
export const Let = hard("let");
export const For = hard("for");
export const In = hard("in");
export const Return = hard("return");
export const Over = hard("over");
export const By = hard("by");
export const Where = hard("where");
export const And = hard("and");
export const Or = hard("or");
export const Not = hard("not");
export const True = hard("true");
export const False = hard("false");
export const Node = hard("node");
export const Edge = hard("edge");
export const Sender = hard("sender");
export const Receiver = hard("receiver");
export const Global = hard("global");
export const Batch = hard("batch");
export const F32 = hard("f32");
export const I32 = hard("i32");
export const Bool = hard("bool");

export const Nodes = soft("nodes");
export const Edges = soft("edges");
export const Input = soft("input");
export const Output = soft("output");
export const State = soft("state");
export const Loss = soft("loss");
export const Metric = soft("metric");
export const Optimizer = soft("optimizer");
export const Sparse = soft("sparse");
export const Index = soft("index");
export const Graph = soft("graph");

// ---- literals -----------------------------------------------------------------------------

export const NumberLiteral = createToken({
  name: "NUMBER",
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_']|\.(?!\.\.))/,
  label: "a number",
});
/** `1.`, `.5`, `1e`, `0x1F`, `0..5`: the parser takes it for a number, the lexer reports it. */
export const MalformedNumber = createToken({
  name: "MalformedNumber",
  pattern: /(?:\.\d|\d)(?:[eE][+-](?=\d)|[A-Za-z0-9_']|\.(?!\.\.))*/,
  categories: NumberLiteral,
});
export const StringLiteral = createToken({
  name: "STRING",
  pattern: /"[^"\r\n]*"/,
  label: 'a string, `"std/core"`',
});
/** A string whose line ends first, or in single quotes: the parser takes it, the lexer reports it. */
export const MalformedString = createToken({
  name: "MalformedString",
  pattern: /"[^"\r\n]*|'[^'\s]+'/,
  categories: StringLiteral,
});
/** Where a mistake was cut out: the parser takes it for a number, the tree has an `ErrorExpression`. */
export const Hole = createToken({ name: "Hole", pattern: Lexer.NA, categories: NumberLiteral });

// ---- signs --------------------------------------------------------------------------------

export const Arrow = sign("Arrow", "->");
export const Ellipsis = sign("Ellipsis", "...");
export const LessEqual = sign("LessEqual", "<=");
export const GreaterEqual = sign("GreaterEqual", ">=");
export const EqualEqual = sign("EqualEqual", "==");
export const NotEqual = sign("NotEqual", "!=");
export const Equals = sign("Equals", "=");
export const Less = sign("Less", "<");
export const Greater = sign("Greater", ">");
export const LeftBracket = sign("LeftBracket", "[");
export const RightBracket = sign("RightBracket", "]");
export const LeftParen = sign("LeftParen", "(");
export const RightParen = sign("RightParen", ")");
export const LeftBrace = sign("LeftBrace", "{");
export const RightBrace = sign("RightBrace", "}");
export const Comma = sign("Comma", ",");
export const Semicolon = sign("Semicolon", ";");
export const Colon = sign("Colon", ":");
export const Dot = sign("Dot", ".");
export const Plus = sign("Plus", "+");
export const Minus = sign("Minus", "-");
export const Star = sign("Star", "*");
export const Slash = sign("Slash", "/");
export const At = sign("At", "@");

// ---- between ------------------------------------------------------------------------------

export const Blank = createToken({
  name: "Blank",
  pattern: /\s+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const Comment = createToken({
  name: "Comment",
  pattern: /\/\/[^\r\n]*/,
  group: "comments",
});

// ---- families -----------------------------------------------------------------------------

export const hardWords: readonly TokenType[] = [
  ...[Import, From, Const, Fn, Block, Model, Param, Let, For, In, Return, Over, By, Where, And, Or],
  ...[Not, True, False, Node, Edge, Sender, Receiver, Global, Batch, F32, I32, Bool],
];
export const softWords: readonly TokenType[] = [
  ...[Nodes, Edges, Input, Output, State, Loss, Metric, Optimizer, Sparse, Index, Graph],
];
/** Words that open a declaration of a model when no `=`, `,`, `[` or `:` follows. */
export const declarationWords: readonly TokenType[] = [
  ...[Nodes, Edges, Input, Output, State, Loss, Metric, Optimizer],
];
export const spaceWords: readonly TokenType[] = [Node, Edge, Sender, Receiver, Global, Batch];
export const typeWords: readonly TokenType[] = [F32, I32, Bool, Index];
export const comparisons: readonly TokenType[] = [
  ...[Less, LessEqual, Greater, GreaterEqual, EqualEqual, NotEqual],
];
const signs = [
  ...[Arrow, Ellipsis, ...[LessEqual, GreaterEqual, EqualEqual, NotEqual], Equals, Less, Greater],
  ...[LeftBracket, RightBracket, LeftParen, RightParen, LeftBrace, RightBrace],
  ...[Comma, Semicolon, Colon, Dot, Plus, Minus, Star, Slash, At],
];

/** The vocabulary, in the lexer's order: comments before `/`, words before names, right numbers before wrong ones. */
export const vocabulary: readonly TokenType[] = [
  ...[Blank, Comment, ...hardWords, ...softWords, Upper, Lower, NumberLiteral, MalformedNumber],
  ...[StringLiteral, MalformedString, ...signs, Name, Hole],
];
