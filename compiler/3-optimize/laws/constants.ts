/**
 * Numbers known now: folded, multiplied into scales, or gone. The f32 spellings `sub`, `mul` and `neg` become
 * products, so that the laws see every factor.
 */
import { functions } from "../../ir/evaluate.functions.js";
import { type MapFunction, type Tensor, type TensorOf, volume, without } from "../../ir/tensor.js";
import { axesOf, partsOf, spread } from "../factors.js";
import { gatherOf, isLifted } from "../maps.js";
import { type Context, onMap, onProduct, onPull, onView, type Rule } from "../rule.js";

const everyFunction = Object.keys(functions) as readonly MapFunction[];

const isConst = (t: Tensor | undefined): t is TensorOf<"const"> => t?.op === "const";
const isValue = (t: Tensor | undefined, value: number): boolean =>
  isConst(t) && t.attrs.value === value;

/** f(1, 2) -> its value */
const foldMap = onMap(
  everyFunction,
  { name: "fold", law: "f(1, 2) = 3", why: "known when compiling" },
  (t, { table }) => {
    const values = t.inputs.flatMap((x) => (isConst(x) ? [x.attrs.value] : []));
    if (values.length < t.inputs.length) return null;
    const [a = 0, b = 0, c = 0] = values;
    return table.constant(functions[t.attrs.f](a, b, c), t.space, t.axes, t.dtype);
  },
);

const addZero = onMap(
  ["add"],
  { name: "add zero", law: "x + 0 = x", why: "nothing to do" },
  (t, { table }) => {
    const left = t.inputs.filter((x) => !isValue(x, 0));
    const [only] = left;
    return only && left.length === 1 && t.inputs.length === 2 ? spread(table, only, t.axes) : null;
  },
);

const floatProduct = onMap(
  ["mul", "neg", "sub"],
  { name: "product form", law: "a - b = a + (-1) b", why: "the laws speak of products" },
  (t, { table }) => {
    if (t.dtype !== "f32") return null;
    const [a, b] = t.inputs;
    if (!a) return null;
    if (t.attrs.f === "mul") return table.product({ factors: t.inputs }, t.span);
    if (!b) return table.product({ factors: [a], scale: -1 }, t.span);
    return table.map("add", [a, table.product({ factors: [b], scale: -1 }, t.span)], t.span);
  },
);

const divide = onMap(
  ["div"],
  { name: "reciprocal", law: "x / n = (1 / n) x", why: "one division where n is narrower than x" },
  (t, { table }) => {
    const [x, n] = t.inputs;
    if (!x || !n || isValue(x, 1)) return null;
    if (isConst(n) && n.attrs.value !== 0)
      return spread(
        table,
        table.product({ factors: [x], scale: 1 / n.attrs.value }, t.span),
        t.axes,
      );
    const coarser = gatherOf(n) !== null || isLifted(n);
    const narrower = n.axes.length < t.axes.length;
    if (!coarser && !narrower && !isConst(x)) return null;
    const inverse = table.map("div", [table.constant(1, n.space), n], t.span);
    return table.product({ factors: [x, inverse] }, t.span);
  },
);

const root = onMap(
  ["div"],
  { name: "root", law: "x / √y = x rsqrt y", why: "one function, and equal spellings become one" },
  (t, { table }) => {
    const [x, n] = t.inputs;
    const [y] = n?.inputs ?? [];
    if (!x || !y || n?.op !== "map" || n.attrs.f !== "sqrt") return null;
    const inverse = table.map("rsqrt", [y], t.span);
    return isValue(x, 1)
      ? spread(table, inverse, t.axes)
      : table.product({ factors: [x, inverse] }, t.span);
  },
);

const power = onMap(
  ["pow"],
  { name: "power", law: "x ^ 2 = x x", why: "no logarithm, and a product to the laws" },
  (t, { table }) => {
    const [x, n] = t.inputs;
    if (!x || !isConst(n)) return null;
    if (n.attrs.value === 1) return spread(table, x, t.axes);
    return n.attrs.value === 2
      ? spread(table, table.product({ factors: [x, x] }, t.span), t.axes)
      : null;
  },
);

const choose = onMap(
  ["select"],
  {
    name: "choose",
    law: "select(true, a, b) = a, select(c, 1, 0) = c",
    why: "one branch is never taken; or the condition is the number",
  },
  (t, { table }) => {
    const [condition, a, b] = t.inputs;
    if (!condition || !a || !b) return null;
    if (isValue(a, 1) && isValue(b, 0) && t.dtype === "f32")
      return spread(table, table.map("to_f32", [condition], t.span), t.axes);
    if (a === b) return spread(table, a, t.axes);
    if (isConst(condition)) return spread(table, condition.attrs.value === 0 ? b : a, t.axes);
    const [inner] = condition.inputs;
    return condition.op === "map" && condition.attrs.f === "not" && inner
      ? table.map("select", [inner, b, a], t.span)
      : null;
  },
);

const castChoice = onMap(
  ["to_f32"],
  {
    name: "number of a choice",
    law: "to_f32(select(c, 1, 0)) = select(c, to_f32(1), to_f32(0))",
    why: "numbers are cast when compiling",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    if (x?.op !== "map" || x.attrs.f !== "select") return null;
    const [condition, a, b] = x.inputs;
    if (!condition || !isConst(a) || !isConst(b)) return null;
    const [yes, no] = [a, b].map((n) => table.constant(n.attrs.value, n.space, n.axes));
    return yes && no ? table.map("select", [condition, yes, no], t.span) : null;
  },
);

const decide = onMap(
  ["and", "or"],
  { name: "decide", law: "true or c = true", why: "one side decides" },
  (t, { table }) => {
    const [a, b] = t.inputs;
    const known = isConst(a) ? a : isConst(b) ? b : null;
    const other = known === a ? b : a;
    if (!known || !other) return null;
    const value = Number(known.attrs.value !== 0);
    const decides = value === Number(t.attrs.f === "or");
    return decides ? table.constant(value, t.space, t.axes, "bool") : spread(table, other, t.axes);
  },
);

const commutative: readonly MapFunction[] = ["add", "mul", "min", "max", "and", "or", "eq", "ne"];

const commute = onMap(
  commutative,
  { name: "commute", law: "a + b = b + a", why: "equal sums become one" },
  (t, { table }) => {
    const sorted = [...t.inputs].sort((a, b) => a.id - b.id);
    return sorted.every((x, i) => x === t.inputs[i]) ? null : table.map(t.attrs.f, sorted, t.span);
  },
);

/** Constants of a product go into its scale; where nothing else has an axis or a row, a 1 stays. */
const scale = onProduct(
  { name: "scale", law: "Π 2 x = 2 Π x", why: "one number for all constants" },
  (t, { table }) => {
    const parts = partsOf(t);
    const constants = parts.factors.filter(isConst);
    const factors: Tensor[] = parts.factors.filter((f) => f.op !== "const");
    const [first] = constants;
    const value = constants.reduce((k, f) => k * f.attrs.value, parts.scale);
    if (value === 0) return table.constant(0, t.space, t.axes);
    if (!first) return null;
    if (factors.length === 0 && !parts.map && parts.slots.length === 0)
      return table.constant(value * volume(parts.over), t.space, t.axes);
    const bare = without(axesOf(constants), [...axesOf(factors), ...parts.over]);
    const one = table.constant(1, first.space, bare);
    if (factors.length === 0 || bare.length > 0) factors.push(one);
    return table.product({ ...parts, factors, scale: value }, t.span);
  },
);

const pullConstant = onPull(
  { name: "constant on rows", law: "2[m] = 2", why: "a number needs no gather" },
  (t, { table }) => {
    const [x] = t.inputs;
    if (t.attrs.slots.length > 0) return null;
    if (isConst(x)) return table.constant(x.attrs.value, t.space, t.axes, t.dtype);
    return x?.op === "iota" ? table.iota(x.attrs.axis, t.space) : null;
  },
);

const viewConstant = onView(
  { name: "view of a constant", law: "0[..] = 0", why: "all elements are equal" },
  (t, { table }) => {
    const [x] = t.inputs;
    const { kind } = t.attrs.view;
    if (!isConst(x)) return null;
    if ((kind === "pad" || kind === "place") && x.attrs.value !== 0) return null;
    return table.constant(x.attrs.value, t.space, t.axes, t.dtype);
  },
);

/** A `stop` is for the derivative alone. */
const released: Rule = {
  name: "stop",
  law: "stop(x) = x once gradients are taken",
  why: "the value is shared with the forward",
  ops: ["stop"],
  apply: (t: Tensor, { differentiated }: Context) => {
    if (t.op !== "stop") return null;
    const [x] = t.inputs;
    return differentiated || isConst(x) ? x : null;
  },
};

export const constants: readonly Rule[] = [
  foldMap,
  addZero,
  floatProduct,
  root,
  divide,
  power,
  choose,
  castChoice,
  decide,
  commute,
  scale,
  pullConstant,
  viewConstant,
  released,
];
