/**
 * Four dot products of rows of two matrices that lie in memory: y[i] = Σ k a[i, k] b[i, k]. A function of the module
 * for each length and each distance between the rows; k runs in vectors, whose lanes are added up in the end.
 */
import { bug } from "../../../bug.js";
import type { Axis, Tensor } from "../../../ir/tensor.js";
import { call } from "../call.js";
import type { Code } from "../code.js";
import { at as constant, laneStep } from "../index.js";
import type { I32, Index, Local, V128 } from "../operand.js";
import { strides } from "../places.js";
import { type At, extended, restricted } from "./at.js";
import type { Evaluator } from "./evaluator.js";

/** The dots at four neighbouring positions, or null: the factors do not lie so. */
export function dots(
  factors: readonly Tensor[],
  over: readonly Axis[],
  at: At,
  e: Evaluator,
): V128 | null {
  const [axis, ...others] = over;
  if (!axis || others.length > 0 || factors.length !== 2 || at.lanes !== 4) return null;
  const [a, b] = factors.map((x) => rowsOf(x, axis, at, e));
  if (!a || !b) return null;
  const shape = { length: axis.size, a: 4 * a.step, b: 4 * b.step };
  const name = `dots_${shape.length}_${shape.a}_${shape.b}`;
  const args = { a: a.pointer(), b: b.pointer() };
  return call(e.code, name, args, "v128", (code, p) => fourDots(code, p, shape));
}

/** Whether factors can be multiplied so, as far as their memory tells. */
export const lieInRows = (
  factors: readonly Tensor[],
  over: readonly Axis[],
  e: Evaluator,
): boolean =>
  over.length === 1 && factors.length === 2 && factors.every((x) => isInRows(x, over, e));

function isInRows(x: Tensor, [axis]: readonly Axis[], e: Evaluator): boolean {
  const read = x.op === "pull" && !e.stored(x) && x.attrs.slots.length === 0 ? x.inputs[0] : x;
  const buffer = read && e.stored(read);
  return buffer?.dtype === "f32" && axis !== undefined && strides(buffer.layout).get(axis) === 1;
}

/** Rows of a matrix: where the first lies, and how many words on the next one does. */
interface MatrixRows {
  readonly pointer: () => I32;
  readonly step: number;
}

/** What a factor reads at the four positions, if these are runs of memory along the axis. */
function rowsOf(x: Tensor, axis: Axis, at: At, e: Evaluator): MatrixRows | null {
  const buffer = e.stored(x);
  if (!buffer) {
    if (x.op !== "pull" || x.attrs.slots.length > 0 || at.row.four) return null;
    const row = x.attrs.map ? e.rows.follow(at.row, x.attrs.map) : at.row;
    return rowsOf(x.inputs[0] ?? bug("pull of nothing"), axis, { ...at, row }, e);
  }
  const isRun = x.dtype === "f32" && strides(buffer.layout).get(axis) === 1;
  if (!isRun || at.row.four) return null;
  const { positions } = restricted(x.axes, extended(at, [[axis, constant(0)]]));
  const step = laneStep(e.places.place(buffer, positions));
  if (step === null) return null;
  return { pointer: () => e.places.pointer(buffer, at.row, positions), step };
}

interface Shape {
  readonly length: number;
  /** Bytes from row to row. */
  readonly a: number;
  readonly b: number;
}

const lanes = [0, 1, 2, 3] as const;
/** Vectors of a row that are written out. */
const most = 2;

function fourDots(
  code: Code,
  { a, b }: { readonly a: Local<"i32">; readonly b: Local<"i32"> },
  shape: Shape,
): V128 {
  const sums = lanes.map(() => code.variable(code.floats(0)));
  const add = (at: Index, size: number): void => {
    const [x, y] = [code.hold(code.int(code.add(a, at))), code.hold(code.int(code.add(b, at)))];
    for (const [lane, sum] of sums.entries()) {
      const left = code.loadLanes(x, lane * shape.a, size);
      const right = code.loadLanes(y, lane * shape.b, size);
      code.set(sum, code.multiplyAdd(sum, left, right));
    }
  };
  const whole = shape.length & ~3;
  if (whole > 4 * most) code.loop(0, 4 * whole, 16, (at) => add(at, 4));
  else for (let i = 0; i < whole; i += 4) add(4 * i, 4);
  if (whole < shape.length) add(4 * whole, shape.length - whole);
  return transposedSum(code, sums);
}

/** The sums of the lanes of four vectors, as the lanes of one. */
export function transposedSum(code: Code, vectors: readonly Local<"v128">[]): V128 {
  const { f32x4, v128 } = code.ops;
  const [a, b, c, d] = vectors;
  if (!a || !b || !c || !d) bug("four vectors are wanted");
  const halves = (x: V128, y: V128): Local<"v128"> =>
    code.hold(f32x4.add(v128.shuffle(x, y, [0, 4, 1, 5]), v128.shuffle(x, y, [2, 6, 3, 7])));
  const [low, high] = [halves(a, b), halves(c, d)];
  return f32x4.add(v128.shuffle(low, high, [0, 1, 4, 5]), v128.shuffle(low, high, [2, 3, 6, 7]));
}
