/**
 * Views read their input at other positions. A pad or a place is 0 outside: where the range of the position tells
 * that, nothing is read at all; where it does not, the position is bounded and the value chosen.
 */
import { bug } from "../../../bug.js";
import type { Axis, TensorOf, View } from "../../../ir/tensor.js";
import {
  at as constant,
  laneStep,
  type Position,
  plus,
  rangeOf,
  shifted,
  times,
} from "../index.js";
import type { I32, Local } from "../operand.js";
import { literal, spread, type Value } from "../values.js";
import { type At, extended, on } from "./at.js";
import type { Evaluator } from "./evaluator.js";
import { zeroUnless } from "./lookups.js";
import { spreadOver } from "./loops.js";

export function view(t: TensorOf<"view">, at: At, e: Evaluator): Value {
  const { view: how } = t.attrs;
  const x = t.inputs[0];
  const read = (...moved: readonly (readonly [Axis, Position])[]) =>
    e.value(x, extended(at, moved));
  switch (how.kind) {
    case "rename":
      return read([how.from, on(at, how.to)]);
    case "slice":
      return read([how.from, shifted(times(on(at, how.to), how.step), how.start)]);
    case "pick":
      return read([how.from, e.indices.picked(how.at, how.from)]);
    case "split":
      return read([how.from, joined(how.to, at)]);
    case "merge":
      return read(...spreadOver(how.from, on(at, how.to), e));
    case "pad":
    case "place":
      return bordered(t, how, at, e);
  }
}

/** Σ positions * strides, row-major. */
function joined(axes: readonly Axis[], at: At): Position {
  return axes.reduce((sum, axis) => plus(times(sum, axis.size), on(at, axis)), constant(0));
}

type Bordered = Extract<View, { kind: "pad" | "place" }>;

/** Where an element of the result comes from, and which elements come from anywhere. */
interface Border {
  readonly axis: Axis | null;
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

const borderOf = (how: Bordered): Border =>
  how.kind === "pad"
    ? { axis: how.from, start: how.start, step: how.step, size: how.from.size }
    : { axis: null, start: how.at, step: 1, size: 1 };

function bordered(t: TensorOf<"view">, how: Bordered, at: At, e: Evaluator): Value {
  const { axis, start, step, size } = borderOf(how);
  const x = t.inputs[0];
  const inner = (p: Position): Value => e.value(x, axis ? extended(at, [[axis, p]]) : at);
  const offset = shifted(on(at, how.to), -start);
  const [low, high] = rangeOf(offset);
  if (size === 0 || high < 0 || low > (size - 1) * step) {
    return spread(e.code, literal(e.code, t.dtype, 0), at.lanes);
  }
  if (step === 1 && low >= 0 && high < size) return inner(offset);
  if (at.lanes === 4 && laneStep(offset) !== 0) return e.byLane(t, at);
  const { position, inside } = bounded(offset, { step, size }, e);
  const condition = inside ?? bug("a border without a condition");
  return zeroUnless(e, condition, inner(position));
}

/** offset / step, held on the axis, and whether it was there to begin with. */
function bounded(
  offset: Position,
  { step, size }: { readonly step: number; readonly size: number },
  e: Evaluator,
): { readonly position: Position; readonly inside: Local<"i32"> } {
  const { code } = e;
  const { i32 } = code.ops;
  return code.within(e.indices.scopeOf([offset]), () => {
    const value = code.hold(code.int(e.indices.value(offset)));
    const at = code.hold(step === 1 ? value : i32.div_s(value, code.int(step)));
    const there: I32 = i32.lt_u(at, code.int(size));
    const even = (): I32 => i32.eqz(i32.rem_s(value, code.int(step)));
    const sign = (): I32 => i32.ge_s(value, code.int(0));
    const inside = code.hold(step === 1 ? there : i32.and(i32.and(there, even()), sign()));
    return { position: e.indices.opaque(code.choose(inside, at, code.int(0)), size - 1), inside };
  });
}
