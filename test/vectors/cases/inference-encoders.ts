/** Encoders of relational inference: the library's, the same without the factor graph, and convolutions along time. */
import { call, type Vector, type VectorCase } from "../support/case.js";
import { tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";
import { sizesOf } from "./inference.js";

type Weights = Readonly<Record<string, View>>;

/** Linear, ELU, Linear, ELU and batch norm of the reference as the library's `Layer`. */
const layer = (path: string, name: string): Weights => ({
  ...linear(`${path}.out.3`, `${name}.fc1`),
  ...linear(`${path}.out.2`, `${name}.fc2`),
  [`${path}.out.gain`]: tensor(`w/${name}.bn.weight`),
  [`${path}.out.shift`]: tensor(`w/${name}.bn.bias`),
});

/** Running statistics of the norm at a path, before (`buf`) or after (`buf_after`). */
const running = (path: string, name: string, buffer: string): Weights => ({
  [`${path}.centre`]: tensor(`${buffer}/${name}.running_mean`),
  [`${path}.spread`]: tensor(`${buffer}/${name}.running_var`),
});

/** An encoder: its text from x to `logits`, and what is at which path. */
export interface Encoder {
  readonly std: string;
  readonly before?: string;
  readonly text: string;
  readonly weights: Weights;
  /** Norms by path, with the names of the reference. */
  readonly norms: Readonly<Record<string, string>>;
}

const layersAt = (prefix: string, letters: string, from = ""): Weights =>
  Object.assign(
    {},
    ...[...letters].map((letter, k) => layer(`${prefix}${letter}`, `${from}mlp${k + 1}`)),
  ) as Weights;

const normsAt = (prefix: string, letters: string, from = ""): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...letters].map((letter, k) => [`${prefix}${letter}.out`, `${from}mlp${k + 1}.bn`]),
  );

/** The library's encoder. */
export const factored = (hidden: number, types: number, from = ""): Encoder => ({
  std: 'import { NRIEncoder } from "std/physics"',
  text: `logits = NRIEncoder<${hidden}, ${types}>(x)`,
  weights: { ...layersAt("logits.", "abcd", from), ...linear("logits.logits", `${from}fc_out`) },
  norms: normsAt("logits.", "abcd", from),
});

/** The same without the factor graph: edges are not summed at their nodes. */
const unfactored = (hidden: number, types: number): Encoder => ({
  std: `import { Layer } from "std/physics"\nimport { Linear } from "std/core"`,
  text: `let out = Linear<${types}>
  node atom { a = Layer<${hidden}>(flatten(x)) }
  edge pair {
    b = Layer<${hidden}>([sender.a, receiver.a])
    c = Layer<${hidden}>(b)
    d = Layer<${hidden}>([c, b])
    logits = out(d)
  }`,
  weights: { ...layersAt("", "abcd"), ...linear("out", "fc_out") },
  norms: normsAt("", "abcd"),
});

/** Batch norm over the elements and their time, channel by channel. */
const timeNorm = `fn TimeNorm(x: f32[T, C], momentum = 0.1, eps = 1e-5) -> f32[T, C] {
  param gain:  f32[C] = ones
  param shift: f32[C] = zeros
  state centre: f32[C] = zeros
  state spread: f32[C] = ones
  m[c] = mean(mean[t](x[t, c])) by batch
  v[c] = mean(mean[t](sq(x[t, c] - m[c]))) by batch
  n = T * sum(1) by batch
  centre' = (1 - momentum) * centre + momentum * m
  spread' = (1 - momentum) * spread + momentum * v * n / max(n - 1, 1)
  a = select(training, m, centre)
  s = rsqrt(select(training, v, spread) + eps) * gain
  y[t] = (x[t] - a) * s + shift
  return y
}
`;

/** Two convolutions along the time of both ends, then features weighed by an attention over time. */
const convolved = (vector: Vector, hidden: number, types: number): Encoder => {
  const { steps, features } = sizesOf(vector);
  const [first, second] = [steps - 4, (steps - 4) / 2 - 4];
  const filter = (name: string) => tensor(`w/cnn.${name}.weight`).permute(2, 1, 0);
  const factor = vector.attrs.factor === true;
  return {
    std: `import { Layer } from "std/physics"\nimport { Linear, sq, dot } from "std/core"`,
    before: timeNorm,
    text: `let out = Linear<${types}>
  let guess = Linear<${hidden}>
  param W1: f32[5, ${2 * features}, ${hidden}]
  param W2: f32[5, ${hidden}, ${hidden}]
  param b1, b2, wa: f32[${hidden}]
  param ba: f32
  edge pair {
    e[t] = [sender.x[t], receiver.x[t]]
    c1[t < ${first}] = relu(sum[k](e[t + k] @ W1[k]) + b1)
    n1 = TimeNorm(c1)
    p[t < ${first / 2}, i] = max(n1[2 * t, i], n1[2 * t + 1, i])
    c2[t < ${second}] = relu(sum[k](p[t + k] @ W2[k]) + b2)
    n2 = TimeNorm(c2)
    g[t] = guess(n2[t])
    s[t] = dot(n2[t], wa) + ba
    w = softmax(s)
    q[i] = mean[t](g[t, i] * w[t])
    a = Layer<${hidden}>(q)
  }
  ${factor ? `node atom { b = Layer<${hidden}>(sum(a) / count(atom)) }\n  edge pair { c = Layer<${hidden}>([sender.b, receiver.b, a]); logits = out(c) }` : "edge pair { logits = out(a) }"}`,
    weights: {
      W1: filter("conv1"),
      W2: filter("conv2"),
      b1: tensor("w/cnn.conv1.bias"),
      b2: tensor("w/cnn.conv2.bias"),
      wa: tensor("w/cnn.conv_attention.weight").reshape(hidden),
      ba: tensor("w/cnn.conv_attention.bias").reshape(),
      "guess.W": tensor("w/cnn.conv_predict.weight").reshape(hidden, hidden).T,
      "guess.b": tensor("w/cnn.conv_predict.bias"),
      "n1.gain": tensor("w/cnn.bn1.weight"),
      "n1.shift": tensor("w/cnn.bn1.bias"),
      "n2.gain": tensor("w/cnn.bn2.weight"),
      "n2.shift": tensor("w/cnn.bn2.bias"),
      ...layersAt("", factor ? "abc" : "a"),
      ...linear("out", "fc_out"),
    },
    norms: { n1: "cnn.bn1", n2: "cnn.bn2", ...normsAt("", factor ? "abc" : "a") },
  };
};

export const statesOf = ({ norms }: Encoder, buffer: string): Weights =>
  Object.assign(
    {},
    ...Object.entries(norms).map(([path, name]) => running(path, name, buffer)),
  ) as Weights;

export const encoderOf = (vector: Vector): Encoder => {
  const { n_hid: hidden, n_out: types } = vector.attrs as Record<"n_hid" | "n_out", number>;
  if (vector.op === "NRI CNNEncoder") return convolved(vector, hidden, types);
  return vector.attrs.factor ? factored(hidden, types) : unfactored(hidden, types);
};

export const evaluated = (vector: Vector): VectorCase => {
  const sizes = sizesOf(vector);
  const { sims, atoms, steps, features, pairs } = sizes;
  const encoder = encoderOf(vector);
  return call({
    model: `${encoder.std}
model M {
  nodes atom
  edges pair: atom -> atom complete(strict)
  input x: atom f32[${steps}, ${features}]
  ${encoder.text}
  output logits
}`,
    graph: { atom: { x: tensor("in/x").reshape(sims * atoms, steps, features) } },
    graphOf: { atom: blocks(sims, atoms) },
    weights: encoder.weights,
    states: statesOf(encoder, "buf"),
    outputs: { "pair.logits": tensor("out/y").reshape(sims * pairs, -1) },
  });
};
