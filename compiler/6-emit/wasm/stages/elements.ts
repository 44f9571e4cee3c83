/** The elements of a row along a map, in order: how each kind of map is walked. */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { bug } from "../../../bug.js";
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
  at: (place) =>
    nonzeroAt(map.from, column, e.code.hold(e.code.ops.i32.add(first, place)), place, e),
});

/** A non-zero met by its column; what is listed by column is read side by side. */
export function nonzeroAt(
  from: Space,
  column: Local<"i32">,
  listed: Local<"i32">,
  place: Row["place"],
  { rows }: Evaluator,
): Row {
  if (from.kind !== "nonzeros") bug(`the columns of ${from.name}`);
  const entry = (kind: StructureKind) => () => rows.entry(kind, from, listed);
  const known = new Map([[rowOfNonzero(from), rows.make(from.of, entry("row_of"))]]);
  return rows.make(from, entry("nonzero_of"), { column, listed, place, known });
}

/**
 * The non-zeros of a part of the run; their places are counted from its beginning.
 * @param listed The place in the list by columns of what stands at a place of the run.
 */
export function byColumn(
  map: RowMap,
  column: Local<"i32">,
  [first, last]: readonly [Local<"i32">, Local<"i32">],
  e: Evaluator,
  listed: (at: Local<"i32">) => Local<"i32"> = (at) => at,
): Elements {
  const { code } = e;
  return (body) =>
    code.loop(first, last, 1, (i) => {
      const place = code.hold(code.ops.i32.sub(i, first));
      body(nonzeroAt(map.from, column, listed(i), place, e));
    });
}
