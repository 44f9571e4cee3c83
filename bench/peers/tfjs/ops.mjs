/** What several workloads share. */
import * as tf from "@tensorflow/tfjs-core";
import { trained } from "../measure.mjs";

export const array = (data, ...shape) => tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32");

/** A computation to be timed, its result read back and its buffers freed. */
export function keep(make) {
  const read = () => {
    const y = tf.tidy(make);
    const data = y.dataSync();
    y.dispose();
    return data;
  };
  return { run: read, result: read };
}

/** Adam on all weights; `loss` is of tensors. */
export function minimized(weights, loss, lr) {
  const variables = weights.map((w) => tf.variable(w));
  const optimizer = new tf.AdamOptimizer(lr, 0.9, 0.999, 1e-8);
  return trained(() => {
    const l = optimizer.minimize(() => loss(...variables), true, variables);
    const [value] = l.dataSync();
    l.dispose();
    return value;
  });
}

/** A function with a gradient of its own. */
export const adjoint = (value, gradient) => tf.customGrad((x) => ({ value: value(x), gradFunc: gradient }));

/**
 * The product of two matrices. tfjs's own gradient multiplies with transposed sides by a slow kernel; `hand` makes
 * transposed copies instead, which its fast kernel takes.
 */
export const products = {
  plain: (a, b) => tf.matMul(a, b),
  hand: tf.customGrad((a, b, save) => {
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy, [x, y]) => [tf.matMul(dy, tf.transpose(y)), tf.matMul(tf.transpose(x), dy)],
    };
  }),
};

/** Both ways to differentiate, for a training step. */
export const bothGradients = (train) => ({
  plain: (inputs) => train(inputs, products.plain),
  hand: (inputs) => train(inputs, products.hand),
});

export const layerNorm = (x, gain, shift) => {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(tf.rsqrt(variance.add(1e-5))).mul(gain).add(shift);
};

/** - log softmax at the labels, averaged. */
export const crossEntropy = (logits, onehot) => tf.neg(tf.mean(tf.sum(tf.mul(onehot, tf.logSoftmax(logits)), -1)));

/**
 * softmax(q k^T / sqrt d) v of one head: two-dimensional products, which are much faster here than those of batches.
 */
export const head = (q, k, v, matMul, mask) => {
  const scores = matMul(q, tf.transpose(k)).mul(1 / Math.sqrt(q.shape[1]));
  return matMul(tf.softmax(mask ? scores.add(mask) : scores), v);
};
