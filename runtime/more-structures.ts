/**
 * Structures that few models walk when they run: relations seen from their senders or edge by edge, sparse features by
 * column, which of these each row belongs to, orders of recurrences. `load` fetches this with models that ask for one.
 */
import type { SpaceName } from "./artifact.js";
import { ends } from "./both-ends.js";
import { countingOrder, type Edges, groupOf, starts } from "./edges.js";
import { type CheckedGraph, originOf, type Sparse } from "./graph.js";
import type { LevelOrder } from "./level-order.js";
import { volume } from "./safetensors.js";
import {
  fromEdges,
  type Made,
  type Maker,
  type Makers,
  relationOf,
  sparseInput,
  writeRowStart,
  writeStored,
} from "./structures.js";

const copy = (array: Int32Array): Made => [array.length, (out) => out.set(array)];

/** One word for each node at one end of a relation. */
const perNode =
  (
    end: "senders" | "receivers",
    arrayOf: (edges: Edges) => Int32Array,
    by: "senders" | "receivers",
  ): Maker =>
  (manifest, of, batch) => [
    batch.rows[relationOf(manifest, of)[end]] as number,
    fromEdges(arrayOf, by)(manifest, of, batch)[1],
  ];

/** The row of each non-zero. */
const rowsOf: Maker = (manifest, of, batch) => {
  const [{ space }, index] = sparseInput(manifest, of);
  const write = (out: Int32Array) => {
    const start = new Int32Array((batch.rows[space] as number) + 1);
    writeRowStart(space, index, batch, start);
    out.set(groupOf(start));
  };
  return [batch.rows[of] as number, write];
};

/** Non-zeros by column, counted over the batch, because its columns belong to all graphs. */
const byColumn =
  (part: "start" | "order" | "rows" | "values"): Maker =>
  (manifest, of, batch) => {
    const [{ space, shape }, index] = sparseInput(manifest, of);
    const [count, columns] = [batch.rows[of] as number, volume(shape)];
    const write = (out: Int32Array) => {
      const stored = new Int32Array(count);
      writeStored("indices", space, index, batch, stored);
      const start = starts(stored, columns);
      if (part === "start") return out.set(start);
      const order = countingOrder(stored, start);
      if (part === "order") return out.set(order);
      if (part === "rows") rowsOf(manifest, of, batch)[1](stored);
      else writeStored("values", space, index, batch, new Float32Array(stored.buffer));
      out.set(order.map((k) => stored[k] as number));
    };
    return [part === "start" ? columns + 1 : count, write];
  };

export { levelOrders } from "./level-order.js";

export const moreMakers: Makers = {
  receivers: fromEdges((e) => ends(e).receivers, "receivers"),
  sender_start: fromEdges((e) => ends(e).transpose.start, "edges", "senders"),
  edge_of: fromEdges((e) => ends(e).transpose.edges, "edges"),
  receiver_of: fromEdges((e) => ends(e).transpose.receivers, "receivers"),
  first_sender: perNode("receivers", (e) => e.firstSender as Int32Array, "senders"),
  first_receiver: perNode("senders", (e) => e.firstReceiver as Int32Array, "receivers"),
  offset: fromEdges((e) => e.offsets as Int32Array, null),
  rows: rowsOf,
  column_start: byColumn("start"),
  nonzero_of: byColumn("order"),
  row_of: byColumn("rows"),
  value_of: byColumn("values"),
  graph_start: (_, of, batch) => copy(batch.starts[of] as Int32Array),
  graph_of: (_, of, batch) => [
    batch.rows[of] as number,
    (out) => out.set(groupOf(batch.starts[of] as Int32Array)),
  ],
  index: (_, of, { rows, starts: first }) => [
    rows[of] as number,
    (out) => {
      first[of]?.forEach((begin, g, all) => {
        const end = all[g + 1] ?? begin;
        for (let row = begin; row < end; row++) out[row] = row - begin;
      });
    },
  ],
  order: (_, of, batch) => copy((batch.orders[of] as LevelOrder).order),
  level_start: (_, of, batch) => copy((batch.orders[of] as LevelOrder).level_start),
};

/** Gradients of the values of a sparse input: those of one graph, which `from` begins with, in the user's order. */
export function readSparseValues(
  space: SpaceName,
  index: number,
  graph: CheckedGraph,
  from: Float32Array,
): Float32Array {
  const { indptr, values } = graph.fields[index] as Sparse;
  const origin = originOf(graph, space);
  const own = from.slice(0, values.length);
  const ordered = origin ? new Float32Array(values.length) : own;
  let at = 0;
  origin?.forEach((row) => {
    if (row < 0) return;
    const [begin, end] = [indptr[row] as number, indptr[row + 1] as number];
    ordered.set(own.subarray(at, at + end - begin), begin);
    at += end - begin;
  });
  return ordered;
}
