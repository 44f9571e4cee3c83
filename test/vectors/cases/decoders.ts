/** Decoders that read what they said before: the recurrence goes through the attention. */
import { call, type Table, type Vector, type VectorCase } from "../support/case.js";
import { concat, constant, tensor, type View } from "../support/view.js";
import { kept } from "./alignment.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";
import { gru, lstm } from "./messages.js";

/** Rows of a tensor that has time first, by sequence. */
const rows = (name: string, length: number, ...rest: readonly number[]): View =>
  tensor(name)
    .permute(1, 0, ...rest.map((_, k) => k + 2))
    .reshape(2 * length, ...rest);

const places = kept([5, 3], 5);
const ofPlace = constant(
  [8],
  places.map((p) => Math.floor(p / 5)),
);
/** Pairs of the four targets and the places that there are, among all. */
const pairs = [5, 3].flatMap((n, b) =>
  Array.from({ length: 4 * n }, (_, i) => (b * 4 + Math.floor(i / n)) * 5 + (i % n)),
);

interface Fed {
  readonly cells: string;
  readonly score: string;
  /** From the states a0, a1 (and b0, b1) before and [y, fed] to s and t. */
  readonly cell: string;
  /** The state as the score takes it, and the attentional state. */
  readonly state: string;
  readonly out: string;
  readonly parameters: string;
  readonly weights: Readonly<Record<string, View>>;
  readonly states: readonly string[];
}

/** Luong et al. 2015, 3.3, with two layers: the last attentional state is read again. */
function inputFeeding(said: Fed): VectorCase {
  const starts = said.states.flatMap((letter) => [0, 1].map((k) => `${letter}${k}`));
  return call({
    model: `import { Embedding } from "std/core"
import { ${said.cells}, Last } from "std/recurrent"
import { ${said.score.split("<")[0]} } from "std/align"
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input i: target index[9]
  input h: source f32[5]
  input ${starts.join(", ")}: global f32[5]
  let one = ${said.cells}
  let two = ${said.cells}
  let score = ${said.score}
  ${said.parameters}
  y = Embedding<9, 4>(i)
  node target {
    p: f32[5] = sum(sender.s, empty: global.h0) over chain
    q: f32[5] = sum(sender.t, empty: global.h1) over chain
    fed: f32[5] = sum(sender.out) over chain
    ${said.cell}
    u = ${said.state}
  }
  edge look { align = softmax(score(receiver.u, sender.h)) by receiver }
  node target { c = sum(align * sender.h) over look; out = ${said.out} }
  sn = Last(s)
  tn = Last(t)
  output out, align, sn, tn
}`,
    graph: {
      target: { i: rows("in/tgt", 4) },
      source: { h: rows("in/memory", 5, 5).pick(0, places) },
      global: Object.fromEntries(
        starts.map((name) => [name, tensor(`in/${name[0]}`).at(0, Number(name[1]))]),
      ),
    },
    graphOf: { target: blocks(2, 4), source: ofPlace },
    weights: { "y.E": tensor("w/emb.weight"), ...said.weights },
    outputs: {
      "target.out": rows("out/outs", 4, 5),
      "look.align": rows("out/align", 4, 5).reshape(40).pick(0, pairs),
      "global.sn": tensor("out/h_last").at(0, 0),
      "global.tn": tensor("out/h_last").at(0, 1),
    },
  });
}

const general = (): VectorCase =>
  inputFeeding({
    cells: "LSTMCell",
    score: "General",
    states: ["h", "c"],
    cell: `b: f32[5] = sum(sender.m, empty: global.c0) over chain
    d: f32[5] = sum(sender.n, empty: global.c1) over chain
    s, m = one([y, fed], p, b)
    t, n = two(s, q, d)`,
    state: "1.0 * t",
    out: "tanh([c, t] @ W)",
    parameters: "param W: f32[10, 5]",
    weights: {
      ...lstm("one", "rnn.layers.0."),
      ...lstm("two", "rnn.layers.1."),
      "score.W": tensor("w/attn.linear_in.weight").T,
      W: tensor("w/attn.linear_out.weight").T,
    },
  });

const additive = (): VectorCase =>
  inputFeeding({
    cells: "GRUCell",
    score: "Additive<5>",
    states: ["h"],
    cell: "s = one([y, fed], p)\n    t = two(s, q)",
    state: "[t, 1.0]",
    out: "[c, t] @ W + b",
    parameters: "param W: f32[10, 5]\n  param b: f32[5]",
    weights: {
      ...gru("one", "rnn.layers.0."),
      ...gru("two", "rnn.layers.1."),
      "score.W": concat(
        0,
        tensor("w/attn.linear_query.weight").T,
        tensor("w/attn.linear_query.bias").reshape(1, 5),
      ),
      "score.U": tensor("w/attn.linear_context.weight").T,
      "score.v": tensor("w/attn.v.weight").reshape(5),
      W: tensor("w/attn.linear_out.weight").T,
      b: tensor("w/attn.linear_out.bias"),
    },
  });

/** Bahdanau et al. 2015 from words to words: the library's layers in both directions, and its decoder. */
const translation = (vector: Vector): VectorCase => {
  const words = (name: string, length: number) => tensor(name).reshape(2 * length);
  const row = (name: string) => tensor(name).reshape(8, vector.tensors[name]?.[2] as number);
  return call({
    model: `import { Embedding, Linear } from "std/core"
import { GRU, First, Last } from "std/recurrent"
import { Bahdanau } from "std/align"
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input i: source index[11]
  input j: target index[13]
  x = Embedding<11, 3>(i)
  y = Embedding<13, 3>(j)
  f = GRU<4>(x) over chain
  b = GRU<4>(x) over chain(reverse)
  h = [f, b]
  ahead = Last(f)
  back = First(b)
  start = tanh(Linear<4>([ahead, back]))
  states, c, _ = Bahdanau<4, 4>(h, y, start) over look
  param W: f32[15, 4]
  param V: f32[4, 13]
  pre = [y, states, c] @ W
  log_probs = log_softmax(pre @ V)
  output states, pre, log_probs
}`,
    graph: {
      source: { i: words("in/src", 5).pick(0, places) },
      target: { j: words("in/trg", 4) },
    },
    graphOf: { target: blocks(2, 4), source: ofPlace },
    weights: {
      "x.E": tensor("w/m.src_embed.weight"),
      "y.E": tensor("w/m.trg_embed.weight"),
      ...gru("f.cell", "m.encoder.rnn.", "_l0"),
      ...gru("b.cell", "m.encoder.rnn.", "_l0_reverse"),
      ...linear("start", "m.decoder.bridge"),
      "states.score.W": tensor("w/m.decoder.attention.query_layer.weight").T,
      "states.score.U": tensor("w/m.decoder.attention.key_layer.weight").T,
      "states.score.v": tensor("w/m.decoder.attention.energy_layer.weight").reshape(4),
      ...gru("states.cell", "m.decoder.rnn.", "_l0"),
      W: tensor("w/m.decoder.pre_output_layer.weight").T,
      V: tensor("w/m.generator.proj.weight").T,
    },
    outputs: {
      "target.states": row("out/states"),
      "target.pre": row("out/pre_output"),
      "target.log_probs": row("out/log_probs"),
    },
  });
};

export const decoders: Table = {
  "seq2seq_attention/input_feed_decoder_general_LSTM": general,
  "seq2seq_attention/input_feed_decoder_mlp_GRU": additive,
  "seq2seq_attention/bahdanau_encoder_decoder": translation,
};
