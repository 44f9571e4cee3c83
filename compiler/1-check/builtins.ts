/**
 * The functions that are no library text (LANGUAGE 3, "Built in"): one row each, from typed arguments to a value.
 */
import type { Span } from "../../grammar/source.js";
import {
  notAnIndex,
  numberOfArguments,
  scalarWithoutAxis,
  wrongElement,
} from "../diagnostics/shapes.js";
import { softmaxOfInteger } from "../diagnostics/spaces.js";
import type { Expr, Pointwise } from "../ir/model.js";
import { type Dim, plain } from "./dims.js";
import { asF32 } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import * as intervals from "./intervals.js";
import { commonShape, elementwise, wantBool, wantNumber } from "./operators.js";
import type { Place } from "./places.js";
import { joined, shown } from "./reading.js";
import {
  anyInteger,
  bool,
  f32,
  type Interval,
  integer,
  intervalOf,
  isIndex,
  type Type,
  valueType,
} from "./types.js";
import { unaryNames } from "./vocabulary.js";

interface Builtin {
  readonly arity: number;
  readonly make: (reading: Reading, args: readonly Value[], span: Span) => Value;
}

type Rowwise = Extract<Expr, { kind: "rowwise" }>["f"];

const real =
  (f: Pointwise): Builtin["make"] =>
  (reading, args, span) => {
    for (const arg of args) wantNumber(reading, arg, `\`${f}\``);
    return elementwise(reading, f, args, (shape) => f32(shape), span);
  };

/** A function that keeps integers as integers, with an interval. */
const keeping =
  (f: Pointwise, range: (ranges: readonly Interval[]) => Interval): Builtin["make"] =>
  (reading, args, span) => {
    for (const arg of args) wantNumber(reading, arg, `\`${f}\``);
    const whole = args.every((a) => a.type.dtype === "i32");
    const made = whole ? range(args.map((a) => intervalOf(a.type))) : null;
    return elementwise(
      reading,
      f,
      args,
      (s) => (made ? integer(made.low, made.high, s) : f32(s)),
      span,
    );
  };

const everything: Interval = { low: -Infinity, high: Infinity };
const two =
  (f: (a: Interval, b: Interval) => Interval) =>
  ([a, b]: readonly Interval[]): Interval =>
    f(a ?? everything, b ?? everything);

const whole =
  (f: "floor" | "round"): Builtin["make"] =>
  (reading, [x], span) => {
    if (!x) return nothing(reading, span);
    wantNumber(reading, x, `\`${f}\``);
    const type = anyInteger(x.type.shape);
    const build = (at: Place): Expr => {
      const inner: Expr = {
        kind: "pointwise",
        f,
        args: [asF32(x.build(at))],
        type: valueType(f32(x.type.shape)),
        span,
      };
      return { kind: "pointwise", f: "to_i32", args: [inner], type: valueType(type), span };
    };
    return { type, place: x.place, span, build };
  };

const nothing = (reading: Reading, span: Span): never =>
  reading.frame.fail(numberOfArguments(span, "this", 0, 1));

function modulo(reading: Reading, args: readonly Value[], span: Span): Value {
  for (const arg of args)
    if (arg.type.dtype !== "i32")
      reading.frame.fail(wrongElement(arg.span, shown(arg), "an integer", "`mod`"));
  const divisor = args[1] ? intervalOf(args[1].type) : everything;
  const { low, high } = intervals.remainder(divisor);
  return elementwise(reading, "mod", args, (shape) => integer(low, high, shape), span);
}

/** `select(c, a, b)`: both are evaluated. */
function select(reading: Reading, args: readonly Value[], span: Span): Value {
  const [condition, yes, no] = args;
  if (!condition || !yes || !no) return nothing(reading, span);
  wantBool(reading, condition, "`select`");
  const branches = [yes, no];
  const bools = branches.every((b) => b.type.dtype === "bool");
  if (!bools) for (const branch of branches) wantNumber(reading, branch, "`select`");
  const ints = branches.every((b) => b.type.dtype === "i32");
  const range = intervals.hull(intervalOf(yes.type), intervalOf(no.type));
  const type = (shape: readonly Dim[]): Type =>
    bools ? bool(shape) : ints ? integer(range.low, range.high, shape) : f32(shape);
  const made = type(commonShape(reading, args, span));
  const build = (at: Place): Expr => {
    const [c, a, b] = args.map((arg) => arg.build(at));
    if (!c || !a || !b) return nothing(reading, span);
    const cast = made.dtype === "f32" ? asF32 : (e: Expr) => e;
    return {
      kind: "pointwise",
      f: "select",
      args: [c, cast(a), cast(b)],
      type: valueType(made),
      span,
    };
  };
  return { type: made, place: joined(reading, args), span, build };
}

/** The last axis; an error for a scalar or, where asked, for an integer. */
function lastAxis(reading: Reading, x: Value, f: string): Dim {
  wantNumber(reading, x, `\`${f}\``);
  const axis = x.type.shape.at(-1);
  if (!axis) return reading.frame.fail(scalarWithoutAxis(x.span, f, shown(x)));
  if (x.type.dtype === "i32") return reading.frame.fail(softmaxOfInteger(x.span, f, shown(x)));
  return axis;
}

const along =
  (f: Rowwise, typeOf: (reading: Reading, x: Value, span: Span) => Type): Builtin["make"] =>
  (reading, [x], span) => {
    if (!x) return nothing(reading, span);
    const type = typeOf(reading, x, span);
    const build = (at: Place): Expr => ({
      kind: "rowwise",
      f,
      value: x.build(at),
      type: valueType(type),
      span,
    });
    return { type, place: x.place, span, build };
  };

/** The axes before the last one, which is there. */
const lead = (x: Value, last: Dim): readonly Dim[] =>
  x.type.shape.slice(0, x.type.shape.lastIndexOf(last));

const sameAlong = (f: "softmax" | "log_softmax"): Builtin => ({
  arity: 1,
  make: along(f, (reading, x) => {
    lastAxis(reading, x, f);
    return f32(x.type.shape);
  }),
});

const draw =
  (distribution: "uniform" | "normal"): Builtin["make"] =>
  (reading, _, span) => {
    const { frame, scope, binders } = reading;
    const build = (): Expr => {
      const place = [frame.label, `${scope.title}${scope.tag}`]
        .filter((part) => part !== "")
        .join("/");
      const site = frame.context.unique("draw", place);
      const over = [...new Set([...frame.binders, ...binders.values()])];
      return { kind: "draw", distribution, site, over, type: valueType(f32()), span };
    };
    return { type: f32(), place: reading.at ?? frame.here, span, build };
  };

function oneHot(reading: Reading, x: Value): Type {
  if (!isIndex(x.type)) return reading.frame.fail(notAnIndex(x.span, shown(x), "`one_hot`"));
  return f32([...x.type.shape, plain(intervalOf(x.type).high + 1)]);
}

const flat = (x: Value): Type => ({
  ...x.type,
  literal: false,
  shape: [plain(x.type.shape.reduce((product, d) => product * d.size, 1))],
});

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...unaryNames.map((f): [string, Builtin] => [f, { arity: 1, make: real(f) }]),
  ["abs", { arity: 1, make: keeping("abs", ([a]) => intervals.absolute(a ?? everything)) }],
  ["min", { arity: 2, make: keeping("min", two(intervals.minimum)) }],
  ["max", { arity: 2, make: keeping("max", two(intervals.maximum)) }],
  [
    "clip",
    {
      arity: 3,
      make: keeping("clip", ([x, low, high]) =>
        intervals.clipped(x ?? everything, low ?? everything, high ?? everything),
      ),
    },
  ],
  ["pow", { arity: 2, make: real("pow") }],
  ["floor", { arity: 1, make: whole("floor") }],
  ["round", { arity: 1, make: whole("round") }],
  ["mod", { arity: 2, make: modulo }],
  ["select", { arity: 3, make: select }],
  ["softmax", sameAlong("softmax")],
  ["log_softmax", sameAlong("log_softmax")],
  [
    "norm",
    { arity: 1, make: along("norm", (reading, x) => f32(lead(x, lastAxis(reading, x, "norm")))) },
  ],
  [
    "argmax",
    {
      arity: 1,
      make: along("argmax", (reading, x) =>
        integer(0, lastAxis(reading, x, "argmax").size - 1, x.type.shape.slice(0, -1)),
      ),
    },
  ],
  ["one_hot", { arity: 1, make: along("one_hot", oneHot) }],
  ["flatten", { arity: 1, make: along("flatten", (_, x) => flat(x)) }],
  ["stop", { arity: 1, make: along("stop", (_, x) => ({ ...x.type, literal: false })) }],
  ["uniform", { arity: 0, make: draw("uniform") }],
  ["normal", { arity: 0, make: draw("normal") }],
]);
