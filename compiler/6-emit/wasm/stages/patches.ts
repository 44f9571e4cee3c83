/**
 * What a window sees, by tap: y[r, tap, ..] = x[the row that r meets by that tap][..], zeros where that is outside.
 *
 * Rows of the tile are taken line by line of the last axis of their grid. Where the whole window is inside, all that is
 * copied lies at places known while compiling, neighbours on the last axis side by side; at the border, tap by tap.
 */
import { bug } from "../../../bug.js";
import { type NodeSet, type RowMap, receiverOf, senderOf } from "../../../ir/space.js";
import { factorsOf, slotsOf, type Tensor, type TensorOf, volume } from "../../../ir/tensor.js";
import { coordinate, divided, extentOf, originOf } from "../iterators/grid.js";
import { type End, type Reach, reachesOf, spanOf } from "../iterators/reach.js";
import type { I32, Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { StageContext } from "./context.js";
import { type Box, clearWords, copyAll, copyPart } from "./copies.js";

/** A sum by tap that only lays out values in memory. */
export interface Patches {
  readonly target: Tensor;
  /** The rows that are read, in memory as they lie in the target behind each tap. */
  readonly source: Tensor;
  readonly map: End;
  readonly reaches: readonly Reach[];
}

/** Such a sum, if the target is one: every tap of a row has one place of its own, and at most one value. */
export function patchesOf(
  target: TensorOf<"product">,
  map: RowMap,
  { e, tile }: StageContext,
): Patches | null {
  if (map.kind !== "receiver" && map.kind !== "sender") return null;
  const reaches = reachesOf(map);
  const [slot, ...slots] = slotsOf(target);
  const [factor, ...factors] = factorsOf(target);
  if (!reaches || !tile.contiguous || !slot || slots.length + factors.length > 0) return null;
  const { over, scale } = target.attrs;
  const { op, attrs } = slot.index;
  const byTap = op === "fact" && attrs.fact === "offset" && over.length === 0 && scale === 1;
  if (!byTap || factor?.op !== "pull" || factor.attrs.slots.length > 0) return null;
  const across = map.kind === "sender" ? receiverOf(map.relation) : senderOf(map.relation);
  const [source] = factor.inputs;
  const buffer = source && e.stored(source);
  if (!buffer || factor.attrs.map !== across || source.dtype !== "f32") return null;
  const { layout } = e.bufferOf(target);
  const alike = [slot.axis, ...buffer.layout].every((a, i) => a === layout[i]);
  return alike && layout.length === buffer.layout.length + 1
    ? { target, source, map, reaches }
    : null;
}

/** Writes the patches of all rows of the tile. */
export function layOut(p: Patches, c: StageContext): void {
  const { code, tile } = c;
  const { i32 } = code.ops;
  const begin = code.variable(tile.begin);
  code.when(i32.lt_s(tile.begin, tile.end), () =>
    code.repeat(() => {
      code.set(begin, line(p, tile.row(code.variable(begin)), c));
      return i32.lt_s(begin, tile.end);
    }),
  );
}

/** Writes the patches from a row to the end of its line, or of the tile; gives the row behind. */
function line(p: Patches, row: Row, c: StageContext): Local<"i32"> {
  const { code } = c;
  const { i32 } = code.ops;
  const last = p.reaches.length - 1;
  const sides = sidesOf(p, row, c);
  const { stop, inside } = endsOf(p, sides, row, c);
  const box = boxOf(p, c);
  const from = code.variable(nearest(p, sides, row, c));
  const to = code.variable(c.places.start(c.e.bufferOf(p.target), row));
  const step = sides[last]?.reach.slope ?? 0;
  const moving = sides[last]?.low ?? bug("a window of no axes");
  const outer = sides.slice(0, last).map((s) => meets(s, c));
  code.loop(row.number, stop, 1, (r) => {
    code.when(
      i32.lt_u(i32.sub(r, inside.first), inside.count),
      () => copyAll(code, box, from, to),
      () => {
        clearWords(code, to, box.words);
        copyPart(code, box, from, to, [...outer, ...sides.slice(last).map((s) => meets(s, c))]);
      },
    );
    code.set(from, i32.add(from, code.int(4 * step * box.run)));
    code.set(to, i32.add(to, code.int(4 * box.words)));
    code.set(moving, i32.add(moving, code.int(step)));
  });
  return stop;
}

/** One axis at a row. */
interface Side {
  readonly reach: Reach;
  readonly place: Index;
  /** The lowest place of the other end, outside or not. On the last axis it moves on with the row. */
  readonly low: Local<"i32">;
  /** How many places the other end has. */
  readonly extent: Index;
}

function sidesOf({ map, reaches }: Patches, row: Row, { code, e }: StageContext): readonly Side[] {
  return reaches.map((reach, i) => {
    const place = coordinate(row, map.to, i, e);
    const low = code.variable(code.int(code.add(code.mul(place, reach.slope), reach.offset)));
    return { reach, place, low, extent: extentOf(otherEnd(map), i, row, map.to, e) };
  });
}

const otherEnd = ({ kind, relation }: End): NodeSet =>
  kind === "sender" ? relation.receivers : relation.senders;

interface Ends {
  /** Behind the last row of the line. */
  readonly stop: Local<"i32">;
  /** The rows of the line whose window is inside. */
  readonly inside: { readonly first: Local<"i32">; readonly count: Local<"i32"> };
}

function endsOf(p: Patches, sides: readonly Side[], row: Row, c: StageContext): Ends {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  const [side, ...others] = [...sides].reverse();
  if (!side) return bug("a window of no axes");
  const { reach, place } = side;
  const origin = code.hold(i32.sub(code.int(row.number), code.int(place)));
  const length = extentOf(p.map.to, sides.length - 1, row, p.map.to, e);
  const stop = code.hold(code.int(code.min(code.add(origin, length), tile.end)));
  const low = Math.max(0, Math.ceil(-reach.offset / reach.slope));
  const high = divided(code.add(room(side, c), reach.slope - 1 - reach.offset), reach.slope, e);
  const width = code.int(code.max(0, code.sub(high, low)));
  const count = others.reduce<I32>((n, other) => {
    const at = other.low;
    const isInside = i32.and(i32.ge_s(at, code.int(0)), i32.lt_s(at, code.int(room(other, c))));
    return code.choose(isInside, n, code.int(0));
  }, width);
  const first = code.hold(code.int(code.add(origin, low)));
  return { stop, inside: { first, count: code.hold(count) } };
}

/** For how many lowest places all the others are inside. */
const room = ({ reach, extent }: Side, { code }: StageContext): Index =>
  code.sub(extent, spanOf(reach));

/** The turns that are inside: from the lowest place on, a dilation further each. */
function meets({ reach, low, extent }: Side, { code, e }: StageContext): readonly [Index, Index] {
  const { taps, dilation } = reach;
  const below = code.ops.i32.sub(code.int(dilation - 1), low);
  const above = code.ops.i32.sub(code.int(code.add(extent, dilation - 1)), low);
  return [
    code.hold(code.int(code.max(0, divided(below, dilation, e)))),
    code.hold(code.int(code.min(taps, divided(above, dilation, e)))),
  ];
}

/** Where the row lies that has the lowest place on each axis. */
function nearest(
  { source, map }: Patches,
  sides: readonly Side[],
  row: Row,
  c: StageContext,
): Local<"i32"> {
  const { code, e } = c;
  const far = otherEnd(map);
  const number = sides.reduce<Index>(
    (sum, { low, reach }) => code.add(sum, code.mul(low, reach.rowStep)),
    originOf(far, row, map.to, e),
  );
  return c.places.start(e.bufferOf(source), e.rows.make(far, code.hold(code.int(number))));
}

/** The taps of a row as a box: a run of words for each. */
function boxOf({ source, target, reaches }: Patches, { e }: StageContext): Box {
  const run = volume(e.bufferOf(source).layout);
  const axes = reaches.map(({ taps, dilation, mirrored, rowStep }, i) => {
    const inner = reaches.slice(i + 1).reduce((n, r) => n * r.taps, 1);
    const from = 4 * run * dilation * rowStep;
    return { turns: taps, from, to: 4 * run * (mirrored ? -inner : inner) };
  });
  return { axes, run, words: volume(e.bufferOf(target).layout) };
}
