/** Rearranging: transposes, slices, padding and repetition, said with binders and concatenation. */
import { call, type Table, type VectorCase } from "../support/case.js";
import { tensor, type View } from "../support/view.js";

const [x, y] = [tensor("in/x"), tensor("out/y")];

/** One tensor as a field of the graph. */
const whole =
  (type: string, equations: string, out: View): (() => VectorCase) =>
  () =>
    call({
      model: `model M { input x: global f32[${type}]; ${equations}; output y }`,
      graph: { global: { x: x.map(({ shape, data }) => ({ shape: [1, ...shape], data })) } },
      outputs: { "global.y": out },
    });

/** Rows of `type`. */
const rows =
  (type: string, equations: string): (() => VectorCase) =>
  () =>
    call({
      model: `model M { nodes row; input x: row f32[${type}]; ${equations}; output y }`,
      graph: { row: { x: x.reshape(-1, ...type.split(", ").map(Number)) } },
      outputs: { "row.y": y },
    });

export const shapes: Table = {
  "shape/transpose": whole("2, 3, 4", "y[k, j, i] = x[i, j, k]", y),
  "shape/permute": whole("2, 3, 4", "y[k, i, j] = x[i, j, k]", y),
  "shape/flip": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[3, 4]
  for t < 3 { y[t] = x[2 - t] }
  output y
}`,
      graph: { row: { x } },
      outputs: { "row.y": y },
    }),
  "shape/roll": rows("4", "[a, b] = x; y = [b, a]"),
  "shape/slice_step": rows("3, 4", "y[j < 2, k < 2] = x[j, 2 * k]"),
  "shape/pad_const": rows(
    "3, 4",
    "w[j] = [0.5, x[j], 0.5, 0.5]; t[k, j] = w[j, k]; p[k] = [t[k], 0.5]; y[j, k] = p[k, j]",
  ),
  "shape/pad_reflect": rows("4", "y = [x[2], x[1], x, x[2]]"),
  "shape/pad_circular": rows("4", "y = [x[3], x, x[0], x[1]]"),
  "shape/repeat": whole("2, 3, 4", "y[c < 2, i, j] = [x[i, j], x[i, j], x[i, j]]", y),
  "shape/repeat_interleave": rows("3, 4", "y[j, r < 2, k] = x[j, k]"),
  "shape/tril": rows("3, 4", "y[i, j] = select(i >= j, x[i, j], 0)"),
  "shape/triu1": rows("3, 4", "y[i, j] = select(i < j, x[i, j], 0)"),
  "shape/unfold": rows("3, 4", "y[j, w < 2, k < 3] = x[j, w + k]"),
  "shape/diag": rows("3, 4", "y[i < 3] = x[i, i]"),
  "shape/reshape": whole("2, 3, 4", "y = flatten(x)", y),
  "shape/cat": () =>
    call({
      model: `model M {
  nodes row
  input a: row f32[3, 4]
  input b: row f32[5, 4]
  y = [flatten(a), flatten(b)]
  output y
}`,
      graph: { row: { a: tensor("in/a"), b: tensor("in/b") } },
      outputs: { "row.y": y },
    }),
  "shape/stack": () =>
    call({
      model: `model M { nodes row; input a, b: row f32[4]; y = [a, b]; output y }`,
      graph: { row: { a: tensor("in/a"), b: tensor("in/b") } },
      outputs: { "row.y": y },
    }),
  "shape/split": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[6]
  [a: f32[1], b: f32[2], c: f32[3]] = x
  output a, b, c
}`,
      graph: { row: { x } },
      outputs: {
        "row.a": tensor("out/a"),
        "row.b": tensor("out/b"),
        "row.c": tensor("out/c"),
      },
    }),
  "shape/expand_sum": whole("4, 1", "y[i < 3, j, k < 5] = x[j, 0]", y),
  "shape/one_hot": () =>
    call({
      model: `model M { nodes row; input i: row index[5]; y = one_hot(i); output y }`,
      graph: { row: { i: tensor("in/index") } },
      outputs: { "row.y": y },
    }),
  "shape/cdist_sq": () =>
    call({
      model: `import { sq } from "std/core"
model M {
  nodes left, right
  edges pair: right -> left complete
  input a: left f32[3]
  input b: right f32[3]
  edge pair { y = sum[d](sq(receiver.a[d] - sender.b[d])) }
  output y
}`,
      graph: { left: { a: tensor("in/a") }, right: { b: tensor("in/b") } },
      outputs: { "pair.y": y.reshape(20) },
    }),
};
