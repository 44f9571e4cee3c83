/**
 * Index arithmetic: positions on axes as sums of known multiples of variables.
 *
 * A position is `constant + Σ factor * atom`. An atom is an integer variable of a scope: a loop counter, an index read
 * from memory, or a quotient or remainder of another position. Ranges of atoms are known as far as the text tells
 * them, so that most borders of pads and most divisions of merged axes vanish while compiling.
 */
import type { Axis } from "../../ir/tensor.js";
import type { Code } from "./code.js";
import type { Frame } from "./frame.js";
import type { I32, Index, Local } from "./operand.js";
import { Memo, type Scope } from "./scope.js";

export interface Atom {
  readonly id: number;
  /** Holds the value times `unit`: counters of loops run in bytes. Null: the number of the lane. */
  readonly local: Local<"i32"> | null;
  readonly unit: 1 | 4;
  readonly scope: Scope;
  /** Smallest and largest value, over all four lanes. */
  readonly low: number;
  readonly high: number;
  /** The value is a multiple of this. */
  readonly multiple: number;
  /** How it grows from one of four lanes to the next; null: irregularly. */
  readonly lane: 0 | 1 | null;
  readonly origin: { readonly part: Part; readonly of: Position; readonly by: number } | null;
}

type Part = "quotient" | "remainder";

export class Position {
  readonly terms: ReadonlyMap<Atom, number>;
  readonly constant: number;
  #text: string | null = null;

  constructor(terms: ReadonlyMap<Atom, number>, constant: number) {
    this.terms = terms;
    this.constant = constant;
  }

  /** Equal text, equal position. */
  get text(): string {
    this.#text ??= [...this.terms]
      .map(([atom, factor]) => `${factor}*${atom.id}`)
      .sort()
      .concat(String(this.constant))
      .join("+");
    return this.#text;
  }
}

export const at = (constant: number): Position => new Position(new Map(), constant);
export const only = (atom: Atom): Position => new Position(new Map([[atom, 1]]), 0);

export function plus(a: Position, b: Position): Position {
  const terms = new Map(a.terms);
  for (const [atom, factor] of b.terms) {
    const sum = (terms.get(atom) ?? 0) + factor;
    if (sum === 0) terms.delete(atom);
    else terms.set(atom, sum);
  }
  return new Position(terms, a.constant + b.constant);
}

export function times(a: Position, k: number): Position {
  if (k === 0) return at(0);
  const terms = new Map<Atom, number>();
  for (const [atom, factor] of a.terms) terms.set(atom, factor * k);
  return new Position(terms, a.constant * k);
}

export const shifted = (a: Position, by: number): Position => plus(a, at(by));

export function rangeOf(a: Position): readonly [low: number, high: number] {
  let [low, high] = [a.constant, a.constant];
  for (const [atom, factor] of a.terms) {
    low += factor * (factor > 0 ? atom.low : atom.high);
    high += factor * (factor > 0 ? atom.high : atom.low);
  }
  return [low, high];
}

/** How a position grows from lane to lane; null: irregularly. */
export function laneStep(a: Position): number | null {
  let step: number | null = 0;
  for (const [atom, factor] of a.terms) {
    if (atom.lane === null) step = null;
    else if (step !== null) step += atom.lane * factor;
  }
  return step;
}

/** Whether every value of the position is a multiple of n (the first lane's, for four). */
export const isMultiple = (a: Position, n: number): boolean =>
  a.constant % n === 0 && [...a.terms].every(([atom, f]) => (f * atom.multiple) % n === 0);

const never = Number.POSITIVE_INFINITY;

/** Makes and reads positions of one function. */
export class Indices {
  readonly #code: Code;
  readonly #frame: Frame;
  readonly #told: ReadonlySet<number>;
  readonly #parts = new Memo<Atom>();
  readonly #values = new Memo<Local<"i32">>();
  #next = 0;
  /** 0, 1, 2, 3 in the lanes: what makes a position four neighbours. */
  readonly lane: Position;

  /** @param told The positions of picks that the frame tells. */
  constructor(code: Code, frame: Frame, told: ReadonlySet<number>) {
    this.#code = code;
    this.#frame = frame;
    this.#told = told;
    const lane = { local: null, unit: 1, low: 0, high: 3, multiple: 4, lane: 1 } as const;
    this.lane = only(this.atom({ ...lane, scope: code.root }));
  }

  atom(parts: Omit<Atom, "id" | "scope" | "origin" | "lane" | "multiple"> & Partial<Atom>): Atom {
    return {
      origin: null,
      lane: 0,
      multiple: 1,
      scope: this.#code.scope,
      ...parts,
      id: this.#next++,
    };
  }

  /** A number read or computed, 0 <= value <= high. */
  opaque(value: I32, high = never): Position {
    return only(this.atom({ local: this.#code.hold(value), unit: 1, low: 0, high }));
  }

  /** Where a view picks from an axis. */
  picked(position: number, { size }: Axis): Position {
    if (!this.#told.has(position)) return at(position);
    const { root } = this.#code;
    const make = (): Atom => {
      const local = this.#frame.word({ kind: "constant", value: position });
      return this.atom({ local, unit: 1, low: 0, high: size - 1, scope: root });
    };
    return only(this.#parts.once(root, `pick ${position} of ${size}`, make));
  }

  scopeOf(positions: Iterable<Position>): Scope {
    let deepest = this.#code.root;
    for (const { terms } of positions)
      for (const { scope } of terms.keys()) if (scope.depth > deepest.depth) deepest = scope;
    return deepest;
  }

  /** The value, computed in the scope it depends on. */
  value(p: Position): Index {
    if (p.terms.size === 0) return p.constant;
    const code = this.#code;
    const scope = this.scopeOf([p]);
    return this.#values.once(scope, p.text, () =>
      code.within(scope, () => {
        let sum: Index = p.constant;
        for (const [atom, factor] of p.terms) {
          const { local } = atom;
          if (!local) continue;
          const value: Index = atom.unit === 4 ? code.ops.i32.shr_s(local, code.int(2)) : local;
          sum = code.add(code.mul(value, factor), sum);
        }
        return code.hold(code.int(sum));
      }),
    );
  }

  /** floor(a / by) and a mod by, for a >= 0. */
  divide(a: Position, by: number): readonly [quotient: Position, remainder: Position] {
    const whole = new Map([...a.terms].filter(([, f]) => f % by === 0));
    const rest = new Map([...a.terms].filter(([atom]) => !whole.has(atom)));
    const left = ((a.constant % by) + by) % by;
    const part = new Position(rest, left);
    const [low, high] = rangeOf(part);
    const quotient = times(new Position(whole, a.constant - left), 1 / by);
    if (low >= 0 && high < by) return [quotient, part];
    const q = only(this.#part("quotient", part, by));
    const r = only(this.#part("remainder", part, by));
    return [plus(quotient, q), r];
  }

  #part(part: Part, of: Position, by: number): Atom {
    const code = this.#code;
    const scope = this.scopeOf([of]);
    return this.#parts.once(scope, `${part} ${of.text} ${by}`, () =>
      code.within(scope, () => {
        const value = code.int(this.value(of));
        const op = part === "quotient" ? code.ops.i32.div_s : code.ops.i32.rem_s;
        const local = code.hold(op(value, code.int(by)));
        const high = part === "quotient" ? Math.floor(rangeOf(of)[1] / by) : by - 1;
        const lane = laneOfPart(part, of, by);
        return this.atom({ local, unit: 1, scope, low: 0, high, lane, origin: { part, of, by } });
      }),
    );
  }

  /** The position in one of four lanes. */
  inLane(p: Position, lane: number): Position {
    let moved = at(p.constant);
    for (const [atom, factor] of p.terms) {
      let one = atom.local ? only(atom) : at(lane);
      if (atom.origin && atom.lane !== 0) {
        const [q, r] = this.divide(this.inLane(atom.origin.of, lane), atom.origin.by);
        one = atom.origin.part === "quotient" ? q : r;
      }
      moved = plus(moved, times(one, factor));
    }
    return moved;
  }
}

/** Four neighbours stay within one multiple of `by` if they start at a multiple of 4 that divides it. */
function laneOfPart(part: Part, of: Position, by: number): 0 | 1 | null {
  const step = laneStep(of);
  if (step === 0) return 0;
  if (step !== 1 || by % 4 !== 0 || !isMultiple(of, 4)) return null;
  return part === "quotient" ? 0 : 1;
}

function total(parts: readonly (readonly [Position, number])[]): Position {
  const terms = new Map<Atom, number>();
  let constant = 0;
  for (const [p, stride] of parts) {
    if (stride === 0) continue;
    constant += p.constant * stride;
    for (const [atom, factor] of p.terms) {
      const sum = (terms.get(atom) ?? 0) + factor * stride;
      if (sum === 0) terms.delete(atom);
      else terms.set(atom, sum);
    }
  }
  return new Position(terms, constant);
}

/** Σ positions * strides, with the quotient and the remainder of one position put together where their strides allow. */
export function weighted(parts: readonly (readonly [Position, number])[]): Position {
  const sum = total(parts);
  for (const [q, factor] of sum.terms) {
    if (q.origin?.part !== "quotient") continue;
    const { of, by } = q.origin;
    const name = of.text;
    const match = [...sum.terms].find(
      ([r, f]) =>
        r.origin?.part === "remainder" &&
        r.origin.by === by &&
        f * by === factor &&
        r.origin.of.text === name,
    );
    if (!match) continue;
    const [r, step] = match;
    const gone = plus(times(only(q), -factor), times(only(r), -step));
    return weighted([[plus(plus(sum, gone), times(of, step)), 1]]);
  }
  return sum;
}
