/**
 * Dimensions: exact numbers that remember where they were bound.
 *
 * A scope maps the names of generics, constants, inferred dimensions and loop variables to numbers; loops and bodies
 * nest. Arithmetic is on exact fractions, so `3 * D / 2` is whole when it should be.
 */
import type { Expression } from "../../grammar/ast.js";
import { positionAt, type Span, textOf } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { negativeDimension, notADimension, notWhole, tooLarge } from "../diagnostics/sizes.js";
import { Blocked } from "./stop.js";

/** Where a dimension got its number: `the call on cora.gn:12:9`. */
export interface Provenance {
  readonly span: Span;
  readonly text: string;
  /** `x` is f32[1433]: what was given there. */
  readonly given?: string;
  /** A size made up to check a body on its own: messages speak of the name alone. */
  readonly madeUp?: true;
}

/** One extent of a shape: its number, the name it was written with, and who fixed it. */
export interface Dim {
  readonly size: number;
  readonly name: string | null;
  readonly origin: Provenance | null;
}

/** An exact fraction, in lowest terms when both parts are whole. */
export interface Ratio {
  readonly over: number;
  readonly under: number;
}

export type Bound =
  | { readonly kind: "number"; readonly value: Ratio; readonly origin: Provenance | null }
  | { readonly kind: "list"; readonly items: readonly Dim[] }
  | { readonly kind: "const"; readonly expression: Expression };

/** Who is told of an error: reports it and stops the work in hand. */
export interface Reporter {
  fail(diagnostic: Diagnostic): never;
}

/** The greatest extent of an axis, and the greatest number of elements of a value. */
export const greatestSize = 2 ** 31 - 1;

export class DimScope {
  readonly parent: DimScope | null;
  /** In a body checked with made-up sizes a division that does not come out is no error. */
  readonly madeUp: boolean;
  readonly #names = new Map<string, Bound>();

  constructor(parent: DimScope | null, madeUp = parent?.madeUp ?? false) {
    this.parent = parent;
    this.madeUp = madeUp;
  }

  find(name: string): { readonly bound: Bound; readonly scope: DimScope } | null {
    const bound = this.#names.get(name);
    if (bound) return { bound, scope: this };
    return this.parent?.find(name) ?? null;
  }

  bind(name: string, bound: Bound): void {
    this.#names.set(name, bound);
  }

  number(name: string, value: number, origin: Provenance | null): void {
    this.bind(name, { kind: "number", value: { over: value, under: 1 }, origin });
  }

  /** A scope with the same names that can be bound without touching this one. */
  copy(): DimScope {
    const copied = new DimScope(this.parent, this.madeUp);
    for (const [name, bound] of this.#names) copied.bind(name, bound);
    return copied;
  }

  names(): readonly string[] {
    return [...this.#names.keys(), ...(this.parent?.names() ?? [])];
  }
}

export const plain = (size: number): Dim => ({ size, name: null, origin: null });
export const sizes = (shape: readonly Dim[]): readonly number[] => shape.map((d) => d.size);

function greatestCommon(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommon(b, a % b);
}

function ratio(over: number, under: number): Ratio {
  if (!Number.isInteger(over) || !Number.isInteger(under)) return { over: over / under, under: 1 };
  const common = greatestCommon(over, under) || 1;
  const sign = under < 0 ? -1 : 1;
  return { over: (sign * over) / common, under: (sign * under) / common };
}

const operations: Readonly<Record<string, (a: Ratio, b: Ratio) => Ratio>> = {
  "+": (a, b) => ratio(a.over * b.under + b.over * a.under, a.under * b.under),
  "-": (a, b) => ratio(a.over * b.under - b.over * a.under, a.under * b.under),
  "*": (a, b) => ratio(a.over * b.over, a.under * b.under),
  "/": (a, b) => ratio(a.over * b.under, a.under * b.over),
};

/** The exact value of an expression of dimensions. Blocked on a name that is not bound yet. */
export function evaluate(e: Expression, scope: DimScope, reporter: Reporter, depth = 0): Ratio {
  if (depth > 200) reporter.fail(notADimension(e.span));
  switch (e.kind) {
    case "number":
      return { over: e.value, under: 1 };
    case "unary": {
      const { over, under } = evaluate(e.operand, scope, reporter, depth + 1);
      return e.operator === "-" ? { over: -over, under } : reporter.fail(notADimension(e.span));
    }
    case "binary": {
      const operation = operations[e.operator];
      if (!operation) return reporter.fail(notADimension(e.span));
      const left = evaluate(e.left, scope, reporter, depth + 1);
      const right = evaluate(e.right, scope, reporter, depth + 1);
      if (e.operator === "/" && right.over === 0)
        reporter.fail(notWhole(e.span, `${show(left)} / 0`, []));
      return operation(left, right);
    }
    case "name":
      if (e.generics) return reporter.fail(notADimension(e.span));
      return named(e.name.text, e.span, scope, reporter, depth);
    default:
      return reporter.fail(notADimension(e.span));
  }
}

function named(
  name: string,
  span: Span,
  scope: DimScope,
  reporter: Reporter,
  depth: number,
): Ratio {
  const found = scope.find(name);
  if (!found) {
    if (/^[a-z_]/.test(name)) return reporter.fail(notADimension(span));
    throw new Blocked({ kind: "dimension", name, span });
  }
  const { bound, scope: where } = found;
  if (bound.kind === "number") return bound.value;
  if (bound.kind === "const") return evaluate(bound.expression, where, reporter, depth + 1);
  return reporter.fail(notADimension(span));
}

const show = (value: Ratio): string =>
  value.under === 1 ? `${value.over}` : `${value.over} / ${value.under}`;

/** An expression of dimensions as one extent: whole, not negative, not too large. */
export function dimension(e: Expression, scope: DimScope, reporter: Reporter): Dim {
  const value = evaluate(e, scope, reporter);
  let size = value.over / value.under;
  if (!Number.isInteger(size)) {
    if (!scope.madeUp) reporter.fail(notWhole(e.span, show(value), provenanceOf(e, scope)));
    size = Math.max(1, Math.floor(size));
  }
  if (size < 0 && scope.madeUp) size = 1;
  if (size < 0) reporter.fail(negativeDimension(e.span, size, provenanceOf(e, scope)));
  if (size > greatestSize) reporter.fail(tooLarge(e.span, `${size}`, `${greatestSize}`));
  if (scope.madeUp && e.kind !== "name" && e.kind !== "number")
    return { size, name: textOf(e.span), origin: { ...madeUp, span: e.span } };
  return { size, name: e.kind === "name" ? e.name.text : null, origin: originOf(e, scope) };
}

/** What is said of a size that no program has. */
export const madeUp = { text: "a made-up size", madeUp: true } as const;

function originOf(e: Expression, scope: DimScope): Provenance | null {
  if (e.kind !== "name") return null;
  const found = scope.find(e.name.text);
  return found?.bound.kind === "number" ? found.bound.origin : null;
}

/** One sentence per name in an expression: who fixed it to what. */
export function provenanceOf(e: Expression, scope: DimScope): readonly string[] {
  if (e.kind === "unary") return provenanceOf(e.operand, scope);
  if (e.kind === "binary") return [...provenanceOf(e.left, scope), ...provenanceOf(e.right, scope)];
  if (e.kind !== "name") return [];
  const found = scope.find(e.name.text);
  if (found?.bound.kind === "const" && found.bound.expression.kind !== "number") {
    const { expression } = found.bound;
    return [
      `${e.name.text} is ${textOf(expression.span)}`,
      ...provenanceOf(expression, found.scope),
    ];
  }
  if (found?.bound.kind !== "number") return [];
  const { value, origin } = found.bound;
  return origin && !origin.madeUp ? [fixed(e.name.text, value.over / value.under, origin)] : [];
}

/** `In was fixed to 1433 by the call on cora.gn:12:9`. */
export function fixed(name: string, size: number, origin: Provenance): string {
  const { line, column } = positionAt(origin.span.source, origin.span.start);
  const given = origin.given === undefined ? "" : `, where ${origin.given}`;
  return `${name} was fixed to ${size} by ${origin.text} on ${origin.span.source.name}:${line}:${column}${given}`;
}

/** Who fixed each named extent of a shape. */
export function provenance(shape: readonly Dim[]): readonly string[] {
  return shape.flatMap((d) =>
    d.name && d.origin && !d.origin.madeUp ? [fixed(d.name, d.size, d.origin)] : [],
  );
}
