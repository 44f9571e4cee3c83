/** Training runs on images and on text, step by step. */
import { shapeOf, type Table, training, type Vector, type VectorCase } from "../support/case.js";
import { constant, tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";
import { gru } from "./messages.js";

const filter = (name: string): View => {
  const weight = tensor(`w/${name}.weight`);
  return weight.permute(2, 3, 1, 0).map(({ shape: [, , inn, out], data }) => ({
    shape: [9, inn as number, out as number],
    data,
  }));
};

/** Two convolutions with pooling, the second without padding; perhaps batch norm behind the first. */
const digits =
  (norm: boolean): (() => VectorCase) =>
  () =>
    training({
      model: `import { Linear, BatchNorm, cross_entropy } from "std/core"
import { Conv, MaxPool } from "std/conv"
model M {
  nodes pixel: grid(8, 8)
  nodes half: grid(4, 4)
  nodes inner: grid(2, 2)
  nodes image: grid(1, 1)
  edges see: pixel -> pixel window(3, 3)
  edges shrink: pixel -> half window(2, 2, stride: 2)
  edges look: half -> inner window(3, 3, pad: 0)
  edges join: inner -> image window(2, 2, stride: 2)
  input x: pixel f32[1]
  input y: image index[10]
  c1 = Conv<4>(x) over see
  ${norm ? "bn = BatchNorm(c1)\n  h = relu(bn)" : "h = relu(c1)"}
  p = MaxPool(h) over shrink
  c2 = Conv<8>(p) over look
  r = relu(c2)
  q = MaxPool(r) over join
  fc = Linear<10>(q)
  output fc
  loss cross_entropy(fc, y)
  optimizer sgd(lr: 0.1, momentum: 0.9)
}`,
      graph: {
        pixel: { x: tensor("in/x").reshape(2048, 1) },
        half: { count: constant([1], 512) },
        inner: { count: constant([1], 128) },
        image: { y: tensor("in/y") },
      },
      graphOf: {
        pixel: blocks(32, 64),
        half: blocks(32, 16),
        inner: blocks(32, 4),
        image: blocks(32, 1),
      },
      weights: {
        "c1.W": filter("c1"),
        "c1.b": tensor("w/c1.bias"),
        ...(norm ? { "bn.gain": tensor("w/bn.weight"), "bn.shift": tensor("w/bn.bias") } : {}),
        "c2.W": filter("c2"),
        "c2.b": tensor("w/c2.bias"),
        ...linear("fc", "fc"),
      },
      ...(norm
        ? {
            states: { "bn.centre": constant([4], 0), "bn.spread": constant([4], 1) },
            statesAfter: {
              "bn.centre": tensor("buf_after/bn.running_mean"),
              "bn.spread": tensor("buf_after/bn.running_var"),
            },
          }
        : {}),
      outputs: { "image.fc": tensor("out/logits_eval") },
    });

interface Text {
  readonly std: string;
  readonly features: number;
  /** From `e`, the embedded characters, to `s`. */
  readonly layers: string;
  readonly weights: Readonly<Record<string, View>>;
}

/** Characters in, the next characters out. */
const language =
  (said: Text): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const [graphs, length] = shapeOf(vector, "in/x") as [number, number];
    const rows = (name: string) => tensor(name).reshape(graphs * length);
    return training({
      model: `import { Linear, Embedding, cross_entropy } from "std/core"
${said.std}
model M {
  nodes char: seq
  input x, y: char index[65]
  e = Embedding<65, ${said.features}>(x)
  ${said.layers}
  logits = Linear<65>(s)
  output logits
  loss cross_entropy(logits, y)
  optimizer adam(lr: 0.01, eps: 1e-5, clip: 1)
}`,
      graph: { char: { x: rows("in/x"), y: rows("in/y") } },
      graphOf: { char: blocks(graphs, length) },
      weights: {
        "e.E": tensor("w/emb.weight"),
        ...said.weights,
        ...linear("logits", "fc"),
      },
      unread: {
        grad_norm_before_clip: "the runtime does not report it; the clipped steps show it",
      },
      outputs: { "char.logits": tensor("out/logits").reshape(graphs * length, 65) },
    });
  };

/** An LSTM with the two biases that PyTorch trains, each by its own step of Adam. */
const twoBiases = `block TwoBiases<H>(x: node f32[In]) -> node f32[H] {
  param W: f32[In, 4 * H]
  param U: f32[H, 4 * H]
  param b, d: f32[4 * H]
  node {
    [i, f, g, o] = x @ W + sum(sender.h) @ U + b + d
    c: f32[H] = sigmoid(f) * sum(sender.c) + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
  }
  return h
}`;

export const sequences: Table = {
  "train_misc/digits_cnn_c4": digits(false),
  "train_misc/digits_cnn_c4_bn": digits(true),
  "train_misc/char_lstm": language({
    std: twoBiases,
    features: 8,
    layers: "s = TwoBiases<12>(e) over chain",
    weights: {
      "s.W": tensor("w/rnn.weight_ih_l0").T,
      "s.U": tensor("w/rnn.weight_hh_l0").T,
      "s.b": tensor("w/rnn.bias_ih_l0"),
      "s.d": tensor("w/rnn.bias_hh_l0"),
    },
  }),
  "train_misc/char_gru2": language({
    std: 'import { GRU } from "std/recurrent"',
    features: 6,
    layers: "r = GRU<8>(e) over chain\n  s = GRU<8>(r) over chain",
    weights: { ...gru("r.cell", "rnn.", "_l0"), ...gru("s.cell", "rnn.", "_l1") },
  }),
};
