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
  readonly text: string;
  readonly weights: Weights;
  /** Norms by path, with the names of the reference. */
  readonly norms: Readonly<Record<string, string>>;
  /** Parameters of the reference that a softmax does not see. */
  readonly unread?: readonly string[];
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
  std: 'import { NRIEncoder } from "std/nri"',
  text: `logits = NRIEncoder<${hidden}, ${types}>(x)`,
  weights: { ...layersAt("logits.", "abcd", from), ...linear("logits.logits", `${from}fc_out`) },
  norms: normsAt("logits.", "abcd", from),
});

/** The same without the factor graph: edges are not summed at their nodes. */
const unfactored = (hidden: number, types: number): Encoder => ({
  std: `import { Layer } from "std/nri"\nimport { Linear } from "std/core"`,
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

/** Names of the reference's convolutions, norms and attention by the path of the library's `PairSeries`. */
function seriesOf(path: string, hidden: number): Weights {
  const at = (name: string, k: number) => ({
    [`${path}conv${k}.W`]: tensor(`w/cnn.conv${k}.weight`).permute(2, 1, 0),
    [`${path}conv${k}.b`]: tensor(`w/cnn.conv${k}.bias`),
    [`${path}norm${k}.gain`]: tensor(`w/cnn.${name}${k}.weight`),
    [`${path}norm${k}.shift`]: tensor(`w/cnn.${name}${k}.bias`),
  });
  return {
    ...at("bn", 1),
    ...at("bn", 2),
    [`${path}w`]: tensor("w/cnn.conv_attention.weight").reshape(hidden),
    [`${path}guess.W`]: tensor("w/cnn.conv_predict.weight").reshape(hidden, hidden).T,
    [`${path}guess.b`]: tensor("w/cnn.conv_predict.bias"),
  };
}

/** Convolutions along the time of both ends: the library's encoder, or what is before its factor graph. */
function convolved(vector: Vector, hidden: number, types: number): Encoder {
  const isWhole = vector.attrs.factor === true;
  const prefix = isWhole ? "logits." : "";
  const [letters, series] = isWhole ? ["bcd", "logits.q."] : ["b", "q."];
  const norms = { [`${series}norm1`]: "cnn.bn1", [`${series}norm2`]: "cnn.bn2" };
  return {
    std: isWhole
      ? 'import { NRIConvEncoder } from "std/nri"'
      : 'import { PairSeries, Layer } from "std/nri"\nimport { Linear } from "std/core"',
    text: isWhole
      ? `logits = NRIConvEncoder<${hidden}, ${types}>(x)`
      : `q = PairSeries<${hidden}>(x)
  edge pair { b = Layer<${hidden}>(q); logits = Linear<${types}>(b) }`,
    weights: {
      ...seriesOf(series as string, hidden),
      ...layersAt(prefix, letters as string),
      ...linear(`${prefix}logits`, "fc_out"),
    },
    norms: { ...norms, ...normsAt(prefix, letters as string) },
    unread: ["cnn.conv_attention.bias"],
  };
}

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
