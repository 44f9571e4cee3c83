/** Facts of rows, read from the structures of the batch, and indices as values. */
import { bug } from "../../../bug.js";
import type { RowMap } from "../../../ir/space.js";
import type { Ops, TensorOf } from "../../../ir/tensor.js";
import { laneStep, type Position } from "../index.js";
import { iteratorOf } from "../iterators/choose.js";
import type { I32 } from "../operand.js";
import type { Row } from "../rows.js";
import { gathered, held, type Lanes, spread, type Value, v128 } from "../values.js";
import type { Evaluator } from "./evaluator.js";

type Fact = Ops["fact"]["attrs"]["fact"];

const facts: Readonly<Record<Fact, (row: Row, e: Evaluator, map: RowMap | null) => I32>> = {
  index: (row, e) => e.rows.entry("index", row.space, row.number),
  offset: (row, e) =>
    row.tap ? e.code.int(row.tap()) : e.rows.entry("offset", row.space, row.number),
  row: (row, e) => e.code.int(row.number),
  column: (row, e) => row.column ?? e.rows.entry("columns", row.space, row.number),
  step: (_, e) => e.code.loadInt(e.frame.word({ kind: "control" }), 8),
  count: (row, e, map) => count(row, e, map ?? bug("count of no map")),
};

/** How many rows of `map.from` belong to a row. */
function count(row: Row, e: Evaluator, map: RowMap): I32 {
  if (map.kind === "all") return e.frame.word({ kind: "rows", space: map.from });
  const { starts } = iteratorOf(map);
  const first = e.rows.entry(starts, map.from, row.number);
  return e.code.ops.i32.sub(e.rows.entry(starts, map.from, row.number, 1), first);
}

export const fact = (t: TensorOf<"fact">, row: Row, e: Evaluator): Value =>
  held(e.code, "i32", facts[t.attrs.fact](row, e, t.attrs.map));

/** A position as an integer, or four of them. */
export function integers(e: Evaluator, p: Position, lanes: Lanes): Value {
  const { code, indices } = e;
  const scalar = (q: Position): Value => ({
    dtype: "i32",
    lanes: 1,
    operand: code.int(indices.value(q)),
  });
  const step = laneStep(p);
  if (lanes === 1) return scalar(p);
  if (step === null)
    return gathered(
      code,
      [0, 1, 2, 3].map((lane) => scalar(indices.inLane(p, lane))),
    );
  const first = spread(code, scalar(p), 4);
  if (step === 0) return first;
  return held(code, "i32", code.ops.i32x4.add(v128(first), code.ints(0, step, 2 * step, 3 * step)));
}
