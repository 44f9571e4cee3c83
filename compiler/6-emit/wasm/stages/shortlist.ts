/** Shortlists: of the non-zeros of each column those whose rows a mask holds for, with their rows and values. */

import type { Buffer, KernelSlot, Shortlist } from "../../../ir/kernel.js";
import { rowOf } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index, Local } from "../operand.js";
import type { StageContext, StageOf } from "./context.js";
import { allByColumn, type NonzeroLists, nonzeroAt, runOfColumn } from "./elements.js";

const slotOf = (buffer: Buffer): KernelSlot => ({ kind: "buffer", buffer });

export const listsOf = ({ rows, values }: Shortlist): NonzeroLists => ({
  rows: slotOf(rows),
  values: slotOf(values),
  numbers: null,
});

/** Writes one, column by column. Each non-zero is written, and stays where the next one does not take its place. */
export function shortlist({ shortlist: list }: StageOf<"shortlist">, c: StageContext): void {
  const { code, e, places } = c;
  const { i32 } = code.ops;
  const map = rowOf(list.of);
  const { values } = allByColumn(list.of);
  const truths = places.start(e.bufferOf(list.mask), e.rows.make(map.to, 0));
  code.loop(code.begin, code.end, 1, (column) => {
    const [first, last] = runOfColumn(list.of, column, e);
    const next = code.variable(first);
    code.loop(first, last, 1, (at) => {
      const row = e.rows.follow(nonzeroAt(list.of, { column, at, place: null }, e), map);
      code.storeInt(wordOf(list.rows, next, e), 0, code.int(row.number));
      code.storeInt(wordOf(list.values, next, e), 0, e.rows.word(values, at));
      const truth = code.loadInt(i32.add(truths, i32.shl(code.int(row.number), code.int(2))));
      code.set(next, i32.add(next, i32.ne(truth, code.int(0))));
    });
    code.storeInt(wordOf(list.counts, column, e), 0, i32.sub(next, first));
  });
}

/** The part of a column: where it begins and ends. */
export function runOfShortlist(
  list: Shortlist,
  column: Local<"i32">,
  e: Evaluator,
): readonly [Local<"i32">, Local<"i32">] {
  const { code } = e;
  const [first] = runOfColumn(list.of, column, e);
  const count = e.rows.word(slotOf(list.counts), column);
  return [first, code.hold(code.ops.i32.add(first, count))];
}

function wordOf(buffer: Buffer, at: Local<"i32">, { code, frame }: Evaluator): Index {
  const { i32 } = code.ops;
  return i32.add(frame.word(slotOf(buffer)), i32.shl(at, code.int(2)));
}
