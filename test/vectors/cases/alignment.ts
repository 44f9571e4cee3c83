/** The scores of Luong and Bahdanau over memories of any length, with the library's `Attend`. */
import { call, type Table, type Vector, type VectorCase } from "../support/case.js";
import { concat, constant, tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { all } from "./heads.js";

/** Which places of a padded memory there are. */
export const kept = (lengths: readonly number[], size: number): readonly number[] =>
  lengths.flatMap((n, b) => all(n).map((i) => b * size + i));

interface Scored {
  readonly score: string;
  /** The state as the score takes it. */
  readonly state?: string;
  readonly weights: Readonly<Record<string, View>>;
  readonly squash: boolean;
  readonly bias: boolean;
}

/** Luong's global attention over memories of given lengths, with any score of the library. */
const luong =
  (said: Scored): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const lengths = vector.tensors["in/memory_lengths"] ? [5, 3] : [5, 5];
    const places = kept(lengths, 5);
    const pairs = lengths.flatMap((n, b) =>
      all(3).flatMap((t) => all(n).map((s) => (b * 3 + t) * 5 + s)),
    );
    const name = said.score.split("<")[0] as string;
    return call({
      model: `import { Attend${name === "dot" ? "" : `, ${name}`} } from "std/align"
import { dot } from "std/core"
model M {
  nodes target: seq
  nodes source: seq
  edges look: source -> target complete
  input q: target f32[6]
  input h: source f32[6]
  param W: f32[12, 6]
  ${said.bias ? "param b: f32[6]" : ""}
  node target { s = ${said.state ?? "1.0 * q"} }
  c, a = Attend(s, h, score: ${said.score}) over look
  node target { y = ${said.squash ? "tanh" : ""}([c, q] @ W${said.bias ? " + b" : ""}) }
  output y, a
}`,
      graph: {
        target: { q: tensor("in/query").reshape(6, 6) },
        source: { h: tensor("in/memory").reshape(10, 6).pick(0, places) },
      },
      graphOf: {
        target: blocks(2, 3),
        source: constant(
          [places.length],
          places.map((p) => Math.floor(p / 5)),
        ),
      },
      weights: {
        ...said.weights,
        W: tensor("w/linear_out.weight").T,
        ...(said.bias ? { b: tensor("w/linear_out.bias") } : {}),
      },
      outputs: {
        "target.y": tensor("out/attn_h").permute(1, 0, 2).reshape(6, 6),
        "look.a": tensor("out/align").permute(1, 0, 2).reshape(30).pick(0, pairs),
      },
    });
  };

const general = luong({
  score: "General",
  weights: { "c.score.W": tensor("w/linear_in.weight").T },
  squash: true,
  bias: false,
});
const dotted = luong({ score: "dot", weights: {}, squash: true, bias: false });
const additive = luong({
  score: "Additive<6>",
  state: "[q, 1.0]",
  weights: {
    "c.score.W": concat(
      0,
      tensor("w/linear_query.weight").T,
      tensor("w/linear_query.bias").reshape(1, 6),
    ),
    "c.score.U": tensor("w/linear_context.weight").T,
    "c.score.v": tensor("w/v.weight").reshape(6),
  },
  squash: false,
  bias: true,
});

export const alignment: Table = {
  "seq2seq_attention/global_dot": dotted,
  "seq2seq_attention/global_dot_lengths": dotted,
  "seq2seq_attention/global_general": general,
  "seq2seq_attention/global_general_lengths": general,
  "seq2seq_attention/global_mlp": additive,
  "seq2seq_attention/global_mlp_lengths": additive,
  "seq2seq_attention/bahdanau_attention": () => {
    const places = kept([5, 3], 5);
    return call({
      model: `import { Attend, Additive } from "std/align"
model M {
  nodes target
  nodes source
  edges look: source -> target complete
  input q: target f32[4]
  input h: source f32[8]
  c, a = Attend(q, h, score: Additive<4>) over look
  output c, a
}`,
      graph: {
        target: { q: tensor("in/query").reshape(2, 4) },
        source: { h: tensor("in/keys").reshape(10, 8).pick(0, places) },
      },
      graphOf: {
        target: constant([2], [0, 1]),
        source: constant(
          [8],
          places.map((p) => Math.floor(p / 5)),
        ),
      },
      weights: {
        "c.score.W": tensor("w/query_layer.weight").T,
        "c.score.U": tensor("w/key_layer.weight").T,
        "c.score.v": tensor("w/energy_layer.weight").reshape(4),
      },
      outputs: {
        "target.c": tensor("out/context").reshape(2, 8),
        "look.a": tensor("out/alphas").reshape(10).pick(0, places),
      },
    });
  },
};
