/**
 * The weight gradient of sparse features: for each column of the feature axis, over its stored non-zeros. A product
 * whose one slot is the column of the non-zero; every column is a fixed-order sum of its own.
 */
import { bug } from "../../../bug.js";
import type { Shortlist } from "../../../ir/kernel.js";
import type { RowMap } from "../../../ir/space.js";
import {
  type Axis,
  type Slot,
  slotsOf,
  type Tensor,
  type TensorOf,
  without,
} from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import type { Position } from "../index.js";
import type { Local } from "../operand.js";
import { load, store, type Value } from "../values.js";
import { capacity } from "./blocks.js";
import type { StageContext, StageOf } from "./context.js";
import { allByColumn, byColumn, listOfColumn, runOfColumn } from "./elements.js";
import { fill } from "./fill.js";
import { running } from "./gather.js";
import { listsOf, runOfShortlist } from "./shortlist.js";
import { withStash, wordsOf, worthStashing } from "./stash.js";
import { eachGroup } from "./units.js";

export function columns({ target, shortlist }: StageOf<"columns">, c: StageContext): void {
  if (target.op !== "product") bug(`columns of ${target.op}`);
  const { axis } = slotsOf(target).find((s) => isColumn(s)) ?? bug("no slot by column");
  const map = target.attrs.map ?? bug("columns without a map");
  const layout = without(c.e.bufferOf(target).layout, [axis]);
  const dear = worthStashing([target], map, c.e, () => layout);
  c.code.loop(c.code.begin, c.code.end, 1, (number) => {
    const at = c.e.indices.opaque(number, axis.size - 1);
    const column: Column = { map, axis, at, number, layout, listed: shortlist };
    const run = shortlist
      ? runOfShortlist(shortlist, number, c.e)
      : runOfColumn(map.from, number, c.e);
    if (dear.length === 0) reduce(target, column, run, false, c);
    else inParts(target, column, run, dear, c);
  });
}

const isColumn = ({ index }: Slot): boolean => index.op === "fact" && index.attrs.fact === "column";

interface Column {
  readonly map: RowMap;
  readonly axis: Axis;
  readonly at: Position;
  readonly number: Local<"i32">;
  /** Of the target without the axis of the columns. */
  readonly layout: readonly Axis[];
  /** The non-zeros that are summed; null: all. */
  readonly listed: Shortlist | null;
}

type Run = readonly [Local<"i32">, Local<"i32">];

/** What is dear is kept for so many non-zeros as fit; the sums go on from part to part. */
function inParts(
  t: TensorOf<"product">,
  column: Column,
  [first, last]: Run,
  dear: readonly Tensor[],
  c: StageContext,
): void {
  if (column.listed) bug("a part of a shortlist");
  const { code } = c;
  const words = wordsOf(dear);
  const inner = withStash(dear, words, c);
  const most = capacity(words);
  reduce(t, column, [last, last], false, c);
  code.loop(first, last, most, (begin) => {
    const end = code.hold(code.int(code.min(code.add(begin, most), last)));
    const part = [begin, end] as const;
    const each = byColumn(column.map, column.number, part, c.e);
    fill(dear, each, listOfColumn(column.map, column.number, part, c.e), inner);
    reduce(t, column, [begin, end], true, inner);
  });
}

/** The sums over a run; `goingOn` from what is there. */
function reduce(
  t: TensorOf<"product">,
  { map, axis, at: here, number, layout, listed }: Column,
  run: Run,
  goingOn: boolean,
  c: StageContext,
): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(t);
  const elements = byColumn(map, number, run, e, listed ? listsOf(listed) : allByColumn(map.from));
  eachGroup(e, layout, t.inputs, (units) => {
    const sums = units.map(({ positions, lanes }) => {
      const at: At = { row: e.rows.unit, positions: new Map([...positions, [axis, here]]), lanes };
      const address = places.address(buffer, at.row, at.positions);
      const before = (): Value => load(code, "f32", address, lanes, 1);
      return { at, address, sum: running(t, at, goingOn ? before : null, e) };
    });
    const steps = sums.map(({ at, sum }) => ({ at, step: sum.passes[0]?.() }));
    elements((row) => {
      for (const { at, step } of steps) step?.({ ...at, row });
    });
    for (const { address, sum } of sums) store(code, address, sum.result());
  });
}
