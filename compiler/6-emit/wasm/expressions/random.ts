/**
 * Uniform draws by Philox4x32-10 (Salmon et al. 2011), the bits of `ir/philox.ts`: counter (row, floor(column / 4),
 * site, step), key (seed low, seed high), word column mod 4, its upper 24 bits as a fraction.
 *
 * The four words of one counter are the draws of four neighbouring columns: one evaluation serves a vector.
 */
import type { TensorOf } from "../../../ir/tensor.js";
import { volume } from "../../../ir/tensor.js";
import { call } from "../call.js";
import { at as constant, isMultiple, laneStep, type Position, plus, times } from "../index.js";
import { drawsOfOne } from "../math/philox.js";
import type { F32, I32, Local } from "../operand.js";
import { innermost } from "../scope.js";
import { held, type Value, v128 } from "../values.js";
import { type At, on } from "./at.js";
import { drawFour } from "./draws.js";
import type { Evaluator } from "./evaluator.js";
import { integers } from "./facts.js";

export function random(t: TensorOf<"random">, at: At, e: Evaluator): Value {
  const { layout } = t.attrs;
  const column = layout.reduce(
    (sum, axis, i) => plus(sum, times(on(at, axis), volume(layout.slice(i + 1)))),
    constant(0),
  );
  if (at.row.four) return drawFour(t, at.row, v128(integers(e, column, 4)), e);
  if (at.lanes === 1) {
    const [, lane] = e.indices.divide(column, 4);
    return held(e.code, "f32", picked(draws(t, column, at, e), lane, e));
  }
  if (laneStep(column) !== 1 || !isMultiple(column, 4)) return e.byLane(t, at);
  return { dtype: "f32", lanes: 4, operand: draws(t, column, at, e) };
}

/** The number of the lane that a position names. */
function picked(four: Local<"v128">, lane: Position, { code, indices }: Evaluator): F32 {
  const { f32x4, i32 } = code.ops;
  if (lane.terms.size === 0) return f32x4.lane(four, lane.constant);
  const which = code.hold(code.int(indices.value(lane)));
  const is = (n: number): I32 => i32.eq(which, code.int(n));
  const upper = code.choose(is(2), f32x4.lane(four, 2), f32x4.lane(four, 3));
  const rest = code.choose(is(1), f32x4.lane(four, 1), upper);
  return code.choose(is(0), f32x4.lane(four, 0), rest);
}

/** The four draws of the counter that a column belongs to. */
function draws(t: TensorOf<"random">, column: Position, { row }: At, e: Evaluator): Local<"v128"> {
  const { code } = e;
  const [block] = e.indices.divide(column, 4);
  const control = e.frame.word({ kind: "control" });
  const scope = innermost([row.scope, e.indices.scopeOf([block])], code.root);
  return e.draws.once(scope, `${t.id} ${row.id} ${block.text}`, () =>
    code.within(scope, () => {
      const counter = {
        row: code.int(row.number),
        block: code.int(e.indices.value(block)),
        site: code.int(t.attrs.site),
      };
      return code.hold(call(code, "draws", { ...counter, control }, "v128", drawsOfOne));
    }),
  );
}
