/**
 * Edges of a window that nobody lists: receiver i sees sender `i*stride + tap*dilation - pad` on each axis, where that
 * exists. Which taps do is an interval on each axis, so the edges of a receiver are a box of taps, and those of a sender
 * a box of receivers: a loop for each axis.
 *
 * The edge to r by a tap is number `start(r)` + the place of the tap in the box of r.
 */
import { bug } from "../../../bug.js";
import { type RowMap, receiverOf, senderOf, type Topology } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index } from "../operand.js";
import { later } from "../rows.js";
import { apart, coordinate, divided, extentOf, extentsOf, originOf, remainder } from "./grid.js";
import type { Iterator, Run, Visit } from "./iterator.js";

type End = Extract<RowMap, { kind: "sender" | "receiver" }>;
type Window = Extract<Topology, { kind: "window" }>;

/** What the window does on one axis. */
interface Axis {
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  /** Whether the last tap of every receiver meets a sender; and every sender just one receiver. */
  readonly inside: boolean;
  readonly tiled: boolean;
  /** How far apart neighbours are: taps, and rows of the other end. */
  readonly tapStep: number;
  readonly rowStep: number;
}

/** The turns of the loop over one axis, known at the row; and what a turn means. */
interface Side {
  readonly from: Index;
  /** Null: there is one. */
  readonly to: Index | null;
  /** On this axis: the tap, the place of the other end, and that of the receiver. */
  readonly tap: (turn: Index) => Index;
  readonly other: (turn: Index) => Index;
}

/** A turn of each of the loops so far: sums over their axes. */
interface Turn {
  /** Row of the other end, and tap. */
  readonly row: () => Index;
  readonly tap: () => Index;
  /** Place of the edge among those of its receiver. */
  readonly rank: () => Index;
}

export const stencil = (map: End, window: Window): Iterator => ({
  starts: map.kind === "sender" ? "sender_start" : "receiver_start",
  numbers: map.kind === "receiver" ? "places" : null,
  most: window.taps.reduce((n, taps) => n * taps, 1),
  at: null,
  each: (run, e, visit) => new Walk(map, window, run, e).write(visit),
});

class Walk {
  readonly #map: End;
  readonly #axes: readonly Axis[];
  readonly #run: Run;
  readonly #e: Evaluator;

  constructor(map: End, window: Window, run: Run, e: Evaluator) {
    this.#map = map;
    this.#axes = axesOf(map, window);
    this.#run = run;
    this.#e = e;
  }

  write(visit: Visit): void {
    const { code } = this.#e;
    const { row, first } = this.#run;
    const { relation, to: own } = this.#map;
    const far = this.#map.kind === "sender" ? relation.receivers : relation.senders;
    const sides = this.#axes.map((axis, i) => this.#side(axis, i));
    const start: Turn = {
      row: () => originOf(far, row, own, this.#e),
      tap: () => 0,
      rank: () => 0,
    };
    const place = sides.length > 1 ? code.variable(first) : first;
    const nest = (i: number, turn: Turn): void => {
      const side = sides[i] ?? bug("no such axis");
      const [axis] = this.#axes.slice(i, i + 1);
      if (!axis) return;
      const { from, to } = side;
      const each = (body: (v: Index) => void): void =>
        to === null ? body(from) : code.loop(from, to, 1, body);
      if (i < sides.length - 1) {
        each((v) => nest(i + 1, this.#turn(axis, side, turn, v)));
        return;
      }
      const shift = code.hold(code.int(code.sub(place, from)));
      each((v) => {
        const at = later(code, () => code.add(v, shift));
        this.#visit(at, this.#turn(axis, side, turn, v), visit);
      });
      if (place === first) return;
      const behind = to === null ? code.add(from, 1) : code.max(to, from);
      code.set(place, code.int(code.add(shift, behind)));
    };
    nest(0, start);
  }

  /** Goes on to one more axis. */
  #turn(axis: Axis, side: Side, before: Turn, v: Index): Turn {
    const { code } = this.#e;
    const tap = later(code, () => side.tap(v));
    const other = later(code, () => side.other(v));
    return {
      row: later(code, () => code.add(before.row(), code.mul(other(), axis.rowStep))),
      tap: later(code, () => code.add(before.tap(), code.mul(tap(), axis.tapStep))),
      rank: later(code, () => {
        const { low, high } = box(axis, other(), this.#senders(this.#axes.indexOf(axis)), this.#e);
        const lowest = low();
        const least = typeof lowest === "number" ? lowest : code.hold(code.int(lowest));
        const own = code.sub(tap(), least);
        const outer = before.rank();
        if (outer === 0) return own;
        const count = code.sub(high(), least);
        const skipped =
          typeof count === "number"
            ? code.mul(outer, count)
            : code.ops.i32.mul(code.int(outer), count);
        return code.add(skipped, own);
      }),
    };
  }

  #visit(place: () => Index, turn: Turn, visit: Visit): void {
    const { code, rows } = this.#e;
    const { relation, kind } = this.#map;
    const { cut, begin, end } = this.#run;
    const across = kind === "sender" ? receiverOf(relation) : senderOf(relation);
    const write = (): void => {
      const other = rows.make(across.to, turn.row);
      const number = (): Index =>
        kind === "receiver"
          ? place()
          : code.add(rows.entry("receiver_start", relation, other.number), turn.rank());
      visit(place, { number, known: [[across, other]], tap: turn.tap });
    };
    if (!cut) {
      write();
      return;
    }
    const { i32 } = code.ops;
    const at = code.int(place());
    const inside = i32.and(i32.ge_s(at, begin), i32.lt_s(at, end));
    code.when(inside, write);
  }

  #senders = (axis: number): Index => {
    const { relation, to } = this.#map;
    return extentOf(relation.senders, axis, this.#run.row, to, this.#e);
  };

  #side(axis: Axis, i: number): Side {
    return this.#map.kind === "receiver" ? this.#tapsOf(axis, i) : this.#receiversOf(axis, i);
  }

  /** The taps of a receiver: turns are taps. */
  #tapsOf(axis: Axis, i: number): Side {
    const { code, rows } = this.#e;
    const { row } = this.#run;
    const place = coordinate(row, this.#map.to, i, this.#e);
    const { low, high } = box(axis, place, this.#senders(i), this.#e);
    const first = rows.fact(row, this.#map, `first sender ${i}`, () =>
      firstSender(axis, place, this.#e),
    );
    return {
      from: rows.fact(row, this.#map, `low tap ${i}`, low),
      to: rows.fact(row, this.#map, `high tap ${i}`, high),
      tap: (v) => v,
      other: (v) => code.add(code.mul(v, axis.dilation), first),
    };
  }

  /**
   * The receivers of a sender: those r for which q - r*stride is a tap times the dilation, q = place + pad. Both sides
   * divided by their common divisor g, that is every `step = dilation / g`-th r from one with r = (q / g) / (stride / g)
   * mod step on, if g divides q at all.
   */
  #receiversOf(axis: Axis, i: number): Side {
    const { code, rows } = this.#e;
    const { row } = this.#run;
    const { relation, to: own } = this.#map;
    const { taps, stride, dilation, pad } = axis;
    const fact = (key: string, make: () => Index): Index =>
      rows.fact(row, this.#map, `${key} ${i}`, make);
    const q = fact("reach", () => code.add(coordinate(row, own, i, this.#e), pad));
    if (axis.tiled) {
      const only = fact("low receiver", () => divided(q, stride, this.#e));
      const tap = (): Index => code.sub(q, code.mul(only, stride));
      return { from: only, to: null, tap, other: () => only };
    }
    const low = fact("low receiver", () => {
      const up = code.add(q, stride - 1 - (taps - 1) * dilation);
      return code.max(0, divided(up, stride, this.#e));
    });
    const g = divisor(stride, dilation);
    const step = dilation / g;
    const high = fact("high receiver", () => {
      const extent = extentOf(relation.receivers, i, row, own, this.#e);
      const to = code.min(extent, code.add(divided(q, stride, this.#e), 1));
      if (g === 1) return to;
      const divides = code.ops.i32.eq(code.int(remainder(q, g, this.#e)), code.int(0));
      return code.choose(divides, code.int(to), code.int(low));
    });
    const start = step === 1 ? low : fact("first receiver", () => this.#aligned(axis, q, low, g));
    const tap = (r: Index): Index => divided(code.sub(q, code.mul(r, stride)), dilation, this.#e);
    if (step === 1) return { from: low, to: high, tap, other: (v) => v };
    const other = (v: Index): Index => code.add(code.mul(v, step), start);
    const count = fact("receivers", () =>
      divided(code.max(0, code.add(code.sub(high, start), step - 1)), step, this.#e),
    );
    return {
      from: 0,
      to: count,
      tap: (v) => tap(code.hold(code.int(other(v)))),
      other,
    };
  }

  /** The first place from `low` on that is congruent to (q / g) / (stride / g), modulo dilation / g. */
  #aligned({ stride, dilation }: Axis, q: Index, low: Index, g: number): Index {
    const { code } = this.#e;
    const step = dilation / g;
    const inverse = range(step).find((n) => (n * (stride / g)) % step === 1) ?? 0;
    const wanted = remainder(code.mul(divided(q, g, this.#e), inverse), step, this.#e);
    const ahead = code.sub(code.add(wanted, step), remainder(low, step, this.#e));
    return code.add(low, remainder(ahead, step, this.#e));
  }
}

/** Place of tap 0 on an axis of the senders, before the border or not. */
const firstSender = ({ stride, pad }: Axis, receiver: Index, { code }: Evaluator): Index =>
  code.add(code.mul(receiver, stride), -pad);

/** The taps of a receiver that meet a sender: low <= tap < high, at least low <= high. All, where none can be outside. */
function box(
  axis: Axis,
  receiver: Index,
  extent: Index,
  e: Evaluator,
): { readonly low: () => Index; readonly high: () => Index } {
  const { code } = e;
  const { taps, dilation, pad, inside } = axis;
  const first = (): Index => firstSender(axis, receiver, e);
  return {
    low: () => (pad === 0 ? 0 : code.max(0, divided(code.sub(dilation - 1, first()), dilation, e))),
    high: () => {
      if (inside) return taps;
      const beyond = code.sub(code.add(extent, dilation - 1), first());
      return code.min(taps, divided(beyond, dilation, e));
    },
  };
}

function axesOf(map: End, { taps, stride, dilation, pad }: Window): readonly Axis[] {
  const { relation, kind } = map;
  const [senders, receivers] = [extentsOf(relation.senders), extentsOf(relation.receivers)];
  const rows = apart(kind === "sender" ? receivers : senders);
  return taps.map((count, i) => {
    const [step, far, before] = [stride[i] ?? 1, dilation[i] ?? 1, pad[i] ?? 0];
    const [from, into] = [senders?.[i], receivers?.[i]];
    const known = from !== undefined && into !== undefined;
    const last = known ? (into - 1) * step - before + (count - 1) * far : 0;
    return {
      taps: count,
      stride: step,
      dilation: far,
      pad: before,
      inside: known && last < from,
      tiled: known && before === 0 && far === 1 && count === step && from === into * step,
      tapStep: taps.slice(i + 1).reduce((n, t) => n * t, 1),
      rowStep: rows[i] ?? 1,
    };
  });
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
