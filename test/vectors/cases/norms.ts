/** Normalisation and dropout. */
import { call, shapeOf, step, type Table, type Vector, type VectorCase } from "../support/case.js";
import { constant, tensor, type View } from "../support/view.js";

const [x, y] = [tensor("in/x"), tensor("out/y")];

/** The library's `LayerNorm` over the last `width` numbers. */
const layerNorm =
  (width: number, affine: boolean): ((vector: Vector) => VectorCase) =>
  (vector) =>
    call({
      model: `import { LayerNorm } from "std/core"
model M { nodes row; input x: row f32[${width}]; y = LayerNorm(x, eps: ${Number(vector.attrs.eps).toFixed(5)}); output y }`,
      graph: { row: { x: x.reshape(-1, width) } },
      weights: {
        "y.gain": affine ? tensor("w/weight").reshape(width) : constant([width], 1),
        "y.shift": affine ? tensor("w/bias").reshape(width) : constant([width], 0),
      },
      outputs: { "row.y": y.reshape(-1, width) },
    });

/** Channels last, one row for each place. */
const channelsLast = (view: View, rank: number): View => {
  const places = Array.from({ length: rank - 2 }, (_, k) => k + 2);
  return rank === 2 ? view : view.permute(0, ...places, 1);
};

/** The library's `BatchNorm` with its running statistics. */
function batchNorm(vector: Vector): VectorCase {
  const shape = shapeOf(vector, "in/x");
  const channels = shape[1] as number;
  const rows = (view: View) => channelsLast(view, shape.length).reshape(-1, channels);
  return call({
    model: `import { BatchNorm } from "std/core"
model M { nodes row; input x: row f32[${channels}]; y = BatchNorm(x); output y }`,
    graph: { row: { x: rows(x) } },
    weights: { "y.gain": tensor("w/weight"), "y.shift": tensor("w/bias") },
    states: { "y.centre": tensor("buf/running_mean"), "y.spread": tensor("buf/running_var") },
    outputs: { "row.y": rows(y) },
  });
}

/** The same in a training step, whose statistics are those of the batch. */
function batchNormTrained(vector: Vector): VectorCase {
  const shape = shapeOf(vector, "in/x");
  const channels = shape[1] as number;
  const count = shape.reduce((a, b) => a * b, 1) / channels;
  const rows = (name: string) => channelsLast(tensor(name), shape.length).reshape(count, channels);
  return step({
    model: `import { BatchNorm, dot } from "std/core"
model M {
  nodes row: set(${count})
  param X, cotangent: f32[${count}, ${channels}]
  node row { x = X[index] }
  y = BatchNorm(x)
  node row { l = dot(cotangent[index], y) }
  global { total = sum(l) }
  output y
  loss total
  optimizer sgd(lr: 1)
}`,
    graph: { row: { count: constant([1], count) } },
    weights: {
      X: rows("in/x"),
      cotangent: rows("cot/y"),
      "y.gain": tensor("w/weight"),
      "y.shift": tensor("w/bias"),
    },
    states: { "y.centre": tensor("buf/running_mean"), "y.spread": tensor("buf/running_var") },
    changes: {
      X: rows("grad/in/x"),
      cotangent: rows("out/y"),
      "y.gain": tensor("grad/w/weight"),
      "y.shift": tensor("grad/w/bias"),
    },
    statesAfter: {
      "y.centre": tensor("buf_after/running_mean"),
      "y.spread": tensor("buf_after/running_var"),
    },
  });
}

const norms: Table = {
  "norm/layer_norm_0": layerNorm(6, true),
  "norm/layer_norm_1": layerNorm(5, true),
  "norm/layer_norm_2": layerNorm(12, true),
  "norm/layer_norm_noaffine": layerNorm(7, false),
  "norm/batchnorm1d_2d_train": batchNormTrained,
  "norm/batchnorm1d_3d_train": batchNormTrained,
  "norm/batchnorm2d_4d_train": batchNormTrained,
  "norm/batchnorm1d_2d_eval": batchNorm,
  "norm/batchnorm1d_3d_eval": batchNorm,
  "norm/batchnorm2d_4d_eval": batchNorm,
  "norm/group_norm": () =>
    call({
      model: `import { sq } from "std/core"
model M {
  nodes row
  input x: row f32[3, 2, 12]
  param gain, shift: f32[3, 2]
  node row {
    m[g] = mean[c, s](x[g, c, s])
    v[g] = mean[c, s](sq(x[g, c, s] - m[g]))
    y[g, c, s] = (x[g, c, s] - m[g]) * rsqrt(v[g] + 1e-5) * gain[g, c] + shift[g, c]
  }
  output y
}`,
      graph: { row: { x: x.reshape(2, 3, 2, 12) } },
      weights: { gain: tensor("w/weight").reshape(3, 2), shift: tensor("w/bias").reshape(3, 2) },
      outputs: { "row.y": y },
    }),
  "norm/instance_norm2d": () =>
    call({
      model: `import { sq } from "std/core"
model M {
  nodes row
  input x: row f32[3, 20]
  param gain, shift: f32[3]
  node row {
    m[c] = mean[s](x[c, s])
    v[c] = mean[s](sq(x[c, s] - m[c]))
    y[c, s] = (x[c, s] - m[c]) * rsqrt(v[c] + 1e-5) * gain[c] + shift[c]
  }
  output y
}`,
      graph: { row: { x: x.reshape(2, 3, 20) } },
      weights: { gain: tensor("w/weight"), shift: tensor("w/bias") },
      outputs: { "row.y": y },
    }),
  "norm/l2_normalize": () =>
    call({
      model: `model M { nodes row; input x: row f32[5]; y = x / max(norm(x), 1e-12); output y }`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    }),
};

const dropouts: Table = {
  "dropout/dropout_eval": () =>
    call({
      model: `import { dropout } from "std/core"
model M { nodes row; input x: row f32[4]; y = dropout(x, 0.5); output y }`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    }),
  "dropout/dropout_fixed_mask": () =>
    call({
      model: `model M { nodes row; input x, keep: row f32[6]; y = x * keep / (1 - 0.4); output y }`,
      graph: { row: { x, keep: tensor("in/mask") } },
      outputs: { "row.y": y },
    }),
};

export const normalisation: Table = { ...norms, ...dropouts };
