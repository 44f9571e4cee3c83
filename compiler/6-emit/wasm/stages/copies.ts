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
  // backwards on one side: both begin at the end where that side is lowest
  const first = axis.to < 0 ? (axis.turns - 1) * -axis.to : 0;
  const moves = axes.reduce((n, { turns }) => n * turns, movesOf(words));
  if (moves <= unrolled) {
    for (let v = 0; v < axis.turns; v++) {
      const [ahead, behind] = [at.ahead + v * axis.from, at.behind + first + v * axis.to];
      nest(code, rest, words, { ...at, ahead, behind });
    }
    return;
  }
  code.loop(0, axis.turns, 1, (v) => {
    const from = code.hold(code.int(code.add(at.from, code.mul(v, axis.from))));
    const to = code.hold(code.int(code.add(code.add(at.to, first), code.mul(v, axis.to))));
    nest(code, rest, words, { ...at, from, to });
  });
}

/** Copies part of it: the turns from `low` to before `high` on each axis. Short runs side by side are one. */
export function copyPart(
  code: Code,
  { axes, run }: Box,
  from: Place,
  to: Place,
  bounds: readonly (readonly [low: Index, high: Index])[],
): void {
  const last = axes.length - 1;
  const joins = run < 4 && axes[last]?.from === 4 * run && axes[last]?.to === 4 * run;
  const visit = (i: number, at: At): void => {
    const [axis, bound] = [axes[i], bounds[i]];
    if (!axis || !bound) {
      copyRun(code, run, at);
      return;
    }
    const [low, high] = bound;
    const first = axis.to < 0 ? (axis.turns - 1) * -axis.to : 0;
    const turn = (v: Index): At => ({
      ...at,
      from: code.hold(code.int(code.add(at.from, code.mul(v, axis.from)))),
      to: code.hold(code.int(code.add(code.add(at.to, first), code.mul(v, axis.to)))),
    });
    if (i === last && joins)
      copyWords(code, code.mul(code.int(code.sub(high, low)), run), turn(low));
    else code.loop(low, high, 1, (v) => visit(i + 1, turn(v)));
  };
  visit(0, { from, to, ahead: 0, behind: 0 });
}

/** So many words, if any: vectors, the last of which may overlap; of few words two and one. */
function copyWords(code: Code, count: Index, { from, to }: At): void {
  const { i32 } = code.ops;
  const words = code.hold(code.int(count));
  const move = (word: Index, lanes: number): void => {
    const place = (x: Place): Place => code.hold(code.int(code.add(x, code.mul(word, 4))));
    code.storeLanes(place(to), 0, code.hold(code.loadLanes(place(from), 0, lanes)), lanes);
  };
  const behind = (n: number): Local<"i32"> => code.hold(i32.sub(words, code.int(n)));
  code.when(
    i32.lt_s(words, code.int(4)),
    () =>
      code.when(i32.gt_s(words, code.int(0)), () => {
        code.when(i32.and(words, code.int(2)), () => move(0, 2));
        code.when(i32.and(words, code.int(1)), () => move(behind(1), 1));
      }),
    () => {
      const last = behind(4);
      code.loop(0, last, 4, (at) => move(at, 4));
      move(last, 4);
    },
  );
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
