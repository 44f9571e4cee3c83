import * as tf from "@tensorflow/tfjs-core";
import { array, bothGradients, crossEntropy, head, keep, layerNorm, minimized } from "./ops.mjs";
import { lstm } from "./sequence.mjs";
import { nri } from "./nri.mjs";
import { ends } from "../ends.mjs";

const relu = tf.relu;
/** Two-dimensional layers, all but the last through an activation; `w` is W, b, W, b, .. */
export function mlp(x, w, matMul, act = relu) {
  for (let i = 0; i < w.length; i += 2) {
    x = matMul(x, w[i]).add(w[i + 1]);
    if (i + 2 < w.length) x = act(x);
  }
  return x;
}
const flat = (layers) => layers.flatMap(({ W, b }) => [array(W, W.length / b.length, b.length), array(b, b.length)]);

/** Equal graphs: both ends of an edge are rows of a reshaped array, and the sum is over an axis. */
function interaction({ graphs, nodes, x, edge, node }) {
  const X = array(x, graphs * nodes, 4);
  const [snd, rcv] = ends(graphs, nodes).map((i) => array(i, i.length));
  const own = tf.range(0, graphs * nodes * (nodes - 1), 1, "int32");
  const at = (indices) => tf.sparse.sparseSegmentSum(X, indices, own);
  const both = tf.concat([at(snd), at(rcv)], 1);
  const weights = [...flat(edge), ...flat(node)];
  const forward = (w, matMul, given = tf.concat([at(snd), at(rcv)], 1)) => {
    const e = mlp(given, w.slice(0, 6), matMul);
    const felt = e.reshape([graphs * nodes, nodes - 1, 64]).sum(1);
    return mlp(tf.concat([X, felt], 1), w.slice(6), matMul);
  };
  return { weights, forward, both };
}
const step = {
  plain: (inputs) => {
    const { weights, forward } = interaction(inputs);
    return keep(() => forward(weights, tf.matMul));
  },
  fused: (inputs) => {
    const { weights, forward } = interaction(inputs);
    const layers = weights.map((w) => w);
    const matMul = (a, b) => tf.matMul(a, b);
    return keep(() => forward(layers, matMul));
  },
};
const train = bothGradients((inputs, matMul) => {
  const { weights, forward, both } = interaction(inputs);
  const goal = array(inputs.goal, 5000, 2);
  return minimized(weights, (...w) => tf.mean(tf.square(forward(w, matMul, both).sub(goal))), 1e-3);
});

/** Windows of 3 x 3 side by side: [images, side, side, channels] to [images * side * side, 9 * channels]. */
const unfold = (x) => {
  const [images, side, , channels] = x.shape;
  const wide = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  const taps = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => tf.slice(wide, [0, i, j, 0], [images, side, side, channels])));
  return tf.concat(taps, 3).reshape([images * side * side, 9 * channels]);
};
/** There is no gradient for the weights of a convolution on this back end: it is a product of unfolded windows. */
const cnn = bothGradients(({ images, x, y, W1, b1, W2, b2, W3, b3 }, matMul) => {
  const X = unfold(array(x, images, 28, 28, 1));
  const onehot = tf.oneHot(array(y, images), 10).toFloat();
  const halve = (a) => tf.maxPool(a, 2, 2, "valid");
  const weights = [array(W1, 9, 16), array(b1, 16), array(W2, 144, 32), array(b2, 32), array(W3, 1568, 10), array(b3, 10)];
  const loss = (A, a, B, b, C, c) => {
    const first = halve(relu(matMul(X, A).add(a)).reshape([images, 28, 28, 16]));
    const second = halve(relu(matMul(unfold(first), B).add(b)).reshape([images, 14, 14, 32]));
    return crossEntropy(matMul(second.reshape([images, 1568]), C).add(c), onehot);
  };
  return minimized(weights, loss, 1e-3);
});

/** Rows are looked up by a product with one-hot rows: the gradient of tf.gather does not exist on this back end. */
const oneHot = (indices, size) => tf.oneHot(array(indices, indices.length), size).toFloat();

const charLSTM = bothGradients((w, matMul) => {
  const { batch, context, V, D, H } = w;
  const at = (t, step) => t.filter((_, i) => i % context === step);
  const tokens = Array.from({ length: context }, (_, step) => oneHot(at(w.token, step), V));
  const next = oneHot(Int32Array.from(tokens.flatMap((_, step) => [...at(w.next, step)])), V);
  const weights = [array(w.E, V, D), array(w.W, D, 4 * H), array(w.U, H, 4 * H), array(w.b, 4 * H), array(w.outW, H, V), array(w.outB, V)];
  const loss = (E, W, U, b, outW, outB) => {
    let [h, c] = [tf.zeros([batch, H]), tf.zeros([batch, H])];
    const all = tokens.map((token) => {
      [h, c] = lstm(matMul(matMul(token, E), W).add(b), h, c, U, matMul);
      return h;
    });
    return crossEntropy(matMul(tf.concat(all), outW).add(outB), next);
  };
  return minimized(weights, loss, 1e-3);
});

const gelu = (x) => x.mul(0.5).mul(tf.tanh(x.add(x.mul(x).mul(x).mul(0.044715)).mul(0.7978845608)).add(1));
const order = ["gain1", "shift1", "Wq", "Wk", "Wv", "Wo", "gain2", "shift2", "W1", "b1", "W2", "b2"];
const shapes = (D, F) => ({ Wq: [D, D], Wk: [D, D], Wv: [D, D], Wo: [D, D], W1: [D, F], b1: [F], W2: [F, D] });
const charTransformer = bothGradients((w, matMul) => {
  const { batch, context, V, D, F, heads } = w;
  const [token, next] = [w.token, w.next].map((t) => oneHot(t, V));
  const mask = array(Float32Array.from({ length: context ** 2 }, (_, i) => (i % context > Math.floor(i / context) ? -1e9 : 0)), context, context);
  const layers = w.layers.flatMap((layer) => order.map((name) => array(layer[name], ...(shapes(D, F)[name] ?? [D]))));
  const weights = [array(w.E, V, D), array(w.P, context, D), array(w.gain, D), array(w.shift, D), ...layers];
  const attend = (q, k, v) => {
    const pieces = [q, k, v].map((t) => tf.split(t, batch, 0).map((one) => tf.split(one, heads, 1)));
    const [qs, ks, vs] = pieces;
    return tf.concat(qs.map((text, i) => tf.concat(text.map((one, h) => head(one, ks[i][h], vs[i][h], matMul, mask)), 1)), 0);
  };
  const loss = (E, P, gain, shift, ...rest) => {
    let x = matMul(token, E).reshape([batch, context, D]).add(P).reshape([batch * context, D]);
    for (let i = 0; i < rest.length; i += order.length) {
      const [g1, s1, Wq, Wk, Wv, Wo, g2, s2, W1, b1, W2, b2] = rest.slice(i, i + order.length);
      const n = layerNorm(x, g1, s1);
      const y = x.add(matMul(attend(matMul(n, Wq), matMul(n, Wk), matMul(n, Wv)), Wo));
      x = y.add(mlp(layerNorm(y, g2, s2), [W1, b1, W2, b2], matMul, gelu));
    }
    return crossEntropy(matMul(layerNorm(x, gain, shift), tf.transpose(E)), next);
  };
  return minimized(weights, loss, 1e-3);
});

export const training = {
  in_step: { plain: step.plain },
  in_train: train,
  cnn_train: cnn,
  lstm_train: charLSTM,
  transformer_train: charTransformer,
  nri_train: nri,
};
