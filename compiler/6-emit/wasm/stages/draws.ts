/**
 * Draws of whole rows, made ahead into scratch: four rows at a time, each with the four draws of a counter, so that
 * nothing of what Philox gives is thrown away.
 */
import type { Space } from "../../../ir/space.js";
import { type Tensor, type TensorOf, volume } from "../../../ir/tensor.js";
import { run } from "../call.js";
import type { Code } from "../code.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { drawsOfRows } from "../math/philox.js";
import type { I32, Index, Local, V128 } from "../operand.js";
import type { StageContext } from "./context.js";

/** The random tensors of a space that an expression is made of in place. */
export function drawsIn(
  tensors: readonly Tensor[],
  space: Space,
  e: Evaluator,
): readonly TensorOf<"random">[] {
  const found = new Set<TensorOf<"random">>();
  const seen = new Set<Tensor>();
  const visit = (t: Tensor): void => {
    if (seen.has(t)) return;
    seen.add(t);
    if (t.op === "random" && t.space === space && !e.stored(t)) found.add(t);
    for (const x of t.inputs) if (!e.stored(x) && x.op !== "recur") visit(x);
  };
  for (const t of tensors) visit(t);
  return [...found];
}

/** Which rows: numbers from `first` on, or those in a list of i32. */
export type Numbers = { readonly first: Index } | { readonly list: I32 };

/** Fills the place of a random tensor; up to three rows behind the last one are written too. */
export function fillDraws(
  t: TensorOf<"random">,
  numbers: Numbers,
  count: I32,
  c: StageContext,
): void {
  const { code, e, frame } = c;
  const { place } = e.bufferOf(t);
  if (place.kind !== "scratch") return;
  const width = volume(t.attrs.layout);
  const to = code.int(code.add(code.scratch, 4 * place.offset));
  const control = frame.word({ kind: "control" });
  const [name, rows] =
    "list" in numbers ? ["of_list", numbers.list] : ["from", code.int(numbers.first)];
  const where = { to, count, rows, site: code.int(t.attrs.site), control };
  run(code, `draws_${width}_${name}`, where, (inner, p) =>
    drawAll(inner, p, width, name === "of_list"),
  );
}

type Parameters = { readonly [N in "to" | "count" | "rows" | "site" | "control"]: Local<"i32"> };

function drawAll(code: Code, p: Parameters, width: number, isList: boolean): void {
  const { i32, i32x4 } = code.ops;
  const fromFirst = (i: I32): V128 =>
    i32x4.add(i32x4.splat(i32.add(p.rows, i)), code.ints(0, 1, 2, 3));
  const fromList = (i: I32): V128 => code.load128(i32.add(p.rows, i32.shl(i, code.int(2))));
  const whole = width & ~3;
  code.loop(0, p.count, 4, (i) => {
    const rows = code.hold(isList ? fromList(i) : fromFirst(i));
    const start = code.hold(i32.add(p.to, i32.mul(i, code.int(4 * width))));
    const block = (at: Index, lanes: number): void => {
      const blocks = code.hold(i32x4.splat(i32.shr_u(code.int(at), code.int(4))));
      const four = drawsOfRows(code, { rows, blocks, site: p.site, control: p.control });
      const address = code.hold(code.int(code.add(start, at)));
      for (const [r, draws] of four.entries())
        code.storeLanes(address, 4 * width * r, draws, lanes);
    };
    code.loop(0, 4 * whole, 16, (at) => block(at, 4));
    if (whole < width) block(4 * whole, width - whole);
  });
}
