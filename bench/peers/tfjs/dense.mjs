import * as tf from "@tensorflow/tfjs-core";
import { array, head, keep, layerNorm } from "./ops.mjs";

const product = {
  plain: ({ rows, inner, columns, x, W }) => {
    const [X, M] = [array(x, rows, inner), array(W, inner, columns)];
    return keep(() => tf.matMul(X, M));
  },
};
const convolution = {
  plain: ({ images, side, inputs, outputs, window, x, W }) => {
    const X = array(x, images, side, side, inputs);
    const filter = array(W, window, window, inputs, outputs);
    return keep(() => tf.conv2d(X, filter, 1, "same"));
  },
};
const perHead = (t, heads) => tf.split(t, heads, 1);
const multi = (q, k, v, heads) => {
  const [qs, ks, vs] = [q, k, v].map((t) => perHead(t, heads));
  return tf.concat(qs.map((one, h) => head(one, ks[h], vs[h], tf.matMul)), 1);
};
const attention = {
  plain: ({ tokens, heads, width, q, k, v }) => {
    const given = [q, k, v].map((t) => array(t, tokens, heads * width));
    return keep(() => multi(...given, heads));
  },
};
/** Bias and activation fused with the product. */
const linear = (a, b, bias, activation) => tf.fused.matMul({ a, b, bias, activation });
const layer = {
  plain: (w) => {
    const { tokens, D, F, heads } = w;
    const x = array(w.x, tokens, D);
    const [Wq, Wk, Wv, Wo] = [w.Wq, w.Wk, w.Wv, w.Wo].map((m) => array(m, D, D));
    const [W1, W2] = [array(w.W1, D, F), array(w.W2, F, D)];
    const [b1, b2, gain1, shift1, gain2, shift2] = [w.b1, w.b2, w.gain1, w.shift1, w.gain2, w.shift2].map((t) => array(t, t.length));
    return keep(() => {
      const seen = multi(tf.matMul(x, Wq), tf.matMul(x, Wk), tf.matMul(x, Wv), heads);
      const y = layerNorm(x.add(tf.matMul(seen, Wo)), gain1, shift1);
      return layerNorm(y.add(linear(linear(y, W1, b1, "relu"), W2, b2)), gain2, shift2);
    });
  },
};

export const dense = {
  gemm_64: product,
  gemm_256: product,
  gemm_512: product,
  gemm_1024: product,
  linear: product,
  conv_32x32x64_3x3: convolution,
  conv_b8_28x28x1x32_5x5: convolution,
  attention_256: attention,
  attention_1024: attention,
  attention_4096: attention,
  tfm_128: layer,
  tfm_512: layer,
};
