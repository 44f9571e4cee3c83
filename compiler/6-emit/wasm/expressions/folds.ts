/**
 * Folding terms over axes: sums and extremes. Where all that is read runs evenly along one of the axes, four terms are
 * folded at a time and the lanes in the end; which way is taken depends on nothing but the text of the program.
 */
import { bug } from "../../../bug.js";
import { type Axis, factorsOf, type Tensor } from "../../../ir/tensor.js";
import { laneStep, type Position, plus, at as position, shifted } from "../index.js";
import { held, type Value, v128 } from "../values.js";
import { accumulator, type Floats, floats, number } from "./accumulators.js";
import { type At, extended } from "./at.js";
import { lieInRows } from "./dots.js";
import type { Evaluator } from "./evaluator.js";
import { eachPosition, steps } from "./loops.js";
import { runsAlong } from "./runs.js";

export interface Fold {
  readonly over: readonly Axis[];
  /** What the terms read. */
  readonly reads: readonly Tensor[];
  readonly how: "add" | "max" | "min";
  /** What nothing folds to. */
  readonly start: number;
  readonly term: (at: At) => Value;
}

/** Vectors that are folded side by side, to hide how long one addition takes. */
const side = 4;
const unrolled = 16;

export function fold(f: Fold, at: At, e: Evaluator): Value {
  const axis = at.lanes === 1 ? evenAxis(f, e) : null;
  return axis ? foldVectors(f, axis, at, e) : foldSingly(f, at, e);
}

/** Whether a fold in four lanes had better be four folds along an axis. */
export function isBetterByLane(f: Pick<Fold, "over" | "reads">, at: At, e: Evaluator): boolean {
  if (at.lanes === 1 || evenAxis(f, e) === null) return false;
  const moving = [...at.positions].flatMap(([axis, p]) => (laneStep(p) === 0 ? [] : [axis]));
  return !moving.every((axis) => f.reads.every((x) => runsAlong(x, axis, e)));
}

/** Whether the value is folded along an axis one position at a time, not four side by side. */
export function isSingle(t: Tensor, last: Axis | undefined, e: Evaluator): boolean {
  if (t.op === "argmax" || t.op === "winner") return true;
  if (t.op !== "product" && t.op !== "extreme" && t.op !== "lse") return false;
  const reads = t.inputs;
  if (t.op === "product" && lieInRows(factorsOf(t), t.attrs.over, e)) return false;
  if (!last || evenAxis({ over: t.attrs.over, reads }, e) === null) return false;
  return !reads.every((x) => runsAlong(x, last, e));
}

/** The last axis that all terms run evenly along. */
function evenAxis({ over, reads }: Pick<Fold, "over" | "reads">, e: Evaluator): Axis | null {
  const fits = (axis: Axis): boolean => axis.size >= 4 && reads.every((x) => runsAlong(x, axis, e));
  return [...over].reverse().find(fits) ?? null;
}

function foldSingly(f: Fold, at: At, e: Evaluator): Value {
  const { code } = e;
  const ops = floats(code, at.lanes);
  const total = accumulator(code, number(code, f.start, at.lanes));
  eachPosition(e, f.over, f.reads, (positions) => {
    total.set(ops[f.how](total.value, f.term(extended(at, positions))));
  });
  return total.value;
}

function foldVectors(f: Fold, axis: Axis, at: At, e: Evaluator): Value {
  const { code } = e;
  const { size } = axis;
  const whole = size & ~3;
  const count = Math.min(side, whole / 4);
  const full = whole - (whole % (4 * count));
  const vectors = Array.from({ length: count }, () => accumulator(code, number(code, f.start, 4)));
  const others = f.over.filter((a) => a !== axis);
  eachPosition(e, others, f.reads, (outer) => {
    const here = { ...at, lanes: 4 as const };
    const four = (p: Position): Value =>
      f.term(extended(here, [...outer, [axis, plus(p, e.indices.lane)]]));
    const add = (i: number, terms: Value): void => {
      const into = vectors[i] ?? bug("no vector");
      into.set(floats(code, 4)[f.how](into.value, terms));
    };
    const group = (p: Position, n: number): void => {
      for (let i = 0; i < n; i++) add(i, four(shifted(p, 4 * i)));
    };
    steps(e, { low: 0, high: full, by: 4 * count, most: unrolled / count }, (p) => group(p, count));
    group(position(full), (whole - full) / 4);
    if (size > whole) add((whole - full) / 4, lastOf(four(position(size - 4)), size - whole, f, e));
  });
  return together(
    vectors.map((v) => v.value),
    f.how,
    e,
  );
}

/** Of the last four terms those that are not folded yet; what is folded twice does an extreme no harm. */
function lastOf(terms: Value, fresh: number, { how }: Fold, { code }: Evaluator): Value {
  if (how !== "add") return terms;
  const mask = code.ints(...[0, 1, 2, 3].map((lane) => (lane < 4 - fresh ? 0 : -1)));
  return held(code, "f32", code.ops.v128.and(v128(terms), mask));
}

/** All lanes of all vectors folded. */
function together(vectors: readonly Value[], how: keyof Floats, e: Evaluator): Value {
  const { code } = e;
  const ops = floats(code, 4);
  const [first, ...rest] = vectors;
  if (!first) bug("nothing to fold");
  const one = rest.reduce((sum, v) => held(code, "f32", ops[how](sum, v)), first);
  const halves = swapped(one, [2, 3, 0, 1], e);
  const two = held(code, "f32", ops[how](one, halves));
  const all = held(code, "f32", ops[how](two, swapped(two, [1, 0, 3, 2], e)));
  return held(code, "f32", code.ops.f32x4.lane(v128(all), 0));
}

const swapped = (
  v: Value,
  words: readonly [number, number, number, number],
  { code }: Evaluator,
): Value => held(code, "f32", code.ops.v128.shuffle(v128(v), v128(v), words));
