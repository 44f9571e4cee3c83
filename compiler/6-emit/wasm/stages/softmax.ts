/**
 * softmax by a map and the sums weighted by it, on blocks of rows in three phases (KERNELS, section 3): the logits of
 * all elements into scratch, less the largest of their row; e to the power of all of them, one after another; then per
 * row their sum, the weights, and the weighted sums as a walk.
 */
import { weightsIn } from "../../../ir/softmax.js";
import { type Tensor, volume } from "../../../ir/tensor.js";
import { accumulator, finite, floats, logarithm, number } from "../expressions/accumulators.js";
import type { At } from "../expressions/at.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { inlineExp } from "../math/exp.js";
import type { Row } from "../rows.js";
import { f32, held, load, store, type Value, v128 } from "../values.js";
import { type Block, eachBlock } from "./blocks.js";
import type { StageContext, StageOf } from "./context.js";
import type { Elements } from "./elements.js";
import { withStash, wordsOf, worthStashing } from "./stash.js";
import { eachGroup, type Unit } from "./units.js";
import { eachBase, fill, reduceSingly, reduceTarget } from "./walk.js";

type Stage = StageOf<"softmax">;

export function softmax(stage: Stage, c: StageContext): void {
  const { map, lse, sums } = stage;
  const [logits] = lse.inputs;
  const weights = weightsOf(stage, c.e);
  const plain = (row: Row, elements: Elements): void => {
    for (const target of [lse, ...sums]) reduceTarget(target, row, elements, c);
  };
  const singly = (row: Row, elements: Elements): void => {
    for (const target of [lse, ...sums]) reduceSingly(target, row, elements, c);
  };
  if (!weights || !logits || map.kind === "all" || c.kernel.domain.over === "count") {
    eachBase(map, c, plain);
    return;
  }
  const first = volume(weights.axes);
  const known = withStash([weights], first, c);
  const dear = worthStashing(sums, map, known.e);
  const words = first + wordsOf(dear);
  const inner = withStash([weights, ...dear], words, c);
  eachBlock(
    map,
    words,
    inner,
    (block) => {
      normalise({ lse, logits, weights }, block, inner);
      if (dear.length > 0) block.each((_, elements) => fill(dear, elements, inner));
      block.each((row, elements) => {
        for (const target of sums) reduceTarget(target, row, elements, inner);
      });
    },
    singly,
  );
}

/** exp(logits - pull(lse)), where the sums have it. */
function weightsOf({ lse, sums }: Stage, e: Evaluator): Tensor | null {
  if (lse.op !== "lse") return null;
  for (const sum of sums) {
    const found = sum.op === "product" ? weightsIn(sum, lse, (t) => e.stored(t) !== null) : null;
    if (found) return found;
  }
  return null;
}

interface Softmax {
  readonly lse: Tensor;
  readonly logits: Tensor;
  readonly weights: Tensor;
}

/** Fills the place of the weights, and writes the logarithms of the sums. */
function normalise(s: Softmax, block: Block, c: StageContext): void {
  const { e } = c;
  const { layout } = e.bufferOf(s.lse);
  const groups = (body: (units: readonly Unit[]) => void): void =>
    eachGroup(e, layout, [], body, { overlap: false });
  block.each((row, elements) => groups((units) => centre(s, row, elements, units, c)));
  exponentials(s.weights, block, c);
  block.each((row, elements) => groups((units) => divide(s, row, elements, units, c)));
}

/** What a unit of the row does with the weights of an element. */
function eachWeight(
  { weights }: Softmax,
  elements: Elements,
  units: readonly At[],
  { e, code, places }: StageContext,
  body: (i: number, at: At, read: () => Value, write: (v: Value) => void) => void,
): void {
  const buffer = e.bufferOf(weights);
  elements((row) => {
    for (const [i, unit] of units.entries()) {
      const at = { ...unit, row };
      const address = places.address(buffer, row, at.positions);
      const read = (): Value => load(code, "f32", address, at.lanes, 1);
      body(i, at, read, (v) => store(code, address, v));
    }
  });
}

const ats = (row: Row, units: readonly Unit[]): readonly At[] =>
  units.map(({ positions, lanes }) => ({ row, positions: new Map(positions), lanes }));

/** logits - m, m the largest of the row (0 where that is infinite), kept in the place of the result for now. */
function centre(
  s: Softmax,
  row: Row,
  elements: Elements,
  units: readonly Unit[],
  c: StageContext,
): void {
  const { e, code, places } = c;
  const here = ats(row, units);
  const most = here.map(({ lanes }) => accumulator(code, number(code, -Infinity, lanes)));
  eachWeight(s, elements, here, c, (i, at, _, write) => {
    const logit = e.number(s.logits, at);
    const largest = most[i];
    largest?.set(floats(code, at.lanes).max(largest.value, logit));
    write(logit);
  });
  const centres = most.map(({ value }) => finite(code, value));
  eachWeight(s, elements, here, c, (i, { lanes }, read, write) => {
    const m = centres[i];
    if (m) write(held(code, "f32", floats(code, lanes).sub(read(), m)));
  });
  for (const [i, { positions }] of here.entries()) {
    const m = centres[i];
    if (m) store(code, places.address(e.bufferOf(s.lse), row, positions), m);
  }
}

/** e to the power of every word of the block; up to three words behind it are scratch as well. */
function exponentials(weights: Tensor, block: Block, { e, code }: StageContext): void {
  const { i32 } = code.ops;
  const { place, layout } = e.bufferOf(weights);
  const offset = place.kind === "scratch" ? 4 * place.offset : 0;
  const bytes = code.hold(code.int(code.mul(block.count, 4 * volume(layout))));
  code.loop(0, bytes, 16, (i) => {
    const at = code.hold(i32.add(code.scratch, i));
    code.store128(at, offset, inlineExp(code, code.load128(at, offset)));
  });
}

/** z = Σ e^(logit - m): the result is m + log z, the weights are divided by z; none of them where z is 0. */
function divide(
  s: Softmax,
  row: Row,
  elements: Elements,
  units: readonly Unit[],
  c: StageContext,
): void {
  const { e, code, places } = c;
  const here = ats(row, units);
  const sums = here.map(({ lanes }) => accumulator(code, number(code, 0, lanes)));
  eachWeight(s, elements, here, c, (i, { lanes }, read) => {
    const sum = sums[i];
    sum?.set(floats(code, lanes).add(sum.value, read()));
  });
  const inverses = sums.map(({ value }) => inverse(value, c));
  eachWeight(s, elements, here, c, (i, { lanes }, read, write) => {
    const factor = inverses[i];
    if (factor) write(held(code, "f32", floats(code, lanes).mul(read(), factor)));
  });
  for (const [i, { positions, lanes }] of here.entries()) {
    const address = places.address(e.bufferOf(s.lse), row, positions);
    const z = sums[i]?.value;
    if (z) store(code, address, logarithm(code, z, load(code, "f32", address, lanes, 1)));
  }
}

/** 1 / z, and 0 for 0. */
function inverse(z: Value, { code }: StageContext): Value {
  const { f32: one, f32x4, v128: bits } = code.ops;
  if (z.lanes === 4) {
    const quotient = f32x4.div(code.floats(1), v128(z));
    return held(code, "f32", bits.and(quotient, f32x4.gt(v128(z), code.floats(0))));
  }
  const quotient = one.div(code.float(1), f32(z));
  const positive = one.gt(f32(z), code.float(0));
  return held(code, "f32", code.choose(positive, quotient, code.float(0)));
}
