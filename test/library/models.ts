/**
 * Every model that the library comes with, small enough for the evaluator: papers' sizes are cut down in the text, nothing
 * else is changed. Together they instantiate every block and function of `std/`.
 */
import { readFileSync } from "node:fs";

export interface Sized {
  readonly file: string;
  readonly text: string;
}

type Cut = readonly [from: RegExp, to: string];

const files: Readonly<Record<string, readonly Cut[]>> = {
  "test/fixtures/models/graph.gn": [
    [/1433/g, "33"],
    [/i < 5 /, "i < 2 "],
    [/\b32\b/g, "6"],
  ],
  "test/fixtures/models/physics.gn": [
    [/T = 49/, "T = 3"],
    [/49/g, "7"],
    [/j < 5/g, "j < 2"],
    [/10 \* j/g, "3 * j"],
    [/s < 8/g, "s < 3"],
    [/256/g, "6"],
    [/<(50|25)/g, "<7"],
  ],
  "test/fixtures/models/mnist.gn": [
    [/28/g, "8"],
    [/14/g, "4"],
    [/grid\(7, 7\)/, "grid(2, 2)"],
    [/set\(100\)/, "set(9)"],
    [/\b32\b/g, "5"],
  ],
  "test/fixtures/models/seq2seq.gn": [
    [/4000/, "40"],
    [/6000/, "50"],
    [/256/g, "12"],
    [/128/g, "6"],
  ],
  "test/fixtures/models/charlm.gn": [
    [/V = 65/, "V = 17"],
    [/D = 128/, "D = 8"],
    [/256/, "12"],
    [/4, 4>/g, "2, 2>"],
  ],
  "test/fixtures/models/coverage.gn": [],
  "examples/cora/gcn.gn": [[/1433/, "21"]],
  "examples/cora/gat.gn": [[/1433/, "21"]],
  "examples/karate/karate.gn": [],
  "examples/mutag/mutag.gn": [[/\b32\b/g, "7"]],
};

/** What the files above leave out. */
const rest = `
import { sq, mae, gaussian_nll, kl_categorical, binary_accuracy, softplus, MLP } from "std/core"
import { AttendHard, General } from "std/align"
import { EncoderDecoder } from "std/recurrent"
import { SumReadout, MeanReadout, MaxReadout, AttentionReadout, GatedReadout } from "std/readout"
/// Every readout and the losses that no model above has.
model CovReadout {
  nodes atom
  input x: atom f32[4]
  input truth: global f32[3]
  input label: global f32
  all = [SumReadout(x), MeanReadout(x), MaxReadout(x), AttentionReadout<3>(x), GatedReadout<5>(x)]
  guess = MLP<6, 3>(all)
  spread = softplus(MLP<3>(all))
  p = softmax(guess)
  q = softmax(spread)
  output all, guess, spread
  loss gaussian_nll(guess, spread + 0.1, truth)
  loss mae(guess, truth)
  loss kl_categorical(p, q)
  metric binary_accuracy(guess[0], label)
  optimizer sgd(lr: 0.1, momentum: 0.9)
}
/// One source for each target.
model CovHard {
  nodes src: seq(max: 9)
  nodes tgt: seq
  edges look: src -> tgt complete
  input h: src f32[4]
  input s: tgt f32[5]
  c, a = AttendHard(s, h, score: General)
  output c, a
  loss sq(c[0] - s[0])
  optimizer adam(lr: 0.1)
}
/// From one sequence to another through the states of a recurrence alone.
model CovEncoderDecoder {
  nodes src, tgt: seq
  input x: src f32[4]
  input y: tgt f32[5]
  s = EncoderDecoder<2, 6>(x, y) over complete
  output s
  loss sq(s[0] - y[0])
  optimizer adam(lr: 0.1)
}
`;

const cut = (file: string, cuts: readonly Cut[]): string =>
  cuts.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, "utf8"));

export const library: readonly Sized[] = [
  ...Object.entries(files).map(([file, cuts]) => ({ file, text: cut(file, cuts) })),
  { file: "the rest", text: rest },
];

/** The same files as they stand. */
export const whole: readonly Sized[] = Object.keys(files).map((file) => ({
  file,
  text: readFileSync(file, "utf8"),
}));
