/**
 * Strips of rows of one graph, as far as the tile goes, in blocks of eight, and the interval that holds the neighbours of a
 * block. Behind the last row its values are repeated. Which neighbours of the interval are those of a row is told by a mask.
 */
import { bug } from "../../../../bug.js";
import { graphOf, graphSpace } from "../../../../ir/space.js";
import { edgeNumber, firstOf, gapOf } from "../../iterators/interval.js";
import type { I32, Index, Local, V128 } from "../../operand.js";
import type { Four, Row } from "../../rows.js";
import type { StageContext } from "../context.js";
import { runOf } from "../elements.js";
import type { End, Pairs } from "./plan.js";
import { blockRows } from "./tiles.js";

type Interval = readonly [from: Local<"i32">, to: Local<"i32">];

export interface Strip {
  readonly rows: Interval;
  /** The row of the graph, and the nodes that it has at the other end. */
  readonly graph: Row;
  readonly others: Interval;
}

/** Four rows, as the lanes of a vector. */
export interface Quarter {
  readonly rows: Row;
  /** All bits where the neighbour of a number is one of the row; null: all are. */
  readonly mask: ((number: I32) => V128) | null;
}

export interface PairBlock {
  readonly interval: Interval;
  /** Neighbours outside of these are those of all rows; null: all are. */
  readonly partial: Interval | null;
  readonly quarters: readonly Quarter[];
  /** The edges of four rows to a neighbour. */
  readonly edges: (quarter: Quarter, far: Row) => Row;
}

/** Writes a loop over the strips of the tile. */
export function eachStrip(pairs: Pairs, c: StageContext, body: (strip: Strip) => void): void {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  const first = code.variable(tile.begin);
  const more = (): I32 => i32.lt_s(first, tile.end);
  const turn = (): void =>
    code.repeat(() => {
      const begin = code.variable(first);
      const graph = e.rows.entry("graph_of", pairs.map.to, begin);
      const stop = (of: End, ahead: number) => e.rows.entry("graph_start", of.to, graph, ahead);
      const end = code.hold(code.int(code.min(stop(pairs.map, 1), tile.end)));
      const others = [stop(pairs.across, 0), stop(pairs.across, 1)] as const;
      body({ rows: [begin, end], graph: e.rows.make(graphSpace, graph), others });
      code.set(first, end);
      return more();
    });
  code.when(more(), turn);
}

/** The neighbours of all rows from one to another. */
export function intervalOf(
  { map }: Pairs,
  { others: [start, stop] }: Strip,
  first: Row,
  last: Row,
  c: StageContext,
): Interval {
  const { code, e } = c;
  if (map.relation.topology.kind === "complete") return [start, stop];
  if (map.kind === "receiver") return [start, code.hold(code.int(endOf(map, last, c)))];
  return [code.hold(code.int(code.min(firstOf(map, first, e), stop))), stop];
}

/** The block that begins at a row of a strip. */
export function blockAt(
  begin: Local<"i32">,
  strip: Strip,
  pairs: Pairs,
  c: StageContext,
): PairBlock {
  const { code, e, tile } = c;
  const { map, across } = pairs;
  const { graph } = strip;
  const end = code.hold(code.ops.i32.sub(strip.rows[1], code.int(1)));
  const rows = Array.from({ length: blockRows }, (_, r) => {
    const row = tile.row(code.hold(code.int(code.min(code.add(begin, r), end))));
    row.known.set(graphOf(map.to), graph);
    return row;
  });
  const together = (four: readonly Row[]): Quarter => {
    const all = e.rows.together(fourOf(four));
    all.known.set(graphOf(map.to), graph);
    return { rows: all, mask: maskOf(map, four, c) };
  };
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return bug("a block of no rows");
  const interval = intervalOf(pairs, strip, first, last, c);
  return {
    interval,
    partial: partialOf(map, first, last, interval, c),
    quarters: [together(rows.slice(0, 4)), together(rows.slice(4))],
    edges: (quarter, far) => edgesOf({ map, across }, quarter, far, graph, c),
  };
}

/** Bounds and gaps grow from row to row. */
function partialOf(
  map: End,
  first: Row,
  last: Row,
  [low, high]: Interval,
  c: StageContext,
): Interval | null {
  const { code, e } = c;
  const { topology } = map.relation;
  const at = (place: Index): Local<"i32"> => code.hold(code.int(place));
  if (topology.kind === "complete") {
    if (!topology.strict) return null;
    return [at(gapOf(map, first, e)), at(code.add(gapOf(map, last, e), 1))];
  }
  if (map.kind === "receiver") return [at(endOf(map, first, c)), high];
  return [low, at(firstOf(map, last, e))];
}

/** The edges between four rows and one neighbour. */
function edgesOf(
  { map, across }: Pick<Pairs, "map" | "across">,
  { rows }: Quarter,
  far: Row,
  graph: Row,
  { e }: StageContext,
): Row {
  const one = (near: Row): Row => {
    const [sender, receiver] = map.kind === "receiver" ? [far, near] : [near, far];
    const number = (): Index => edgeNumber(map.relation, sender, receiver, e);
    const known = new Map([
      [map, near],
      [across, far],
    ]);
    return e.rows.make(map.from, number, { known, base: near });
  };
  const all = e.rows.together(fourOf((rows.four ?? bug("one row where four are wanted")).map(one)));
  all.known.set(map, rows).set(across, far).set(graphOf(map.from), graph);
  return all;
}

function fourOf([a, b, c, d]: readonly Row[]): Four {
  if (!a || !b || !c || !d) return bug("four rows are wanted");
  return [a, b, c, d];
}

/** Behind the last neighbour of a row. */
function endOf(map: End, row: Row, { code, e }: StageContext): Index {
  const [begin, end] = runOf(map, row, e);
  return code.add(firstOf(map, row, e), code.ops.i32.sub(end, begin));
}

function maskOf(map: End, rows: readonly Row[], c: StageContext): Quarter["mask"] {
  const { code, e } = c;
  const { i32x4, v128 } = code.ops;
  const { topology } = map.relation;
  const four = (of: (row: Row) => Index): Local<"v128"> =>
    code.hold(
      rows.reduce<V128>(
        (all, row, i) => i32x4.replace(all, i, code.int(of(row))),
        i32x4.splat(code.int(0)),
      ),
    );
  if (topology.kind === "complete") {
    if (!topology.strict) return null;
    const gaps = four((row) => gapOf(map, row, e));
    return (number) => i32x4.ne(i32x4.splat(number), gaps);
  }
  if (map.kind === "receiver") {
    const ends = four((row) => endOf(map, row, c));
    return (number) => i32x4.lt(i32x4.splat(number), ends);
  }
  const firsts = four((row) => firstOf(map, row, e));
  return (number) => v128.not(i32x4.lt(i32x4.splat(number), firsts));
}
