/** The edges of a graph, that nobody lists: those of its first receiver, then those of the next. */
import { graphOf, type Relation, receiverOf } from "../../../ir/space.js";
import type { Iterator } from "./iterator.js";

/** `ofReceiver` meets the edges of one receiver. */
export const byGraph = (relation: Relation, ofReceiver: Iterator): Iterator => ({
  starts: "graph_start",
  numbers: "places",
  most: Number.POSITIVE_INFINITY,
  at: null,
  each: ({ row, begin, end, cut }, e, visit) => {
    const { code, rows } = e;
    const { receivers } = relation;
    const nodes = (ahead: number) => rows.entry("graph_start", receivers, row.number, ahead);
    code.loop(nodes(0), nodes(1), 1, (number) => {
      const receiver = rows.make(receivers, number, {
        known: new Map([[graphOf(receivers), row]]),
      });
      const edge = (ahead: number) => rows.entry("receiver_start", relation, number, ahead);
      const [first, last] = [edge(0), edge(1)];
      const from = cut ? code.hold(code.int(code.max(first, begin))) : first;
      const to = cut ? code.hold(code.int(code.min(last, end))) : last;
      ofReceiver.each({ row: receiver, first, begin: from, end: to, cut }, e, (place, met) =>
        visit(place, { ...met, known: [[receiverOf(relation), receiver], ...(met.known ?? [])] }),
      );
    });
  },
});
