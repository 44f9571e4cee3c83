/** Whole layers and stacks of Transformers: PyTorch's attention has biases, its decoder a third norm, its GELU the error function. */
import { call, shapeOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";

/** Layers as PyTorch has them. `keep` says which keys there are. */
export const layers = `import { scaled, Linear, LayerNorm, Embedding, Sinusoid, cross_entropy } from "std/core"
import { FFN } from "std/transformer"
fn gelu_erf(x: f32) -> f32 { return 0.5 * x * (1 + erf(x / sqrt(2))) }
block Heads<N>(q: receiver f32[D], kv: sender f32[E], keep: sender bool) -> receiver f32[D] {
  const K = D / N
  param Wq: f32[N, D, K]
  param Wk, Wv: f32[N, E, K]
  param bq, bk, bv: f32[N, K]
  let o = Linear<D>
  receiver { u[h] = q @ Wq[h] + bq[h] }
  sender { s[h] = kv @ Wk[h] + bk[h]; w[h] = kv @ Wv[h] + bv[h] }
  edge { a[h] = softmax(scaled(receiver.u[h], sender.s[h]) where sender.keep) by receiver }
  receiver { m[h] = sum(a[h] * sender.w[h]); y = o(flatten(m)) }
  return y
}
block Post<N, F>(x: node f32[D], keep: node bool, act = relu) -> node f32[D] {
  s = Heads<N>(x, x, keep)
  n1 = LayerNorm(x + s)
  f = FFN<F>(n1, act: act)
  n2 = LayerNorm(n1 + f)
  return n2
}
block Pre<N, F>(x: node f32[D], keep: node bool, act = relu) -> node f32[D] {
  n1 = LayerNorm(x)
  s = Heads<N>(n1, n1, keep)
  n2 = LayerNorm(x + s)
  f = FFN<F>(n2, act: act)
  return x + s + f
}
block DecodePost<N, F>(x: receiver f32[D], own: receiver bool, memory: sender f32[D], keep: sender bool, act = relu) -> receiver f32[D] {
  s = Heads<N>(x, x, own) over causal
  n1 = LayerNorm(x + s)
  c = Heads<N>(n1, memory, keep)
  n2 = LayerNorm(n1 + c)
  f = FFN<F>(n2, act: act)
  n3 = LayerNorm(n2 + f)
  return n3
}
block DecodePre<N, F>(x: receiver f32[D], own: receiver bool, memory: sender f32[D], keep: sender bool, act = relu) -> receiver f32[D] {
  n1 = LayerNorm(x)
  s = Heads<N>(n1, n1, own) over causal
  n2 = LayerNorm(x + s)
  c = Heads<N>(n2, memory, keep)
  n3 = LayerNorm(x + s + c)
  f = FFN<F>(n3, act: act)
  return x + s + c + f
}
`;

type Weights = Readonly<Record<string, View>>;

/** PyTorch's `MultiheadAttention` of two heads as `Heads`. */
const headsOf = (path: string, name: string, width: number): Weights => {
  const part = width / 2;
  const third = (of: string, k: number) =>
    tensor(`w/${name}.${of}`).slice(0, width * k, width * (k + 1));
  const each = [..."qkv"].map((letter, k) => ({
    [`${path}.W${letter}`]: third("in_proj_weight", k).reshape(2, part, width).permute(0, 2, 1),
    [`${path}.b${letter}`]: third("in_proj_bias", k).reshape(2, part),
  }));
  return Object.assign({}, ...each, linear(`${path}.o`, `${name}.out_proj`)) as Weights;
};

export const normOf = (path: string, name: string): Weights => ({
  [`${path}.gain`]: tensor(`w/${name}.weight`),
  [`${path}.shift`]: tensor(`w/${name}.bias`),
});

/** A layer of an encoder, or of a decoder, which has three norms. */
export const layerOf = (path: string, name: string, width: number, decoder: boolean): Weights => {
  const prefix = name && `${name}.`;
  const norms = (decoder ? [1, 2, 3] : [1, 2]).map((k) =>
    normOf(`${path}.n${k}`, `${prefix}norm${k}`),
  );
  return Object.assign(
    headsOf(`${path}.s`, `${prefix}self_attn`, width),
    decoder ? headsOf(`${path}.c`, `${prefix}multihead_attn`, width) : {},
    linear(`${path}.f.out.2`, `${prefix}linear1`),
    linear(`${path}.f.out`, `${prefix}linear2`),
    ...norms,
  ) as Weights;
};

const rowsOf = (vector: Vector, name: string): View => {
  const [graphs, length, ...rest] = shapeOf(vector, name) as [number, number, ...number[]];
  return tensor(name).reshape(graphs * length, ...rest);
};

const block = (vector: Vector, kind: "encode" | "decode"): string => {
  const { norm_first: first, activation } = vector.attrs;
  const name = kind === "encode" ? (first ? "Pre" : "Post") : first ? "DecodePre" : "DecodePost";
  return `${name}<2, 16>(${kind === "encode" ? "x, here" : "x, own, m, here"}${activation === "gelu" ? ", act: gelu_erf" : ""})`;
};

const encoderLayer = (vector: Vector): VectorCase =>
  call({
    model: `${layers}
model M {
  nodes token
  input x: token f32[8]
  input drop: token bool
  node token { here = not drop }
  y = ${block(vector, "encode")} over complete
  output y
}`,
    graph: {
      token: { x: rowsOf(vector, "in/x"), drop: rowsOf(vector, "in/src_key_padding_mask") },
    },
    graphOf: { token: blocks(2, 5) },
    weights: layerOf("y", "", 8, false),
    outputs: { "token.y": rowsOf(vector, "out/y") },
  });

const decoderLayer = (vector: Vector): VectorCase =>
  call({
    model: `${layers}
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input x: target f32[8]
  input m: source f32[8]
  input drop: source bool
  node source { here = not drop }
  node target { own = index >= 0 }
  y = ${block(vector, "decode")} over look
  output y
}`,
    graph: {
      target: { x: rowsOf(vector, "in/tgt") },
      source: {
        m: rowsOf(vector, "in/memory"),
        drop: rowsOf(vector, "in/memory_key_padding_mask"),
      },
    },
    graphOf: { target: blocks(2, 4), source: blocks(2, 5) },
    weights: layerOf("y", "", 8, true),
    unread: {},
    outputs: { "target.y": rowsOf(vector, "out/y") },
  });

const stack = (vector: Vector): VectorCase =>
  call({
    model: `${layers}
model M {
  nodes token: seq
  input x: token f32[8]
  node token { all = index >= 0 }
  a = Post<2, 16>(x, all) over causal
  b = Post<2, 16>(a, all) over causal
  y = LayerNorm(b)
  output y
}`,
    graph: { token: { x: rowsOf(vector, "in/x") } },
    graphOf: { token: blocks(2, 6) },
    weights: {
      ...layerOf("a", "layers.0", 8, false),
      ...layerOf("b", "layers.1", 8, false),
      ...normOf("y", "norm"),
    },
    outputs: { "token.y": rowsOf(vector, "out/y") },
  });

const whole = (vector: Vector): VectorCase =>
  call({
    model: `${layers}
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input t: target f32[8]
  input s: source f32[8]
  node source { here = index >= 0 }
  node target { own = index >= 0 }
  e = Post<2, 16>(s, here) over complete
  m = LayerNorm(e)
  d = DecodePost<2, 16>(t, own, m, here) over look
  y = LayerNorm(d)
  output y
}`,
    graph: { target: { t: rowsOf(vector, "in/tgt") }, source: { s: rowsOf(vector, "in/src") } },
    graphOf: { target: blocks(2, 3), source: blocks(2, 5) },
    weights: {
      ...layerOf("e", "encoder.layers.0", 8, false),
      ...normOf("m", "encoder.norm"),
      ...layerOf("d", "decoder.layers.0", 8, true),
      ...normOf("y", "decoder.norm"),
    },
    outputs: { "target.y": rowsOf(vector, "out/y") },
  });

/** Time comes first in this vector. */
const languageModel = (): VectorCase =>
  call({
    model: `${layers}
model M {
  nodes token: seq
  input i: token index[11]
  e = Embedding<11, 8>(i)
  node token { all = index >= 0; x = e * sqrt(8) + Sinusoid<8>(index) }
  a = Post<2, 10>(x, all) over causal
  b = Post<2, 10>(a, all) over causal
  n = LayerNorm(b)
  l = Linear<11>(n)
  y = log_softmax(l)
  output y
}`,
    graph: { token: { i: tensor("in/src").permute(1, 0).reshape(12) } },
    graphOf: { token: blocks(2, 6) },
    weights: {
      "e.E": tensor("w/input_emb.weight"),
      ...layerOf("a", "encoder.layers.0", 8, false),
      ...layerOf("b", "encoder.layers.1", 8, false),
      ...normOf("n", "encoder.norm"),
      ...linear("l", "decoder"),
    },
    outputs: { "token.y": tensor("out/y").permute(1, 0, 2).reshape(12, 11) },
  });

const feedForward = (vector: Vector): VectorCase =>
  call({
    model: `import { LayerNorm } from "std/core"
import { FFN } from "std/transformer"
model M {
  nodes token
  input x: token f32[6]
  n = LayerNorm(x, eps: 1e-6)
  f = FFN<10>(n)
  y = x + f
  output y
}`,
    graph: { token: { x: rowsOf(vector, "in/x") } },
    weights: {
      ...normOf("n", "layer_norm"),
      ...linear("f.out.2", "w_1"),
      ...linear("f.out", "w_2"),
    },
    outputs: { "token.y": rowsOf(vector, "out/y") },
  });

const kinds = ["postnorm_relu", "postnorm_gelu", "prenorm_relu", "prenorm_gelu"];

export const transformers: Table = {
  ...Object.fromEntries(
    kinds.flatMap((kind) => [
      [`transformer/encoder_layer_${kind}`, encoderLayer],
      [`transformer/decoder_layer_${kind}`, decoderLayer],
    ]),
  ),
  "transformer/encoder_2layers": stack,
  "transformer/full_1enc_1dec": whole,
  "transformer/wlm_transformer_lm": languageModel,
  "transformer/opennmt_position_ffn_prenorm": feedForward,
};
