/**
 * Blocks of up to eight rows of one graph and the interval that holds all their neighbours. Behind the last row its
 * values are repeated. Which neighbours of the interval are those of a row is told by a mask.
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

/** Four rows, as the lanes of a vector. */
export interface Quarter {
  readonly rows: Row;
  /** All bits where the neighbour of a number is one of the row; null: all are. */
  readonly mask: ((number: I32) => V128) | null;
}

export interface PairBlock {
  readonly first: Local<"i32">;
  readonly count: Local<"i32">;
  /** The interval of the neighbours. */
  readonly low: Local<"i32">;
  readonly high: Local<"i32">;
  readonly quarters: readonly Quarter[];
  /** The edges of four rows to a neighbour. */
  readonly edges: (quarter: Quarter, far: Row) => Row;
}

/** Writes a loop over the blocks of the tile. */
export function eachPairBlock(
  pairs: Pairs,
  c: StageContext,
  body: (block: PairBlock) => void,
): void {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  const set = pairs.map.to;
  const first = code.variable(tile.begin);
  const more = (): I32 => i32.lt_s(first, tile.end);
  const turn = (): void =>
    code.repeat(() => {
      const begin = code.hold(i32.add(first, code.int(0)));
      const graph = e.rows.entry("graph_of", set, begin);
      const stop = code.min(e.rows.entry("graph_start", set, graph, 1), tile.end);
      const end = code.hold(code.int(code.min(code.add(begin, blockRows), stop)));
      body(blockOf(pairs, { begin, end, graph }, c));
      code.set(first, end);
      return more();
    });
  code.when(more(), turn);
}

interface Bounds {
  readonly begin: Local<"i32">;
  readonly end: Local<"i32">;
  readonly graph: Local<"i32">;
}

function blockOf(
  { map, across }: Pairs,
  { begin, end, graph }: Bounds,
  c: StageContext,
): PairBlock {
  const { code, e, tile } = c;
  const { i32 } = code.ops;
  const last = code.hold(i32.sub(end, code.int(1)));
  const inGraph = e.rows.make(graphSpace, graph);
  const rows = Array.from({ length: blockRows }, (_, r) => {
    const row = tile.row(code.hold(code.int(code.min(code.add(begin, r), last))));
    row.known.set(graphOf(map.to), inGraph);
    return row;
  });
  const together = (four: readonly Row[]): Quarter => {
    const all = e.rows.together(fourOf(four));
    all.known.set(graphOf(map.to), inGraph);
    return { rows: all, mask: maskOf(map, four, c) };
  };
  const start = e.rows.entry("graph_start", across.to, graph);
  const stop = e.rows.entry("graph_start", across.to, graph, 1);
  const [low, high] = intervalOf(map, rows, [start, stop], c);
  return {
    first: begin,
    count: code.hold(i32.sub(end, begin)),
    low,
    high,
    quarters: [together(rows.slice(0, 4)), together(rows.slice(4))],
    edges: (quarter, far) => edgesOf({ map, across }, quarter, far, inGraph, c),
  };
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

type Interval = readonly [Local<"i32">, Local<"i32">];

/** The neighbours of all rows: bounds grow from row to row. */
function intervalOf(map: End, rows: readonly Row[], graph: Interval, c: StageContext): Interval {
  const { code, e } = c;
  const [start, stop] = graph;
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return bug("a block of no rows");
  if (map.relation.topology.kind === "complete") return graph;
  if (map.kind === "receiver") return [start, code.hold(code.int(endOf(map, last, c)))];
  return [code.hold(code.int(code.min(firstOf(map, first, e), stop))), stop];
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
