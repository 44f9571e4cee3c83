/** Pointwise stages, and reductions within the row: the definition at every position, four at a time. */
import type { Buffer } from "../../../ir/kernel.js";
import { type Tensor, volume } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import { isSingle } from "../expressions/folds.js";
import { eachVector } from "../expressions/loops.js";
import type { Local } from "../operand.js";
import type { Row } from "../rows.js";
import { store, type Value } from "../values.js";
import { capacity } from "./blocks.js";
import { readBy, type StageContext } from "./context.js";
import { drawsIn, fillDraws } from "./draws.js";
import { fillFour } from "./four.js";
import { isNarrow, withStash, wordsOf } from "./stash.js";

export function map({ target }: { readonly target: Tensor }, c: StageContext): void {
  const drawn = withDraws(target, c);
  if (comesByFour(target, drawn)) mapFour(target, drawn);
  else drawn.tile.each((row) => writeRow(target, row, drawn));
}

function comesByFour(target: Tensor, { tile, kernel, e }: StageContext): boolean {
  const fits = kernel.tile <= capacity(volume(target.axes));
  return tile.contiguous && fits && target.dtype === "f32" && isNarrow(target, e);
}

/** In scratch first, where there is room behind the last row. */
function mapFour(target: Tensor, c: StageContext): void {
  const { code, tile } = c;
  const { i32 } = code.ops;
  const inner = withStash([target], volume(target.axes), c);
  const count = code.hold(i32.sub(tile.end, tile.begin));
  const at = (place: Local<"i32">): Row =>
    inner.e.rows.make(target.space, code.hold(i32.add(tile.begin, place)), { place });
  fillFour([target], { count, at }, inner);
  const buffer = c.e.bufferOf(target);
  code.loop(0, count, 1, (place) => copyRow(target, buffer, at(place), inner));
}

/** With the draws of all rows of the tile made ahead, where these are numbered one after another. */
function withDraws(target: Tensor, c: StageContext): StageContext {
  const { code, tile, kernel } = c;
  const { domain } = kernel;
  if ((domain.over !== "rows" && domain.over !== "chunks") || !tile.contiguous) return c;
  const draws = drawsIn([target], domain.space, c.e);
  const words = wordsOf(draws);
  if (draws.length === 0 || kernel.tile > capacity(words)) return c;
  const inner = withStash(draws, words, c);
  for (const t of draws) {
    fillDraws(t, { first: tile.begin }, code.ops.i32.sub(tile.end, tile.begin), inner);
  }
  return inner;
}

/** In a loop over so many positions and more, so many functions are written in place: calls would cost as much. */
const longRow = 32;
const functionsInPlace = 8;

/** Writes the value of a tensor at a row to its own place. */
export function writeRow(target: Tensor, row: Row, c: StageContext): void {
  const buffer = c.e.bufferOf(target);
  writeAt(target, buffer, row, (at) => c.e.definition(target, at), c);
}

/** Writes the value at a row to another place of the same axes. */
export const copyRow = (t: Tensor, buffer: Buffer, row: Row, c: StageContext): void =>
  writeAt(t, buffer, row, (at) => c.e.value(t, at), c);

function writeAt(
  t: Tensor,
  buffer: Buffer,
  row: Row,
  value: (at: At) => Value,
  c: StageContext,
): void {
  const { e, code, places } = c;
  const overlap = !readsItself(t, buffer, c);
  const most = isSingle(t, buffer.layout.at(-1), e) ? 1 : 4;
  const write = (): void =>
    eachVector(e, buffer.layout, [t], { overlap, lanes: most }, (placed, lanes) => {
      const positions = new Map(placed);
      const address = places.address(buffer, row, positions);
      store(code, address, value({ row, positions, lanes }));
    });
  code.inPlace(volume(buffer.layout) >= longRow ? functionsInPlace : 0, write);
}

/** Whether the memory that is written is also read: then nothing may be written twice. */
function readsItself(target: Tensor, buffer: Buffer, { e, kernel }: StageContext): boolean {
  return [...readBy(target, e)].some((t) => {
    const other = kernel.stored.get(t);
    return other !== undefined && shareMemory(buffer, other, kernel.tile);
  });
}

/** Whether two buffers of a tile have words in common. */
export function shareMemory(a: Buffer, b: Buffer, tile: number): boolean {
  if (a.id === b.id) return true;
  const [p, q] = [a.place, b.place];
  if (p.kind === "arena" && q.kind === "arena" && p.arena === q.arena) {
    return overlap(p.offset, volume(a.layout), q.offset, volume(b.layout));
  }
  if (p.kind !== "scratch" || q.kind !== "scratch") return false;
  return overlap(p.offset, tile * volume(a.layout), q.offset, tile * volume(b.layout));
}

const overlap = (a: number, size: number, b: number, other: number): boolean =>
  a < b + other && b < a + size;
