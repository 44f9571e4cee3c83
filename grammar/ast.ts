/**
 * The syntax tree of a `.gn` file: what was written, nothing inferred.
 *
 * Readonly unions told apart by `kind`; every element has the span of its text. Names keep their
 * primes (`x'`). Docs are the `///` lines above a declaration, without the slashes.
 */
import type { Source, Span } from "./source.js";

export interface Name {
  readonly text: string;
  readonly span: Span;
}

// ---- files and declarations ---------------------------------------------------------------

export interface File {
  readonly source: Source;
  readonly imports: readonly ImportDeclaration[];
  readonly declarations: readonly Declaration[];
}

export interface ImportDeclaration {
  readonly kind: "import";
  readonly names: readonly Name[];
  /** The string between the quotes: `std/core`, `./layers`. */
  readonly from: Name;
  readonly span: Span;
}

export type Declaration = ConstDeclaration | FnDeclaration | BlockDeclaration | ModelDeclaration;

export interface ConstDeclaration {
  readonly kind: "const";
  readonly doc: string | null;
  readonly name: Name;
  readonly value: Expression;
  readonly span: Span;
}

export interface FnDeclaration {
  readonly kind: "fn";
  readonly doc: string | null;
  readonly name: Name;
  readonly generics: readonly Generic[];
  readonly params: readonly Param[];
  readonly results: readonly FieldType[];
  readonly body: Body;
  readonly span: Span;
}

export interface BlockDeclaration {
  readonly kind: "block";
  readonly doc: string | null;
  readonly name: Name;
  readonly generics: readonly Generic[];
  readonly params: readonly Param[];
  readonly results: readonly FieldType[];
  /** `over (buys: user -> item, knows: user -> user)`; empty when the block has the one nameless relation. */
  readonly relations: readonly RelationParam[];
  readonly body: Body;
  readonly span: Span;
}

export interface ModelDeclaration {
  readonly kind: "model";
  readonly doc: string | null;
  readonly name: Name;
  readonly generics: readonly Generic[];
  readonly body: Body;
  readonly span: Span;
}

/** `H`, `Hidden...` (list), `H = 2 * D` (default). */
export interface Generic {
  readonly name: Name;
  readonly list: boolean;
  readonly default: Expression | null;
  readonly span: Span;
}

/** `x: node f32[D]`, `act = relu`. */
export interface Param {
  readonly name: Name;
  readonly type: FieldType | null;
  readonly default: Expression | null;
  readonly span: Span;
}

export interface RelationParam {
  readonly name: Name;
  readonly senders: Name;
  readonly receivers: Name;
  readonly span: Span;
}

/** A space as written: `node`, `edge`, `sender`, `receiver`, `global`, `batch`, or the name of a set or relation. */
export interface FieldType {
  readonly space: Name | null;
  readonly type: Type;
  readonly sparse: Span | null;
  readonly span: Span;
}

export interface Type {
  readonly element: "f32" | "i32" | "bool" | "index";
  /** `[D, 2 * H]`; of an index its one bound. */
  readonly dims: readonly Expression[];
  readonly span: Span;
}

// ---- bodies -------------------------------------------------------------------------------

export interface Body {
  readonly items: readonly Item[];
  readonly span: Span;
}

export type Item =
  | ParamItem
  | LetItem
  | ConstDeclaration
  | ForItem
  | ReturnItem
  | Section
  | Equation
  | NodesItem
  | EdgesItem
  | InputItem
  | StateItem
  | OutputItem
  | LossItem
  | OptimizerItem;

/** `param W, U: f32[H, H] = orthogonal`: a learned tensor. */
export interface ParamItem {
  readonly kind: "param";
  readonly names: readonly Name[];
  readonly type: Type;
  readonly init: Expression | null;
  readonly span: Span;
}

/** `let f = Linear<8>`, `let f[K] = MLP<64, 64>`. */
export interface LetItem {
  readonly kind: "let";
  readonly name: Name;
  readonly dims: readonly Expression[];
  readonly value: Expression;
  readonly span: Span;
}

/** `for i < N { }` (count) or `for H in Hidden { }` (list). */
export interface ForItem {
  readonly kind: "for";
  readonly variable: Name;
  readonly count: Expression | null;
  readonly list: Name | null;
  readonly body: Body;
  readonly span: Span;
}

export interface ReturnItem {
  readonly kind: "return";
  readonly values: readonly Expression[];
  readonly span: Span;
}

/** `edge buys { .. }`, `node { .. }`, `sender { .. }`, `receiver { .. }`, `global { .. }`. */
export interface Section {
  readonly kind: "section";
  readonly space: "edge" | "node" | "sender" | "receiver" | "global";
  readonly name: Name | null;
  readonly equations: readonly Equation[];
  /** The span of the head, `edge buys`. */
  readonly head: Span;
  readonly span: Span;
}

/** `a, b = f(x)`; with `apart`, `[a, b] = v` takes a vector apart. */
export interface Equation {
  readonly kind: "equation";
  readonly targets: readonly Target[];
  readonly apart: boolean;
  readonly value: Expression;
  readonly span: Span;
}

/** `z[h < H, t]: f32[D]`. */
export interface Target {
  readonly name: Name;
  readonly binders: readonly BinderTarget[];
  readonly type: Type | null;
  readonly span: Span;
}

export interface BinderTarget {
  readonly name: Name;
  readonly range: Expression | null;
  readonly span: Span;
}

export interface NodesItem {
  readonly kind: "nodes";
  readonly names: readonly Name[];
  readonly topology: Topology | null;
  readonly span: Span;
}

export interface EdgesItem {
  readonly kind: "edges";
  readonly name: Name;
  readonly senders: Name;
  readonly receivers: Name;
  readonly topology: Topology | null;
  readonly span: Span;
}

export interface InputItem {
  readonly kind: "input";
  readonly names: readonly Name[];
  readonly type: FieldType;
  readonly span: Span;
}

export interface StateItem {
  readonly kind: "state";
  readonly names: readonly Name[];
  readonly type: Type;
  readonly init: Expression;
  readonly span: Span;
}

export interface OutputItem {
  readonly kind: "output";
  readonly names: readonly Name[];
  readonly span: Span;
}

/** `loss e where m`, `metric e where a, b`. */
export interface LossItem {
  readonly kind: "loss" | "metric";
  readonly value: Expression;
  readonly where: readonly Expression[];
  readonly span: Span;
}

/** `optimizer adam(lr: 0.01) for h, g`. */
export interface OptimizerItem {
  readonly kind: "optimizer";
  readonly value: Expression;
  readonly paths: readonly Name[];
  readonly span: Span;
}

/** `window(3, 3, stride: 2)`, `chain`, or the name of a declared relation. */
export interface Topology {
  readonly name: Name;
  readonly args: readonly Argument[];
  readonly span: Span;
}

// ---- expressions --------------------------------------------------------------------------

export type Expression =
  | NumberExpression
  | BoolExpression
  | NameExpression
  | SpaceExpression
  | UnaryExpression
  | BinaryExpression
  | CallExpression
  | IndexExpression
  | MemberExpression
  | OverExpression
  | ByExpression
  | ListExpression
  | ErrorExpression;

export interface NumberExpression {
  readonly kind: "number";
  readonly value: number;
  /** Whether it was written without point and exponent, so that it may serve as a dimension. */
  readonly integer: boolean;
  readonly span: Span;
}

export interface BoolExpression {
  readonly kind: "bool";
  readonly value: boolean;
  readonly span: Span;
}

/** A name, perhaps with generics: `x`, `Linear<8>`, `MLP<Hidden..., Out>`. */
export interface NameExpression {
  readonly kind: "name";
  readonly name: Name;
  readonly generics: readonly GenericArgument[] | null;
  readonly span: Span;
}

export interface GenericArgument {
  readonly value: Expression;
  readonly spread: boolean;
  readonly span: Span;
}

/** One of the space words standing as a value: `count(edge)`, the left of `sender.x`. */
export interface SpaceExpression {
  readonly kind: "space";
  readonly space: "node" | "edge" | "sender" | "receiver" | "global" | "batch";
  readonly span: Span;
}

export interface UnaryExpression {
  readonly kind: "unary";
  readonly operator: "-" | "not";
  readonly operand: Expression;
  readonly span: Span;
}

export type Comparison = "<" | "<=" | ">" | ">=" | "==" | "!=";

export type BinaryOperator = "or" | "and" | Comparison | "+" | "-" | "*" | "/" | "@";

export interface BinaryExpression {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** Where the operator itself stands. */
  readonly at: Span;
  readonly span: Span;
}

export interface CallExpression {
  readonly kind: "call";
  readonly callee: Expression;
  readonly args: readonly Argument[];
  readonly span: Span;
}

/** `rate: 0.5`, `x where keep`. */
export interface Argument {
  readonly name: Name | null;
  readonly value: Expression;
  readonly where: Expression | null;
  readonly span: Span;
}

/** `W[h]`, `x[t + 1, 0]`, `sum[i < D]` (before its call): indices or binders, told apart by the checker. */
export interface IndexExpression {
  readonly kind: "index";
  readonly base: Expression;
  readonly indices: readonly {
    readonly value: Expression;
    readonly range: Expression | null;
    readonly span: Span;
  }[];
  readonly span: Span;
}

export interface MemberExpression {
  readonly kind: "member";
  readonly base: Expression;
  readonly name: Name;
  readonly span: Span;
}

export interface OverExpression {
  readonly kind: "over";
  readonly base: Expression;
  readonly relations: readonly Topology[];
  readonly span: Span;
}

export interface ByExpression {
  readonly kind: "by";
  readonly base: Expression;
  readonly group: "receiver" | "sender" | "graph" | "batch";
  readonly span: Span;
}

export interface ListExpression {
  readonly kind: "list";
  readonly parts: readonly Expression[];
  readonly span: Span;
}

/** Where the parser recovered: silent afterwards, so that one cause gives one message. */
export interface ErrorExpression {
  readonly kind: "error";
  readonly span: Span;
}
