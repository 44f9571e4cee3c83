/** Training runs of whole models: a character Transformer, one that translates, and relational inference on springs. */
import { shapeOf, type Table, training, type Vector, type VectorCase } from "../support/case.js";
import { constant, tensor } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";
import { graphsOf, markovStep, networks, outputLayers, sizesOf } from "./inference.js";
import { factored, statesOf } from "./inference-encoders.js";
import { layerOf, layers, normOf } from "./transformers.js";

/** Two layers with the norm first, learned places, a causal mask. */
function characters(vector: Vector): VectorCase {
  const [graphs, length] = shapeOf(vector, "in/x") as [number, number];
  const rows = (name: string) => tensor(name).reshape(graphs * length);
  return training({
    model: `${layers}
model M {
  nodes char: seq(max: ${length})
  input x, y: char index[65]
  param P: f32[${length}, 12]
  e = Embedding<65, 12>(x)
  node char { here = index >= 0; z = e + P[index] }
  a = Pre<2, 24>(z, here, act: gelu_erf) over causal
  b = Pre<2, 24>(a, here, act: gelu_erf) over causal
  n = LayerNorm(b)
  logits = Linear<65>(n)
  output logits
  loss cross_entropy(logits, y)
  optimizer adam(lr: 0.01, eps: 1e-5, clip: 1)
}`,
    graph: { char: { x: rows("in/x"), y: rows("in/y") } },
    graphOf: { char: blocks(graphs, length) },
    weights: {
      "e.E": tensor("w/tok.weight"),
      P: tensor("w/pos.weight"),
      ...layerOf("a", "enc.layers.0", 12, false),
      ...layerOf("b", "enc.layers.1", 12, false),
      ...normOf("n", "enc.norm"),
      ...linear("logits", "fc"),
    },
    unread: {
      grad_norm_before_clip: "the runtime does not report it; the clipped steps show it",
    },
    outputs: { "char.logits": tensor("out/logits").reshape(graphs * length, 65) },
  });
}

/** Encoder and decoder of one layer each; the decoder reads the target without its last word and says it without its first. */
const translation = (): VectorCase =>
  training({
    model: `${layers}
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input t, y: target index[12]
  input s: source index[12]
  es = Embedding<12, 8>(s)
  et = Embedding<12, 8>(t)
  node source { here = s != 0 }
  node target { own = index >= 0 }
  e = Post<2, 16>(es, here) over complete
  m = LayerNorm(e)
  d = DecodePost<2, 16>(et, own, m, here) over look
  n = LayerNorm(d)
  logits = Linear<12>(n)
  output logits
  loss cross_entropy(logits, y)
  optimizer adamw(lr: 0.01, weight_decay: 0.01, eps: 1e-5)
}`,
    graph: {
      target: {
        t: tensor("in/tgt").slice(1, 0, 4).reshape(16),
        y: tensor("in/tgt").slice(1, 1, 5).reshape(16),
      },
      source: { s: tensor("in/src").reshape(24) },
    },
    graphOf: { target: blocks(4, 4), source: blocks(4, 6) },
    weights: {
      "es.E": tensor("w/es.weight"),
      "et.E": tensor("w/et.weight"),
      ...layerOf("e", "tr.encoder.layers.0", 8, false),
      ...normOf("m", "tr.encoder.norm"),
      ...layerOf("d", "tr.decoder.layers.0", 8, true),
      ...normOf("n", "tr.decoder.norm"),
      ...linear("logits", "fc"),
    },
    outputs: { "target.logits": tensor("out/logits").reshape(16, 12) },
  });

/** Springs: the library's encoder, Gumbel-softmax with given noise, the Markovian decoder, and the bound as the loss. */
function springs(vector: Vector): VectorCase {
  const sizes = sizesOf(vector);
  const { sims, atoms, steps, features, pairs } = sizes;
  const { tau, variance, pred_steps: every } = vector.attrs as Record<string, number>;
  const encoder = factored(8, 2, "enc.");
  const noise = (step: number) =>
    tensor("in/U")
      .at(0, step)
      .reshape(sims * pairs, 2);
  const zeros = Object.keys(statesOf(encoder, "buf_after")).map((path) => [
    path,
    constant([8], path.endsWith("spread") ? 1 : 0),
  ]);
  return training({
    model: `${encoder.std}
import { sq, Linear, kl_categorical } from "std/core"
model M {
  nodes atom
  edges pair: atom -> atom complete(strict)
  input x: atom f32[${steps}, ${features}]
  input u: pair f32[2]
  ${encoder.text}
  let f1[2] = Linear<8>; let f2[2] = Linear<8>
  let o1 = Linear<8>; let o2 = Linear<8>; let o3 = Linear<${features}>
  edge pair {
    z = softmax((logits - log(1e-10 - log(u + 1e-10))) / ${tau})
    one[k < 2] = 1.0
    d = kl_categorical(softmax(logits), one)
  }
  node atom { now = x[0] }
  for t < ${steps - 1} {
    node atom { given = select(mod(t, ${every}) == 0, x[t], now) }
    ${markovStep(0)}
    node atom { mu[t] = 1.0 * now }
  }
  node atom { miss = sum[t, i](sq(mu[t, i] - x[t + 1, i])) / ${2 * (variance as number)} }
  global { bound = (sum(miss) + sum(d)) / ${atoms} }
  output bound
  loss bound
  optimizer adam(lr: 5e-4, eps: 1e-5)
}`,
    graph: {
      atom: { x: tensor("in/x").reshape(sims * atoms, steps, features) },
      pair: { u: noise(0) },
    },
    graphAt: (step) => ({ pair: { u: noise(step) } }),
    graphOf: graphsOf(sizes),
    weights: {
      ...encoder.weights,
      ...networks("f1", "dec.msg_fc1", 0, 2),
      ...networks("f2", "dec.msg_fc2", 0, 2),
      ...outputLayers("dec."),
    },
    states: Object.fromEntries(zeros),
    statesAfter: statesOf(encoder, "buf_after"),
    outputs: {},
  });
}

export const whole: Table = {
  "train_misc/char_transformer_pre": characters,
  "train_misc/transformer_seq2seq": translation,
  "train_misc/nri_springs": springs,
};
