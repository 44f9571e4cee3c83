/** Reading another row, and reading at positions that indices name: y[a] = x[m(a)][i(a)], 0 outside of x. */
import { bug } from "../../../bug.js";
import {
  type Axis,
  type Slot,
  slotsOf,
  type Tensor,
  type TensorOf,
  volume,
} from "../../../ir/tensor.js";
import { laneStep, type Position } from "../index.js";
import type { Local, V128 } from "../operand.js";
import type { Row } from "../rows.js";
import { f32, held, i32, literal, spread, type Value, v128 } from "../values.js";
import { type At, extended, on, printAll, restricted } from "./at.js";
import { drawFour } from "./draws.js";
import type { Evaluator } from "./evaluator.js";
import { integers } from "./facts.js";

export function pull(t: TensorOf<"pull">, at: At, e: Evaluator): Value {
  const x = t.inputs[0] ?? bug("pull of nothing");
  const row = t.attrs.map ? e.rows.follow(at.row, t.attrs.map) : at.row;
  const slots = slotsOf(t);
  if (slots.length === 0) return e.value(x, { ...at, row });
  if (at.row.four) return (x.op === "random" && drawn(x, slots, row, at, e)) || e.byLane(t, at);
  const varies = slots.some(({ index }) => index.axes.some((a) => laneStep(on(at, a)) !== 0));
  if (at.lanes === 4 && varies) return e.byLane(t, at);
  const { positions, inside } = slotPositions(slots, at, e);
  const value = e.value(x, extended({ ...at, row }, positions));
  return inside ? zeroUnless(e, inside, value) : value;
}

/** Draws at positions that facts of four rows name; null: by some other way. */
function drawn(
  x: TensorOf<"random">,
  slots: readonly Slot[],
  row: Row,
  at: At,
  e: Evaluator,
): Value | null {
  if (e.stored(x) || !slots.every(({ axis, index }) => isOnAxis(index, axis))) return null;
  const { i32x4 } = e.code.ops;
  const { layout } = x.attrs;
  const columns = layout.map((axis, i) => {
    const slot = slots.find((s) => s.axis === axis);
    const place = slot ? e.value(slot.index, at) : integers(e, on(at, axis), 4);
    return i32x4.mul(v128(place), e.code.ints(volume(layout.slice(i + 1))));
  });
  const column = columns.reduce<V128>((sum, c) => i32x4.add(sum, c), e.code.ints(0));
  return drawFour(x, row, column, e);
}

export interface SlotPositions {
  readonly positions: readonly (readonly [Axis, Position])[];
  /** Whether all indices are on their axes; null: they are. */
  readonly inside: Local<"i32"> | null;
}

export interface SlotPosition {
  readonly position: Position;
  readonly inside: Local<"i32"> | null;
}

/** Where the slots of a lookup point; those that point outside are read at 0. */
export function slotPositions(slots: readonly Slot[], at: At, e: Evaluator): SlotPositions {
  const { code } = e;
  const found = slots.map((slot) => slotPosition(slot, at, e));
  const oks = found.flatMap(({ inside }) => (inside ? [inside] : []));
  const [first = null, ...rest] = oks;
  const inside = rest.reduce((all, ok) => (all ? code.hold(code.ops.i32.and(all, ok)) : ok), first);
  return { positions: found.map(({ position }, i) => [axisOf(slots[i]), position]), inside };
}

const axisOf = (slot: Slot | undefined): Axis => slot?.axis ?? bug("a slot is gone");

/** One slot: computed once where its index belongs. */
function slotPosition({ axis, index }: Slot, at: At, e: Evaluator): SlotPosition {
  const { code, indices } = e;
  const own = { ...restricted(index.axes, at), lanes: 1 as const };
  const scope = e.scopeOf(own);
  const key = `${index.id} ${own.row.id} ${printAll(own)} ${axis.size}`;
  return e.slots.once(scope, key, () =>
    code.within(scope, () => {
      const value = i32(e.value(index, own));
      if (isOnAxis(index, axis)) {
        return { position: indices.opaque(value, axis.size - 1), inside: null };
      }
      const inside = code.hold(code.ops.i32.lt_u(value, code.int(axis.size)));
      const bounded = code.choose(inside, value, code.int(0));
      return { position: indices.opaque(bounded, axis.size - 1), inside };
    }),
  );
}

/** Whether an index cannot leave its axis: facts of the structures are checked when they are built. */
function isOnAxis(index: Tensor, axis: Axis): boolean {
  if (index.op === "iota") return index.attrs.axis.size <= axis.size;
  return index.op === "fact" && (index.attrs.fact === "column" || index.attrs.fact === "offset");
}

/** The value, or 0 where the condition does not hold. */
export function zeroUnless(e: Evaluator, condition: Local<"i32">, value: Value): Value {
  const { code } = e;
  const { dtype } = value;
  if (value.lanes === 4) {
    const mask = spread(code, { dtype: "bool", lanes: 1, operand: condition }, 4);
    return held(code, dtype, code.ops.v128.and(v128(value), v128(mask)));
  }
  if (dtype === "f32") return held(code, dtype, code.choose(condition, f32(value), code.float(0)));
  return held(code, dtype, code.choose(condition, i32(value), i32(literal(code, dtype, 0))));
}
