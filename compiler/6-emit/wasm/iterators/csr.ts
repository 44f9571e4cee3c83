/** Elements that are listed in memory: stored non-zeros, rows of a graph, edges that come with the data (CSR and CSC). */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { type Relation, receiverOf } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Local } from "../operand.js";
import type { Row, Rows } from "../rows.js";
import type { Iterator, Met } from "./iterator.js";

const listed = (
  starts: StructureKind,
  numbers: StructureKind | "places",
  at: (place: Local<"i32">, e: Evaluator) => Met,
): Iterator => ({
  starts,
  numbers,
  most: Number.POSITIVE_INFINITY,
  at,
  each: ({ begin, end }, e, visit) =>
    e.code.loop(begin, end, 1, (place) => visit(() => place, at(place, e))),
});

/** Elements whose numbers are their places: their rows are sorted by the map. */
export const sorted = (starts: StructureKind): Iterator =>
  listed(starts, "places", (place) => ({ number: place }));

/** Edges by sender: a list of edge numbers, with receivers beside it. */
export const transposed = (relation: Relation): Iterator =>
  listed("sender_start", "edge_of", (place, { rows }) => ({
    number: () => rows.entry("edge_of", relation, place),
    known: [[receiverOf(relation), receiverAt(relation, place, rows)]],
  }));

const receiverAt = (relation: Relation, place: Local<"i32">, rows: Rows): Row =>
  rows.make(relation.receivers, () => rows.entry("receiver_of", relation, place));
