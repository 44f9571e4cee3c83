/** Losses and draws of relational inference: Kullback-Leibler, Gaussian likelihood, Gumbel-softmax with given noise. */
import {
  call,
  extentOf,
  shapeOf,
  type Table,
  type Vector,
  type VectorCase,
} from "../support/case.js";
import { tensor } from "../support/view.js";

/** The library's KL from softmax(logits), summed over edges, for each atom. */
const divergence =
  (names: string, cost: (classes: number) => string, given: boolean) =>
  (vector: Vector): VectorCase => {
    const classes = extentOf(vector, "in/logits", -1);
    const atoms = extentOf(vector, "in/logits", 0) * (vector.attrs.num_atoms as number);
    return call({
      model: `import { ${names} } from "std/core"
model M {
  nodes pair
  input x: pair f32[${classes}]
  ${given ? `input log_prior: global f32[${classes}]` : ""}
  node pair { p = softmax(x); l = ${cost(classes)} }
  global { y = sum(l) / ${atoms} }
  output y
}`,
      graph: {
        pair: { x: tensor("in/logits").reshape(-1, classes) },
        ...(given ? { global: { log_prior: tensor("in/log_prior").reshape(1, classes) } } : {}),
      },
      outputs: { "global.y": tensor("out/y").reshape(1) },
    });
  };

/** The reference leaves the logarithm of the number of types out. */
const toUniform = divergence("kl_uniform", (classes) => `kl_uniform(p) - log(${classes})`, false);
const toPrior = divergence(
  "kl_categorical",
  () => "kl_categorical(p, exp(global.log_prior))",
  true,
);

/** The library's likelihood of a series, for each atom. */
function likelihood(vector: Vector): VectorCase {
  const [, , steps, features] = shapeOf(vector, "in/preds") as [number, number, number, number];
  const variance = (vector.attrs.variance as number).toFixed(5);
  return call({
    model: `import { series_nll } from "std/nri"
model M {
  nodes atom
  input p, t: atom f32[${steps}, ${features}]
  node atom { l = series_nll(p, t, ${variance}) }
  global { y = mean(l) }
  output y
}`,
    graph: {
      atom: {
        p: tensor("in/preds").reshape(-1, steps, features),
        t: tensor("in/target").reshape(-1, steps, features),
      },
    },
    outputs: { "global.y": tensor("out/y").reshape(1) },
  });
}

/** A draw whose uniform numbers are given: soft, or hard with the gradient of the soft one. */
function gumbel(vector: Vector): VectorCase {
  const classes = extentOf(vector, "in/logits", -1);
  const { tau, hard } = vector.attrs;
  return call({
    model: `model M {
  nodes pair
  input x, u: pair f32[${classes}]
  g = -log(1e-10 - log(u + 1e-10))
  soft = softmax((x + g) / ${tau})
  y = ${hard ? "one_hot(argmax(soft)) - stop(soft) + soft" : "1.0 * soft"}
  output y
}`,
    graph: {
      pair: {
        x: tensor("in/logits").reshape(-1, classes),
        u: tensor("in/U").reshape(-1, classes),
      },
    },
    outputs: { "pair.y": tensor("out/y").reshape(-1, classes) },
  });
}

const draws = ["tau0.5", "tau1.0", "tau0.5_hard"];

export const categorical: Table = Object.fromEntries(
  ["n4", "n5"].flatMap((size) => [
    [`nri/kl_categorical_uniform_${size}`, toUniform] as const,
    [`nri/kl_categorical_${size}`, toPrior] as const,
    [`nri/nll_gaussian_${size}`, likelihood] as const,
    ...draws.map((draw) => [`nri/gumbel_softmax_${size}_${draw}`, gumbel] as const),
  ]),
);
