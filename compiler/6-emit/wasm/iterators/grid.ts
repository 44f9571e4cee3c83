/**
 * Where a row stands in its graph: the arithmetic between rows, graphs and places on a grid. Grids have known extents;
 * a sequence is a grid of one axis whose extent is a number of the batch.
 */
import { bug } from "../../../bug.js";
import type { NodeSet } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index } from "../operand.js";
import type { Row } from "../rows.js";

/** Extents of each axis; null: one axis, as long as the graph has nodes. */
export const extentsOf = ({ layout }: NodeSet): readonly number[] | null =>
  layout.kind === "grid" ? layout.extents : null;

const size = (extents: readonly number[]): number => extents.reduce((n, extent) => n * extent, 1);

/** How many rows apart neighbours on each axis are. */
export const apart = (extents: readonly number[] | null): readonly number[] =>
  extents?.map((_, axis) => size(extents.slice(axis + 1))) ?? [1];

const graphOf = (row: Row, set: NodeSet, e: Evaluator): Index =>
  e.rows.fact(row, set, "graph", () => {
    const extents = extentsOf(set);
    return extents
      ? divided(row.number, size(extents), e)
      : e.rows.entry("graph_of", set, row.number);
  });

/** The first row that `far` has in the graph of a row of `own`. */
export function originOf(far: NodeSet, row: Row, own: NodeSet, e: Evaluator): Index {
  const { code, rows } = e;
  const extents = extentsOf(far);
  return rows.fact(row, far, "origin", () => {
    const graph = graphOf(row, own, e);
    return extents ? code.mul(graph, size(extents)) : rows.entry("graph_start", far, graph);
  });
}

/** How many nodes `far` has in the graph of a row of `own`, on an axis. */
export function extentOf(far: NodeSet, axis: number, row: Row, own: NodeSet, e: Evaluator): Index {
  const extents = extentsOf(far);
  if (extents) return extents[axis] ?? bug(`no axis ${axis} of ${far.name}`);
  return e.rows.fact(row, far, "extent", () => {
    const end = e.rows.entry("graph_start", far, graphOf(row, own, e), 1);
    return e.code.sub(end, originOf(far, row, own, e));
  });
}

/** Where a row stands on an axis of its own grid. */
export function coordinate(row: Row, own: NodeSet, axis: number, e: Evaluator): Index {
  const { code, rows } = e;
  const extents = extentsOf(own);
  return rows.fact(row, own, `axis ${axis}`, () => {
    const place = rows.fact(row, own, "place", () =>
      code.sub(row.number, originOf(own, row, own, e)),
    );
    if (!extents) return place;
    const line = divided(place, apart(extents)[axis] ?? 1, e);
    return axis === 0 ? line : remainder(line, extents[axis] ?? 1, e);
  });
}

/** Towards zero. */
export function divided(a: Index, by: number, { code }: Evaluator): Index {
  if (by === 1) return a;
  if (typeof a === "number") return Math.trunc(a / by);
  return code.ops.i32.div_s(a, code.int(by));
}

export function remainder(a: Index, by: number, { code }: Evaluator): Index {
  if (by === 1) return 0;
  if (typeof a === "number") return a % by;
  return code.ops.i32.rem_s(a, code.int(by));
}
