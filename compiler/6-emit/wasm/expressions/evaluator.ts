/**
 * Evaluates tensors in place: from the expression of a stage down to stored values and leaves.
 *
 * A value is computed once in the innermost scope that its row and its positions belong to, so whatever does not
 * depend on a loop leaves it, and equal expressions are one. In four lanes, whatever has no form for vectors is
 * computed lane by lane.
 */
import { bug } from "../../../bug.js";
import type { Buffer } from "../../../ir/kernel.js";
import { apply, type Tensor } from "../../../ir/tensor.js";
import type { Code } from "../code.js";
import type { Frame } from "../frame.js";
import { type Indices, laneStep } from "../index.js";
import type { Local } from "../operand.js";
import type { Address, Places } from "../places.js";
import type { Row, Rows } from "../rows.js";
import { Memo, type Scope } from "../scope.js";
import { gathered, load, toFloat, type Value } from "../values.js";
import { type At, printAll, restricted } from "./at.js";
import type { SlotPosition } from "./lookups.js";
import { rules } from "./rules.js";

/** Values that a stage has at hand at the only place where it asks for them. */
export type Given = ReadonlyMap<Tensor, () => Value>;

export class Evaluator {
  readonly code: Code;
  readonly frame: Frame;
  readonly indices: Indices;
  readonly rows: Rows;
  readonly places: Places;
  readonly #stored: ReadonlyMap<Tensor, Buffer>;
  readonly #given: Given;
  readonly #values = new Memo<Value>();
  /** The draws of random counters, once each. */
  readonly draws = new Memo<Local<"v128">>();
  /** Where slots point, once each. */
  readonly slots = new Memo<SlotPosition>();

  constructor(
    parts: Pick<Evaluator, "code" | "frame" | "indices" | "rows" | "places">,
    stored: ReadonlyMap<Tensor, Buffer>,
    given: Given = new Map(),
  ) {
    this.code = parts.code;
    this.frame = parts.frame;
    this.indices = parts.indices;
    this.rows = parts.rows;
    this.places = parts.places;
    this.#stored = stored;
    this.#given = given;
  }

  stored(t: Tensor): Buffer | null {
    return this.#stored.get(t) ?? null;
  }

  bufferOf(t: Tensor): Buffer {
    return this.stored(t) ?? bug(`${t.op} ${t.label ?? t.id} has no place in memory`);
  }

  /** The value, read if it is stored, else computed. */
  value(t: Tensor, at: At): Value {
    const own = restricted(t.axes, at);
    const make = (): Value => (this.stored(t) ? this.#load(t, own) : this.#compute(t, own));
    return this.#once(t, own, "", this.#given.get(t) ?? make);
  }

  /** The value as a number. */
  number(t: Tensor, at: At): Value {
    if (t.dtype === "f32") return this.value(t, at);
    const own = restricted(t.axes, at);
    return this.#once(t, own, "number", () => toFloat(this.code, this.value(t, own)));
  }

  /** The value by its definition, though it be stored: what a stage writes. */
  definition(t: Tensor, at: At): Value {
    const own = restricted(t.axes, at);
    return this.#once(t, own, "definition", () => this.#compute(t, own));
  }

  /** A value of the present position that need not be a tensor: once, where it belongs. */
  hoisted(key: string, at: At, make: () => Value): Value {
    const scope = this.scopeOf(at);
    return this.#values.once(scope, key, () => this.code.within(scope, make));
  }

  scopeOf({ row, positions }: At): Scope {
    const inner = this.indices.scopeOf(positions.values());
    return inner.depth > row.scope.depth ? inner : row.scope;
  }

  /** The definition, lane by lane. */
  byLane(t: Tensor, at: At): Value {
    return this.inLanes(at, (lane) => this.definition(t, lane));
  }

  /** Lane by lane. */
  inLanes(at: At, make: (lane: At) => Value): Value {
    const lanes = [0, 1, 2, 3].map((lane) => {
      const moved = [...at.positions].map(([a, p]) => [a, this.indices.inLane(p, lane)] as const);
      const row = at.row.four?.[lane] ?? at.row;
      return make({ row, positions: new Map(moved), lanes: 1 });
    });
    return gathered(this.code, lanes);
  }

  #load(t: Tensor, at: At): Value {
    const buffer = this.bufferOf(t);
    const place = this.places.place(buffer, at.positions);
    const step = at.lanes === 4 ? laneStep(place) : 0;
    if (at.row.four || (step !== 0 && step !== 1))
      return this.inLanes(at, (lane) => this.value(t, lane));
    const { listed } = at.row;
    const address =
      listed && t.op === "input"
        ? this.#valueByColumn(listed)
        : this.places.addressOf(buffer, at.row, place);
    return load(this.code, t.dtype, address, at.lanes, step);
  }

  /** The stored value of a non-zero met by its column. */
  #valueByColumn({ values, at }: NonNullable<Row["listed"]>): Address {
    const { i32 } = this.code.ops;
    const base = i32.add(this.frame.word(values), i32.shl(at, this.code.int(2)));
    return { base, offset: 0 };
  }

  #compute(t: Tensor, at: At): Value {
    return apply(rules, t, at, this);
  }

  #once(t: Tensor, at: At, how: string, make: () => Value): Value {
    return this.hoisted(`${how} ${t.id} ${at.row.id} ${at.lanes} ${printAll(at)}`, at, make);
  }
}
