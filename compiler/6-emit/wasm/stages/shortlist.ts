/** Shortlists: of the non-zeros of each column the places of those whose rows a mask holds for. */

import type { Shortlist } from "../../../ir/kernel.js";
import { rowOf } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index, Local } from "../operand.js";
import type { StageContext, StageOf } from "./context.js";
import { nonzeroAt, runOfColumn } from "./elements.js";

/** Writes one, column by column. Each place is written, and kept where the next one does not take its place. */
export function shortlist({ shortlist: list }: StageOf<"shortlist">, c: StageContext): void {
  const { code, e, places } = c;
  const { i32 } = code.ops;
  const map = rowOf(list.of);
  const truths = places.start(e.bufferOf(list.mask), e.rows.make(map.to, 0));
  code.loop(code.begin, code.end, 1, (column) => {
    const [first, last] = runOfColumn(list.of, column, e);
    const next = code.variable(first);
    code.loop(first, last, 1, (place) => {
      const row = e.rows.follow(nonzeroAt(list.of, column, place, null, e), map);
      code.storeInt(wordOf(list.places, next, e), 0, place);
      const truth = code.loadInt(i32.add(truths, i32.shl(code.int(row.number), code.int(2))));
      code.set(next, i32.add(next, i32.ne(truth, code.int(0))));
    });
    code.storeInt(wordOf(list.counts, column, e), 0, i32.sub(next, first));
  });
}

/** The places of a column: where they begin and end. */
export function runOfShortlist(
  list: Shortlist,
  column: Local<"i32">,
  e: Evaluator,
): readonly [Local<"i32">, Local<"i32">] {
  const { code } = e;
  const [first] = runOfColumn(list.of, column, e);
  const count = code.loadInt(wordOf(list.counts, column, e));
  return [first, code.hold(code.ops.i32.add(first, count))];
}

/** The place that stands somewhere in a shortlist. */
export const placeIn = (list: Shortlist, at: Local<"i32">, e: Evaluator): Local<"i32"> =>
  e.code.hold(e.code.loadInt(wordOf(list.places, at, e)));

function wordOf(buffer: Shortlist["places"], at: Local<"i32">, { code, frame }: Evaluator): Index {
  const { i32 } = code.ops;
  return i32.add(frame.word({ kind: "buffer", buffer }), i32.shl(at, code.int(2)));
}
