/**
 * Pointwise functions: products and signs of f32 go into product form, all else is a `map`.
 *
 * The arguments of a rule stand on one space and have the same axes; integers and bools are cast where f32 is meant.
 */
import type { Span } from "../../grammar/source.js";
import { bug } from "../bug.js";
import type { Pointwise, ValueType } from "../ir/model.js";
import type { MapFunction, Tensor, TensorTable } from "../ir/tensor.js";
import { difference, multiply, quotient, scaled } from "./products.js";
import { coerce } from "./values.js";

interface Use {
  readonly table: TensorTable;
  readonly type: ValueType;
  readonly span: Span | null;
}

type Rule = (args: readonly Tensor[], use: Use) => Tensor;

const argument = (args: readonly Tensor[], i: number): Tensor =>
  args[i] ?? bug("a pointwise function lacks an argument");

/** A function of f32. */
const float =
  (f: MapFunction): Rule =>
  (args, { table, span }) =>
    table.map(
      f,
      args.map((a) => coerce(table, a, "f32")),
      span,
    );

/** A function whose arguments have the type of its result. */
const numeric =
  (f: MapFunction): Rule =>
  (args, { table, type, span }) =>
    table.map(
      f,
      args.map((a) => coerce(table, a, type.dtype)),
      span,
    );

/** One rule for f32, another for integers. */
const byType =
  (f32: Rule, i32: MapFunction): Rule =>
  (args, use) =>
    use.type.dtype === "f32" ? f32(args, use) : numeric(i32)(args, use);

/** A comparison: an integer that meets an f32 becomes one. */
const comparison =
  (f: MapFunction): Rule =>
  (args, { table, span }) => {
    const float = args.some((a) => a.dtype === "f32");
    return table.map(f, float ? args.map((a) => coerce(table, a, "f32")) : args, span);
  };

/** `and`, `or`: a constant side decides, or goes. */
const connective =
  (f: "and" | "or"): Rule =>
  (args, { table, span }) => {
    const [a, b] = [argument(args, 0), argument(args, 1)];
    const decides = f === "or";
    const constant = a.op === "const" ? a : b.op === "const" ? b : null;
    if (!constant) return table.map(f, [a, b], span);
    const other = constant === a ? b : a;
    return (constant.attrs.value !== 0) === decides ? constant : other;
  };

const not: Rule = ([a], { table, span }) => {
  if (a?.op === "const")
    return table.constant(a.attrs.value === 0 ? 1 : 0, a.space, a.axes, "bool");
  return table.map("not", a ? [a] : [], span);
};

/** With a known condition, as `training` is, the other branch is gone. */
const select: Rule = (args, { table, type, span }) => {
  const condition = argument(args, 0);
  const [yes, no] = args.slice(1).map((a) => coerce(table, a, type.dtype));
  if (!yes || !no) return bug("select wants two branches");
  if (condition.op === "const") return condition.attrs.value === 0 ? no : yes;
  return table.map("select", [condition, yes, no], span);
};

const clip: Rule = (args, use) => {
  const [x, low, high] = args.map((a) => coerce(use.table, a, use.type.dtype));
  if (!x || !low || !high) return bug("clip wants three arguments");
  return use.table.map("min", [use.table.map("max", [x, low], use.span), high], use.span);
};

const product: Rule = (args, { table, span }) => multiply(table, { factors: args }, span);
const negative: Rule = (args, { table, span }) => scaled(table, argument(args, 0), -1, span);
const minus: Rule = (args, { table, span }) =>
  difference(
    table,
    coerce(table, argument(args, 0), "f32"),
    coerce(table, argument(args, 1), "f32"),
    span,
  );
const ratio: Rule = (args, { table, span }) =>
  quotient(
    table,
    coerce(table, argument(args, 0), "f32"),
    coerce(table, argument(args, 1), "f32"),
    span,
  );
const cast: Rule = (args, { table, type }) => coerce(table, argument(args, 0), type.dtype);

const rules: Readonly<Record<Pointwise, Rule>> = {
  add: numeric("add"),
  sub: byType(minus, "sub"),
  mul: byType(product, "mul"),
  neg: byType(negative, "neg"),
  div: ratio,
  abs: numeric("abs"),
  min: numeric("min"),
  max: numeric("max"),
  mod: numeric("mod"),
  pow: float("pow"),
  clip,
  relu: float("relu"),
  tanh: float("tanh"),
  sigmoid: float("sigmoid"),
  exp: float("exp"),
  log: float("log"),
  sqrt: float("sqrt"),
  rsqrt: float("rsqrt"),
  sin: float("sin"),
  cos: float("cos"),
  erf: float("erf"),
  floor: float("floor"),
  round: float("round"),
  lt: comparison("lt"),
  le: comparison("le"),
  gt: comparison("gt"),
  ge: comparison("ge"),
  eq: comparison("eq"),
  ne: comparison("ne"),
  and: connective("and"),
  or: connective("or"),
  not,
  select,
  to_f32: cast,
  to_i32: cast,
};

/** `f` of tensors that are aligned already. */
export const pointwise = (f: Pointwise, args: readonly Tensor[], use: Use): Tensor =>
  rules[f](args, use);
