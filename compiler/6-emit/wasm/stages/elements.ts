/** The elements of a row along a map, in order: how each kind of map is walked. */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { bug } from "../../../bug.js";
import { type RowMap, receiverOf } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { Numbers } from "./draws.js";

/** Writes a loop over elements. */
export type Elements = (body: (element: Row) => void) => void;

const starts: Readonly<Partial<Record<RowMap["kind"], StructureKind>>> = {
  sender: "sender_start",
  receiver: "receiver_start",
  graph: "graph_start",
  row: "row_start",
};

/** Where the elements of each row begin in the list of all. */
export const startOf = (map: RowMap): StructureKind =>
  starts[map.kind] ?? bug(`no list of elements by ${map.kind}`);

/** First and last of the run of a row. */
export function runOf(map: RowMap, row: Row, e: Evaluator): readonly [Local<"i32">, Local<"i32">] {
  const kind = startOf(map);
  return [e.rows.entry(kind, map.from, row.number), e.rows.entry(kind, map.from, row.number, 1)];
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
export const listOf = (
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
): List => ({
  count,
  numbers: map.kind === "sender" ? listAt("edge_of", map, origin, e) : { first: origin },
  at: (place) => {
    const i = e.code.hold(e.code.ops.i32.add(origin, place));
    const element = listed(map, i, place, new Map(), e);
    const { number } = e.rows.follow(element, map);
    element.known.set(map, base(number));
    return element;
  },
});

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
  return (body) =>
    code.loop(begin, end, 1, (i) => {
      const place = part ? code.hold(code.ops.i32.sub(i, part.from)) : null;
      body(listed(map, i, place, new Map([[map, row]]), e));
    });
}

/** The element at a place of the list; edges by sender are a list of edge numbers, with receivers beside it. */
function listed(
  map: RowMap,
  i: Local<"i32">,
  place: Row["place"],
  known: Map<RowMap, Row>,
  { rows }: Evaluator,
): Row {
  if (map.kind !== "sender") return rows.make(map.from, i, { place, known });
  const { relation } = map;
  const receiver = rows.make(relation.receivers, rows.entry("receiver_of", relation, i));
  known.set(receiverOf(relation), receiver);
  return rows.make(relation, rows.entry("edge_of", relation, i), { place, known });
}

/** The run of the stored non-zeros of one column. */
export function runOfColumn(
  map: RowMap,
  column: Local<"i32">,
  e: Evaluator,
): readonly [Local<"i32">, Local<"i32">] {
  const at = (ahead: number) => e.rows.entry("column_start", map.from, column, ahead);
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
    const i = e.code.ops.i32.add(first, place);
    return e.rows.make(map.from, e.rows.entry("nonzero_of", map.from, i), { column, place });
  },
});

/** The non-zeros of a part of the run; their places are counted from its beginning. */
export function byColumn(
  map: RowMap,
  column: Local<"i32">,
  [first, last]: readonly [Local<"i32">, Local<"i32">],
  e: Evaluator,
): Elements {
  const { code, rows } = e;
  return (body) =>
    code.loop(first, last, 1, (i) => {
      const place = code.hold(code.ops.i32.sub(i, first));
      body(rows.make(map.from, rows.entry("nonzero_of", map.from, i), { column, place }));
    });
}
