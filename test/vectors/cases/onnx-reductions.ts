/** Reductions of ONNX: over any axes, and along one axis. */
import type { Table } from "../support/case.js";
import { axisOf, binders, define, indexed, type Operator, onnx } from "../support/onnx.js";

/** The axes that are reduced: of an input, else of an attribute, else all unless the node says none. */
function reduced(o: Operator): readonly number[] {
  const rank = o.shape(0).length;
  const said = o.has(1) ? o.numbers(1) : o.list("axes", []);
  if (said.length > 0) return said.map((axis) => axisOf(axis, rank));
  return o.attribute("noop_with_empty_axes", 0) ? [] : binders(rank).map((_, k) => k);
}

const reduction = (
  reducer: string,
  of: (x: string) => string,
  after: (y: string) => string = (y) => y,
) =>
  onnx((o) => {
    const shape = o.shape(0);
    const axes = reduced(o);
    const all = binders(shape.length);
    const over = all.filter((_, k) => axes.includes(k));
    const kept = all.flatMap((i, k) => (axes.includes(k) ? [] : [`${i} < ${shape[k]}`]));
    const element = of(`a${indexed(all)}`);
    const value = over.length > 0 ? `${reducer}${indexed(over)}(${element})` : element;
    return `y${indexed(kept)} = ${after(value)}`;
  });

const named = (prefix: string, makes: readonly string[], make: Table[string]): Table =>
  Object.fromEntries(makes.map((name) => [`onnx/${prefix}_${name}`, make]));

const examples = [
  "default_axes_keepdims_example",
  "do_not_keepdims_example",
  "keepdims_example",
  "negative_axes_keepdims_example",
];
const spaced = [
  "default_axes_keepdims_example",
  "do_not_keepdims_example",
  "keep_dims_example",
  "negative_axes_keep_dims_example",
];
const random = [
  "default_axes_keepdims_random",
  "do_not_keepdims_random",
  "keepdims_random",
  "negative_axes_keepdims_random",
];
const plain = (x: string) => x;
const square = (x: string) => `${x} * ${x}`;

const reductions: Table = {
  ...named(
    "reduce_l1",
    spaced,
    reduction("sum", (x) => `abs(${x})`),
  ),
  ...named(
    "reduce_l2",
    spaced,
    reduction("sum", square, (y) => `sqrt(${y})`),
  ),
  ...named(
    "reduce_log_sum",
    ["asc_axes", "desc_axes", "negative_axes"],
    reduction("sum", plain, (y) => `log(${y})`),
  ),
  ...named(
    "reduce_log_sum_exp",
    examples,
    reduction(
      "sum",
      (x) => `exp(${x})`,
      (y) => `log(${y})`,
    ),
  ),
  ...named("reduce_max", random, reduction("max", plain)),
  ...named("reduce_min", random, reduction("min", plain)),
  "onnx/reduce_max_bool_inputs": reduction(
    "max",
    (x) => `select(${x}, 1, 0)`,
    (y) => `${y} == 1`,
  ),
  "onnx/reduce_min_bool_inputs": reduction(
    "min",
    (x) => `select(${x}, 1, 0)`,
    (y) => `${y} == 1`,
  ),
  ...named(
    "reduce_mean",
    [
      "default_axes_keepdims_example",
      "do_not_keepdims_example",
      "keepdims_example",
      "keepdims_random",
      "negative_axes_keepdims_random",
    ],
    reduction("mean", plain),
  ),
  ...named(
    "reduce_sum",
    [
      "default_axes_keepdims_example",
      "do_not_keepdims_example",
      "empty_axes_input_noop",
      "empty_axes_input_noop_example",
      "keepdims_random",
      "negative_axes_keepdims_example",
    ],
    reduction("sum", plain, (y) => `1.0 * ${y}`),
  ),
  ...named("reduce_sum_square", examples, reduction("sum", square)),
};

/** The places of all axes but one, and a copy of `a` whose last axis is that one. */
export function along(o: Operator, axis: number, element: (place: string) => string) {
  const shape = o.shape(0);
  const all = binders(shape.length);
  const ranged = all.map((i, k) => `${i} < ${shape[k]}`);
  const others = all.filter((_, k) => k !== axis);
  const i = all[axis] as string;
  const places = (place: string) => all.map((name, k) => (k === axis ? place : name));
  return {
    others,
    ranged: ranged.filter((_, k) => k !== axis),
    i,
    row: `t${indexed([...ranged.filter((_, k) => k !== axis), ranged[axis] as string])} = ${element(`a${indexed(places(i))}`)}`,
    /** The row backwards. */
    back: `t${indexed([...ranged.filter((_, k) => k !== axis), ranged[axis] as string])} = ${element(`a${indexed(places(`${(shape[axis] as number) - 1} - ${i}`))}`)}`,
    size: shape[axis] as number,
  };
}

const argument = (sign: string) =>
  onnx((o) => {
    const { others, ranged, row, back, size } = along(
      o,
      axisOf(o.attribute("axis", 0), o.shape(0).length),
      (x) => `${sign}${x}`,
    );
    const last = o.attribute("select_last_index", 0) === 1;
    const place = `argmax(t${indexed(others)})`;
    return `${last ? back : row}\n    y${indexed(ranged)} = ${last ? `${size - 1} - ${place}` : place}`;
  });

/** A function of the last axis, along any axis. */
const rowwise = (of: (row: string) => string, fallback = -1) =>
  onnx((o) => {
    const { others, ranged, i, row } = along(
      o,
      axisOf(o.attribute("axis", fallback), o.shape(0).length),
      plain,
    );
    return `${row}
    u${indexed(ranged)} = ${of(`t${indexed(others)}`)}
    ${define("y", o.out(), `u${indexed([...others, i])}`)}`;
  });

const places = [
  "default_axis_example",
  "default_axis_random",
  "keepdims_example",
  "keepdims_example_select_last_index",
  "keepdims_random_select_last_index",
  "negative_axis_keepdims_example_select_last_index",
  "negative_axis_keepdims_random",
  "no_keepdims_example",
  "no_keepdims_random",
  "no_keepdims_random_select_last_index",
];

const softmaxes = (name: string, last: string): Table =>
  named(
    name,
    ["axis_0", "axis_2", last, "large_number"],
    rowwise((row) => `${name === "softmax" ? "softmax" : "log_softmax"}(${row})`),
  );

const normalised = onnx((o) => {
  const { others, ranged, i, row } = along(
    o,
    axisOf(o.attribute("axis", -1), o.shape(0).length),
    plain,
  );
  const element = `t${indexed([...others, i])}`;
  const size =
    o.attribute("p", 2) === 1
      ? `sum[${i}](abs(${element}))`
      : `sqrt(sum[${i}](${element} * ${element}))`;
  return `${row}
    n${indexed(ranged)} = ${size}
    ${define("y", o.out(), `${element} / n${indexed(others)}`)}`;
});

/** Sums of all up to a place, or from it on. */
const cumulative = onnx((o) => {
  const axis = axisOf(o.numbers(1)[0] ?? 0, o.shape(0).length);
  const all = binders(o.shape(0).length);
  const [exclusive, reverse] = [o.attribute("exclusive", 0), o.attribute("reverse", 0)];
  const within = `${reverse ? `k >${exclusive ? "" : "="}` : `k <${exclusive ? "" : "="}`} i${axis}`;
  const element = `a${indexed(all.map((i, k) => (k === axis ? "k" : i)))}`;
  return define(
    "y",
    o.out(),
    `1.0 * sum[k < ${o.shape(0)[axis]}](select(${within}, ${element}, 0))`,
  );
});

/** Products as a loop, for there is no reducer of that name. */
const products = onnx((o) => {
  const shape = o.shape(0);
  const axes = reduced(o);
  const all = binders(shape.length);
  const kept = all.filter((_, k) => !axes.includes(k));
  const ranged = indexed(kept.map((i) => `${i} < ${shape[all.indexOf(i)]}`));
  const [axis, ...more] = axes;
  const outer = more.map((k) => `for i${k} < ${shape[k]} { `).join("");
  return {
    text: `y${ranged} = 1.0 * p${indexed(kept)}`,
    outside: `global { p${ranged} = 1.0 }
  ${outer}for i${axis} < ${shape[axis as number]} { global { p${ranged} = p${indexed(kept)} * a${indexed(all)} } }${" }".repeat(more.length)}`,
  };
});

export const onnxReductions: Table = {
  ...reductions,
  ...named("argmax", places, argument("")),
  ...named("argmin", places, argument("-")),
  ...softmaxes("softmax", "example"),
  ...softmaxes("logsoftmax", "example_1"),
  ...named(
    "hardmax",
    ["axis_0", "axis_2", "example", "negative_axis"],
    rowwise((row) => `one_hot(argmax(${row}))`),
  ),
  "onnx/l1normalization_axis_0": normalised,
  "onnx/l1normalization_axis_last": normalised,
  "onnx/l2normalization_axis_1": normalised,
  "onnx/lpnormalization_default": normalised,
  ...named(
    "cumsum",
    ["1d", "1d_int32_exclusive", "1d_reverse_exclusive", "2d_axis_0", "2d_int32"],
    cumulative,
  ),
  ...named("reduce_prod", examples, products),
};
