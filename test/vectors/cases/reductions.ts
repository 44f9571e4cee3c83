/** Softmax and reductions: along a feature axis, over the nodes of a graph, over everything. */
import { call, type Table, type VectorCase } from "../support/case.js";
import { tensor } from "../support/view.js";
import { blocks } from "./dense.js";

const [x, y] = [tensor("in/x"), tensor("out/y")];

/** Rows of `type`, and equations that make y of x. */
const rowwise =
  (type: string, width: number, equations: string): (() => VectorCase) =>
  () =>
    call({
      model: `model M { nodes row; input x: row f32[${type}]; ${equations}; output y }`,
      graph: { row: { x: x.reshape(-1, width) } },
      outputs: { "row.y": y },
    });

/** Matrices [4, 5] in rows; `f` works along the last axis, the vector along the first. */
const across =
  (f: string): (() => VectorCase) =>
  () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[4, 5]
  node row { t[j, i] = x[i, j]; s = ${f}(t); y[i, j] = s[j, i] }
  output y
}`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    });

const softmaxes: Table = {
  "softmax/softmax_4x6_dm1": rowwise("6", 6, "y = softmax(x)"),
  "softmax/log_softmax_4x6_dm1": rowwise("6", 6, "y = log_softmax(x)"),
  "softmax/logsumexp_4x6_dm1": rowwise(
    "6",
    6,
    "m = stop(max[i](x[i])); y = m + log(sum[i](exp(x[i] - m)))",
  ),
  "softmax/softmax_large_values": rowwise("5", 5, "y = softmax(x)"),
  "softmax/softmax_3x4x5_d1": across("softmax"),
  "softmax/log_softmax_3x4x5_d1": across("log_softmax"),
  "softmax/logsumexp_3x4x5_d1": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[4, 5]
  node row { m[j] = stop(max[i](x[i, j])); y[j] = m[j] + log(sum[i](exp(x[i, j] - m[j]))) }
  output y
}`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    }),
  "softmax/softmax_2x3x4_d0": rowwise("12", 12, "y = softmax(x) by graph"),
  "softmax/log_softmax_2x3x4_d0": rowwise("12", 12, "y = log(softmax(x) by graph)"),
  "softmax/logsumexp_2x3x4_d0": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[12]
  global { m = stop(max(x)) }
  node row { e = exp(x - global.m) }
  global { y = m + log(sum(e)) }
  output y
}`,
      graph: { row: { x: x.reshape(2, 12) } },
      outputs: { "global.y": y.reshape(1, 12) },
    }),
  "softmax/masked_softmax": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32
  input mask: row bool
  node row { y = softmax(x where not mask) by graph }
  output y
}`,
      graph: { row: { x: x.reshape(28), mask: tensor("in/mask").reshape(28) } },
      graphOf: { row: blocks(4, 7) },
      outputs: { "row.y": y.reshape(28) },
    }),
};

/** How each reduction is said: over the nodes of a graph (`sum(x)`), and along an axis (`sum[i](x[i])`). */
const reducers: Readonly<Record<string, readonly [graph: string, axis: string]>> = {
  sum: ["sum(x)", "sum[i](x[i])"],
  mean: ["mean(x)", "mean[i](x[i])"],
  amax: ["max(x)", "max[i](x[i])"],
  amin: ["min(x)", "min[i](x[i])"],
  var: ["var(x)", "var[i](x[i])"],
  std_unbiased: [
    "sqrt(var(x) * count(row) / (count(row) - 1))",
    "sqrt(var[i](x[i]) * 5 / (5 - 1))",
  ],
  norm2: ["sqrt(sum(x * x))", "norm(x)"],
  norm1: ["sum(abs(x))", "sum[i](abs(x[i]))"],
};

const overGraph = (expression: string, type: string) => `model M {
  nodes row
  input x: row f32${type}
  global { y = ${expression} }
  output y
}`;

function reductionsOf(name: string, [graph, axis]: readonly [string, string]): Table {
  return {
    [`reduce/${name}_dNone`]: () =>
      call({
        model: overGraph(graph, ""),
        graph: { row: { x: x.reshape(60) } },
        outputs: { "global.y": y.reshape(1) },
      }),
    [`reduce/${name}_d0`]: () =>
      call({
        model: overGraph(graph, "[20]"),
        graph: { row: { x: x.reshape(3, 20) } },
        outputs: { "global.y": y.reshape(1, 20) },
      }),
    [`reduce/${name}_dm1_keep`]: rowwise("5", 5, `y = ${axis}`),
    [`reduce/${name}_d0_2`]: () =>
      call({
        model: overGraph(graph, ""),
        graph: { row: { x: x.permute(1, 0, 2).reshape(60) } },
        graphOf: { row: blocks(4, 15) },
        outputs: { "global.y": y },
      }),
  };
}

/** Places of the largest values of a row: as many values as `count`, in falling order. */
const ranked =
  (count: number): (() => VectorCase) =>
  () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[5]
  node row {
    rank[i] = sum[j](select(x[j] > x[i], 1, 0))
    values[r < ${count}] = sum[i](select(rank[i] == r, x[i], 0))
    indices[r < ${count}] = sum[i](select(rank[i] == r, 1.0 * i, 0))
  }
  output values, indices
}`,
      graph: { row: { x: x.reshape(12, 5) } },
      outputs: { "row.values": tensor("out/values"), "row.indices": tensor("out/indices") },
    });

export const reductions: Table = {
  ...softmaxes,
  ...Object.fromEntries(
    Object.entries(reducers).flatMap(([name, said]) => Object.entries(reductionsOf(name, said))),
  ),
  "reduce/prod_d0": () =>
    call({
      model: `model M {
  input x: global f32[3, 20]
  p = x[0]
  for t < 2 { p = p * x[t + 1] }
  y = p
  output y
}`,
      graph: { global: { x: x.reshape(1, 3, 20) } },
      outputs: { "global.y": y.reshape(1, 20) },
    }),
  "reduce/prod_dm1_keep": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[5]
  p = x[0]
  for t < 4 { p = p * x[t + 1] }
  y = p
  output y
}`,
      graph: { row: { x: x.reshape(12, 5) } },
      outputs: { "row.y": y },
    }),
  "reduce/argmax": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[4, 5]
  node row { t[j, i] = x[i, j]; y[j] = argmax(t[j]) }
  output y
}`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    }),
  "reduce/cumsum": () =>
    call({
      model: `model M {
  nodes step: seq
  input x: step f32[5]
  node step { y: f32[5] = x + sum(sender.y) over chain }
  output y
}`,
      graph: { step: { x: x.reshape(12, 5) } },
      graphOf: { step: blocks(3, 4) },
      outputs: { "step.y": y.reshape(12, 5) },
    }),
  "reduce/topk": ranked(2),
  "reduce/sort": ranked(5),
};
