import * as tf from "@tensorflow/tfjs-core";
import { array, keep } from "./ops.mjs";

/** One step of a GRU whose input product is given: gates reset, update, new. */
export function gru(xW, h, U, d) {
  const H = h.shape[1];
  const hU = tf.fused.matMul({ a: h, b: U, bias: d });
  const gates = tf.sigmoid(tf.slice(xW, [0, 0], [-1, 2 * H]).add(tf.slice(hU, [0, 0], [-1, 2 * H])));
  const [r, z] = tf.split(gates, 2, 1);
  const n = tf.tanh(tf.slice(xW, [0, 2 * H], [-1, H]).add(r.mul(tf.slice(hU, [0, 2 * H], [-1, H]))));
  return n.add(z.mul(h.sub(n)));
}
/** One step of an LSTM: gates input, forget, cell, output. */
export function lstm(xW, h, c, U, matMul = tf.matMul) {
  const [i, f, g, o] = tf.split(xW.add(matMul(h, U)), 4, 1);
  const next = tf.sigmoid(f).mul(c).add(tf.sigmoid(i).mul(tf.tanh(g)));
  return [tf.sigmoid(o).mul(tf.tanh(next)), next];
}

/** Step by step, the input product too: to cut one for all steps into steps costs more, for a slice here copies all it is of. */
const recurrent = (gates, step) => ({
  plain: ({ batch, steps, In, H, x, W, U, b, d }) => {
    const inputs = tf.unstack(array(x, batch, steps, In), 1);
    const [A, B, bias, other] = [array(W, In, gates * H), array(U, H, gates * H), array(b, gates * H), array(d, gates * H)];
    return keep(() => {
      let state = [tf.zeros([batch, H]), tf.zeros([batch, H])];
      const all = inputs.map((one) => {
        state = step(tf.fused.matMul({ a: one, b: A, bias }), state, B, other);
        return state[0];
      });
      return tf.stack(all, 1);
    });
  },
});
const grus = recurrent(3, (xW, [h], U, d) => [gru(xW, h, U, d)]);
const lstms = recurrent(4, (xW, [h, c], U) => lstm(xW, h, c, U));

const decoder = {
  plain: (w) => {
    const { source, target, S, E, A, H, words } = w;
    const h = array(w.h, source, S);
    const [scoreW, scoreU, v] = [array(w.scoreW, H, A), array(w.scoreU, S, A), array(w.scoreV, A, 1)];
    const [W, U, b, d] = [array(w.W, E + S, 3 * H), array(w.U, H, 3 * H), array(w.b, 3 * H), array(w.d, 3 * H)];
    const [outW, outB] = [array(w.outW, H + S, words), array(w.outB, words)];
    return keep(() => {
      const keys = tf.matMul(h, scoreU);
      let [s, y] = [tf.zeros([1, H]), tf.zeros([1, E])];
      const all = [];
      for (let t = 0; t < target; t++) {
        const scores = tf.matMul(tf.tanh(keys.add(tf.matMul(s, scoreW))), v).reshape([1, source]);
        const c = tf.matMul(tf.softmax(scores), h);
        s = gru(tf.fused.matMul({ a: tf.concat([y, c], 1), b: W, bias: b }), s, U, d);
        const logits = tf.fused.matMul({ a: tf.concat([s, c], 1), b: outW, bias: outB });
        all.push(logits);
        const [word] = tf.argMax(logits, 1).dataSync();
        y = array(w.table.subarray(word * E, (word + 1) * E), 1, E);
      }
      return tf.concat(all);
    });
  },
};

export const sequence = { gru_b1: grus, gru_b32: grus, lstm_b1: lstms, lstm_b32: lstms, bahdanau: decoder };
