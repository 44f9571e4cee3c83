/**
 * Tiles of the rows that a mask holds for, however far apart: their numbers are listed in scratch, as many as a tile has
 * rows, and the stages run over the list. In all other rows targets that are 0 there are set to it at once.
 */
import type { Needed } from "../../ir/kernel.js";
import { type Tensor, volume } from "../../ir/tensor.js";
import { call } from "./call.js";
import type { Code } from "./code.js";
import type { I32, Local } from "./operand.js";
import type { StageContext, Tile } from "./stages/context.js";

type Frameless = Omit<StageContext, "tile">;

export function neededTiles(
  begin: Local<"i32">,
  end: Local<"i32">,
  { mask, zeroed }: Needed,
  c: Frameless,
  stages: (c: StageContext) => void,
): void {
  const { code, e, kernel } = c;
  const { i32 } = code.ops;
  code.when(i32.lt_s(begin, end), () => {
    for (const t of zeroed) clearRows(t, begin, end, c);
    const truths = c.places.pointer(e.bufferOf(mask), e.rows.make(mask.space, 0), new Map());
    const list = code.hold(code.int(code.add(code.scratch, 4 * kernel.scratch)));
    const next = code.variable(begin);
    code.repeat(() => {
      const most = code.int(kernel.tile);
      const args = { truths, begin: next, end, list, most };
      code.set(next, call(code, "rows_needed", args, "i32", listRows));
      code.when(code.loadInt(list), () => stages({ ...c, tile: listedTile(list, mask, c) }));
      return i32.lt_s(next, end);
    });
  });
}

function clearRows(t: Tensor, begin: Local<"i32">, end: Local<"i32">, c: Frameless): void {
  const { code, e, places } = c;
  const buffer = e.bufferOf(t);
  const first = places.start(buffer, e.rows.make(t.space, begin));
  const rows = code.ops.i32.sub(end, begin);
  code.zero(first, code.int(code.mul(rows, 4 * volume(buffer.layout))));
}

/** How many there are, and then their numbers. */
function listedTile(list: Local<"i32">, mask: Tensor, { code, e }: Frameless): Tile {
  const [begin, end] = [code.hold(code.int(0)), code.hold(code.loadInt(list))];
  const row: Tile["row"] = (at) => {
    const number = code.hold(code.loadInt(code.add(list, code.mul(at, 4)), 4));
    return e.rows.make(mask.space, number, { place: code.hold(code.int(at)) });
  };
  const each: Tile["each"] = (body) => code.loop(begin, end, 1, (at) => body(row(at)));
  return { begin, end, contiguous: false, row, each };
}

type Names = "truths" | "begin" | "end" | "list" | "most";

/** Rows that are looked at before it is asked whether there are enough. */
const atOnce = 4;

/** Lists rows from `begin` on until there are enough; gives the row to go on with. Each is written, few are kept. */
function listRows(
  code: Code,
  { truths, begin, end, list, most }: { readonly [N in Names]: Local<"i32"> },
): I32 {
  const { i32 } = code.ops;
  const row = code.variable(begin);
  const count = code.variable<"i32">(code.int(0));
  const look = (): void => {
    code.storeInt(i32.add(list, i32.shl(count, code.int(2))), 4, row);
    const truth = code.loadInt(i32.add(truths, i32.shl(row, code.int(2))));
    code.set(count, i32.add(count, i32.ne(truth, code.int(0))));
    code.set(row, i32.add(row, code.int(1)));
  };
  const isRoom = (rows: number): I32 =>
    i32.and(
      i32.le_s(i32.add(row, code.int(rows)), end),
      i32.le_s(i32.add(count, code.int(rows)), most),
    );
  for (const rows of [atOnce, 1])
    code.when(isRoom(rows), () => {
      code.repeat(() => {
        for (let i = 0; i < rows; i++) look();
        return isRoom(rows);
      });
    });
  code.storeInt(list, 0, count);
  return row;
}
