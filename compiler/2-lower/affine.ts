/** Integer expressions that are affine in bound indices: `a*i + b*j + c`. They read by view, not by lookup. */
import type { Binder, Expr } from "../ir/model.js";

export interface Affine {
  readonly constant: number;
  /** Coefficients, none 0. */
  readonly terms: ReadonlyMap<Binder, number>;
}

const constant = (value: number): Affine => ({ constant: value, terms: new Map() });

/** a + k b */
function sum(a: Affine, b: Affine, k: number): Affine {
  const terms = new Map(a.terms);
  for (const [binder, c] of b.terms) terms.set(binder, (terms.get(binder) ?? 0) + k * c);
  for (const [binder, c] of terms) if (c === 0) terms.delete(binder);
  return { constant: a.constant + k * b.constant, terms };
}

/** The affine form of an index, or null when it depends on data. */
export function affine(expr: Expr): Affine | null {
  switch (expr.kind) {
    case "literal":
      return constant(Number(expr.value));
    case "binder":
      return { constant: 0, terms: new Map([[expr.binder, 1]]) };
    case "pull":
      return affine(expr.value);
    case "pointwise": {
      const args = expr.args.map(affine);
      const [a, b] = args;
      return a && args.every((x) => x !== null) ? combine(expr.f, a, b ?? constant(0)) : null;
    }
    default:
      return null;
  }
}

function combine(f: string, a: Affine, b: Affine): Affine | null {
  if (f === "add") return sum(a, b, 1);
  if (f === "sub") return sum(a, b, -1);
  if (f === "neg") return sum(constant(0), a, -1);
  if (f === "to_i32") return a;
  if (f !== "mul") return null;
  if (a.terms.size === 0) return sum(constant(0), b, a.constant);
  return b.terms.size === 0 ? sum(constant(0), a, b.constant) : null;
}

/** An affine index as one run of a strided axis, read in row-major order by its binders. */
export interface Strided {
  readonly start: number;
  readonly step: number;
  readonly binders: readonly Binder[];
}

/** `c + step * (row-major position of the binders)`, or null when the coefficients are no such radix. */
export function strided(index: Affine): Strided | null {
  const terms = [...index.terms].sort(([, a], [, b]) => b - a);
  const step = terms.at(-1)?.[1] ?? 1;
  let stride = step;
  for (const [binder, coefficient] of terms.toReversed()) {
    if (coefficient !== stride) return null;
    stride *= binder.size;
  }
  return step > 0 ? { start: index.constant, step, binders: terms.map(([b]) => b) } : null;
}
