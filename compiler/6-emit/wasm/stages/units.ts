/**
 * Positions of a layout in groups that fit into registers: each group is a few vectors (or single elements) whose
 * results stay in variables while the elements of a row go by. At most four vectors: 16 numbers (KERNELS, section 3).
 */
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { eachPosition, type Placed, segments, steps } from "../expressions/loops.js";
import { at as constant, type Position, plus, shifted } from "../index.js";
import type { Lanes } from "../values.js";

export interface Unit {
  readonly positions: Placed;
  readonly lanes: Lanes;
}

const most = 4;

/** Writes the loops over the groups of a layout. */
export function eachGroup(
  e: Evaluator,
  layout: readonly Axis[],
  tensors: readonly Tensor[],
  body: (units: readonly Unit[]) => void,
  { overlap }: { readonly overlap: boolean } = { overlap: true },
): void {
  const last = layout.at(-1);
  if (!last) {
    body([{ positions: [], lanes: 1 }]);
    return;
  }
  const before = layout.at(-2);
  const parts = segments(last, tensors, e);
  const inner = unitsOf(e, [0, last.size], overlap);
  if (before && parts.length === 1 && inner.length <= most / 2) {
    pairs(e, { outer: layout.slice(0, -2), before, last, inner }, tensors, body);
    return;
  }
  eachPosition(e, layout.slice(0, -1), tensors, (outer) => {
    for (const part of parts) {
      chunks(e, part, overlap, (units) => {
        body(units.map(({ p, lanes }) => ({ positions: [...outer, [last, p]], lanes })));
      });
    }
  });
}

/** All units of a layout, if they are few. */
export function fewUnits(
  e: Evaluator,
  layout: readonly Axis[],
  tensors: readonly Tensor[],
): readonly Unit[] | null {
  const last = layout.at(-1);
  if (!last) return [{ positions: [], lanes: 1 }];
  const outer = layout.slice(0, -1);
  const inner = unitsOf(e, [0, last.size], true);
  const turns = volume(outer);
  const cut = layout.some((axis) => segments(axis, tensors, e).length > 1);
  if (cut || inner.length * turns > most) return null;
  const units: Unit[] = [];
  eachPosition(
    e,
    outer,
    [],
    (placed) => {
      for (const { p, lanes } of inner) units.push({ positions: [...placed, [last, p]], lanes });
    },
    turns,
  );
  return units;
}

interface Single {
  readonly p: Position;
  readonly lanes: Lanes;
}

/** The vectors of a short stretch; the last begins earlier and overlaps, or the rest are single elements. */
function unitsOf(
  e: Evaluator,
  [low, high]: readonly [number, number],
  overlap: boolean,
): readonly Single[] {
  const size = high - low;
  const { lane } = e.indices;
  const vectors = overlap && size >= 4 ? Math.ceil(size / 4) : Math.floor(size / 4);
  const starts = range(vectors).map((i) => Math.min(4 * i, size - 4));
  const singles = range(size - Math.min(size, 4 * vectors)).map((i) => low + 4 * vectors + i);
  return [
    ...starts.map((start): Single => ({ p: shifted(lane, low + start), lanes: 4 })),
    ...singles.map((i): Single => ({ p: constant(i), lanes: 1 })),
  ];
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/**
 * Four vectors in each turn, then the rest. A rest too short for a vector joins the last turn: only within one group may
 * vectors overlap, since a group may begin with what another has stored.
 */
function chunks(
  e: Evaluator,
  [low, high]: readonly [number, number],
  overlap: boolean,
  body: (units: readonly Single[]) => void,
): void {
  const width = 4 * most;
  const turns = high - low > width ? Math.floor((high - low) / width) : 0;
  const rest = high - low - width * turns;
  const alone = turns > 0 && rest > 0 && rest < 4 ? turns - 1 : turns;
  const whole = low + width * alone;
  steps(e, { low, high: whole, by: width }, (p) => {
    body(range(most).map((i) => ({ p: shifted(plus(p, e.indices.lane), 4 * i), lanes: 4 })));
  });
  if (whole < high) body(unitsOf(e, [whole, high], overlap));
}

/** A layout whose last axis is short. */
interface Short {
  readonly outer: readonly Axis[];
  readonly before: Axis;
  readonly last: Axis;
  /** The units of the last axis. */
  readonly inner: readonly Single[];
}

/** Several positions of the axis before the last at once. */
function pairs(
  e: Evaluator,
  { outer, before, last, inner }: Short,
  tensors: readonly Tensor[],
  body: (units: readonly Unit[]) => void,
): void {
  const together = Math.max(1, Math.floor(most / inner.length));
  const whole = before.size - (before.size % together);
  const emit = (placed: Placed, p: Position, count: number): void =>
    body(
      range(count).flatMap((i) =>
        inner.map((unit): Unit => {
          const positions: Placed = [...placed, [before, shifted(p, i)], [last, unit.p]];
          return { positions, lanes: unit.lanes };
        }),
      ),
    );
  eachPosition(e, outer, tensors, (placed) => {
    steps(e, { low: 0, high: whole, by: together, most: 1 }, (p) => emit(placed, p, together));
    if (whole < before.size) emit(placed, constant(whole), before.size - whole);
  });
}
