/** The elements of a row along a map, in order: how each kind of map is walked. */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { bug } from "../../../bug.js";
import type { KernelSlot } from "../../../ir/kernel.js";
import { type RowMap, rowOf as rowOfNonzero, type Space } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { iteratorOf } from "../iterators/choose.js";
import type { Met } from "../iterators/iterator.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { Numbers } from "./draws.js";

/** Writes a loop over elements. */
export type Elements = (body: (element: Row) => void) => void;

/** First and last of the run of a row. */
export function runOf(map: RowMap, row: Row, e: Evaluator): readonly [Local<"i32">, Local<"i32">] {
  const { starts } = iteratorOf(map);
  const at = (ahead: 0 | 1): Local<"i32"> => {
    const read = () => e.rows.entry(starts, map.from, row.number, ahead);
    return e.code.hold(e.code.int(e.rows.fact(row, map, ahead ? "end" : "begin", read)));
  };
  return [at(0), at(1)];
}

/** Part of the list of all elements. */
export interface List {
  readonly count: Local<"i32">;
  /** The numbers of its elements in their space. */
  readonly numbers: Numbers;
  /** The element at a place of this part. */
  readonly at: (place: Local<"i32">) => Row;
}

const listAt = (kind: StructureKind, map: RowMap, first: Local<"i32">, e: Evaluator): Numbers => {
  const { i32 } = e.code.ops;
  const words = e.frame.word({ kind: "structure", structure: kind, of: map.from });
  return { list: e.code.hold(i32.add(words, i32.shl(first, e.code.int(2)))) };
};

/** A part of the list along a map; `base` gives the row of a number that elements belong to. */
export function listOf(
  map: RowMap,
  {
    origin,
    count,
    base,
  }: Pick<List, "count"> & {
    readonly origin: Local<"i32">;
    readonly base: (number: Index) => Row;
  },
  e: Evaluator,
): List {
  const { at, numbers } = iteratorOf(map);
  const places = numbers === "places" || !numbers;
  return {
    count,
    numbers: places ? { first: origin } : listAt(numbers, map, origin, e),
    at: (place) => {
      const met = at?.(e.code.hold(e.code.ops.i32.add(origin, place)), e) ?? bug("no list");
      const element = rowOf(map, met, place, null, e);
      const { number } = e.rows.follow(element, map);
      element.known.set(map, base(number));
      return element;
    },
  };
}

/** A part of the list of all elements; without an end, all from its beginning on. */
export interface Part {
  readonly from: Local<"i32">;
  readonly to: Local<"i32"> | null;
}

/** The elements of `row` that are in a part of the list; their places are counted from its beginning. */
export function elementsOf(
  map: RowMap,
  row: Row,
  e: Evaluator,
  part: Part | null = null,
): Elements {
  const { code, rows } = e;
  if (map.kind === "all") {
    const count = e.frame.word({ kind: "rows", space: map.from });
    return (body) => code.loop(0, count, 1, (i) => body(rows.make(map.from, i)));
  }
  const [first, last] = runOf(map, row, e);
  const begin = part?.to ? code.hold(code.int(code.max(first, part.from))) : first;
  const end = part?.to ? code.hold(code.int(code.min(last, part.to))) : last;
  const run = { row, first, begin, end, cut: Boolean(part?.to) };
  return (body) =>
    iteratorOf(map).each(run, e, (place, met) => {
      const own = part ? code.hold(code.int(code.sub(place(), part.from))) : null;
      body(rowOf(map, met, own, row, e));
    });
}

/** What is met as a row; `base` is the row whose elements are walked, if that is known. */
function rowOf(
  map: RowMap,
  { number, known = [], tap }: Met,
  place: Row["place"],
  base: Row | null,
  { rows }: Evaluator,
): Row {
  const all = new Map([...(base ? [[map, base] as const] : []), ...known]);
  return rows.make(map.from, number, { place, known: all, base, ...(tap && { tap }) });
}

/** The run of the stored non-zeros of one column. */
export function runOfColumn(
  of: Space,
  column: Local<"i32">,
  e: Evaluator,
): readonly [Local<"i32">, Local<"i32">] {
  const at = (ahead: number) => e.rows.entry("column_start", of, column, ahead);
  return [at(0), at(1)];
}

/** A part of the run as a list. */
export const listOfColumn = (
  map: RowMap,
  column: Local<"i32">,
  [first, last]: readonly [Local<"i32">, Local<"i32">],
  e: Evaluator,
): List => ({
  numbers: listAt("nonzero_of", map, first, e),
  count: e.code.hold(e.code.ops.i32.sub(last, first)),
  at: (place) => {
    const at = e.code.hold(e.code.ops.i32.add(first, place));
    return nonzeroAt(map.from, { column, at, place }, e);
  },
});

/** What stands side by side of non-zeros, column by column; nobody asks for numbers where there are none. */
export interface NonzeroLists {
  readonly rows: KernelSlot;
  readonly values: KernelSlot;
  readonly numbers: KernelSlot | null;
}

const list = (structure: StructureKind, of: Space): KernelSlot => ({
  kind: "structure",
  structure,
  of,
});

/** All non-zeros of a sparse input. */
export const allByColumn = (of: Space): NonzeroLists => ({
  rows: list("row_of", of),
  values: list("value_of", of),
  numbers: list("nonzero_of", of),
});

/** A non-zero met by its column, at a place of the lists. */
export function nonzeroAt(
  from: Space,
  { column, at, place }: Pick<Row, "place"> & Readonly<Record<"column" | "at", Local<"i32">>>,
  { rows }: Evaluator,
  lists = allByColumn(from),
): Row {
  if (from.kind !== "nonzeros") bug(`the columns of ${from.name}`);
  const { values } = lists;
  const numbers = (): KernelSlot => lists.numbers ?? bug("non-zeros without numbers");
  const row = rows.make(from.of, () => rows.word(lists.rows, at));
  return rows.make(from, () => rows.word(numbers(), at), {
    column,
    listed: { values, at },
    place,
    known: new Map([[rowOfNonzero(from), row]]),
  });
}

/** The non-zeros of a part of the run; their places are counted from its beginning. */
export function byColumn(
  map: RowMap,
  column: Local<"i32">,
  [first, last]: readonly [Local<"i32">, Local<"i32">],
  e: Evaluator,
  lists?: NonzeroLists,
): Elements {
  const { code } = e;
  return (body) =>
    code.loop(first, last, 1, (at) => {
      const place = code.hold(code.ops.i32.sub(at, first));
      body(nonzeroAt(map.from, { column, at, place }, e, lists));
    });
}
