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
import type { I32, Index, Local } from "../operand.js";
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

/** Plain sums are cut among the range of the kernel; the rest is done by who has its beginning. */
export function combine({ target, partials, of }: StageOf<"combine">, c: StageContext): void {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const chunks = chunkCount(of, e);
  if (target.op === "product" && buffer.layout.every((axis, i) => axis === partials.layout[i])) {
    addChunks(buffer, partials, chunks, c);
    return;
  }
  const all = (): void =>
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
  if (countOf(c) > 1) code.when(code.ops.i32.eqz(code.begin), all);
  else all();
  places.chunk = null;
}

const countOf = ({ kernel: { domain } }: StageContext): number =>
  domain.over === "count" ? domain.count : 1;

/** Calls the function of the module that adds up the partial sums of all chunks, in order. */
function addChunks(to: Buffer, from: Buffer, chunks: I32, c: StageContext): void {
  const { e, code, places } = c;
  places.chunk = e.rows.make(from.space, 0);
  const target = places.start(to, e.rows.unit);
  const partials = places.start(from, e.rows.unit);
  places.chunk = null;
  const bytes = 4 * volume(to.layout);
  const [begin, end] = shareOf(bytes, c);
  run(code, "add_chunks", { target, partials, chunks, bytes: code.int(bytes), begin, end }, addUp);
}

/** From where to where in so many bytes the range of the kernel goes. */
function shareOf(bytes: number, c: StageContext): readonly [begin: I32, end: I32] {
  const { code } = c;
  const count = countOf(c);
  if (count === 1) return [code.int(0), code.int(bytes)];
  const each = 16 * Math.ceil(bytes / count / 16);
  const at = (place: Index): I32 => {
    const first = code.mul(place, each);
    return code.int(each * count === bytes ? first : code.min(first, bytes));
  };
  return [at(code.begin), at(code.end)];
}

type Sums = {
  readonly [N in "target" | "partials" | "chunks" | "bytes" | "begin" | "end"]: Local<"i32">;
};

function addUp(code: Code, { target, partials, chunks, bytes, begin, end }: Sums): void {
  const { f32x4, f32, i32 } = code.ops;
  const last = code.hold(i32.mul(bytes, chunks));
  const whole = code.hold(i32.add(begin, i32.and(i32.sub(end, begin), code.int(-16))));
  code.loop(begin, whole, 16, (at) => {
    const sum = code.variable(code.ints(0));
    code.loop(0, last, bytes, (chunk) =>
      code.set(sum, f32x4.add(sum, code.load128(i32.add(i32.add(partials, at), chunk)))),
    );
    code.store128(i32.add(target, at), 0, sum);
  });
  code.loop(whole, end, 4, (at) => {
    const sum = code.variable<"f32">(code.float(0));
    code.loop(0, last, bytes, (chunk) =>
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
