/** Operators of ONNX that move numbers: every shape is known, so each is a binder's text. */
import type { Table } from "../support/case.js";
import {
  axisOf,
  binders,
  broadcast,
  define,
  indexed,
  type Operator,
  onnx,
} from "../support/onnx.js";
import { volume } from "../support/view.js";

const named = (prefix: string, names: readonly string[], make: Table[string]): Table =>
  Object.fromEntries(names.map((name) => [`onnx/${prefix}${name}`, make]));

/** The place in a tensor joined to one axis, by binders of a shape. */
const flat = (shape: readonly number[]): string =>
  binders(shape.length)
    .map((i, k) => `${volume(shape.slice(k + 1))} * ${i}`)
    .join(" + ");

/** The same numbers in another shape. */
const reshaped = onnx((o) => `f = flatten(a)\n    ${define("y", o.out(), `f[${flat(o.out())}]`)}`);

const transposed = onnx((o) => {
  const order = o.list("perm", []);
  const at = order.map((_, k) => `i${order.indexOf(k)}`);
  return define("y", o.out(), `a${indexed(at)}`);
});

/** The first operand up to its extent, behind it the second. */
const concatenated = onnx((o) => {
  const [first, second, rank] = [o.shape(0), o.shape(1), o.out().length];
  const axis = axisOf(o.attribute("axis", 0), rank);
  const cut = first[axis] as number;
  const at = (name: string, place: string) =>
    name + indexed(binders(rank).map((i, k) => (k === axis ? place : i)));
  return define(
    "y",
    o.out(),
    `select(i${axis} < ${cut}, ${at("a", `clip(i${axis}, 0, ${cut - 1})`)}, ${at("b", `clip(i${axis} - ${cut}, 0, ${(second[axis] as number) - 1})`)})`,
  );
});

const split = onnx((o) => {
  const axis = axisOf(o.attribute("axis", 0), o.shape(0).length);
  let from = 0;
  const lines = o.outputs.map((_, k) => {
    const at = binders(o.shape(0).length).map((i, j) => (j === axis ? `${i} + ${from}` : i));
    const line = define("yzwv"[k] as string, o.out(k), `a${indexed(at)}`);
    from += o.out(k)[axis] as number;
    return line;
  });
  return lines.join("\n    ");
});

/** A slice counts from its start, backwards where the step is negative. */
const sliced = onnx((o) => {
  const shape = o.shape(0);
  const [starts, axes] = [o.numbers(1), o.has(3) ? o.numbers(3) : o.numbers(1).map((_, k) => k)];
  const steps = o.has(4) ? o.numbers(4) : axes.map(() => 1);
  const at = binders(shape.length).map((i, k) => {
    const said = axes.findIndex((axis) => axisOf(axis, shape.length) === k);
    if (said < 0) return i;
    const extent = shape[k] as number;
    const [start, step] = [starts[said] as number, steps[said] as number];
    const first = Math.min(start < 0 ? start + extent : start, extent - 1);
    return step < 0 ? `${first} - ${-step} * ${i}` : `${step} * ${i} + ${first}`;
  });
  return define("y", o.out(), `a${indexed(at)}`);
});

/** Constants round the border, or the tensor mirrored, or again. */
const padded = onnx((o) => {
  const shape = o.shape(0);
  const axes = o.has(3) ? o.numbers(3).map((a) => axisOf(a, shape.length)) : shape.map((_, k) => k);
  const before = shape.map((_, k) =>
    axes.includes(k) ? (o.numbers(1)[axes.indexOf(k)] as number) : 0,
  );
  const mode = o.word("mode", "constant");
  const at = before.map((n, k) => {
    const [place, extent] = [`i${k} - ${n}`, shape[k] as number];
    if (mode === "wrap") return `mod(i${k} + ${extent - n}, ${extent})`;
    if (mode === "reflect") return `${extent - 1} - abs(${extent - 1} - abs(${place}))`;
    return `clip(${place}, 0, ${extent - 1})`;
  });
  if (mode !== "constant") return define("y", o.out(), `a${indexed(at)}`);
  const inside = before
    .map((n, k) => `i${k} >= ${n} and i${k} < ${n + (shape[k] as number)}`)
    .join(" and ");
  return define("y", o.out(), `select(${inside}, a${indexed(at)}, ${o.has(2) ? "c" : 0})`);
});

/** The lower or upper triangle; the rest is 0. */
const triangle = onnx((o) => {
  const k = o.has(1) ? (o.numbers(1)[0] ?? 0) : 0;
  const rank = o.out().length;
  const [row, column] = [`i${rank - 2}`, `i${rank - 1}`];
  const test = o.attribute("upper", 1)
    ? `${column} >= ${row} + ${k}`
    : `${column} <= ${row} + ${k}`;
  return define("y", o.out(), `select(${test}, a${indexed(binders(rank))}, 0)`);
});

const tiled = onnx((o) =>
  define("y", o.out(), `a${indexed(o.shape(0).map((n, k) => `mod(i${k}, ${n})`))}`),
);

/** Places may be negative: they count from the end. */
const place = (name: string, extent: number): string => `mod(${name}, ${extent})`;

const gathered = onnx((o) => {
  const [data, indices] = [o.shape(0), o.shape(1)];
  const axis = axisOf(o.attribute("axis", 0), data.length);
  const of = `b${indexed(indices.map((_, k) => `i${axis + k}`))}`;
  const at = data.map((n, k) =>
    k < axis ? `i${k}` : k === axis ? place(of, n) : `i${k + indices.length - 1}`,
  );
  return define("y", o.out(), `a${indexed(at)}`);
});

const gatheredElements = onnx((o) => {
  const axis = axisOf(o.attribute("axis", 0), o.shape(0).length);
  const at = o
    .shape(0)
    .map((n, k) => (k === axis ? place(`b${indexed(binders(o.out().length))}`, n) : `i${k}`));
  return define("y", o.out(), `a${indexed(at)}`);
});

const gatheredTuples = onnx((o) => {
  const [data, indices] = [o.shape(0), o.shape(1)];
  const shared = o.attribute("batch_dims", 0);
  const lead = binders(indices.length - 1);
  const tuple = Array.from({ length: indices.at(-1) as number }, (_, k) =>
    place(`b${indexed([...lead, k])}`, data[shared + k] as number),
  );
  const rest = data.slice(shared + tuple.length).map((_, k) => `i${lead.length + k}`);
  return define("y", o.out(), `a${indexed([...lead.slice(0, shared), ...tuple, ...rest])}`);
});

/** What the last of the updates to a place says, else what was there; `of` joins what is there and an update. */
const scattered = (of: (old: string, update: string) => string) =>
  onnx((o) => {
    const [data, updates] = [o.shape(0), o.shape(2)];
    const axis = axisOf(o.attribute("axis", 0), data.length);
    const all = binders(data.length);
    const update = (name: string, k: number) =>
      name + indexed(all.map((i, j) => (j === axis ? k : j < axis ? i : i)));
    const line = (k: number, old: string) =>
      `select(${place(update("b", k), data[axis] as number)} == i${axis}, ${of(old, update("c", k))}, ${old})`;
    let value = `a${indexed(all)}`;
    for (let k = 0; k < (updates[axis] as number); k++) value = line(k, value);
    return define("y", o.out(), value);
  });

const scatteredRows = (of: (old: string, update: string) => string) =>
  onnx((o) => {
    const all = binders(o.out().length);
    let value = `a${indexed(all)}`;
    for (let k = 0; k < (o.shape(1)[0] as number); k++)
      value = `select(${place(`b[${k}, 0]`, o.shape(0)[0] as number)} == i0, ${of(value, `c${indexed([k, ...all.slice(1)])}`)}, ${value})`;
    return define("y", o.out(), value);
  });

const oneHot = onnx((o) => {
  const rank = o.out().length;
  const axis = axisOf(o.attribute("axis", -1), rank);
  const at = `a${indexed(binders(rank).filter((_, k) => k !== axis))}`;
  const depth = o.out()[axis] as number;
  const same = `(${at} - ${depth} * floor(${at} / ${depth})) == i${axis}`;
  return define("y", o.out(), `select(${same}, c[1], c[0])`);
});

const reversed = onnx((o) => {
  const [batch, time] = o.attribute("batch_axis", 1) === 0 ? ["i0", "i1"] : ["i1", "i0"];
  const turned = `mod(b[${batch}] - 1 - ${time}, ${o.shape(0)[1]})`;
  return define(
    "y",
    o.out(),
    `select(${time} < b[${batch}], a[${batch === "i0" ? `${batch}, ${turned}` : `${turned}, ${batch}`}], a[i0, i1])`,
  );
});

const identity = (o: Operator) =>
  define("y", o.out(), `select(i1 == i0 + ${o.attribute("k", 0)}, 1, 0)`);

/** An update is written at a place of its own in each row, perhaps round the end. */
const cached = onnx((o) => {
  const [length, updates] = [o.shape(0)[2] as number, o.shape(1)[2] as number];
  const at = `mod(i2 - c[i0], ${length})`;
  return define(
    "y",
    o.out(),
    `select(${at} < ${updates}, b[i0, i1, clip(${at}, 0, ${updates - 1}), i3], a[i0, i1, i2, i3])`,
  );
});

const repeated = onnx((o) => define("y", o.out(), broadcast("a", o.shape(0), o.out().length)));

export const onnxShapes: Table = {
  ...named(
    "flatten_",
    ["axis0", "axis2", "default_axis", "negative_axis1", "negative_axis3"],
    reshaped,
  ),
  ...named(
    "reshape_",
    ["negative_dim", "one_dim", "reduced_dims", "reordered_last_dims", "zero_dim"],
    reshaped,
  ),
  "onnx/squeeze": reshaped,
  ...named("unsqueeze_", ["axis_0", "axis_2", "three_axes", "two_axes"], reshaped),
  ...named("transpose_all_permutations_", ["0", "2", "4", "5"], transposed),
  ...named(
    "concat_",
    [
      "1d_axis_0",
      "2d_axis_0",
      "2d_axis_negative_1",
      "2d_axis_negative_2",
      "3d_axis_1",
      "3d_axis_negative_1",
      "3d_axis_negative_2",
    ],
    concatenated,
  ),
  ...named(
    "split_",
    [
      "1d_uneven_split_opset18",
      "equal_parts_1d_opset13",
      "equal_parts_2d",
      "equal_parts_2d_opset13",
      "equal_parts_default_axis_opset18",
      "variable_parts_1d_opset18",
      "variable_parts_2d_opset13",
      "variable_parts_default_axis_opset13",
    ],
    split,
  ),
  ...named("slice", ["", "_default_steps", "_neg", "_neg_steps"], sliced),
  "onnx/constant_pad": padded,
  "onnx/constant_pad_negative_axes": padded,
  "onnx/reflect_pad": padded,
  "onnx/wrap_pad": padded,
  ...named(
    "tri",
    [
      "l",
      "l_one_row_neg",
      "l_out_pos",
      "l_pos",
      "l_square_neg",
      "u",
      "u_neg",
      "u_out_neg_out",
      "u_pos",
      "u_square",
    ],
    triangle,
  ),
  "onnx/tile": tiled,
  "onnx/expand_dim_changed": repeated,
  "onnx/gather_0": gathered,
  "onnx/gather_2d_indices": gathered,
  "onnx/gather_elements_0": gatheredElements,
  "onnx/gather_elements_negative_indices": gatheredElements,
  "onnx/gathernd_example_float32": gatheredTuples,
  "onnx/gathernd_example_int32_batch_dim1": gatheredTuples,
  "onnx/scatter_with_axis": scattered((_, update) => update),
  "onnx/scatter_elements_with_axis": scattered((_, update) => update),
  "onnx/scatter_elements_with_negative_indices": scattered((_, update) => update),
  "onnx/scatter_elements_with_reduction_min": scattered((old, update) => `min(${old}, ${update})`),
  "onnx/scatter_elements_without_axis": scattered((_, update) => update),
  "onnx/scatternd": scatteredRows((_, update) => update),
  "onnx/scatternd_max": scatteredRows((old, update) => `max(${old}, ${update})`),
  "onnx/scatternd_multiply": scatteredRows((old, update) => `${old} * ${update}`),
  "onnx/onehot_negative_indices": oneHot,
  "onnx/onehot_with_negative_axis": oneHot,
  "onnx/reversesequence_batch": reversed,
  "onnx/eyelike_populate_off_main_diagonal": onnx(identity),
  "onnx/eyelike_without_dtype": onnx(identity),
  "onnx/tensorscatter": cached,
  "onnx/tensorscatter_circular": cached,
};
