/** Draws of four rows at once, or of one row at four columns. */
import type { TensorOf } from "../../../ir/tensor.js";
import { call } from "../call.js";
import { drawsOfFour } from "../math/philox.js";
import type { V128 } from "../operand.js";
import type { Row } from "../rows.js";
import { held, type Value } from "../values.js";
import type { Evaluator } from "./evaluator.js";

export function drawFour(t: TensorOf<"random">, row: Row, columns: V128, e: Evaluator): Value {
  const { code, rows, frame } = e;
  const where = { rows: rows.numbers(row), columns, site: code.int(t.attrs.site) };
  const control = frame.word({ kind: "control" });
  return held(code, "f32", call(code, "draws_of_four", { ...where, control }, "v128", drawsOfFour));
}
