/** What neighbours have, at one position of the stack, copied so that it lies without gaps: the tile goes over it again and again. */
import { type Axis, volume } from "../../../../ir/tensor.js";
import { run } from "../../call.js";
import type { Code } from "../../code.js";
import type { I32, Local } from "../../operand.js";
import { type Field, pointerTo, strideOf } from "./field.js";
import type { InStrip } from "./pairs.js";
import { isSameSlice } from "./scratch.js";
import type { Part } from "./weights.js";

/** Copies all slices of a part. */
export function copySlices({ from, to }: Part, { places, stack, c }: InStrip): void {
  const { code } = c;
  for (const [i, { field, axes }] of places.slices.entries()) {
    const shape = { width: volume(axes), stride: strideOf(field) };
    copy(code, shape, {
      from: pointerTo(field, from, new Map(stack), c),
      to: places.slice(i),
      count: code.ops.i32.sub(to, from),
    });
  }
}

interface Shape {
  readonly width: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
}

function copy(
  code: Code,
  { width, stride }: Shape,
  operands: { readonly [N in "from" | "to" | "count"]: I32 },
): void {
  run(code, `pair_copy_${width}_${stride}`, operands, (own, p) => {
    const { i32 } = own.ops;
    const to = own.variable(p.to);
    const end = own.hold(i32.add(p.from, i32.mul(p.count, own.int(stride))));
    own.loop(p.from, end, stride, (row) => {
      for (let k = 0; k < width; k += 4) move(own, row, to, 4 * k, Math.min(4, width - k));
      own.set(to, i32.add(to, own.int(4 * width)));
    });
  });
}

function move(
  code: Code,
  from: Local<"i32">,
  to: Local<"i32">,
  offset: number,
  lanes: number,
): void {
  code.storeLanes(to, offset, code.hold(code.loadLanes(from, offset, lanes)), lanes);
}

/** Rows of what neighbours have, and the bytes between them. */
export interface FarRows {
  readonly start: I32;
  readonly stride: number;
}

/** Those of a neighbour and the ones behind it; copies begin with neighbour `first`. */
export function farRows(
  field: Field,
  axes: readonly Axis[],
  number: Local<"i32">,
  first: Local<"i32">,
  { places, stack, c }: InStrip,
): FarRows {
  const { code } = c;
  const slice = places.slices.findIndex((s) => isSameSlice(s, field, axes));
  if (slice < 0)
    return { start: pointerTo(field, number, new Map(stack), c), stride: strideOf(field) };
  const stride = 4 * volume(axes);
  const before = code.mul(code.ops.i32.sub(number, first), stride);
  return { start: code.ops.i32.add(places.slice(slice), code.int(before)), stride };
}
