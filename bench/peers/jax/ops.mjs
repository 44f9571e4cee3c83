/** What several workloads share. Arrays are counted: a use consumes one, `.ref` makes another of it. */
import "./iterators.mjs";
import { blockUntilReady, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { trained } from "../measure.mjs";

export const array = (data, ...shape) => np.array(data, { shape });
export const refs = (arrays) => arrays.map((a) => a.ref);

/** A compiled function of constant arrays, its result read back. */
export function keep(fn, ...args) {
  const f = jit(fn);
  const read = async () => (await f(...refs(args)).data()).slice();
  return { run: read, result: read };
}

/** Adam with both moments corrected, `c1` and `c2` being 1 - beta^t. */
function adam(p, g, m, v, { c1, c2, lr }) {
  const mean = m.mul(0.9).add(g.ref.mul(0.1));
  const square = v.mul(0.999).add(g.ref.mul(g).mul(0.001));
  const change = mean.ref.div(c1).mul(lr).div(np.sqrt(square.ref.div(c2)).add(1e-8));
  return [p.sub(change), mean, square];
}

/** Steps of Adam; `gradients(weights, ...known)` gives the loss and one gradient for each weight. */
export function descend(weights, gradients, known, lr) {
  const differentiate = jit((p, ...rest) => gradients(p, ...rest));
  const update = jit((p, g, m, v, c1, c2) => {
    const all = p.map((_, i) => adam(p[i], g[i], m[i], v[i], { c1: c1.ref, c2: c2.ref, lr }));
    c1.dispose();
    c2.dispose();
    return [0, 1, 2].map((part) => all.map((of) => of[part]));
  });
  let p = weights;
  let [m, v] = [0, 1].map(() => p.map(({ shape }) => np.zeros(shape)));
  let t = 0;
  return trained(async () => {
    const [value, g] = differentiate(refs(p), ...refs(known));
    t++;
    [p, m, v] = update(p, g, m, v, np.array(1 - 0.9 ** t), np.array(1 - 0.999 ** t));
    const [loss] = await value.data();
    await blockUntilReady([...p, ...m, ...v]);
    return loss;
  });
}

/** The same with the library's own gradients of `loss(weights, ...known)`. */
export const minimized = (weights, loss, known, lr) => descend(weights, valueAndGrad(loss), known, lr);

export const layerNorm = (x, gain, shift) => {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5))).mul(gain).add(shift);
};

/** - log softmax at the labels, averaged. */
export const crossEntropy = (logits, onehot) => {
  const n = logits.shape[0];
  return nn.logSoftmax(logits, 1).mul(onehot).sum().mul(-1 / n);
};

export const oneHot = (indices, size) => {
  const rows = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) rows[i * size + indices[i]] = 1;
  return array(rows, indices.length, size);
};

/** softmax(q k^T / sqrt d) v, each [.., tokens, d]; `mask` is added to the scores. */
export const attend = (q, k, v, mask) => {
  const scores = np.matmul(q, np.swapaxes(k, -1, -2)).mul(1 / Math.sqrt(v.shape.at(-1)));
  return np.matmul(nn.softmax(mask ? scores.add(mask) : scores, -1), v);
};

/** Layers, all but the last through an activation; `w` is W, b, W, b, .. */
export function mlp(x, w, act = nn.relu) {
  for (let i = 0; i < w.length; i += 2) {
    x = np.matmul(x, w[i]).add(w[i + 1]);
    if (i + 2 < w.length) x = act(x);
  }
  return x;
}
