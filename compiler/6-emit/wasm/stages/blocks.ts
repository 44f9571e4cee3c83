/**
 * Rows in blocks whose elements fit into scratch: what is dear and shared by many positions of a result is computed
 * once for every element of a block, and read back from there.
 *
 * A row that has too many elements for scratch is walked without. Whether it has depends on the row alone, so its bits
 * do not depend on the block or the tile it falls in.
 */
import type { RowMap } from "../../../ir/space.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { StageContext } from "./context.js";
import { type Elements, elementsOf, runOf, startOf } from "./elements.js";

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

/** Cuts the rows of the tile into blocks; `words` are those of one element. */
export function eachBlock(
  map: RowMap,
  words: number,
  c: StageContext,
  small: (block: Block) => void,
  large: (row: Row, elements: Elements) => void,
): void {
  const { code, e, tile } = c;
  const hard = capacity(words);
  const choose = (count: Local<"i32">, block: Block): void =>
    code.when(
      code.ops.i32.le_s(count, code.int(hard)),
      () => small(block),
      () => block.each((row) => large(row, elementsOf(map, row, e))),
    );
  if (!tile.contiguous) {
    tile.each((row) => {
      const [first, last] = runOf(map, row, e);
      const count = code.hold(code.ops.i32.sub(last, first));
      const each: Block["each"] = (body) => body(row, elementsOf(map, row, e, first));
      choose(count, { count, origin: first, base: () => row, each });
    });
    return;
  }
  eachRun(map, Math.floor(blockWords / words), c, (begin, end, first, last) => {
    const count = code.hold(code.ops.i32.sub(last, first));
    const each: Block["each"] = (body) =>
      code.loop(begin, end, 1, (at) => {
        const row = tile.row(at);
        body(row, elementsOf(map, row, e, first));
      });
    choose(count, { count, origin: first, base: tile.row, each });
  });
}

type Run = (begin: Index, end: Local<"i32">, first: Local<"i32">, last: Local<"i32">) => void;

/** Runs of rows that have at most so many elements together; or of one row. */
function eachRun(map: RowMap, most: number, { code, e, tile }: StageContext, body: Run): void {
  const { i32 } = code.ops;
  const starts = e.frame.word({ kind: "structure", structure: startOf(map), of: map.from });
  const startAt = (row: Local<"i32">, ahead: number) =>
    code.hold(code.loadInt(i32.add(starts, i32.shl(row, code.int(2))), 4 * ahead));
  const begin = code.variable(tile.begin);
  code.repeat(() => {
    const first = startAt(begin, 0);
    const [end, last] = [code.variable(begin), code.variable(first)];
    code.repeat(() => {
      const next = startAt(end, 1);
      const small = i32.le_s(i32.sub(next, first), code.int(most));
      const fits = code.hold(i32.or(small, i32.eq(end, begin)));
      code.when(fits, () => {
        code.set(last, next);
        code.set(end, i32.add(end, code.int(1)));
      });
      return i32.and(fits, i32.lt_s(end, tile.end));
    });
    body(begin, end, first, last);
    code.set(begin, end);
    return i32.lt_s(begin, tile.end);
  });
}
