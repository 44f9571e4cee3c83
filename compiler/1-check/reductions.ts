/** `sum[h](head[h] @ Wo[h])`: a reduction over bound feature axes. */
import type { CallExpression, IndexExpression } from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { numberOfArguments, wrongBinder } from "../diagnostics/shapes.js";
import type { Expr, Reducer } from "../ir/model.js";
import { bindersOver, type WrittenBinder } from "./binders.js";
import { asF32 } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import { wantNumber } from "./operators.js";
import type { Place } from "./places.js";
import { infer } from "./reading.js";
import { anyInteger, f32, type Type, valueType } from "./types.js";

export function inferReduction(
  reading: Reading,
  call: CallExpression,
  head: IndexExpression,
  reducer: Reducer,
): Value {
  const { frame } = reading;
  const [argument] = call.args;
  if (!argument || call.args.length !== 1 || argument.name || argument.where)
    return frame.fail(numberOfArguments(call.span, `${reducer}[..]`, call.args.length, 1));
  const wanted = head.indices.map((index): WrittenBinder => {
    if (index.value.kind !== "name") return frame.fail(wrongBinder(index.span, textOf(index.span)));
    return { name: index.value.name.text, range: index.range, span: index.value.span };
  });
  const made = bindersOver(reading, wanted, [argument.value]);
  const inner: Reading = { ...reading, binders: new Map([...reading.binders, ...made]) };
  const body = infer(inner, argument.value);
  wantNumber(reading, body, `\`${reducer}\``);
  const type = reducedType(reducer, body.type);
  const binders = [...made.values()];
  const build = (at: Place): Expr => {
    const built = body.build(at);
    return {
      kind: "reduce",
      reducer,
      binders,
      body: type.dtype === "f32" ? asF32(built) : built,
      type: valueType(type),
      span: call.span,
    };
  };
  return { type, place: body.place, span: call.span, build };
}

/** What a reducer makes of a number: f32 stays, integers stay where the reducer picks or adds them. */
export function reducedType(reducer: Reducer, t: Type): Type {
  if (t.dtype === "f32" || reducer === "mean" || reducer === "var") return f32(t.shape);
  if (reducer === "sum") return anyInteger(t.shape);
  return { ...t, literal: false };
}
