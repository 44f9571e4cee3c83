/**
 * The checked model: what `1-check` makes and `2-lower` reads.
 *
 * All calls are inlined and all loops unrolled: a model is a flat set of field equations over spaces, with
 * parameters named by path. Every expression is typed, stands on a known space, and reads fields of other spaces
 * only through an explicit `pull`. Nothing here can be a user's error any more.
 */
import type { Span } from "../../grammar/source.js";
import type { NodeSet, Relation, RowMap, Space } from "./space.js";

/** The value of one element: an element type and the extents of its feature axes, outermost first. */
export interface ValueType {
  readonly dtype: "f32" | "i32" | "bool";
  readonly shape: readonly number[];
  /** Of an integer: its interval; `index[N]` is 0..N-1, unbounded ends are infinite. Null for f32 and bool. */
  readonly range: { readonly low: number; readonly high: number } | null;
}

export interface Model {
  readonly name: string;
  readonly doc: string | null;
  readonly span: Span;
  readonly sets: readonly NodeSet[];
  /** Declared relations in order of declaration, then those that topology words made. */
  readonly relations: readonly Relation[];
  readonly inputs: readonly Input[];
  readonly parameters: readonly Parameter[];
  readonly states: readonly State[];
  /** All equations. Order carries no meaning; it is that of the text after inlining. */
  readonly fields: readonly Field[];
  readonly recurrences: readonly Recurrence[];
  /** Every body that was inlined, the model itself first. */
  readonly applications: readonly Application[];
  readonly outputs: readonly Output[];
  readonly losses: readonly Objective[];
  readonly metrics: readonly Objective[];
  readonly optimizers: readonly Optimizer[];
}

export interface Input {
  readonly kind: "input";
  readonly name: string;
  readonly space: Space;
  readonly type: ValueType;
  readonly sparse: boolean;
  /** Whether an output depends on it; else only a loss or a metric does, and inference need not give it. */
  readonly neededToRun: boolean;
  readonly span: Span;
}

/** Of which instantiation a parameter is. */
export interface Origin {
  /** The `fn`, `block` or `model` whose text it stands in. */
  readonly declaration: string;
  /** Path of the instance, `` for the model itself. */
  readonly instance: string;
}

/** One use of an instance, with equations of its own: what `gnc explain` groups by. The model itself is one, too. */
export interface Application extends Origin {
  readonly kind: "fn" | "block" | "model";
  /** The application whose text holds the call; null for the model. */
  readonly caller: Application | null;
  /** The whole text of the declaration. */
  readonly text: Span;
}

export interface Parameter {
  readonly kind: "parameter";
  /** The key of a weights file: `h.W`. */
  readonly path: string;
  /** Extents; those of `let f[K]` lead (`families` many of them). */
  readonly shape: readonly number[];
  readonly families: number;
  /** For each of them, how many parts of the path stand before its index: the keys of a weights file are `f.0.W`. */
  readonly familyAt?: readonly number[];
  readonly init: Initializer;
  readonly origin: Origin;
  readonly span: Span;
}

/** Glorot, he: fans already worked out for ONE member of a family. */
export type Initializer =
  | { readonly kind: "glorot" | "he"; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "orthogonal" }
  | { readonly kind: "constant"; readonly value: number };

export interface State {
  readonly kind: "state";
  readonly path: string;
  readonly shape: readonly number[];
  readonly init: Initializer;
  /** Its value after a training step: stands on the batch. */
  readonly next: Expr | null;
  readonly origin: Origin;
  readonly span: Span;
}

/** One equation: for every row of `space`, the value of `value`. */
export interface Field {
  readonly kind: "field";
  /** Unique in the model and readable: `h`, `h/z` (z inside the instance h), `x.2` (second version of a carried name). */
  readonly name: string;
  readonly space: Space;
  readonly type: ValueType;
  /** Assigned when the cycle is closed; read it only after checking is done. */
  readonly value: Expr;
  readonly origin: Application;
  readonly span: Span;
  /** The equation as it is written; of an argument that became a field there is none. */
  readonly equation?: Span;
}

/** Fields that depend on themselves, evaluated row by row (LANGUAGE 2, "Recurrence"). */
export interface Recurrence {
  /** The strongly connected component, edge fields included. */
  readonly fields: readonly Field[];
  readonly order: RecurrenceOrder;
}

export type RecurrenceOrder =
  /** Index order of one node set (chain, causal, backward window), or its reverse. */
  | { readonly kind: "index"; readonly set: NodeSet; readonly reverse: boolean }
  /** Levels of one tree or dag: senders before receivers; reversed: receivers before senders. */
  | { readonly kind: "levels"; readonly relation: Relation; readonly reverse: boolean };

export interface Output {
  /** The name the user gave: a TypeScript property. */
  readonly name: string;
  readonly field: Field;
}

/** A loss or a metric: the mean of `value` over the rows of `space` in the batch that `where` keeps (none: 0). */
export interface Objective {
  /** Metrics: `accuracy.val`; losses: `loss`, `loss.2`, ... */
  readonly name: string;
  readonly space: Space;
  readonly value: Expr;
  readonly where: Expr | null;
  readonly span: Span;
}

export interface Optimizer {
  readonly kind: "sgd" | "adam" | "adamw";
  /** Hyperparameters, each a scalar on the batch, perhaps of `step`: lr, momentum, nesterov, beta1, beta2, eps, weight_decay, clip. */
  readonly settings: Readonly<Record<string, Expr>>;
  readonly parameters: readonly Parameter[];
  readonly span: Span;
}

// ---- expressions --------------------------------------------------------------------------

/** A bound index `i < size`: one object per binder per equation. */
export interface Binder {
  readonly kind: "binder";
  readonly name: string;
  readonly size: number;
  readonly span: Span;
}

/** Pointwise functions; the shapes of their arguments are equal, or scalar. */
export type Pointwise =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "abs"
  | "min"
  | "max"
  | "mod"
  | "pow"
  | "clip"
  | "relu"
  | "tanh"
  | "sigmoid"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "erf"
  | "floor"
  | "round"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "eq"
  | "ne"
  | "and"
  | "or"
  | "not"
  | "select"
  | "to_f32"
  | "to_i32";

export type Reducer = "sum" | "mean" | "max" | "min" | "var" | "count";

interface Typed {
  readonly type: ValueType;
  readonly span: Span;
}

export type Expr = Typed &
  (
    | { readonly kind: "literal"; readonly value: number | boolean }
    /** The value of a bound index: `index[size]`. */
    | { readonly kind: "binder"; readonly binder: Binder }
    /** A field of the space one stands on. */
    | { readonly kind: "field"; readonly field: Field | Input }
    /** A parameter or a state (as it was), read from any space. */
    | { readonly kind: "parameter"; readonly parameter: Parameter | State }
    /** `sender.x`, `receiver.x`, `global.u`, `batch.t`: one stands on `map.from`, `value` stands on `map.to`. */
    | { readonly kind: "pull"; readonly map: RowMap; readonly value: Expr }
    /** `index` of the node set one stands on; `offset` of the relation one stands on. */
    | { readonly kind: "index" }
    | { readonly kind: "offset" }
    /** Number of rows of `map.from` in the group one stands on (`count(edge)`, `sum(1) by batch`). */
    | { readonly kind: "count"; readonly map: RowMap }
    | { readonly kind: "pointwise"; readonly f: Pointwise; readonly args: readonly Expr[] }
    /** Contracts the last axis of `left` with the first of `right`. */
    | { readonly kind: "contract"; readonly left: Expr; readonly right: Expr }
    /** `value[i, t + 1]`: leading axes read at integers (scalars here; binders, literals, sums of them, or data). */
    | { readonly kind: "at"; readonly value: Expr; readonly indices: readonly Expr[] }
    /** `z[h] = body`: the binders become leading axes. */
    | { readonly kind: "each"; readonly binders: readonly Binder[]; readonly body: Expr }
    /** `sum[h](body)`: over bound axes. */
    | {
        readonly kind: "reduce";
        readonly reducer: Reducer;
        readonly binders: readonly Binder[];
        readonly body: Expr;
      }
    /**
     * `sum(e where w, empty: z) by g`: one stands on `map.to`; `body` and `where` stand on `map.from`; `empty` stands on
     * `map.to`. With `map.kind` sender or receiver the rows are edges, with graph or all any rows.
     */
    | {
        readonly kind: "aggregate";
        readonly reducer: Reducer;
        readonly map: RowMap;
        readonly body: Expr;
        readonly where: Expr | null;
        readonly empty: Expr | null;
      }
    /** `softmax(e where w) by g`: stays on `map.from`; rows that `where` drops get 0. */
    | {
        readonly kind: "group_softmax";
        readonly map: RowMap;
        readonly body: Expr;
        readonly where: Expr | null;
      }
    /** Along the last axis: softmax, log_softmax, argmax, norm, one_hot (adds one), flatten (joins all), stop (same). */
    | {
        readonly kind: "rowwise";
        readonly f: "softmax" | "log_softmax" | "argmax" | "norm" | "one_hot" | "flatten" | "stop";
        readonly value: Expr;
      }
    /** Along the last axis; a scalar counts as one. */
    | { readonly kind: "concat"; readonly parts: readonly Expr[] }
    /** Part of the last axis. `scalar` drops the axis (a part of one written as a scalar). */
    | {
        readonly kind: "slice";
        readonly value: Expr;
        readonly start: number;
        readonly length: number;
        readonly scalar: boolean;
      }
    /** Rows of a new leading axis, one expression each: `mu[t] = ..` filled in a loop. */
    | { readonly kind: "stack"; readonly rows: readonly Expr[] }
    /** A scalar draw for each row (and binder value in scope); `site` is unique for place and pass of a loop. `over` lists the binders in scope. */
    | {
        readonly kind: "draw";
        readonly distribution: "uniform" | "normal";
        readonly site: string;
        readonly over: readonly Binder[];
      }
    /** A scalar literal given a shape: every element is `value`. */
    | { readonly kind: "fill"; readonly value: Expr }
    | { readonly kind: "training" }
    | { readonly kind: "step" }
  );
