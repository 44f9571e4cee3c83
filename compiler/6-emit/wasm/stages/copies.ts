/** Copies of boxes: for every turn on each axis a run of words, at known distances on both sides. */
import type { Code } from "../code.js";
import type { Index, Local } from "../operand.js";

interface Axis {
  readonly turns: number;
  /** Bytes from one turn to the next. */
  readonly from: number;
  readonly to: number;
}

export interface Box {
  readonly axes: readonly Axis[];
  /** Words of one turn, and of all. */
  readonly run: number;
  readonly words: number;
}

/** Vectors and words that are written out; more are a loop. */
const unrolled = 48;
const vectorsInTurn = 4;

type Place = Local<"i32">;

/** Copies all of it; runs that follow one another on both sides are one. */
export function copyAll(code: Code, { axes, run }: Box, from: Place, to: Place): void {
  const last = axes.at(-1);
  const joins = last?.from === 4 * run && last.to === 4 * run;
  const outer = joins ? axes.slice(0, -1) : axes;
  const words = joins ? run * last.turns : run;
  nest(code, outer, words, { from, to, ahead: 0, behind: 0 });
}

/** Places in memory, and bytes further on. */
interface At {
  readonly from: Place;
  readonly to: Place;
  readonly ahead: number;
  readonly behind: number;
}

function nest(code: Code, axes: readonly Axis[], words: number, at: At): void {
  const [axis, ...rest] = axes;
  if (!axis) {
    copyRun(code, words, at);
    return;
  }
  const moves = axes.reduce((n, { turns }) => n * turns, movesOf(words));
  if (moves <= unrolled) {
    for (let v = 0; v < axis.turns; v++) {
      const [ahead, behind] = [at.ahead + v * axis.from, at.behind + firstOf(axis) + v * axis.to];
      nest(code, rest, words, { ...at, ahead, behind });
    }
    return;
  }
  code.loop(0, axis.turns, 1, (v) => {
    nest(code, rest, words, turned(code, axis, at, v));
  });
}

type Bound = readonly [low: Index, high: Index];

/** Copies part of it: the turns from `low` to before `high` on each axis. Short runs side by side are one. */
export function copyPart(
  code: Code,
  { axes, run }: Box,
  from: Place,
  to: Place,
  bounds: readonly Bound[],
): void {
  const [last, bound] = [axes.at(-1), bounds.at(-1)];
  const joins = run < 4 && last?.from === 4 * run && last.to === 4 * run;
  const start: At = { from, to, ahead: 0, behind: 0 };
  if (!joins || !bound) {
    eachTurn(code, axes, bounds, start, (at) => copyRun(code, run, at));
    return;
  }
  const [low, high] = bound;
  const words = code.hold(code.int(code.mul(code.int(code.sub(high, low)), run)));
  const first = turned(code, last, start, low);
  const each = (body: (at: At) => void): void =>
    eachTurn(code, axes.slice(0, -1), bounds, first, body);
  const whole = last.turns * run;
  const { i32 } = code.ops;
  code.when(
    i32.eq(words, code.int(whole)),
    () => each((at) => copyRun(code, whole, at)),
    () =>
      code.when(i32.gt_s(words, code.int(0)), () =>
        code.when(
          i32.lt_s(words, code.int(4)),
          () => each((at) => copyFew(code, words, at)),
          () => each((at) => copyVectors(code, words, at)),
        ),
      ),
  );
}

function eachTurn(
  code: Code,
  [axis, ...rest]: readonly Axis[],
  [bound, ...bounds]: readonly Bound[],
  at: At,
  body: (at: At) => void,
): void {
  if (!axis || !bound) body(at);
  else
    code.loop(bound[0], bound[1], 1, (v) =>
      eachTurn(code, rest, bounds, turned(code, axis, at, v), body),
    );
}

const turned = (code: Code, axis: Axis, at: At, v: Index): At => ({
  ...at,
  from: code.hold(code.int(code.add(at.from, code.mul(v, axis.from)))),
  to: code.hold(code.int(code.add(code.add(at.to, firstOf(axis)), code.mul(v, axis.to)))),
});

/** Backwards on one side both begin at the end where that side is lowest: bytes from there to the first turn. */
const firstOf = ({ turns, to }: Axis): number => (to < 0 ? (turns - 1) * -to : 0);

/** Less than four words. */
function copyFew(code: Code, words: Place, { from, to }: At): void {
  const { i32 } = code.ops;
  const move = (lanes: number, f: Place, t: Place): void =>
    code.storeLanes(t, 0, code.hold(code.loadLanes(f, 0, lanes)), lanes);
  const two = code.hold(i32.and(words, code.int(2)));
  code.when(two, () => move(2, from, to));
  code.when(i32.and(words, code.int(1)), () => {
    const behind = code.hold(i32.shl(two, code.int(2)));
    move(1, code.hold(i32.add(from, behind)), code.hold(i32.add(to, behind)));
  });
}

/** Four words and more; the last vector may overlap. */
function copyVectors(code: Code, words: Place, { from, to }: At): void {
  const last = code.hold(code.ops.i32.shl(code.ops.i32.sub(words, code.int(4)), code.int(2)));
  const move = (at: Local<"i32">): void =>
    code.store128(code.add(to, at), 0, code.load128(code.add(from, at)));
  code.loop(0, last, 16, move);
  move(last);
}

const movesOf = (words: number): number => Math.floor(words / 4) + (words % 4 > 0 ? 1 : 0);

/** Whole vectors, and one that overlaps the last; of few words two and one. */
function copyRun(code: Code, words: number, { from, to, ahead, behind }: At): void {
  const move = (f: Place, t: Place, word: number, lanes: number): void =>
    code.storeLanes(
      t,
      behind + 4 * word,
      code.hold(code.loadLanes(f, ahead + 4 * word, lanes)),
      lanes,
    );
  const whole = words - (words % 4);
  const turn = 4 * vectorsInTurn;
  const inLoop = whole > 2 * turn ? whole - (whole % turn) : 0;
  if (inLoop > 0) {
    code.loop(0, 4 * inLoop, 4 * turn, (at) => {
      const [f, t] = [
        code.hold(code.int(code.add(from, at))),
        code.hold(code.int(code.add(to, at))),
      ];
      for (let word = 0; word < turn; word += 4) move(f, t, word, 4);
    });
  }
  for (let word = inLoop; word < whole; word += 4) move(from, to, word, 4);
  if (whole === words) return;
  if (words > 4) {
    move(from, to, words - 4, 4);
    return;
  }
  if (words >= 2) move(from, to, 0, 2);
  if (words % 2 === 1) move(from, to, words - 1, 1);
}

/** Sets so many words to zero. */
export function clearWords(code: Code, to: Place, words: number): void {
  const zero = code.ints(0);
  const whole = words - (words % 4);
  if (whole > 4 * unrolled) {
    code.loop(0, 4 * whole, 16, (at) => code.store128(code.add(to, at), 0, zero));
  } else for (let word = 0; word < whole; word += 4) code.store128(to, 4 * word, zero);
  if (words > 4 && whole < words) code.store128(to, 4 * (words - 4), zero);
  else if (whole < words) code.storeLanes(to, 4 * whole, zero, words - whole);
}
