/** Neural relational inference, Kipf et al. 2018, with the reference code's encoders and decoders. */
import { call, shapeOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { concat, stacked, tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";

type Weights = Readonly<Record<string, View>>;

/** Simulations, atoms, time steps, features; edges of a simulation; classes of edges. */
interface Sizes {
  readonly sims: number;
  readonly atoms: number;
  readonly steps: number;
  readonly features: number;
  readonly pairs: number;
}

export function sizesOf(vector: Vector): Sizes {
  const [sims, atoms, steps, features] = shapeOf(vector, "in/x") as [
    number,
    number,
    number,
    number,
  ];
  return { sims, atoms, steps, features, pairs: atoms * (atoms - 1) };
}

export const graphsOf = ({ sims, atoms, pairs }: Sizes) => ({
  atom: blocks(sims, atoms),
  pair: blocks(sims, pairs),
});

/** One `Linear` for each type of an edge, from the type `from` on. */
export const networks = (path: string, name: string, from: number, types: number): Weights => {
  const kinds = Array.from({ length: types - from }, (_, k) => from + k);
  return {
    [`${path}.W`]: stacked(0, ...kinds.map((k) => tensor(`w/${name}.${k}.weight`).T)),
    [`${path}.b`]: stacked(0, ...kinds.map((k) => tensor(`w/${name}.${k}.bias`))),
  };
};

export const outputLayers = (prefix: string): Weights => ({
  ...linear("o1", `${prefix}out_fc1`),
  ...linear("o2", `${prefix}out_fc2`),
  ...linear("o3", `${prefix}out_fc3`),
});

/** Where the truth is read: every `pred_steps` steps, or in the first of them. */
const truth = ({ attrs }: Vector): string =>
  attrs.burn_in_steps === undefined
    ? `mod(t, ${attrs.pred_steps}) == 0`
    : `t <= ${attrs.burn_in_steps}`;

const idle = (from: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    from === 0
      ? []
      : ["msg_fc1", "msg_fc2"].flatMap((name) =>
          ["weight", "bias"].map((part) => [`grad/w/${name}.0.${part}`, "type 0 has no network"]),
        ),
  );

/** A rollout of a decoder whose step is `text`: from `given` to `now`. */
function decoder(
  vector: Vector,
  names: readonly string[],
  text: string,
  weights: Weights,
): VectorCase {
  const sizes = sizesOf(vector);
  const { sims, atoms, steps, features, pairs } = sizes;
  const types = vector.attrs.edge_types as number;
  return call({
    model: `import { Linear } from "std/core"
import { NRIStepRNN, NRIGates } from "std/nri"
model M {
  nodes atom
  edges pair: atom -> atom complete(strict)
  input x: atom f32[${steps}, ${features}]
  input z: pair f32[${types}]
  ${names.join("\n  ")}
  for t < ${steps - 1} {
    node atom { given = select(${truth(vector)}, x[t], now) }
    ${text}
    node atom { mu[t] = 1.0 * now }
  }
  output mu
}`,
    graph: {
      atom: { x: tensor("in/x").reshape(sims * atoms, steps, features) },
      pair: { z: tensor("in/rel_type").reshape(sims * pairs, types) },
    },
    graphOf: graphsOf(sizes),
    weights,
    unread: idle(vector.attrs.skip_first ? 1 : 0),
    outputs: { "atom.mu": tensor("out/y").reshape(sims * atoms, steps - 1, features) },
  });
}

/** Networks of messages and of the output, with the widths of the reference. */
const lets = (
  from: number,
  types: number,
  widths: readonly [number, number, number],
  features: number,
) => [
  `let f1[${types - from}] = Linear<${widths[0]}>; let f2[${types - from}] = Linear<${widths[1]}>`,
  `let o1 = Linear<${widths[2]}>; let o2 = Linear<${widths[2]}>; let o3 = Linear<${features}>`,
];

/** The sum over types of z times a network of both ends; type 0 may have none. */
export const message = (from: number, act: string, of: string): string =>
  `sum[k](z[k${from ? " + 1" : ""}] * ${act}(f2[k](${act}(f1[k]([sender.${of}, receiver.${of}])))))`;

/** Section 3.2 of the paper, equations 10 and 11, as one step in text. */
export const markovStep = (
  from: number,
): string => `edge pair { m = ${message(from, "relu", "given")} }
    node atom { now = given + o3(relu(o2(relu(o1([given, sum(m)]))))) }`;

function markov(vector: Vector): VectorCase {
  const {
    msg_hid: inner,
    msg_out: outer,
    n_hid: hidden,
    edge_types: types,
  } = vector.attrs as Record<string, number>;
  const from = vector.attrs.skip_first ? 1 : 0;
  const { features } = sizesOf(vector);
  return decoder(
    vector,
    [
      ...lets(
        from,
        types as number,
        [inner as number, outer as number, hidden as number],
        features,
      ),
      "node atom { now = x[0] }",
    ],
    markovStep(from),
    {
      ...networks("f1", "msg_fc1", from, types as number),
      ...networks("f2", "msg_fc2", from, types as number),
      ...outputLayers(""),
    },
  );
}

/** The recurrent decoder of the code: the library's step, or with a network for type 0, too, its text. */
function recurrent(vector: Vector): VectorCase {
  const { n_hid: hidden, edge_types: types } = vector.attrs as Record<
    "n_hid" | "edge_types",
    number
  >;
  const { features } = sizesOf(vector);
  const start = `node atom { now = x[0]; h: f32[${hidden}] = 0 }`;
  if (vector.attrs.skip_first)
    return decoder(
      vector,
      [`let decode = NRIStepRNN<${hidden}, ${types}>`, start],
      "now, h = decode(given, h, z)",
      {
        ...networks("decode.message.out.2", "msg_fc1", 1, types),
        ...networks("decode.message.out", "msg_fc2", 1, types),
        ...changeLayers("decode.change"),
        ...gates("decode.h"),
      },
    );
  return decoder(
    vector,
    [
      ...lets(0, types, [hidden, hidden, hidden], features),
      `let gates = NRIGates<${hidden}>`,
      start,
    ],
    `edge pair { m = ${message(0, "tanh", "h")} / ${types} }
    node atom {
      h = gates(given, sum(m) / ${features}, h)
      now = given + o3(relu(o2(relu(o1(h)))))
    }`,
    {
      ...networks("f1", "msg_fc1", 0, types),
      ...networks("f2", "msg_fc2", 0, types),
      ...outputLayers(""),
      ...gates("gates"),
    },
  );
}

/** The library's `NRIChange` from the reference's three layers of the output. */
const changeLayers = (path: string): Weights => ({
  ...linear(`${path}.out.3`, "out_fc1"),
  ...linear(`${path}.out.2`, "out_fc2"),
  ...linear(`${path}.out`, "out_fc3"),
});

/** The library's `NRIGates` from the reference's three gates, each with its matrices. */
const gates = (path: string): Weights => ({
  [`${path}.see.W`]: concat(1, ...["r", "i", "n"].map((k) => tensor(`w/input_${k}.weight`).T)),
  [`${path}.see.b`]: concat(0, ...["r", "i", "n"].map((k) => tensor(`w/input_${k}.bias`))),
  [`${path}.U`]: concat(1, ...["r", "i", "h"].map((k) => tensor(`w/hidden_${k}.weight`).T)),
});

const rollouts = ["pred1", "pred3", "pred2_skipfirst"];

export const inference: Table = Object.fromEntries(
  ["n4", "n5"].flatMap((size) => [
    ...rollouts.flatMap((rollout) => [
      [`nri/mlp_decoder_${size}_${rollout}`, markov] as const,
      [`nri/rnn_decoder_${size}_${rollout}`, recurrent] as const,
    ]),
    [`nri/rnn_decoder_${size}_burnin`, recurrent] as const,
  ]),
);
