/** Pointwise stages, and reductions within the row: the definition at every position, four at a time. */
import type { Buffer } from "../../../ir/kernel.js";
import { type Tensor, volume } from "../../../ir/tensor.js";
import { eachVector } from "../expressions/loops.js";
import type { Row } from "../rows.js";
import { store } from "../values.js";
import { readBy, type StageContext } from "./context.js";

export function map({ target }: { readonly target: Tensor }, c: StageContext): void {
  c.tile.each((row) => writeRow(target, row, c));
}

/** Writes the value of a tensor at a row. */
export function writeRow(target: Tensor, row: Row, c: StageContext): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const overlap = !readsItself(target, buffer, c);
  eachVector(e, buffer.layout, [target], { overlap }, (placed, lanes) => {
    const positions = new Map(placed);
    const value = e.definition(target, { row, positions, lanes });
    store(code, places.address(buffer, row, positions), value);
  });
}

/** Whether the memory that is written is also read: then nothing may be written twice. */
function readsItself(target: Tensor, buffer: Buffer, { e, kernel }: StageContext): boolean {
  return [...readBy(target, e)].some((t) => {
    const other = kernel.stored.get(t);
    return other !== undefined && shareMemory(buffer, other, kernel.tile);
  });
}

function shareMemory(a: Buffer, b: Buffer, tile: number): boolean {
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
