/** Losses: one value for each row, averaged over the rows as `loss` would. */
import { call, type Table, type VectorCase } from "../support/case.js";
import { tensor, type View } from "../support/view.js";

const [x, y, target] = [tensor("in/x"), tensor("out/y"), tensor("in/target")];

interface Said {
  /** Declarations of inputs besides x. */
  readonly inputs: string;
  /** The loss of one row. */
  readonly loss: string;
  readonly names?: string;
  /** What the graph gives of all rows. */
  readonly total?: string;
  readonly fields?: Readonly<Record<string, View>>;
  readonly globals?: Readonly<Record<string, View>>;
  readonly width?: number;
  readonly x?: View;
}

const lossOf =
  (said: Said): (() => VectorCase) =>
  () =>
    call({
      model: `${said.names ? `import { ${said.names} } from "std/core"` : ""}
model M {
  nodes row
  input x: row f32[${said.width ?? 3}]
  ${said.inputs}
  node row { l = ${said.loss} }
  global { y = ${said.total ?? "mean(l)"} }
  output y
}`,
      graph: {
        row: { x: said.x ?? x, ...(said.fields ?? { t: target }) },
        ...(said.globals ? { global: said.globals } : {}),
      },
      outputs: { "global.y": y.reshape(1) },
    });

const classes = { inputs: "input t: row index[4]", width: 4 } as const;
const regression = { inputs: "input t: row f32[3]" } as const;
const entropy = { ...classes, names: "cross_entropy", loss: "cross_entropy(x, t)" } as const;

/** A robust loss of d = x - t: quadratic below `delta`, linear above; `scale` times. */
const robust = (delta: number, total: string) =>
  lossOf({
    ...regression,
    names: "sq",
    loss: `sum[i](select(abs(x[i] - t[i]) < ${delta}, 0.5 * sq(x[i] - t[i]), ${delta} * (abs(x[i] - t[i]) - 0.5 * ${delta})))`,
    total,
  });

const divergence = (total: string): (() => VectorCase) =>
  lossOf({
    inputs: "input t: row f32[4]",
    width: 4,
    x: tensor("in/input"),
    loss: "sum[i](t[i] * (log(t[i]) - x[i]))",
    total,
  });

/** The labels with the ignored ones put to 0, and which of them count. */
const kept = target.map(({ shape, data }) => ({
  shape,
  data: Array.from(data, (t) => Number(t >= 0)),
}));
const clipped = target.map(({ shape, data }) => ({
  shape,
  data: Array.from(data, (t) => Math.max(t, 0)),
}));

export const losses: Table = {
  "loss/cross_entropy_mean": lossOf(entropy),
  "loss/cross_entropy_sum": lossOf({ ...entropy, total: "sum(l)" }),
  "loss/cross_entropy_none": () =>
    call({
      model: `import { cross_entropy } from "std/core"
model M { nodes row; input x: row f32[4]; input t: row index[4]; y = cross_entropy(x, t); output y }`,
      graph: { row: { x, t: target } },
      outputs: { "row.y": y },
    }),
  "loss/cross_entropy_weighted": () =>
    call({
      model: `import { cross_entropy } from "std/core"
model M {
  nodes row
  input x: row f32[4]
  input t: row index[4]
  input weight: global f32[4]
  node row { w = global.weight[t]; l = w * cross_entropy(x, t) }
  global { y = sum(l) / sum(w) }
  output y
}`,
      graph: { row: { x, t: target }, global: { weight: tensor("in/weight").reshape(1, 4) } },
      outputs: { "global.y": y.reshape(1) },
    }),
  "loss/cross_entropy_ignore_index": lossOf({
    ...entropy,
    inputs: "input t: row index[4]; input keep: row bool",
    total: "mean(l where keep)",
    fields: { t: clipped, keep: kept },
  }),
  "loss/cross_entropy_label_smoothing": lossOf({
    ...entropy,
    loss: "0.9 * cross_entropy(x, t) - 0.1 * mean[c < 4](log_softmax(x)[c])",
  }),
  "loss/cross_entropy_seq": lossOf({
    ...entropy,
    x: x.permute(0, 2, 1).reshape(10, 4),
    fields: { t: target.reshape(10) },
  }),
  "loss/cross_entropy_soft": lossOf({
    inputs: "input t: row f32[4]",
    width: 4,
    names: "dot",
    loss: "-dot(t, log_softmax(x))",
  }),
  "loss/nll": lossOf({ ...classes, names: "cross_entropy", loss: "cross_entropy(x, t)" }),
  "loss/kl_div_batchmean": divergence("mean(l)"),
  "loss/kl_div_sum": divergence("sum(l)"),
  "loss/kl_div_mean": divergence("mean(l) / 4"),
  "loss/mse_mean": lossOf({ ...regression, names: "mse", loss: "mse(x, t)" }),
  "loss/mse_sum": lossOf({ ...regression, names: "mse", loss: "3 * mse(x, t)", total: "sum(l)" }),
  "loss/l1_mean": lossOf({ ...regression, names: "mae", loss: "mae(x, t)" }),
  "loss/l1_sum": lossOf({ ...regression, names: "mae", loss: "3 * mae(x, t)", total: "sum(l)" }),
  "loss/smooth_l1_mean": robust(1, "mean(l) / 3"),
  "loss/smooth_l1_sum": robust(1, "sum(l)"),
  "loss/huber_mean": robust(0.7, "mean(l) / 3"),
  "loss/huber_sum": robust(0.7, "sum(l)"),
  "loss/bce_with_logits": lossOf({
    inputs: "input t: row f32[3]; input positive: global f32[3]",
    names: "softplus",
    loss: "mean[i](global.positive[i] * t[i] * softplus(-x[i]) + (1 - t[i]) * softplus(x[i]))",
    globals: { positive: tensor("in/pos_weight").reshape(1, 3) },
  }),
  "loss/bce": lossOf({
    ...regression,
    names: "binary_cross_entropy",
    loss: "mean[i](binary_cross_entropy(x[i], t[i]))",
  }),
  "loss/gaussian_nll": lossOf({
    inputs: "input t, v: row f32[3]",
    names: "gaussian_nll",
    loss: "gaussian_nll(x, v, t)",
    fields: { t: target, v: tensor("in/var") },
  }),
  "loss/cosine_similarity": () =>
    call({
      model: `import { dot } from "std/core"
model M { nodes row; input a, b: row f32[3]; y = dot(a, b) / (norm(a) * norm(b)); output y }`,
      graph: { row: { a: tensor("in/a"), b: tensor("in/b") } },
      outputs: { "row.y": y },
    }),
  "loss/margin_ranking": () =>
    call({
      model: `model M {
  nodes row
  input a, b, s: row f32
  node row { l = relu(s * (b - a) + 0.2) }
  global { y = mean(l) }
  output y
}`,
      graph: { row: { a: tensor("in/a"), b: tensor("in/b"), s: tensor("in/y") } },
      outputs: { "global.y": y.reshape(1) },
    }),
};
