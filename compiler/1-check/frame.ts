/**
 * The records the checker works on: declarations with their file, instances, frames (one inlined body), variables.
 *
 * An instance owns parameters and the instances made inside it; a frame is one use of an instance, with its own
 * equations. A shared `let` is one instance and as many frames as it has uses.
 */
import type * as ast from "../../grammar/ast.js";
import type { Source, Span } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Application, Binder, Expr, Field, Parameter, State } from "../ir/model.js";
import type { Context } from "./context.js";
import type { Dim, DimScope, Reporter } from "./dims.js";
import type { Place, Places } from "./places.js";
import type { Type } from "./types.js";

/** What a file holds and can see. */
export interface FileScope {
  readonly source: Source;
  readonly file: ast.File;
  /** Own declarations and imported ones. */
  readonly names: Map<string, Declared>;
  readonly consts: DimScope;
  /** Names whose import failed: reported there, silent where they are used. */
  readonly missing: Set<string>;
}

/** A `fn`, `block` or `model` with the file whose names it sees. */
export interface Declared {
  readonly node: ast.FnDeclaration | ast.BlockDeclaration | ast.ModelDeclaration;
  readonly scope: FileScope;
}

/** One place of instantiation: owns parameters, and the instances inside it. */
export interface Instance {
  readonly declared: Declared;
  /** `` for the model itself. */
  readonly path: string;
  /** Generics and what its uses have bound. */
  readonly dims: DimScope;
  /** Leading axes of its parameters: those of `let f[K]`, outermost first. */
  readonly families: readonly Dim[];
  /** For each family, how many parts of a path stand before its index: 1 for `f.0.W`. */
  readonly familyAt: readonly number[];
  readonly children: Map<object, Map<string, Instance>>;
  readonly parameters: Map<string, Parameter>;
  readonly states: Map<string, State>;
}

/** Something that can be called. */
export type FnValue =
  | { readonly kind: "builtin"; readonly name: string; readonly given: Span | null }
  | {
      readonly kind: "declared";
      readonly instance: Instance;
      /** Small-letter functions own nothing: their dimensions are free at each use. */
      readonly free: boolean;
      /** Axes of a function array still to be indexed. */
      readonly sizes: readonly Dim[];
      /** Which member of each outer family. */
      readonly indices: readonly Value[];
      /** Where it was handed in as an argument. */
      readonly given: Span | null;
    };

/** A typed expression, built once it is known where one stands. */
export interface Value {
  readonly type: Type;
  /** Null: the same everywhere. Undefined: not known yet. */
  readonly place: Place | null | undefined;
  readonly span: Span;
  readonly build: (at: Place) => Expr;
}

export type DraftField = { -readonly [K in keyof Field]: Field[K] };
export type DraftState = { -readonly [K in keyof State]: State[K] };

/** One version of one field. */
export interface Variable {
  readonly kind: "variable";
  readonly name: string;
  readonly span: Span;
  place: Place | null | undefined;
  type: Type | null;
  /** A type that is known although no equation has been typed. */
  expected: {
    readonly type: ast.Type;
    readonly dims: DimScope;
    readonly fromSignature: boolean;
  } | null;
  failed: boolean;
  field: DraftField | null;
  /** How its value is read; set when the frame is built. */
  read: (at: Place) => Expr;
}

/** What a name of a body stands for. */
export type Entry =
  | Variable
  | {
      readonly kind: "parameter";
      readonly item: ast.ParamItem;
      readonly name: ast.Name;
      readonly dims: DimScope;
      readonly tag: string;
    }
  | {
      readonly kind: "state";
      readonly item: ast.StateItem;
      readonly name: ast.Name;
      readonly dims: DimScope;
      readonly tag: string;
    }
  | { readonly kind: "let"; readonly item: ast.LetItem; readonly scope: Scope }
  | { readonly kind: "function"; readonly value: FnValue };

/** The names an expression can see, in one pass of its loops. */
export interface Scope {
  readonly env: ReadonlyMap<string, Entry>;
  readonly dims: DimScope;
  /** Passes of the loops around: `.0.3`. */
  readonly tag: string;
  /** What an instance made here is called: the equation's first name, `out`. */
  readonly title: string;
}

/** An equation in one pass of its loops. */
export interface EquationUse {
  readonly kind: "equation";
  readonly node: ast.Equation;
  readonly section: Place | null;
  readonly scope: Scope;
  readonly targets: readonly Variable[];
  /** The loop variable whose row it fills. */
  readonly row: string | null;
}

/** `mu`, filled row by row. */
export interface StackUse {
  readonly kind: "stack";
  readonly target: Variable;
  readonly rows: Variable[];
  readonly span: Span;
}

export type Use = EquationUse | StackUse;

/** What follows the equations: what is returned, put out, minimised. */
export interface TailUse {
  readonly item: ast.ReturnItem | ast.OutputItem | ast.LossItem | ast.OptimizerItem;
  readonly scope: Scope;
}

export interface Caller {
  readonly span: Span;
  readonly frame: Frame;
}

/** One inlined body. */
export interface Frame extends Reporter {
  readonly context: Context;
  readonly instance: Instance;
  readonly declared: Declared;
  readonly dims: DimScope;
  readonly places: Places;
  /** Where a `fn` stands; null when it is the same everywhere. */
  readonly here: Place | null;
  readonly caller: Caller | null;
  readonly depth: number;
  /** What its fields say they are of. */
  readonly application: Application;
  /** Prefix of its fields. */
  readonly label: string;
  /** Binders around the call that its values depend on: leading axes of its fields. */
  binders: readonly Binder[];
  readonly indices: readonly Value[];
  readonly uses: Use[];
  readonly tail: TailUse[];
  env: ReadonlyMap<string, Entry>;
  /** Says it, and goes on. */
  report(diagnostic: Diagnostic): void;
  /** The same diagnostic with the calls around. */
  related(diagnostic: Diagnostic): Diagnostic;
}

/** Where an expression is read. */
export interface Reading {
  readonly frame: Frame;
  readonly scope: Scope;
  /** The section's place; null outside sections and in functions. */
  readonly at: Place | null;
  readonly binders: ReadonlyMap<string, Binder>;
  /** Inside the parentheses of an aggregation. */
  readonly aggregating?: true;
  /** A mistake of spaces was reported around: names are read for their types alone. */
  readonly misplaced?: boolean;
}

/** The mutually recursive parts of the checker, tied together in `check.ts`. */
export interface Checker {
  inferAll(reading: Reading, e: ast.Expression): readonly Value[];
  run(request: FrameRequest): Run;
}

/** A body to be inlined: with what types, and (when it is built) with what values. */
export interface FrameRequest {
  readonly context: Context;
  readonly instance: Instance;
  readonly dims: DimScope;
  readonly places: Places;
  readonly here: Place | null;
  readonly caller: Caller | null;
  readonly label: string;
  readonly binders: readonly Binder[];
  readonly indices: readonly Value[];
  readonly params: readonly ParamRequest[];
  /** The shape that scalar parameters are lifted to. */
  readonly lifted: readonly Dim[];
  /** Types only: nothing is added to the model. */
  readonly dry: boolean;
}

/** What a parameter of a body stands for. */
export type ParamRequest =
  | { readonly name: ast.Name; readonly kind: "function"; readonly value: FnValue }
  | {
      readonly name: ast.Name;
      readonly kind: "default";
      readonly value: ast.Expression;
      /** Null: what the default says. */
      readonly type: Type | null;
      readonly place: Place | null;
    }
  | {
      readonly name: ast.Name;
      readonly kind: "value";
      readonly type: Type;
      readonly place: Place | null;
      /** Builds the argument on its place; constants stand anywhere. */
      readonly build: (() => Expr) | null;
    };

/** An inlined body: its results by position. */
export interface Run {
  readonly types: readonly (Type | null)[];
  readonly build: (result: number) => Expr;
}

export const isFn = (frame: Frame): boolean => frame.declared.node.kind === "fn";
