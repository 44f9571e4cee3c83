import { lax, nn, numpy as np } from "@jax-js/jax";
import { array, attend, keep, layerNorm } from "./ops.mjs";

const product = {
  plain: ({ rows, inner, columns, x, W }) => keep(np.matmul, array(x, rows, inner), array(W, inner, columns)),
};
/** Channels first, as the library wants them; the result is turned back. */
const convolution = {
  plain: async ({ images, side, inputs, outputs, window, x, W }) => {
    const turn = async (a) => array(await a.data(), ...a.shape);
    const X = await turn(array(x, images, side, side, inputs).transpose([0, 3, 1, 2]));
    const filter = await turn(array(W, window, window, inputs, outputs).transpose([3, 2, 0, 1]));
    const job = keep((a, b) => lax.conv(a, b, [1, 1], "SAME"), X, filter);
    const result = async () => (await array(await job.result(), images, outputs, side, side).transpose([0, 2, 3, 1]).data()).slice();
    return { run: job.run, result };
  },
};
/** Heads first: [tokens, heads * width] to [heads, tokens, width]. */
const split = (t, heads) => {
  const [tokens, all] = t.shape;
  return t.reshape([tokens, heads, all / heads]).transpose([1, 0, 2]);
};
const multi = (q, k, v, heads) => {
  const [tokens, all] = q.shape;
  return attend(split(q, heads), split(k, heads), split(v, heads)).transpose([1, 0, 2]).reshape([tokens, all]);
};
const attention = {
  plain: ({ tokens, heads, width, q, k, v }) =>
    keep((a, b, c) => multi(a, b, c, heads), ...[q, k, v].map((t) => array(t, tokens, heads * width))),
};
const layer = {
  plain: (w) => {
    const { tokens, D, F, heads } = w;
    const square = [w.Wq, w.Wk, w.Wv, w.Wo].map((m) => array(m, D, D));
    const vectors = [w.b1, w.b2, w.gain1, w.shift1, w.gain2, w.shift2].map((t) => array(t, t.length));
    const run = (x, Wq, Wk, Wv, Wo, W1, W2, b1, b2, gain1, shift1, gain2, shift2) => {
      const seen = multi(np.matmul(x.ref, Wq), np.matmul(x.ref, Wk), np.matmul(x.ref, Wv), heads);
      const y = layerNorm(x.add(np.matmul(seen, Wo)), gain1, shift1);
      const z = np.matmul(nn.relu(np.matmul(y.ref, W1).add(b1)), W2).add(b2);
      return layerNorm(y.add(z), gain2, shift2);
    };
    return keep(run, array(w.x, tokens, D), ...square, array(w.W1, D, F), array(w.W2, F, D), ...vectors);
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
