/**
 * Where an expression is read: on which space, in which equation, for which mode.
 *
 * Axes are made once per owner and place, and expressions are lowered once per equation and space, so that both modes
 * (inference and training) and every repeated part come to the same tensors.
 */
import type { Binder, Expr, Field, Input, Parameter, State } from "../ir/model.js";
import type { Space } from "../ir/space.js";
import type { Axis, TensorTable } from "../ir/tensor.js";
import type { Value } from "./values.js";

/** Axes by who asked for them. */
export class AxisKeeper {
  readonly #made = new Map<object, Map<object | number, Axis>>();
  readonly #table: TensorTable;

  constructor(table: TensorTable) {
    this.#table = table;
  }

  /** The axis of `owner` at `place`: made at the first call. */
  of(owner: object, place: object | number, name: string, size: number, span: Axis["span"]): Axis {
    const places = this.#made.get(owner) ?? new Map<object | number, Axis>();
    this.#made.set(owner, places);
    const known = places.get(place);
    if (known) return known;
    const made = this.#table.axis(name, size, span);
    places.set(place, made);
    return made;
  }

  /** Axes for a leaf: `W0`, `W1`, ... */
  leaf(owner: object, name: string, shape: readonly number[]): readonly Axis[] {
    const last = name.split(/[./]/).at(-1) ?? name;
    return shape.map((size, i) => this.of(owner, i, `${last}${i}`, size, null));
  }
}

/** What is the same for every equation of one mode. */
export interface Mode {
  readonly table: TensorTable;
  readonly axes: AxisKeeper;
  readonly training: boolean;
  /** Numbers of the sites of random draws. */
  readonly sites: ReadonlyMap<string, number>;
  /** The value of a field, an input, a parameter or a state on its own space. */
  readonly read: (source: Field | Input | Parameter | State) => Value;
  readonly rule: (expr: Expr, scope: Scope) => Value;
}

/** One equation's text on one space. */
export class Scope {
  readonly mode: Mode;
  readonly space: Space;
  /** The equation: owner of the axes of its binders. */
  readonly owner: object;
  readonly #lowered = new Map<Expr, Value>();
  readonly #siblings: Map<Space, Scope>;

  constructor(mode: Mode, space: Space, owner: object, siblings = new Map<Space, Scope>()) {
    this.mode = mode;
    this.space = space;
    this.owner = owner;
    this.#siblings = siblings;
    siblings.set(space, this);
  }

  get table(): TensorTable {
    return this.mode.table;
  }

  /** The same equation read from the rows of another space. */
  on(space: Space): Scope {
    return this.#siblings.get(space) ?? new Scope(this.mode, space, this.owner, this.#siblings);
  }

  lower(expr: Expr): Value {
    const known = this.#lowered.get(expr);
    if (known) return known;
    const value = this.mode.rule(expr, this);
    this.#lowered.set(expr, value);
    return value;
  }

  /** The axis that a binder runs over in this equation. */
  axisOf(binder: Binder): Axis {
    return this.mode.axes.of(this.owner, binder, binder.name, binder.size, binder.span);
  }

  /** An axis that an expression makes. */
  fresh(expr: Expr, place: number, name: string, size: number): Axis {
    return this.mode.axes.of(expr, place, name, size, null);
  }
}
