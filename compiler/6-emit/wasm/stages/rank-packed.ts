/**
 * Updates of a matrix from sides whose rows lie far apart: one column of such a side falls on few lines of the first
 * cache, which hold no more than a few of its rows. So blocks of both sides are copied first, tile by tile without gaps.
 */
import type { Code } from "../code.js";
import type { Index, Local } from "../operand.js";
import { addRows, type Sides, tileHeight, tileWidth } from "./rank-tile.js";

type Shape = Pick<Sides, "height" | "width" | "stack" | "scale">;

/** With room for the copies. */
type Packed = Sides & { readonly room: Local<"i32"> };

/** Rows that pass by at once, and how much of each side is copied: together what stays in the second cache. */
const together = 64;
const [highest, widest] = [256, 128];

/** Bytes from one row to the next from which on they count as far apart, and elements of a result that is worth it. */
const far = 1024;
const large = 16384;

/** Whether copies cost little beside the products made of them. */
export function paysToPack({ height, width, stack }: Shape): boolean {
  const apart = 4 * stack * Math.max(height, width) >= far;
  const whole = height % tileHeight === 0 && width % tileWidth === 0;
  return apart && whole && Math.min(height, width) >= 64 && height * width >= large;
}

/** Words of scratch for the copies. */
export const wordsToPack = ({ height, width }: Shape): number =>
  together * (Math.min(height, highest) + Math.min(width, widest));

/** A block of rows after another; within it blocks of the result. */
export function updatePacked(s: Packed, code: Code): void {
  const { i32 } = code.ops;
  const bytes = (width: number): number => 4 * s.stack * width;
  const a = code.variable(s.a);
  const rows = code.hold(i32.div_s(i32.sub(s.last, s.b), code.int(bytes(s.width))));
  code.loop(0, rows, together, (first) => {
    const count = code.hold(code.int(code.min(together, i32.sub(rows, first))));
    const b = code.hold(code.int(code.add(s.b, code.mul(first, bytes(s.width)))));
    eachBlock(code, s.height, highest, (top, height) => {
      const from = code.hold(code.int(code.add(a, code.mul(top, 4))));
      copy(code, { from, to: s.room, step: bytes(s.height), width: height, by: tileHeight, count });
      eachBlock(code, s.width, widest, (left, width) => {
        const source = code.hold(code.int(code.add(b, code.mul(left, 4))));
        const to = code.hold(i32.add(s.room, code.int(4 * together * Math.min(s.height, highest))));
        copy(code, { from: source, to, step: bytes(s.width), width, by: tileWidth, count });
        const place = code.add(code.mul(top, 4 * s.width), code.mul(left, 4));
        const result = code.hold(code.int(code.add(s.result, place)));
        update(code, s, { a: s.room, b: to, result, count, height, width });
      });
    });
    code.set(a, i32.add(a, code.int(bytes(s.height) * together)));
  });
}

/** Visits equal blocks in a loop, then the rest. */
function eachBlock(
  code: Code,
  size: number,
  most: number,
  body: (first: Index, size: number) => void,
): void {
  const whole = size - (size % most);
  if (whole === most) body(0, most);
  else code.loop(0, whole, most, (first) => body(first, most));
  if (whole < size) body(whole, size - whole);
}

interface Copy {
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
  /** Bytes from one row to the next. */
  readonly step: number;
  readonly width: number;
  /** Columns of a tile. */
  readonly by: number;
  readonly count: Local<"i32">;
}

/** Rows as tiles of columns: [width / by][together][by]. */
function copy(code: Code, { from, to, step, width, by, count }: Copy): void {
  const vectors = Array.from({ length: by / 4 }, (_, v) => 16 * v);
  code.loop(0, width, by, (column) => {
    const begin = code.hold(code.int(code.add(from, code.mul(column, 4))));
    const own = code.hold(code.int(code.add(to, code.mul(column, 4 * together))));
    code.loop(0, count, 1, (row) => {
      const source = code.hold(code.int(code.add(begin, code.mul(row, step))));
      const target = code.hold(code.int(code.add(own, code.mul(row, 4 * by))));
      for (const v of vectors) code.store128(target, v, code.hold(code.load128(source, v)));
    });
  });
}

interface Block {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly result: Local<"i32">;
  readonly count: Local<"i32">;
  readonly height: number;
  readonly width: number;
}

/** All tiles of a block of the result. */
function update(code: Code, s: Packed, block: Block): void {
  const length = code.hold(code.int(code.mul(block.count, 4 * tileWidth)));
  code.loop(0, block.height, tileHeight, (row) => {
    const a = code.hold(code.int(code.add(block.a, code.mul(row, 4 * together))));
    const across = code.hold(code.int(code.add(block.result, code.mul(row, 4 * s.width))));
    code.loop(0, block.width, tileWidth, (column) => {
      const b = code.hold(code.int(code.add(block.b, code.mul(column, 4 * together))));
      addRows(code, {
        a,
        b,
        end: code.hold(code.ops.i32.add(b, length)),
        steps: [4 * tileHeight, 4 * tileWidth],
        result: code.hold(code.int(code.add(across, code.mul(column, 4)))),
        across: 4 * s.width,
        height: tileHeight,
        width: tileWidth,
        scale: s.scale,
      });
    });
  });
}
