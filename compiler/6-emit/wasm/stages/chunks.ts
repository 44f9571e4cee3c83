/** Partial results of chunks: how they begin, and how they are put together. */
import { bug } from "../../../bug.js";
import type { Buffer } from "../../../ir/kernel.js";
import type { Space } from "../../../ir/space.js";
import { type Tensor, volume } from "../../../ir/tensor.js";
import { run } from "../call.js";
import type { Code } from "../code.js";
import {
  type Accumulator,
  accumulator,
  exponential,
  finite,
  floats,
  logarithm,
  number,
} from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { eachVector } from "../expressions/loops.js";
import type { I32, Local } from "../operand.js";
import { type Lanes, literal, load, spread, store, type Value } from "../values.js";
import type { StageContext, StageOf } from "./context.js";
import { better, valueAt } from "./gather.js";

/** What a reduction of nothing gives. */
function identity(t: Tensor): number {
  if (t.op === "extreme") return t.attrs.which === "max" ? -Infinity : Infinity;
  if (t.op === "lse") return -Infinity;
  return t.op === "winner" ? -1 : 0;
}

/** The same in all lanes. */
export const nothing = (t: Tensor, lanes: Lanes, code: Code): Value =>
  spread(code, literal(code, t.dtype, identity(t)), lanes);

/** Sets a target to the reduction of nothing. */
export function clear(target: Tensor, row: At["row"], { e, code, places }: StageContext): void {
  const buffer = e.bufferOf(target);
  const words = volume(buffer.layout);
  if (identity(target) === 0 && words > 4) {
    code.zero(places.start(buffer, row), code.int(4 * words));
    return;
  }
  eachVector(e, buffer.layout, [], { overlap: true }, (placed, lanes) => {
    store(code, places.address(buffer, row, new Map(placed)), nothing(target, lanes, code));
  });
}

export function combine({ target, partials, of }: StageOf<"combine">, c: StageContext): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const chunks = chunkCount(of, e);
  if (target.op === "product" && buffer.layout.every((axis, i) => axis === partials.layout[i])) {
    addChunks(buffer, partials, chunks, c);
    return;
  }
  eachVector(e, buffer.layout, [], { overlap: true }, (placed, lanes) => {
    const at: At = { row: e.rows.unit, positions: new Map(placed), lanes };
    const each = (body: (partial: Value) => void): void =>
      code.loop(0, chunks, 1, (i) => {
        places.chunk = e.rows.make(of, i);
        body(
          load(code, target.dtype, places.address(partials, e.rows.unit, at.positions), lanes, 1),
        );
      });
    store(code, places.address(buffer, e.rows.unit, at.positions), together(target, at, each, e));
  });
  places.chunk = null;
}

/** Calls the function of the module that adds up the partial sums of all chunks, in order. */
function addChunks(to: Buffer, from: Buffer, chunks: I32, { e, code, places }: StageContext): void {
  const words = code.int(volume(to.layout));
  places.chunk = e.rows.make(from.space, 0);
  const target = places.start(to, e.rows.unit);
  const partials = places.start(from, e.rows.unit);
  places.chunk = null;
  run(code, "add_chunks", { target, partials, chunks, words }, addUp);
}

type Sums = { readonly [N in "target" | "partials" | "chunks" | "words"]: Local<"i32"> };

function addUp(code: Code, { target, partials, chunks, words }: Sums): void {
  const { f32x4, f32, i32 } = code.ops;
  const stride = code.hold(i32.shl(words, code.int(2)));
  const end = code.hold(i32.mul(stride, chunks));
  const whole = code.hold(i32.and(stride, code.int(-16)));
  code.loop(0, whole, 16, (at) => {
    const sum = code.variable(code.ints(0));
    code.loop(0, end, stride, (chunk) =>
      code.set(sum, f32x4.add(sum, code.load128(i32.add(i32.add(partials, at), chunk)))),
    );
    code.store128(i32.add(target, at), 0, sum);
  });
  code.loop(whole, stride, 4, (at) => {
    const sum = code.variable<"f32">(code.float(0));
    code.loop(0, end, stride, (chunk) =>
      code.set(sum, f32.add(sum, code.loadFloat(i32.add(i32.add(partials, at), chunk)))),
    );
    code.storeFloat(i32.add(target, at), 0, sum);
  });
}

/** ceil(rows / rows per chunk) */
function chunkCount(space: Space, { code, frame }: Evaluator): Local<"i32"> {
  const { i32 } = code.ops;
  const rows = frame.word({ kind: "rows", space });
  const size = frame.word({ kind: "chunkRows", space });
  const up = i32.sub(i32.add(rows, size), code.int(1));
  return code.hold(i32.div_s(up, size));
}

type Each = (body: (partial: Value) => void) => void;

/** All partial results as one, in order. */
function together(t: Tensor, at: At, each: Each, e: Evaluator): Value {
  const { code } = e;
  const ops = floats(code, at.lanes);
  const from = (x: number): Accumulator => accumulator(code, number(code, x, at.lanes));
  if (t.op === "winner") return overallWinner(t, at, each, e);
  if (t.op === "extreme" || t.op === "lse") {
    const which = t.op === "lse" ? "max" : t.attrs.which;
    const most = from(identity(t));
    each((partial) => most.set(ops[which](most.value, partial)));
    return t.op === "lse" ? logOfSum(most.value, at, each, e) : most.value;
  }
  const sum = from(0);
  each((partial) => sum.set(ops.add(sum.value, partial)));
  return sum.value;
}

function logOfSum(most: Value, at: At, each: Each, e: Evaluator): Value {
  const { code } = e;
  const m = finite(code, most);
  const sum = accumulator(code, number(code, 0, at.lanes));
  each((partial) => {
    sum.set(floats(code, at.lanes).add(sum.value, exponential(code, partial, m)));
  });
  return logarithm(code, sum.value, m);
}

/** Among the rows that won their chunks, the first of the best. */
function overallWinner(t: Tensor, at: At, each: Each, e: Evaluator): Value {
  const [extreme] = t.inputs;
  if (extreme?.op !== "extreme" || !extreme.attrs.map) bug("winner of no extreme along a map");
  const { which, map } = extreme.attrs;
  const [x] = extreme.inputs;
  const { code } = e;
  const where = accumulator(code, spread(code, literal(code, "i32", -1), at.lanes));
  const most = accumulator(code, number(code, which === "max" ? -Infinity : Infinity, at.lanes));
  each((partial) => {
    const value = valueAt(x, partial, { ...at, row: e.rows.make(map.from, 0) }, e);
    better(e, which, value, partial, most, where);
  });
  return where.value;
}
