/** Fields of neighbours as they lie in memory: rows one after another, seen through views that move nothing. */
import type { Buffer } from "../../../../ir/kernel.js";
import { type Axis, type Tensor, type View, volume } from "../../../../ir/tensor.js";
import type { Evaluator } from "../../expressions/evaluator.js";
import type { Placed } from "../../expressions/loops.js";
import { at as constant, shifted, weighted } from "../../index.js";
import type { I32, Index, Local } from "../../operand.js";
import { type Address, type Positions, strides } from "../../places.js";
import type { StageContext } from "../context.js";
import { blockBytes } from "./tiles.js";

export interface Field {
  readonly buffer: Buffer;
  readonly layout: readonly Axis[];
}

/** Where a value lies, if it does as it is. */
export function fieldOf(t: Tensor, e: Evaluator): Field | null {
  const buffer = e.stored(t);
  if (buffer) return buffer.place.kind === "buffer" ? { buffer, layout: buffer.layout } : null;
  if (t.op === "stop") return fieldOf(t.inputs[0], e);
  if (t.op !== "view") return null;
  const below = fieldOf(t.inputs[0], e);
  const layout = below && through(t.attrs.view, below.layout);
  return below && layout ? { buffer: below.buffer, layout } : null;
}

function through(view: View, layout: readonly Axis[]): readonly Axis[] | null {
  switch (view.kind) {
    case "rename":
      return layout.map((a) => (a === view.from ? view.to : a));
    case "split":
      return layout.flatMap((a) => (a === view.from ? view.to : [a]));
    case "merge": {
      const first = layout.findIndex((a) => view.from.includes(a));
      const run = layout.slice(first, first + view.from.length);
      if (!run.every((a, i) => a === view.from[i])) return null;
      return [...layout.slice(0, first), view.to, ...layout.slice(first + run.length)];
    }
    default:
      return null;
  }
}

/** Bytes from one row to the next. */
export const strideOf = ({ layout }: Field): number => 4 * volume(layout);

/** Where a row begins, at positions of some of the axes. */
export function pointerTo(
  field: Field,
  row: Index,
  positions: Positions,
  { code, e, frame }: StageContext,
): I32 {
  const base = frame.word({ kind: "buffer", buffer: field.buffer });
  const parts = [...strides(field.layout)].map(
    ([axis, stride]) => [positions.get(axis) ?? constant(0), stride] as const,
  );
  const place = code.mul(e.indices.value(weighted(parts)), 4);
  return code.int(code.add(base, code.add(code.mul(row, strideOf(field)), place)));
}

/** A position of a layout whose words are blocks of eight; of four neighbours the first. */
export function addressIn(
  layout: readonly Axis[],
  placed: Placed,
  base: Local<"i32">,
  { code, e }: StageContext,
): Address {
  const positions = new Map(placed);
  const parts = [...strides(layout)].map(
    ([axis, stride]) => [positions.get(axis) ?? constant(0), stride] as const,
  );
  const place = weighted(parts);
  const moving = e.indices.value(shifted(place, -place.constant));
  const start = code.hold(code.int(code.add(base, code.mul(moving, blockBytes))));
  return { base: start, offset: blockBytes * place.constant };
}
