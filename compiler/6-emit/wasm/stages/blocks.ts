/**
 * Rows in blocks whose elements fit into scratch: what is dear and shared by many positions of a result is computed
 * once for every element of a block, and read back from there.
 *
 * A row that has too many elements for scratch is walked without, or part by part. Whether it has depends on the row
 * alone, so its bits do not depend on the block or the tile it falls in.
 */
import { bug } from "../../../bug.js";
import type { RowMap } from "../../../ir/space.js";
import { call } from "../call.js";
import type { Code } from "../code.js";
import { iteratorOf } from "../iterators/choose.js";
import type { I32, Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { StageContext } from "./context.js";
import { type Elements, elementsOf, runOf } from "./elements.js";

/** Words of scratch for the elements of one row at most, and for those of a block of several rows. */
export const rowWords = 131072;
const blockWords = 4096;

/** How many elements of so many words there is room for; three more may be written behind them. */
export const capacity = (words: number): number => Math.floor(rowWords / words) - 3;

export interface Block {
  /** How many elements it has. */
  readonly count: Local<"i32">;
  /** Where its first element stands in the list of all. */
  readonly origin: Local<"i32">;
  /** The row of a number, one of those that the block is made of. */
  readonly base: (number: Index) => Row;
  /** Writes a loop over its rows; the place of an element is its number in the block. */
  readonly each: (body: (row: Row, elements: Elements) => void) => void;
}

/** Cuts the rows of the tile into blocks; `words` are those of one element. Rows of too many are left to `large`. */
export function eachBlock(
  map: RowMap,
  words: number,
  c: StageContext,
  small: (block: Block) => void,
  large: (row: Row, elements: Elements) => void,
): void {
  const { code, e } = c;
  eachRun(map, words, c, (run) => {
    const count = code.hold(code.ops.i32.sub(run.last, run.first));
    const { base } = run;
    const each: Block["each"] = (body) =>
      run.each((row) => body(row, elementsOf(map, row, e, { from: run.first, to: null })));
    if (iteratorOf(map).most <= capacity(words)) {
      small({ count, origin: run.first, base, each });
      return;
    }
    code.when(
      code.ops.i32.le_s(count, code.int(capacity(words))),
      () => small({ count, origin: run.first, base, each }),
      () => run.each((row) => large(row, elementsOf(map, row, e))),
    );
  });
}

/**
 * The same, but rows of too many elements come part by part: `fresh` tells whether it is the first; null: no row has
 * that many.
 */
export function eachPart(
  map: RowMap,
  words: number,
  c: StageContext,
  body: (block: Block, fresh: Local<"i32"> | null) => void,
): void {
  const { code, e } = c;
  if (iteratorOf(map).most <= capacity(words)) {
    const none = (): never => bug("a row of more elements than it can have");
    eachBlock(map, words, c, (block) => body(block, null), none);
    return;
  }
  const { i32 } = code.ops;
  eachRun(map, words, c, (run) => {
    const from = code.variable(run.first);
    code.repeat(() => {
      const origin = code.variable(from);
      const to = code.hold(code.int(code.min(code.add(origin, capacity(words)), run.last)));
      const count = code.hold(i32.sub(to, origin));
      const each: Block["each"] = (write) =>
        run.each((row) => write(row, elementsOf(map, row, e, { from: origin, to })));
      body({ count, origin, base: run.base, each }, code.hold(i32.eq(origin, run.first)));
      code.set(from, to);
      return i32.lt_s(from, run.last);
    });
  });
}

/** Rows whose elements are a run in the list of all. */
interface Run {
  readonly first: Local<"i32">;
  readonly last: Local<"i32">;
  readonly base: (number: Index) => Row;
  readonly each: (body: (row: Row) => void) => void;
}

/** Runs of rows that have few elements together; or of one row. */
function eachRun(map: RowMap, words: number, c: StageContext, body: (run: Run) => void): void {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  if (!tile.contiguous) {
    tile.each((row) => {
      const [first, last] = runOf(map, row, e);
      body({ first, last, base: () => row, each: (write) => write(row) });
    });
    return;
  }
  const starts = e.frame.word({
    kind: "structure",
    structure: iteratorOf(map).starts,
    of: map.from,
  });
  const startAt = (row: Local<"i32">) => code.hold(code.loadInt(i32.add(starts, bytes(code, row))));
  const begin = code.variable(tile.begin);
  const most = code.int(Math.floor(blockWords / words));
  code.repeat(() => {
    const end = code.hold(
      call(code, "rows_of_block", { starts, begin, stop: tile.end, most }, "i32", fitting),
    );
    const each: Run["each"] = (write) => code.loop(begin, end, 1, (at) => write(tile.row(at)));
    body({ first: startAt(begin), last: startAt(end), base: tile.row, each });
    code.set(begin, end);
    return i32.lt_s(begin, tile.end);
  });
}

const bytes = (code: Code, words: I32): I32 => code.ops.i32.shl(words, code.int(2));

/** The end of the rows from `begin` on that have at most so many elements; of one row at least. */
function fitting(
  code: Code,
  {
    starts,
    begin,
    stop,
    most,
  }: { readonly [N in "starts" | "begin" | "stop" | "most"]: Local<"i32"> },
): I32 {
  const { i32 } = code.ops;
  const startAt = (row: I32): I32 => code.loadInt(i32.add(starts, bytes(code, row)));
  const limit = code.hold(i32.add(startAt(begin), most));
  const end = code.variable(begin);
  code.repeat(() => {
    const next = code.hold(end.tee(i32.add(end, code.int(1))));
    const fits = i32.le_s(startAt(i32.add(next, code.int(1))), limit);
    return i32.and(i32.lt_s(next, stop), fits);
  });
  return end;
}
