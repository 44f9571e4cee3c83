/** Products, recurrences and steps of optimizers of ONNX. */
import type { Table } from "../support/case.js";
import {
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

/** Matrices in the last two axes, a vector where there is one axis. */
const multiplied = onnx((o) => {
  const [a, b] = [o.shape(0).length, o.shape(1).length];
  const lead = binders(Math.max(a, b, 2) - 2);
  const left = `a${indexed(a === 1 ? ["k"] : [...lead, `i${lead.length}`, "k"])}`;
  const right = `b${indexed(b === 1 ? ["k"] : [...lead, "k", `i${lead.length + (a === 1 ? 0 : 1)}`])}`;
  return define("y", o.out(), `sum[k](${left} * ${right})`);
});

const gemm = onnx((o) => {
  const left = o.attribute("transA", 0) ? "a[k, i0]" : "a[i0, k]";
  const right = o.attribute("transB", 0) ? "b[i1, k]" : "b[k, i1]";
  const bias = o.has(2) ? ` + ${o.attribute("beta", 1)} * ${broadcast("c", o.shape(2), 2)}` : "";
  return define("y", o.out(), `${o.attribute("alpha", 1)} * sum[k](${left} * ${right})${bias}`);
});

const constant = (text: string) => onnx(() => text);

/** What the gates read of input and state at time t, biases of both among them. */
function gates(o: Operator, rows: string): string {
  const x = o.attribute("layout", 0) ? "a[n, t, i]" : "a[t, n, i]";
  const count = o.shape(1)[1] as number;
  const bias = o.has(3) ? ` + d[0, q] + d[0, ${count} + q]` : "";
  return `x${rows} = sum[i](${x} * b[0, q, i])${bias}`;
}

interface Cell {
  /** Equations of one step from h (and s) and x. */
  readonly step: (o: Operator, hidden: number, ranged: string) => string;
}

/** A layer in one direction from a zero state, unrolled over its few steps. */
const recurrent = (cell: Cell) =>
  onnx((o): Text => {
    const hidden = o.attribute("hidden_size", 1);
    const [first, second] = o.shape(0) as [number, number];
    const [steps, batch] = o.attribute("layout", 0) ? [second, first] : [first, second];
    const ranged = `[n < ${batch}, j < ${hidden}]`;
    const gated = gates(o, `[n < ${batch}, q < ${o.shape(1)[1]}]`);
    const whole = o.outputs[0] ? `y = 1.0 * h\n    z = 1.0 * h` : `z = 1.0 * h`;
    return {
      outside: `global { h${ranged} = 0.0; s${ranged} = 0.0 }
  for t < ${steps} { global {
    ${gated}
    ${cell.step(o, hidden, ranged)}
  } }`,
      text: whole,
    };
  });

const read = (gate: string): string => `sum[k](h[n, k] * c[0, ${gate}, k])`;

const rnn: Cell = { step: (_, __, ranged) => `h${ranged} = tanh(x[n, j] + ${read("j")})` };

/** Gates in the order i, o, f, c. */
const lstm: Cell = {
  step: (_, hidden, ranged) => {
    const gate = (k: number) => `(x[n, ${k * hidden} + j] + ${read(`${k * hidden} + j`)})`;
    return `s${ranged} = sigmoid(${gate(2)}) * s[n, j] + sigmoid(${gate(0)}) * tanh(${gate(3)})
    g${ranged} = ${gate(1)}
    h${ranged} = sigmoid(g[n, j]) * tanh(s[n, j])`;
  },
};

/** Gates in the order z, r, h; the state is reset before its product, and so the bias of the state is apart from it. */
const gru: Cell = {
  step: (_, hidden, ranged) => {
    const gate = (k: number) => `sigmoid(x[n, ${k * hidden} + j] + ${read(`${k * hidden} + j`)})`;
    return `u${ranged} = ${gate(0)}
    r${ranged} = ${gate(1)}
    v${ranged} = tanh(x[n, ${2 * hidden} + j] + sum[k](r[n, k] * h[n, k] * c[0, ${2 * hidden} + j, k]))
    h${ranged} = (1 - u[n, j]) * v[n, j] + u[n, j] * h[n, j]`;
  },
};

const decayed = (o: Operator) => `g = ${o.attribute("norm_coefficient", 0)} * c + d`;

const adagrad = onnx(
  (o) => `${decayed(o)}
    z = e + g * g
    y = c - a / (1 + b * ${o.attribute("decay_factor", 0)}) * g / (sqrt(z) + ${o.attribute("epsilon", 1e-6)})`,
);

const adam = onnx((o) => {
  const [alpha, beta] = [o.attribute("alpha", 0.9), o.attribute("beta", 0.999)];
  return `${decayed(o)}
    z = ${alpha} * e + (1 - ${alpha}) * g
    w = ${beta} * f + (1 - ${beta}) * g * g
    rate = select(b > 0, a * sqrt(1 - pow(${beta}, b)) / (1 - pow(${alpha}, b)), a)
    y = c - rate * z / (sqrt(w) + ${o.attribute("epsilon", 1e-6)})`;
});

const momentum = onnx((o) => {
  const alpha = o.attribute("alpha", 0.9);
  const step = o.word("mode", "standard") === "nesterov" ? `(g + ${alpha} * z)` : "z";
  return `${decayed(o)}
    z = ${alpha} * e + select(b > 0, ${o.attribute("beta", 1)}, 1.0) * g
    y = c - a * ${step}`;
});

const masked = onnx(
  (o) =>
    `${define("y", o.out(), `1.0 * a${indexed(binders(3))}`)}\n    ${define("z", o.out(1), "true")}`,
);

export const onnxProducts: Table = {
  ...named("matmul_", ["1d_1d", "2d", "4d", "4d_1d"], multiplied),
  ...named(
    "gemm_",
    [
      "all_attributes",
      "beta",
      "default_no_bias",
      "default_scalar_bias",
      "default_vector_bias",
      "transposeA",
      "transposeB",
    ],
    gemm,
  ),
  "onnx/einsum_batch_diagonal": constant("y[i, j] = a[i, j, j]"),
  "onnx/einsum_inner_prod": constant("y = sum[i](a[i] * b[i])"),
  "onnx/einsum_sum": constant("y[i] = sum[j](a[i, j])"),
  "onnx/einsum_transpose": constant("y[j, i] = a[i, j]"),
  "onnx/det_2d": constant("y = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]"),
  "onnx/range_float_type_positive_delta": onnx((o) => define("y", o.out(), "a + i0 * c")),
  "onnx/dropout_default_mask_ratio": masked,
  "onnx/training_dropout_zero_ratio_mask": masked,
  "onnx/simple_rnn_defaults": recurrent(rnn),
  "onnx/rnn_seq_length": recurrent(rnn),
  "onnx/lstm_batchwise": recurrent(lstm),
  "onnx/lstm_with_initial_bias": recurrent(lstm),
  "onnx/gru_batchwise": recurrent(gru),
  "onnx/gru_seq_length": recurrent(gru),
  "onnx/adagrad": adagrad,
  "onnx/adam": adam,
  "onnx/momentum": momentum,
  "onnx/nesterov_momentum": momentum,
};
