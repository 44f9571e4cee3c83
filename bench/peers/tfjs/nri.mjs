import * as tf from "@tensorflow/tfjs-core";
import { ends } from "../ends.mjs";
import { array, bothGradients, minimized } from "./ops.mjs";

const matrix = (W, columns) => array(W, W.length / columns, columns);
const pair = ({ W, b }) => [matrix(W, b.length), array(b, b.length)];
const normed = (w) => [matrix(w.W1, w.b1.length), array(w.b1, w.b1.length), matrix(w.W2, w.b2.length), array(w.b2, w.b2.length), array(w.gain, w.gain.length), array(w.shift, w.shift.length)];

/** Linear, ELU, linear, ELU, batch norm. */
function layer(x, [W1, b1, W2, b2, gain, shift], matMul) {
  const y = tf.elu(matMul(tf.elu(matMul(x, W1).add(b1)), W2).add(b2));
  const { mean, variance } = tf.moments(y, 0);
  return y.sub(mean).mul(tf.rsqrt(variance.add(1e-5))).mul(gain).add(shift);
}

/**
 * Rows of both ends. Of equal complete graphs the receiver's rows are repeated along an axis and the sender's are those of
 * the graph without the receiver's own: both a product with one-hot rows of one graph, as the reference code has it.
 */
function relations(worlds, N) {
  const [snd, rcv] = ends(1, N).map((i) => tf.oneHot(array(i, i.length), N).toFloat());
  const E = N * (N - 1);
  /** [worlds * N, C] to [worlds * E, C]: along the nodes, which come to stand first. */
  const along = (rows, matMul) => (x) => {
    const C = x.shape[1];
    const first = x.reshape([worlds, N, C]).transpose([1, 0, 2]).reshape([N, worlds * C]);
    return matMul(rows, first).reshape([E, worlds, C]).transpose([1, 0, 2]).reshape([worlds * E, C]);
  };
  return { snd, rcv, along, sum: (e) => e.reshape([worlds * N, N - 1, e.shape[1]]).sum(1) };
}

const stretches = 5;
const ahead = 10;

/** Steps of five stretches at once; the miss of those that go on past the last frame does not count. */
function decoded(x, z, { worlds, N, D }, { message, change }, { send, receive, sum }, mlp) {
  const frame = (t) => tf.slice(x, [0, t, 0], [-1, 1, -1]);
  let now = tf.concat([0, 1, 2, 3, 4].map((j) => frame(ahead * j)), 1);
  let total = tf.scalar(0);
  const E = worlds * N * (N - 1);
  const weight = z.tile([1, stretches]).reshape([E * stretches, 1]);
  for (let s = 0; s < ahead; s++) {
    const flat = now.reshape([worlds * N, stretches * D]);
    const both = tf.concat([send(flat).reshape([E * stretches, D]), receive(flat).reshape([E * stretches, D])], 1);
    const m = tf.relu(mlp(both, message)).mul(weight);
    const felt = sum(m.reshape([E, -1])).reshape([worlds * N * stretches, -1]);
    const flatNow = now.reshape([worlds * N * stretches, D]);
    now = flatNow.add(mlp(tf.concat([flatNow, felt], 1), change)).reshape([worlds * N, stretches, D]);
    const count = s === ahead - 2 || s === ahead - 1 ? stretches - 1 : stretches;
    const truth = tf.concat([0, 1, 2, 3, 4].slice(0, count).map((j) => frame(ahead * j + s + 1)), 1);
    const miss = tf.slice(now, [0, 0, 0], [-1, count, -1]).sub(truth);
    total = total.add(tf.sum(tf.square(miss)));
  }
  return total;
}

export const nri = bothGradients((w, matMul) => {
  const { worlds, N, frames, D } = w;
  const x = array(w.x, worlds * N, frames, D);
  const gumbel = array(w.gumbel, worlds * N * (N - 1), 2);
  const weights = [w.a, w.b, w.c, w.d].flatMap(normed);
  const all = [...weights, ...[w.out, ...w.message, ...w.change].flatMap(pair)];
  const { snd, rcv, along, sum } = relations(worlds, N);
  const [send, receive] = [along(snd, matMul), along(rcv, matMul)];
  const mlp = (h, v) => {
    for (let i = 0; i < v.length; i += 2) h = (i ? matMul(tf.relu(h), v[i]) : matMul(h, v[i])).add(v[i + 1]);
    return h;
  };
  const flat = x.reshape([worlds * N, frames * D]);
  const loss = (...p) => {
    const [A, B, C, Dd] = [0, 1, 2, 3].map((i) => p.slice(6 * i, 6 * i + 6));
    const [outW, outB] = p.slice(24, 26);
    const [message, change] = [p.slice(26, 30), p.slice(30, 36)];
    const a = layer(flat, A, matMul);
    const b = layer(tf.concat([send(a), receive(a)], 1), B, matMul);
    const c = layer(sum(b).div(N), C, matMul);
    const d = layer(tf.concat([send(c), receive(c), b], 1), Dd, matMul);
    const logits = matMul(d, outW).add(outB);
    const z = tf.slice(tf.softmax(logits.add(gumbel).div(0.5)), [0, 1], [-1, 1]);
    const nll = decoded(x, z, w, { message, change }, { send, receive, sum }, mlp).div(2 * 5e-5);
    const q = tf.softmax(logits);
    const kl = tf.sum(q.mul(tf.log(q.mul(2).add(1e-16))));
    return nll.add(kl).div(worlds * N);
  };
  return minimized(all, loss, 5e-4);
});
