/** One equation: its binders, its right-hand side, the parts it takes apart, what is written of its type. */
import type * as ast from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import {
  numberOfResults,
  partsNotEqual,
  partsTotal,
  scalarWithoutAxis,
} from "../diagnostics/shapes.js";
import type { Binder, Expr } from "../ir/model.js";
import { bindersOver, type WrittenBinder } from "./binders.js";
import { type Dim, plain, sizes } from "./dims.js";
import { asF32, each, filled } from "./expr.js";
import type { EquationUse, Frame, Reading, Value } from "./frame.js";
import type { Place } from "./places.js";
import { infer, inferAll, shown } from "./reading.js";
import { settled, type Type, valueType, withShape, written } from "./types.js";
import { unify } from "./unify.js";

/** The values an equation gives its targets, in their order. */
export function equationValues(frame: Frame, use: EquationUse): readonly Value[] {
  const { node, scope } = use;
  const reading: Reading = { frame, scope, at: use.section, binders: new Map() };
  const own = (t: ast.Target): readonly WrittenBinder[] =>
    t.binders
      .filter((b) => b.name.text !== use.row)
      .map((b) => ({ name: b.name.text, range: b.range, span: b.span }));
  const wanted = new Map(node.targets.flatMap(own).map((b) => [b.name, b]));
  const binders = bindersOver(reading, [...wanted.values()], [node.value]);
  const inner: Reading = { ...reading, binders };
  const values = node.apart ? takenApart(inner, node) : inferAll(inner, node.value);
  if (values.length !== node.targets.length)
    return frame.fail(
      numberOfResults(node.span, textOf(node.value.span), values.length, node.targets.length),
    );
  return values.map((value, i) => {
    const target = node.targets[i];
    if (!target) return value;
    const typed = target.type ? annotated(frame, value, target, target.type, use) : value;
    const expected = use.targets[i]?.expected;
    const signed =
      !target.type && expected?.fromSignature
        ? signature(frame, typed, target, expected, use)
        : typed;
    const axes = own(target).flatMap((b) => binders.get(b.name) ?? []);
    return withAxes(signed, axes, target.span);
  });
}

function withAxes(value: Value, axes: readonly Binder[], span: Span): Value {
  const type = settled(value.type);
  if (axes.length === 0) return { ...value, type };
  const leading: readonly Dim[] = axes.map((b) => ({ size: b.size, name: null, origin: null }));
  return {
    ...value,
    type: withShape(type, [...leading, ...type.shape]),
    build: (at) => each(axes, value.build(at), span),
  };
}

function annotated(
  frame: Frame,
  value: Value,
  target: ast.Target,
  type: ast.Type,
  use: EquationUse,
): Value {
  const origin = { span: target.span, text: `\`${textOf(target.span)}\`` };
  unify(
    [{ type, value, name: target.name.text, origin }],
    use.scope.dims,
    frame,
    false,
    frame.dims,
  );
  return as(value, written(type, use.scope.dims, frame));
}

function signature(
  frame: Frame,
  value: Value,
  target: ast.Target,
  expected: { readonly type: ast.Type; readonly dims: EquationUse["scope"]["dims"] },
  use: EquationUse,
): Value {
  if (!value.type.literal) return value;
  const origin = { span: target.span, text: `\`${textOf(target.span)}\`` };
  unify(
    [{ type: expected.type, value, name: target.name.text, origin }],
    use.scope.dims,
    frame,
    false,
    frame.dims,
  );
  return as(value, written(expected.type, expected.dims, frame));
}

/** The value with a written type: a literal takes its shape, an integer becomes f32 where f32 is written. */
export function as(value: Value, type: Type): Value {
  const shape = sizes(type.shape);
  const build = (at: Place): Expr => {
    const built = value.build(at);
    return filled(type.dtype === "f32" ? asF32(built) : built, shape);
  };
  return { ...value, type, build };
}

/** `[i, f, g, o] = v` in equal parts, `[p: f32[3], q: f32[5]] = v` in those. */
function takenApart(reading: Reading, node: ast.Equation): readonly Value[] {
  const { frame, scope } = reading;
  const whole = infer(reading, node.value);
  const last = whole.type.shape.at(-1);
  if (!last) return frame.fail(scalarWithoutAxis(node.value.span, "[ ] =", shown(whole)));
  const said = node.targets.some((t) => t.type);
  const count = node.targets.length;
  if (!said && last.size % count !== 0)
    frame.fail(partsNotEqual(node.span, shown(whole), last.size, count));
  const lengths = node.targets.map((t): { readonly length: number; readonly scalar: boolean } => {
    if (!said) return { length: last.size / count, scalar: false };
    const type = t.type ? written(t.type, scope.dims, frame) : null;
    const extent = type?.shape.at(-1);
    return { length: extent?.size ?? 1, scalar: type !== null && !extent };
  });
  const total = lengths.reduce((sum, part) => sum + part.length, 0);
  if (total !== last.size) frame.fail(partsTotal(node.span, shown(whole), last.size, total));
  let start = 0;
  let once: Expr | null = null;
  const built = (at: Place): Expr => {
    once ??= whole.build(at);
    return once;
  };
  return lengths.map(({ length, scalar }) => {
    const from = start;
    start += length;
    const leading = whole.type.shape.slice(0, -1);
    const type = {
      ...withShape(whole.type, scalar ? leading : [...leading, plain(length)]),
      literal: false,
    };
    const build = (at: Place): Expr => ({
      kind: "slice",
      value: built(at),
      start: from,
      length,
      scalar,
      type: valueType(type),
      span: node.span,
    });
    return { ...whole, type, build };
  });
}
