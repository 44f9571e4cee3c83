/**
 * softmax by a map and the sums weighted by it, on blocks of rows in three phases (KERNELS, section 3): the logits of
 * all elements into scratch, less the largest of their row; e to the power of all of them, one after another; then per
 * row their sum, the weights, and the weighted sums as a walk.
 */
import { bug } from "../../../bug.js";
import { weightsIn } from "../../../ir/softmax.js";
import type { RowMap } from "../../../ir/space.js";
import { type Axis, type Tensor, volume } from "../../../ir/tensor.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { at as constant } from "../index.js";
import type { I32, Index } from "../operand.js";
import type { Row } from "../rows.js";
import { type Block, eachBlock } from "./blocks.js";
import type { StageContext, StageOf } from "./context.js";
import { type Elements, runOf } from "./elements.js";
import { copyRow } from "./map.js";
import { centre, divide, exponentials } from "./normalise.js";
import { evenLayout, withStash, wordsOf, worthStashing } from "./stash.js";
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
  const { layout } = c.e.bufferOf(lse);
  const inLayout = (t: Tensor): readonly Axis[] => (t === weights ? layout : evenLayout(t, c.e));
  const known = withStash([weights], first, c, inLayout);
  const dear = worthStashing(sums, map, known.e);
  const words = first + wordsOf(dear);
  const inner = withStash([weights, ...dear], words, c, inLayout);
  eachBlock(
    map,
    words,
    inner,
    (block) => {
      normalise({ lse, logits, weights }, map, block, inner);
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
function normalise(
  { lse, logits, weights }: Softmax,
  map: RowMap,
  block: Block,
  c: StageContext,
): void {
  const { code, e, places } = c;
  const { i32 } = code.ops;
  const buffer = e.bufferOf(weights);
  const heads = volume(buffer.layout);
  const bytes = (elements: Index): I32 => code.int(code.mul(elements, 4 * heads));
  const scratch =
    buffer.place.kind === "scratch" ? buffer.place.offset : bug("weights in a buffer");
  const start = code.hold(i32.add(code.scratch, code.int(4 * scratch)));
  const onRows = (what: typeof centre): void =>
    block.each((row) => {
      const [first, last] = runOf(map, row, e);
      const to = e.bufferOf(lse);
      const origin = new Map(to.layout.map((axis) => [axis, constant(0)]));
      what(code, heads, {
        first: i32.add(start, bytes(i32.sub(first, block.origin))),
        bytes: bytes(i32.sub(last, first)),
        result: places.pointer(to, row, origin),
      });
    });
  block.each((_, elements) => elements((element) => copyRow(logits, buffer, element, c)));
  onRows(centre);
  exponentials(code, start, bytes(block.count));
  onRows(divide);
}
