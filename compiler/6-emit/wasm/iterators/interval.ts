/**
 * Edges that nobody lists: the senders of a receiver are neighbours `lo(r) .. hi(r)`, maybe without r itself, and so are
 * the receivers of a sender. Of each row the structures hold the first neighbour, beside where its run begins.
 *
 * The edge from s to r is number `start(r) + s - lo(r)`, one less behind a gap at r.
 */
import {
  type NodeSet,
  type Relation,
  type RowMap,
  receiverOf,
  senderOf,
} from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index } from "../operand.js";
import type { Row } from "../rows.js";
import type { Iterator, Run } from "./iterator.js";

type End = Extract<RowMap, { kind: "sender" | "receiver" }>;

export const interval = (map: End): Iterator => ({
  starts: map.kind === "sender" ? "sender_start" : "receiver_start",
  numbers: map.kind === "receiver" ? "places" : null,
  most: isSingle(map.relation) ? 1 : Number.POSITIVE_INFINITY,
  at: null,
  each: (run, e, visit) => {
    const { relation } = map;
    const across = map.kind === "sender" ? receiverOf(relation) : senderOf(relation);
    const { code, rows } = e;
    code.loop(run.begin, run.end, 1, (place) => {
      const other = rows.make(across.to, () => neighbour(map, run, place, e));
      const number = (): Index => edgeNumber(relation, run.row, other, e);
      visit(() => place, {
        number: map.kind === "receiver" ? place : number,
        known: [[across, other]],
      });
    });
  },
});

/** The other end of the edge at a place of the run. */
function neighbour(map: End, { row, first }: Run, place: Index, e: Evaluator): Index {
  const { code, rows } = e;
  const { i32 } = code.ops;
  const shift = rows.fact(row, map, "shift", () => code.sub(firstOf(map, row, e), first));
  const near = code.add(place, shift);
  if (!isStrict(map.relation)) return near;
  const at = code.hold(code.int(near));
  return i32.add(at, i32.ge_s(at, code.int(gapOf(map, row, e))));
}

/** The first neighbour of a row. */
export const firstOf = (map: End, row: Row, { rows }: Evaluator): Index =>
  rows.fact(row, map, "first", () =>
    rows.entry(map.kind === "sender" ? "first_receiver" : "first_sender", map.relation, row.number),
  );

/** The neighbour that a strict relation leaves out: the one at the same place of the same graph. */
export function gapOf(map: End, row: Row, e: Evaluator): Index {
  const { senders, receivers } = map.relation;
  if (senders === receivers) return row.number;
  const own: NodeSet = map.kind === "sender" ? senders : receivers;
  return e.rows.fact(row, map, "gap", () =>
    e.code.add(firstOf(map, row, e), e.rows.entry("index", own, row.number)),
  );
}

const isSingle = ({ topology: { kind } }: Relation): boolean => kind === "chain" || kind === "self";

const isStrict = ({ topology }: Relation): boolean =>
  topology.kind === "complete" && topology.strict;

export function edgeNumber(relation: Relation, sender: Row, receiver: Row, e: Evaluator): Index {
  const { code, rows } = e;
  const by = receiverOf(relation) as End;
  const start = rows.entry("receiver_start", relation, receiver.number);
  const s = code.int(sender.number);
  const place = code.add(start, code.sub(s, firstOf(by, receiver, e)));
  if (!isStrict(relation)) return place;
  return code.sub(
    place,
    code.ops.i32.gt_s(code.int(sender.number), code.int(gapOf(by, receiver, e))),
  );
}
