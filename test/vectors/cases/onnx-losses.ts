/** Norms and losses of ONNX. */
import type { Table } from "../support/case.js";
import {
  axisOf,
  binders,
  broadcast,
  define,
  indexed,
  type Operator,
  onnx,
  type Text,
} from "../support/onnx.js";

const named = (prefix: string, names: readonly string[], make: Table[string]): Table =>
  Object.fromEntries(names.map((name) => [`onnx/${prefix}${name}`, make]));

const std = `import { sq } from "std/core"`;

/** Over the axes from one on, with the mean or without. */
const layered = (centred: boolean) =>
  onnx((o): Text => {
    const shape = o.shape(0);
    const axis = axisOf(o.attribute("axis", -1), shape.length);
    const all = binders(shape.length);
    const lead = all.slice(0, axis);
    const ranged = indexed(lead.map((i, k) => `${i} < ${shape[k]}`));
    const over = indexed(all.slice(axis));
    const [x, m] = [`a${indexed(all)}`, centred ? ` - m${indexed(lead)}` : ""];
    const norm = `rsqrt(v${indexed(lead)} + ${o.attribute("epsilon", 1e-5)})`;
    const lines = [
      centred ? `m${ranged} = mean${over}(${x})` : "",
      `v${ranged} = mean${over}(sq(${x}${m}))`,
      define(
        "y",
        o.out(),
        `(${x}${m}) * ${norm} * ${broadcast("b", o.shape(1), shape.length)}${o.has(2) ? ` + ${broadcast("c", o.shape(2), shape.length)}` : ""}`,
      ),
      o.outputs.length > 1 ? `z${ranged} = 1.0 * m${indexed(lead)}\n    w${ranged} = ${norm}` : "",
    ];
    return { text: lines.join("\n    "), std };
  });

/** Over all places of a channel in an image, or of a group of channels. */
const grouped = (groups: (o: Operator) => number) =>
  onnx((o): Text => {
    const [n, channels, ...places] = o.shape(0) as [number, number, ...number[]];
    const g = groups(o);
    const part = channels / g;
    const extent = places.reduce((p, q) => p * q, 1);
    return {
      text: `f = flatten(a)
    x[n < ${n}, g < ${g}, q < ${part}, s < ${extent}] = f[${channels * extent} * n + ${part * extent} * g + ${extent} * q + s]
    m[n, g] = mean[q, s](x[n, g, q, s])
    v[n, g] = mean[q, s](sq(x[n, g, q, s] - m[n, g]))
    y[n, g, q, s] = (x[n, g, q, s] - m[n, g]) * rsqrt(v[n, g] + ${o.attribute("epsilon", 1e-5)}) * b[${part} * g + q] + c[${part} * g + q]`,
      std,
    };
  });

const batch = onnx((o): string =>
  define(
    "y",
    o.out(),
    `(a[i0, i1, i2, i3] - d[i1]) * rsqrt(e[i1] + ${o.attribute("epsilon", 1e-5)}) * b[i1] + c[i1]`,
  ),
);

const meanVariance = onnx(
  (o): Text => ({
    text: `m[i1 < ${o.shape(0)[1]}] = mean[i0, i2, i3](a[i0, i1, i2, i3])
    v[i1 < ${o.shape(0)[1]}] = mean[i0, i2, i3](sq(a[i0, i1, i2, i3] - m[i1]))
    ${define("y", o.out(), "(a[i0, i1, i2, i3] - m[i1]) * rsqrt(v[i1])")}`,
    std,
  }),
);

/** Minus the (log) probability of a label, perhaps weighed, without a class that is ignored; classes are the second axis. */
const likelihood = (logits: boolean) =>
  onnx((o): string => {
    const shape = o.shape(0);
    const classes = shape[1] as number;
    const places = [0, ...shape.slice(2).map((_, k) => k + 2)];
    const at = places.map((k) => `i${k}`);
    const ranged = at.map((i, k) => `${i} < ${shape[places[k] as number]}`);
    const element = `a${indexed(["i0", "k", ...at.slice(1)])}`;
    const ignored = o.attribute("ignore_index", -1000);
    const label = `b${indexed(at)}`;
    const reduction = o.word("reduction", "mean");
    const weight = o.has(2) ? `c[mod(${label}, ${classes})]` : "1.0";
    const lines = [
      `t${indexed([...ranged, `k < ${classes}`])} = ${element}`,
      `l${indexed(ranged)} = ${logits ? "log_softmax(" : "1.0 * "}t${indexed(at)}${logits ? ")" : ""}`,
      `q${indexed(ranged)} = select(${label} == ${ignored}, 0, ${weight})`,
      `n${indexed(ranged)} = -l${indexed([...at, `mod(${label}, ${classes})`])} * q${indexed(at)}`,
    ];
    const sum = `sum${indexed(at)}(n${indexed(at)})`;
    lines.push(
      reduction === "none"
        ? `y = 1.0 * n`
        : reduction === "sum"
          ? `y = ${sum}`
          : `y = ${sum} / sum${indexed(at)}(q${indexed(at)})`,
    );
    if (o.outputs.length > 1) lines.push(define("z", o.out(1), `l${indexed([...at, "i1"])}`));
    return lines.join("\n    ");
  });

const layers = [
  "2d_axis0",
  "2d_axis_negative_1",
  "3d_axis0_epsilon",
  "3d_axis1_epsilon",
  "3d_axis_negative_1_epsilon",
  "3d_axis_negative_3_epsilon",
  "4d_axis0",
  "4d_axis2",
  "4d_axis_negative_1",
  "4d_axis_negative_2",
  "4d_axis_negative_4",
];

export const onnxLosses: Table = {
  ...named("layer_normalization_", layers, layered(true)),
  ...named("rms_normalization_", layers, layered(false)),
  "onnx/group_normalization_epsilon": grouped((o) => o.attribute("num_groups", 1)),
  "onnx/instancenorm_epsilon": grouped((o) => o.shape(0)[1] as number),
  "onnx/batchnorm_epsilon": batch,
  "onnx/batchnorm_example": batch,
  "onnx/mvn": meanVariance,
  ...named(
    "nllloss_",
    [
      "NC",
      "NCd1_ii",
      "NCd1_weight",
      "NCd1_weight_ii",
      "NCd1d2_no_weight_reduction_mean_ii",
      "NCd1d2_reduction_sum",
      "NCd1d2_with_weight",
      "NCd1d2_with_weight_reduction_sum",
      "NCd1d2d3_none_no_weight_negative_ii",
      "NCd1d2d3_sum_weight_high_ii",
      "NCd1d2d3d4d5_none_no_weight",
    ],
    likelihood(false),
  ),
  ...named(
    "sce_",
    [
      "NCd1_mean_weight_negative_ii",
      "NCd1d2d3_none_no_weight_negative_ii",
      "NCd1d2d3_sum_weight_high_ii",
      "NCd1d2d3_sum_weight_high_ii_log_prob",
      "NCd1d2d3d4d5_mean_weight_log_prob",
      "NCd1d2d3d4d5_none_no_weight_log_prob",
      "mean",
      "mean_3d_log_prob",
      "mean_no_weight_ii",
      "mean_no_weight_ii_3d",
      "mean_no_weight_ii_4d",
      "mean_no_weight_ii_log_prob",
      "mean_weight",
      "mean_weight_ii_3d",
      "mean_weight_ii_4d",
      "mean_weight_ii_4d_log_prob",
      "mean_weight_log_prob",
      "none_log_prob",
      "none_weights",
      "sum",
    ],
    likelihood(true),
  ),
};
