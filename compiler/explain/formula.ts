/**
 * Sizes as formulas: so many of each row of some spaces, and so many besides, `256 * paper + 32 * cites + 512`. The name of
 * a space stands for its rows in the batch; `chunks(paper)` for the parts in which sums over its rows are cut, `levels(word)`
 * for the levels of a recurrence.
 */
import type { SpaceName } from "../../runtime/artifact.js";

/** What a name in a formula is worth. */
export type Sizes = (name: SpaceName) => number;

export class Formula {
  /** By name; the empty name stands for 1. None is 0. */
  readonly terms: ReadonlyMap<string, number>;

  private constructor(terms: ReadonlyMap<string, number>) {
    this.terms = terms;
  }

  static readonly zero = new Formula(new Map());

  /** A number. */
  static of(count: number): Formula {
    return Formula.rows("", count);
  }

  /** So many for each row of a space. The batch has one row. */
  static rows(space: SpaceName, each = 1): Formula {
    return each === 0
      ? Formula.zero
      : new Formula(new Map([[space === "batch" ? "" : space, each]]));
  }

  static sum(all: readonly Formula[]): Formula {
    const terms = new Map<string, number>();
    for (const formula of all)
      for (const [name, n] of formula.terms) terms.set(name, (terms.get(name) ?? 0) + n);
    return new Formula(new Map([...terms].filter(([, n]) => n !== 0)));
  }

  plus(other: Formula): Formula {
    return Formula.sum([this, other]);
  }

  times(factor: number): Formula {
    if (factor === 0) return Formula.zero;
    return new Formula(new Map([...this.terms].map(([name, n]) => [name, n * factor])));
  }

  get isZero(): boolean {
    return this.terms.size === 0;
  }

  /** The spaces in it, and chunks of their rows. */
  get names(): readonly SpaceName[] {
    return [...this.terms.keys()].filter((name) => name !== "");
  }

  /** How many of each row of a space. */
  each(name: SpaceName): number {
    return this.terms.get(name) ?? 0;
  }

  /** Without what is constant. */
  get growing(): Formula {
    return new Formula(new Map([...this.terms].filter(([name]) => name !== "")));
  }

  at(sizes: Sizes): number {
    return [...this.terms].reduce((sum, [name, n]) => sum + n * (name === "" ? 1 : sizes(name)), 0);
  }

  /** Whether it is no less than another whatever the sizes are. */
  covers(other: Formula): boolean {
    return [...other.terms].every(([name, n]) => n <= this.each(name));
  }

  /** The largest terms first, what is constant last. */
  toString(): string {
    const order = [...this.terms].sort(
      ([a, m], [b, n]) => Number(a === "") - Number(b === "") || n - m,
    );
    const text = ([name, n]: readonly [string, number]): string => {
      if (name === "") return String(n);
      return n === 1 ? name : `${n} * ${name}`;
    };
    return order.map(text).join(" + ") || "0";
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.terms].map(([name, n]) => [name || "1", n]));
  }
}
