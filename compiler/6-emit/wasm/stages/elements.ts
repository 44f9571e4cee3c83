/** The elements of a row along a map, in order: how each kind of map is walked. */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { type RowMap, receiverOf } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";
import type { Tile } from "./context.js";

/** Writes a loop over elements. */
export type Elements = (body: (element: Row) => void) => void;

/** The elements of `row`; of the batch within chunks, those of the tile. */
export function elementsOf(map: RowMap, row: Row, e: Evaluator, tile: Tile | null): Elements {
  switch (map.kind) {
    case "all":
      return (body) => (tile ? tile.each(body) : allRows(map, e, body));
    case "sender":
      return bySender(map, row, e);
    case "receiver":
      return range("receiver_start", map, row, e);
    case "graph":
      return range("graph_start", map, row, e);
    case "row":
      return range("row_start", map, row, e);
  }
}

function allRows(map: RowMap, e: Evaluator, body: (element: Row) => void): void {
  const count = e.frame.word({ kind: "rows", space: map.from });
  e.code.loop(0, count, 1, (i) => body(e.rows.make(map.from, i)));
}

/** First and last of the run of a row. */
export function runOf(
  kind: StructureKind,
  map: RowMap,
  row: Row,
  e: Evaluator,
): readonly [Local<"i32">, Local<"i32">] {
  return [e.rows.entry(kind, map.from, row.number), e.rows.entry(kind, map.from, row.number, 1)];
}

/** Elements numbered one after another. */
function range(kind: StructureKind, map: RowMap, row: Row, e: Evaluator): Elements {
  const [first, last] = runOf(kind, map, row, e);
  return (body) =>
    e.code.loop(first, last, 1, (i) => {
      body(e.rows.make(map.from, i, { known: new Map([[map, row]]) }));
    });
}

/** Edges by their sender: a list of edge numbers, and of receivers beside it. */
function bySender(map: RowMap & { readonly kind: "sender" }, row: Row, e: Evaluator): Elements {
  const [first, last] = runOf("sender_start", map, row, e);
  const { relation } = map;
  return (body) =>
    e.code.loop(first, last, 1, (i) => {
      const receiver = e.rows.make(relation.receivers, e.rows.entry("receiver_of", relation, i));
      const known = new Map<RowMap, Row>([
        [map, row],
        [receiverOf(relation), receiver],
      ]);
      body(e.rows.make(relation, e.rows.entry("edge_of", relation, i), { known }));
    });
}

/** The stored non-zeros of one column. */
export function byColumn(map: RowMap, column: Local<"i32">, e: Evaluator): Elements {
  const at = (ahead: number): Index => e.rows.entry("column_start", map.from, column, ahead);
  const [first, last] = [at(0), at(1)];
  return (body) =>
    e.code.loop(first, last, 1, (i) => {
      body(e.rows.make(map.from, e.rows.entry("nonzero_of", map.from, i), { column }));
    });
}
