/** Convolution and pooling of ONNX, with strides, dilations and borders of each axis: images lie in one global row. */
import type { Table } from "../support/case.js";
import { define, indexed, type Operator, onnx } from "../support/onnx.js";

const named = (prefix: string, names: readonly string[], make: Table[string]): Table =>
  Object.fromEntries(names.map((name) => [`onnx/${prefix}${name}`, make]));

/** A window along one axis: receiver i sees sender i * stride + tap * dilation - before. */
export interface Axis {
  readonly extent: number;
  readonly out: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

function axesOf(o: Operator, taps: readonly number[]): readonly Axis[] {
  const places = o.shape(0).slice(2);
  const [strides, dilations] = [o.list("strides", []), o.list("dilations", [])];
  const [pads, auto] = [o.list("pads", []), o.word("auto_pad", "NOTSET")];
  return places.map((extent, k) => {
    const [stride, dilation, n] = [strides[k] ?? 1, dilations[k] ?? 1, taps[k] as number];
    const out = o.out()[k + 2] as number;
    const missing = Math.max(0, (out - 1) * stride + (n - 1) * dilation + 1 - extent);
    const before =
      auto === "SAME_UPPER"
        ? Math.floor(missing / 2)
        : auto === "SAME_LOWER"
          ? Math.ceil(missing / 2)
          : (pads[k] ?? 0);
    const after = auto.startsWith("SAME") ? missing - before : (pads[k + places.length] ?? 0);
    return { extent, out, taps: n, stride, dilation, before, after };
  });
}

/** The place that output i sees through tap k, counted from the border. */
const seen = ({ stride, dilation }: Axis, k: number): string =>
  `${stride} * i${k + 2} + ${dilation} * k${k}`;

/** `p`: the images with a border of `fill`, as far as a window reaches. */
export function bordered(shape: readonly number[], axes: readonly Axis[], fill: string): string {
  const reach = axes.map(
    ({ out, stride, taps, dilation }) => (out - 1) * stride + (taps - 1) * dilation + 1,
  );
  const at = axes.map(({ before, extent }, k) => `clip(i${k + 2} - ${before}, 0, ${extent - 1})`);
  const inside = axes.map(
    ({ before, extent }, k) => `i${k + 2} >= ${before} and i${k + 2} < ${before + extent}`,
  );
  return define(
    "p",
    [...shape.slice(0, 2), ...reach],
    `select(${inside.join(" and ")}, a${indexed(["i0", "i1", ...at])}, ${fill})`,
  );
}

const taps = (axes: readonly Axis[]): string =>
  axes.map(({ taps: n }, k) => `k${k} < ${n}`).join(", ");

/** What a window sees of p. */
export const window = (axes: readonly Axis[], channel = "i1"): string =>
  `p${indexed(["i0", channel, ...axes.map(seen)])}`;

const pooled = (fill: string, of: (o: Operator, axes: readonly Axis[]) => string) =>
  onnx((o) => {
    const axes = axesOf(o, o.list("kernel_shape", []));
    return `${bordered(o.shape(0), axes, fill)}\n    ${of(o, axes)}`;
  });

export const lowest = "-3e38";

const maximum = pooled(lowest, (o, axes) =>
  define("y", o.out(), `max[${taps(axes)}](${window(axes)})`),
);

/** How many places a mean counts: those of the image, or of the border too, but none behind it. */
const averaged = pooled("0", (o, axes) => {
  const border = o.attribute("count_include_pad", 0) === 1;
  const counted = axes.map(({ before, after, extent, ...axis }, k) => {
    const place = seen({ before, after, extent, ...axis }, k);
    return border
      ? `${place} < ${before + extent + after}`
      : `${place} >= ${before} and ${place} < ${before + extent}`;
  });
  const ranged = axes.map(({ out }, k) => `i${k + 2} < ${out}`);
  const names = axes.map((_, k) => `i${k + 2}`);
  return `n${indexed(ranged)} = sum[${taps(axes)}](select(${counted.join(" and ")}, 1.0, 0.0))
    ${define("y", o.out(), `sum[${taps(axes)}](${window(axes)}) / n${indexed(names)}`)}`;
});

const powered = pooled("0", (o, axes) => {
  const p = o.attribute("p", 2);
  const power = Array.from({ length: p }, () => `abs(${window(axes)})`).join(" * ");
  return define("y", o.out(), `pow(sum[${taps(axes)}](${power}), ${1 / p})`);
});

/** With the place of the maximum among all of the image. */
const placed = onnx((o) => {
  const [axis] = axesOf(o, o.list("kernel_shape", [])) as [Axis];
  const [rows, columns] = o.shape(0).slice(2) as [number, number];
  const far = (i: string, h: string) => `abs(${h} - ${i}) <= ${axis.before}`;
  return `t[i2 < ${rows}, i3 < ${columns}, h < ${rows}, q < ${columns}] = select(${far("i2", "h")} and ${far("i3", "q")}, a[0, 0, h, q], ${lowest})
    u[i2 < ${rows}, i3 < ${columns}] = argmax(flatten(t[i2, i3]))
    ${define("z", o.out(1), "u[i2, i3]")}
    ${define("y", o.out(), "max[h, q](t[i2, i3, h, q])")}`;
});

const convolved = onnx((o) => {
  const axes = axesOf(o, o.shape(1).slice(2));
  const weight = `b${indexed(["i1", "m", ...axes.map((_, k) => `k${k}`)])}`;
  return `${bordered(o.shape(0), axes, "0")}
    ${define("y", o.out(), `sum[m, ${taps(axes)}](${window(axes, "m")} * ${weight})`)}`;
});

/** Each place of the input adds its multiple of the kernel. */
const transposed = onnx((o) => {
  const places = o.shape(0).slice(2);
  const [strides, dilations, pads] = [
    o.list("strides", []),
    o.list("dilations", []),
    o.list("pads", []),
  ];
  const depthwise = o.attribute("group", 1) > 1;
  const [h, k] = [places.map((_, j) => `h${j}`), places.map((_, j) => `k${j}`)];
  const meet = places.map(
    (_, j) =>
      `${strides[j] ?? 1} * h${j} + ${dilations[j] ?? 1} * k${j} == i${j + 2} + ${pads[j] ?? 0}`,
  );
  const [from, to] = depthwise ? ["i1", 0] : ["m", "i1"];
  const product = `a${indexed(["i0", from, ...h])} * b${indexed([from, to, ...k])}`;
  const over = [...(depthwise ? [] : ["m"]), ...h, ...k].join(", ");
  return define("y", o.out(), `sum[${over}](select(${meet.join(" and ")}, ${product}, 0))`);
});

/** With steps of one: each place of the result sees the bordered input through the kernel turned round. */
const turned = onnx((o) => {
  const axes = axesOf(o, o.shape(1).slice(2)).map((axis) => ({ ...axis, before: axis.taps - 1 }));
  const weight = `b${indexed(["m", "i1", ...axes.map(({ taps: n }, k) => `${n - 1} - k${k}`)])}`;
  return `${bordered(o.shape(0), axes, "0")}
    ${define("y", o.out(), `sum[m, ${taps(axes)}](${window(axes, "m")} * ${weight})`)}`;
});

const whole = (reducer: string) =>
  onnx((o) => define("y", o.out(), `${reducer}[h, q](a[i0, i1, h, q])`));

export const onnxWindows: Table = {
  ...named(
    "averagepool_",
    [
      "1d_default",
      "2d_ceil_last_window_starts_on_pad",
      "2d_dilations",
      "2d_pads",
      "2d_precomputed_pads",
      "2d_precomputed_same_upper",
      "2d_precomputed_strides",
      "2d_same_upper",
      "3d_dilations_large_count_include_pad_is_0_ceil_mode_is_False",
      "3d_dilations_large_count_include_pad_is_0_ceil_mode_is_True",
      "3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True",
    ],
    averaged,
  ),
  ...named(
    "maxpool_",
    [
      "1d_default",
      "2d_ceil_output_size_reduce_by_one",
      "2d_dilations",
      "2d_pads",
      "2d_precomputed_same_upper",
      "2d_same_lower",
      "2d_same_upper",
      "3d_dilations",
      "3d_dilations_use_ref_impl_large",
    ],
    maximum,
  ),
  "onnx/maxpool_with_argmax_2d_precomputed_pads": placed,
  ...named("lppool_", ["1d_default", "2d_dilations", "2d_same_lower", "2d_same_upper"], powered),
  ...named(
    "",
    [
      "basic_conv_with_padding",
      "conv_with_autopad_same",
      "conv_with_strides_no_padding",
      "conv_with_strides_padding",
    ],
    convolved,
  ),
  ...named(
    "convtranspose",
    ["", "_dilations", "_group_2", "_kernel_shape", "_pad", "_pads"],
    transposed,
  ),
  "onnx/convtranspose_3d": turned,
  "onnx/globalaveragepool": whole("mean"),
  "onnx/globalmaxpool": whole("max"),
};
