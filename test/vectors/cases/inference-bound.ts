/** Relational inference in training mode, where batch norm has the statistics of the batch: the encoders, and the whole bound. */
import { shapeOf, step, type Table, type Vector, type VectorCase } from "../support/case.js";
import { constant, gradientOf, tensor, type View } from "../support/view.js";
import { graphsOf, markovStep, networks, outputLayers, sizesOf } from "./inference.js";
import { type Encoder, encoderOf, evaluated, factored, statesOf } from "./inference-encoders.js";

type Weights = Readonly<Record<string, View>>;

/** `[sims, pairs, ..]` by simulation, receiver and sender, with zeros where both are one atom. */
const byEnds = (view: View, atoms: number): View =>
  view.map(({ shape: [sims = 1, , width = 1], data }) => {
    const out = new Float64Array(sims * atoms * atoms * width);
    let from = 0;
    for (let row = 0; row < sims * atoms * atoms; row++) {
      const [receiver, sender] = [Math.floor(row / atoms) % atoms, row % atoms];
      if (receiver === sender) continue;
      for (let k = 0; k < width; k++) out[row * width + k] = data[from++] as number;
    }
    return { shape: [sims, atoms, atoms, width], data: out };
  });

/** What becomes of a simulation, and which sum of outputs times cotangents is to be derived. */
interface Trained {
  readonly encoder: Encoder;
  readonly std: string;
  /** Parameters, equations, and `total`, which all simulations have in common. */
  readonly text: string;
  readonly more: Weights;
  /** Cotangents, and the outputs that are their gradients. */
  readonly cotangents: Weights;
  readonly outputs: Weights;
  readonly noise?: View;
}

function trained(
  vector: Vector,
  said: Trained,
  unread: Readonly<Record<string, string>>,
): VectorCase {
  const sizes = sizesOf(vector);
  const { sims, atoms, steps, features } = sizes;
  const { encoder, noise } = said;
  const own = { ...encoder.weights, ...said.more };
  const changes = Object.fromEntries(
    Object.entries(own).map(([path, view]) => [path, gradientOf(view)]),
  );
  return step({
    model: `${encoder.std}
${said.std}
model M {
  nodes atom: set(${atoms})
  edges pair: atom -> atom complete(strict)
  input sim: global index[${sims}]
  ${noise ? `input u: pair f32[${vector.attrs.edge_types}]` : ""}
  param X: f32[${sims}, ${atoms}, ${steps}, ${features}]
  node atom { x = X[global.sim, index] }
  ${encoder.text}
  ${said.text}
  output logits
  loss total
  optimizer sgd(lr: 1)
}`,
    graph: {
      atom: { count: constant([1], sims * atoms) },
      global: {
        sim: constant(
          [sims],
          Array.from({ length: sims }, (_, k) => k),
        ),
      },
      ...(noise ? { pair: { u: noise } } : {}),
    },
    graphOf: graphsOf(sizes),
    weights: { X: tensor("in/x"), ...own, ...said.cotangents },
    states: statesOf(encoder, "buf"),
    changes: { X: tensor("grad/in/x"), ...changes, ...said.outputs },
    statesAfter: statesOf(encoder, "buf_after"),
    unread,
  });
}

const trainedEncoder = (vector: Vector): VectorCase => {
  const { sims, atoms } = sizesOf(vector);
  const types = vector.attrs.n_out as number;
  const encoder = encoderOf(vector);
  const idle = Object.keys(vector.tensors).filter(
    (name) =>
      name.startsWith("grad/w/mlp") &&
      vector.op === "NRI CNNEncoder" &&
      vector.attrs.factor === false &&
      !name.includes("mlp1"),
  );
  return trained(
    vector,
    {
      encoder,
      std: 'import { dot } from "std/core"',
      text: `param C: f32[${sims}, ${atoms}, ${atoms}, ${types}]
  edge pair { l = dot(C[global.sim, receiver.index, sender.index], logits) }
  global { total = ${sims} * sum(l) }`,
      more: {},
      cotangents: { C: byEnds(tensor("cot/y"), atoms) },
      outputs: { C: byEnds(tensor("out/y"), atoms) },
    },
    Object.fromEntries([
      ...idle.map((name) => [name, "not in the model"] as const),
      ...(encoder.unread ?? []).map(
        (name) => [`grad/w/${name}`, "a bias under a softmax"] as const,
      ),
    ]),
  );
};

/** The evidence lower bound of section 3.1 with its parts, each with a cotangent. */
const bound = (vector: Vector): VectorCase => {
  const { sims, atoms, steps, features } = sizesOf(vector);
  const {
    tau,
    variance,
    prediction_steps: every,
    edge_types: types,
  } = vector.attrs as Record<string, number>;
  const hidden = shapeOf(vector, "w/enc.mlp1.fc1.weight")[0] as number;
  const widths = ["msg_fc1.0", "msg_fc2.0", "out_fc1"].map(
    (name) => shapeOf(vector, `w/dec.${name}.weight`)[0] as number,
  );
  const single = ["nll", "kl", "loss"];
  return trained(
    vector,
    {
      encoder: factored(hidden, types as number, "enc."),
      std: 'import { dot, sq, Linear, kl_categorical } from "std/core"',
      text: `let f1[${types}] = Linear<${widths[0]}>; let f2[${types}] = Linear<${widths[1]}>
  let o1 = Linear<${widths[2]}>; let o2 = Linear<${widths[2]}>; let o3 = Linear<${features}>
  param Clogits, Cedges: f32[${sims}, ${atoms}, ${atoms}, ${types}]
  param Coutput: f32[${sims}, ${atoms}, ${steps - 1}, ${features}]
  param Cnll, Ckl, Closs: f32
  edge pair { z = softmax((logits - log(1e-10 - log(u + 1e-10))) / ${tau}) }
  node atom { now = x[0] }
  for t < ${steps - 1} {
    node atom { given = select(mod(t, ${every}) == 0, x[t], now) }
    ${markovStep(0)}
    node atom { mu[t] = 1.0 * now }
  }
  edge pair {
    one[k < ${types}] = 1.0
    d = kl_categorical(softmax(logits), one)
    at[i < ${types}] = Clogits[global.sim, receiver.index, sender.index, i] * logits[i] + Cedges[global.sim, receiver.index, sender.index, i] * z[i]
    l = sum[i](at[i])
  }
  node atom {
    miss = sum[t, i](sq(mu[t, i] - x[t + 1, i])) / ${2 * (variance as number)}
    v = sum[t, i](Coutput[global.sim, index, t, i] * mu[t, i])
  }
  global {
    nll = sum(miss) / ${sims * atoms}
    kl = sum(d) / ${sims * atoms}
    total = ${sims} * (sum(l) + sum(v) + Cnll * nll + Ckl * kl + Closs * (nll + kl))
  }`,
      more: {
        ...networks("f1", "dec.msg_fc1", 0, types as number),
        ...networks("f2", "dec.msg_fc2", 0, types as number),
        ...outputLayers("dec."),
      },
      cotangents: {
        Clogits: byEnds(tensor("cot/logits"), atoms),
        Cedges: byEnds(tensor("cot/edges"), atoms),
        Coutput: tensor("cot/output"),
        ...Object.fromEntries(single.map((name) => [`C${name}`, tensor(`cot/${name}`).reshape()])),
      },
      outputs: {
        Clogits: byEnds(tensor("out/logits"), atoms),
        Cedges: byEnds(tensor("out/edges"), atoms),
        Coutput: tensor("out/output"),
        ...Object.fromEntries(single.map((name) => [`C${name}`, tensor(`out/${name}`).reshape()])),
      },
      noise: tensor("in/U").reshape(-1, types as number),
    },
    {},
  );
};

export const encoders: Table = Object.fromEntries(
  ["n4", "n5"].flatMap((size) => [
    [`nri/mlp_encoder_${size}_factor_eval`, evaluated] as const,
    [`nri/mlp_encoder_${size}_factor_train`, trainedEncoder] as const,
    [`nri/mlp_encoder_${size}_nofactor_train`, trainedEncoder] as const,
    [`nri/cnn_encoder_${size}_factor`, trainedEncoder] as const,
    [`nri/cnn_encoder_${size}_nofactor`, trainedEncoder] as const,
    [`nri/elbo_mlp_${size}`, bound] as const,
  ]),
);
