import { lax, nn, numpy as np } from "@jax-js/jax";
import { ends } from "../ends.mjs";
import { array, attend, crossEntropy, keep, layerNorm, minimized, mlp, oneHot } from "./ops.mjs";
import { bySteps, lstm } from "./sequence.mjs";
import { nri } from "./nri.mjs";

const flat = (layers) => layers.flatMap(({ W, b }) => [array(W, W.length / b.length, b.length), array(b, b.length)]);

/** Equal graphs: what an edge sees is gathered once, for it does not depend on weights; the sum is over an axis. */
async function interaction({ graphs, nodes, x, edge, node }) {
  const X = array(x, graphs * nodes, 4);
  const [snd, rcv] = ends(graphs, nodes).map((i) => array(i, i.length));
  const forward = (w, X, both) => {
    const felt = mlp(both, w.slice(0, 6)).reshape([graphs * nodes, nodes - 1, 64]).sum(1);
    return mlp(np.concatenate([X, felt], 1), w.slice(6));
  };
  const gather = (X, s, r) => np.concatenate([X.ref.slice(s), X.slice(r)], 1);
  return { X, snd, rcv, gather, forward, weights: [...flat(edge), ...flat(node)] };
}
const step = {
  plain: async (inputs) => {
    const { X, snd, rcv, gather, forward, weights } = await interaction(inputs);
    return keep((X, s, r, ...w) => forward(w, X, gather(X.ref, s, r)), X, snd, rcv, ...weights);
  },
};
const train = {
  plain: async (inputs) => {
    const { X, snd, rcv, gather, forward, weights } = await interaction(inputs);
    const both = gather(X.ref, snd, rcv);
    const loss = (w, X, both, goal) => np.mean(np.square(forward(w, X, both).sub(goal)));
    return minimized(weights, loss, [X, both, array(inputs.goal, 5000, 2)], 1e-3);
  },
};

/** Channels first; the largest of four slices halves an image, for a window has no gradient. */
const halve = (a) => {
  const [n, c, h, w] = a.shape;
  return np.max(np.max(a.reshape([n, c, h / 2, 2, w / 2, 2]), 5), 3);
};
/** Windows of 3 x 3 side by side: [images, side, side, channels] to [images * side * side, 9 * channels]. */
const unfold = (x) => {
  const [images, side, , channels] = x.shape;
  const wide = np.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  const taps = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => wide.ref.slice([], [i, i + side], [j, j + side])));
  wide.dispose();
  return np.concatenate(taps, 3).reshape([images * side * side, 9 * channels]);
};
const halveLast = (a) => {
  const [n, h, w, c] = a.shape;
  return np.max(np.max(a.reshape([n, h / 2, 2, w / 2, 2, c]), 4), 2);
};
const cnn = {
  /** Products of unfolded windows: the library's convolution is a plain loop. */
  unfolded: ({ images, x, y, W1, b1, W2, b2, W3, b3 }) => {
    const weights = [array(W1, 9, 16), array(b1, 16), array(W2, 144, 32), array(b2, 32), array(W3, 1568, 10), array(b3, 10)];
    const loss = ([A, a, B, b, C, c], X, labels) => {
      const first = halveLast(nn.relu(np.matmul(X, A).add(a)).reshape([images, 28, 28, 16]));
      const second = halveLast(nn.relu(np.matmul(unfold(first), B).add(b)).reshape([images, 14, 14, 32]));
      return crossEntropy(np.matmul(second.reshape([images, 1568]), C).add(c), labels);
    };
    return minimized(weights, loss, [unfold(array(x, images, 28, 28, 1)), oneHot(y, 10)], 1e-3);
  },
  plain: async ({ images, x, y, W1, b1, W2, b2, W3, b3 }) => {
    const turn = (W, i, o) => array(W, 3, 3, i, o).transpose([3, 2, 0, 1]);
    const last = array(W3, 7, 7, 32, 10).transpose([2, 0, 1, 3]).reshape([1568, 10]);
    const weights = [turn(W1, 1, 16), array(b1, 16), turn(W2, 16, 32), array(b2, 32), last, array(b3, 10)];
    const loss = ([A, a, B, b, C, c], X, labels) => {
      const conv = (x, W, b) => nn.relu(lax.conv(x, W, [1, 1], "SAME").add(b.reshape([1, -1, 1, 1])));
      const second = halve(conv(halve(conv(X, A, a)), B, b));
      return crossEntropy(np.matmul(second.reshape([images, 1568]), C).add(c), labels);
    };
    return minimized(weights, loss, [array(x, images, 1, 28, 28), oneHot(y, 10)], 1e-3);
  },
};

/** Step after step instead of text after text. */
const byStep = (data, batch, steps) => data.map((_, i) => data[(i % batch) * steps + Math.floor(i / batch)]);

/** Rows are looked up by a product with one-hot rows: the library's gradient of a lookup is a scatter in JavaScript. */
const charLSTM = {
  plain: (w) => {
    const { batch, context, V, D, H } = w;
    const known = [w.token, w.next].map((t) => oneHot(byStep(t, batch, context), V));
    const weights = [array(w.E, V, D), array(w.W, D, 4 * H), array(w.U, H, 4 * H), array(w.b, 4 * H), array(w.outW, H, V), array(w.outB, V)];
    const loss = ([E, W, U, b, outW, outB], token, next) => {
      const inputs = bySteps(np.matmul(np.matmul(token, E), W).add(b), context);
      let [h, c] = [np.zeros([batch, H]), np.zeros([batch, H])];
      const all = inputs.map((xW) => {
        [h, c] = lstm(xW, h, c, U.ref);
        return h.ref;
      });
      for (const one of [h, c, U]) one.dispose();
      return crossEntropy(np.matmul(np.concatenate(all, 0), outW).add(outB), next);
    };
    return minimized(weights, loss, known, 1e-3);
  },
};

const gelu = (x) => {
  const cube = x.ref.mul(x.ref).mul(x.ref).mul(0.044715);
  return np.tanh(x.ref.add(cube).mul(0.7978845608)).add(1).mul(x.mul(0.5));
};
const order = ["gain1", "shift1", "Wq", "Wk", "Wv", "Wo", "gain2", "shift2", "W1", "b1", "W2", "b2"];
const shapes = (D, F) => ({ Wq: [D, D], Wk: [D, D], Wv: [D, D], Wo: [D, D], W1: [D, F], b1: [F], W2: [F, D] });
const charTransformer = {
  plain: (w) => {
    const { batch, context, V, D, F, heads } = w;
    const mask = array(Float32Array.from({ length: context ** 2 }, (_, i) => (i % context > Math.floor(i / context) ? -1e9 : 0)), context, context);
    const layers = w.layers.flatMap((layer) => order.map((name) => array(layer[name], ...(shapes(D, F)[name] ?? [D]))));
    const weights = [array(w.E, V, D), array(w.P, context, D), array(w.gain, D), array(w.shift, D), ...layers];
    const split = (t) => t.reshape([batch, context, heads, D / heads]).transpose([0, 2, 1, 3]);
    const loss = ([E, P, gain, shift, ...rest], token, next, mask) => {
      let x = np.matmul(token, E.ref).reshape([batch, context, D]).add(P).reshape([batch * context, D]);
      for (let i = 0; i < rest.length; i += order.length) {
        const [g1, s1, Wq, Wk, Wv, Wo, g2, s2, W1, b1, W2, b2] = rest.slice(i, i + order.length);
        const n = layerNorm(x.ref, g1, s1);
        const seen = attend(split(np.matmul(n.ref, Wq)), split(np.matmul(n.ref, Wk)), split(np.matmul(n, Wv)), mask.ref);
        const y = x.add(np.matmul(seen.transpose([0, 2, 1, 3]).reshape([batch * context, D]), Wo));
        x = y.ref.add(mlp(layerNorm(y, g2, s2), [W1, b1, W2, b2], gelu));
      }
      mask.dispose();
      return crossEntropy(np.matmul(layerNorm(x, gain, shift), E.transpose()), next);
    };
    return minimized(weights, loss, [...[w.token, w.next].map((t) => oneHot(t, V)), mask], 1e-3);
  },
};

export const training = {
  in_step: step,
  in_train: train,
  cnn_train: cnn,
  lstm_train: charLSTM,
  transformer_train: charTransformer,
  nri_train: nri,
};
