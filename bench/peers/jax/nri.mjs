import { nn, numpy as np } from "@jax-js/jax";
import { ends } from "../ends.mjs";
import { array, minimized, mlp, oneHot } from "./ops.mjs";

const pair = ({ W, b }) => [array(W, W.length / b.length, b.length), array(b, b.length)];
const normed = (w) => [...pair({ W: w.W1, b: w.b1 }), ...pair({ W: w.W2, b: w.b2 }), array(w.gain, w.gain.length), array(w.shift, w.shift.length)];

/** Linear, ELU, linear, ELU, batch norm. */
function layer(x, [W1, b1, W2, b2, gain, shift]) {
  const y = nn.elu(np.matmul(nn.elu(np.matmul(x, W1).add(b1)), W2).add(b2));
  const centred = y.ref.sub(np.mean(y, 0));
  const variance = np.mean(np.square(centred.ref), 0);
  return centred.div(np.sqrt(variance.add(1e-5))).mul(gain).add(shift);
}

const stretches = 5;
const ahead = 10;

/** Both ends by products with one-hot rows of one graph, as the reference code has it. */
export const nri = {
  plain: (w) => {
    const { worlds, N, frames, D, H } = w;
    const E = N * (N - 1);
    const given = array(w.x, worlds, N, frames, D);
    const [snd, rcv] = ends(1, N).map((i) => oneHot(i, N));
    const weights = [...[w.a, w.b, w.c, w.d].flatMap(normed), ...[w.out, ...w.message, ...w.change].flatMap(pair)];
    const along = (rows, x) => {
      const C = x.shape[1];
      const first = x.reshape([worlds, N, C]).transpose([1, 0, 2]).reshape([N, worlds * C]);
      return np.matmul(rows, first).reshape([E, worlds, C]).transpose([1, 0, 2]).reshape([worlds * E, C]);
    };
    const sum = (e) => {
      const C = e.shape[1];
      return e.reshape([worlds * N, N - 1, C]).sum(1);
    };
    const loss = (p, x, gumbel, S, R) => {
      const parts = [0, 1, 2, 3].map((i) => p.slice(6 * i, 6 * i + 6));
      const [outW, outB] = p.slice(24, 26);
      const [message, change] = [p.slice(26, 30), p.slice(30, 36)];
      const both = (h) => [along(S.ref, h.ref), along(R.ref, h)];
      const a = layer(x.ref.reshape([worlds * N, frames * D]), parts[0]);
      const b = layer(np.concatenate(both(a), 1), parts[1]);
      const c = layer(sum(b.ref).div(N), parts[2]);
      const d = layer(np.concatenate([...both(c), b], 1), parts[3]);
      const logits = np.matmul(d, outW).add(outB);
      const z = nn.softmax(logits.ref.add(gumbel).div(0.5), 1).slice([], [1, 2]);
      const weight = z.reshape([worlds * E, 1, 1]);
      const frame = (j, s) => x.ref.slice([], [], [ahead * j + s, ahead * j + s + 1]);
      const frames_ = (count, s) => np.concatenate([0, 1, 2, 3, 4].slice(0, count).map((j) => frame(j, s)), 2);
      let now = frames_(stretches, 0).reshape([worlds * N, stretches * D]);
      let total = np.array(0);
      for (let s = 0; s < ahead; s++) {
        const rows = both(now.ref).map((t) => t.reshape([worlds * E * stretches, D]));
        const m = nn.relu(mlp(np.concatenate(rows, 1), message.map((t) => t.ref)));
        const felt = sum(m.reshape([worlds * E, stretches, H]).mul(weight.ref).reshape([worlds * E, stretches * H]));
        const flat = now.reshape([worlds * N * stretches, D]);
        const input = np.concatenate([flat.ref, felt.reshape([worlds * N * stretches, H])], 1);
        const next = flat.add(mlp(input, change.map((t) => t.ref))).reshape([worlds, N, stretches, D]);
        const count = s >= ahead - 2 ? stretches - 1 : stretches;
        const miss = next.ref.slice([], [], [0, count]).sub(frames_(count, s + 1));
        total = total.add(np.square(miss).sum());
        now = next.reshape([worlds * N, stretches * D]);
      }
      for (const one of [now, weight, x, S, R, ...message, ...change]) one.dispose();
      const q = nn.softmax(logits, 1);
      const kl = q.ref.mul(np.log(q.mul(2).add(1e-16))).sum();
      return total.div(2 * 5e-5).add(kl).div(worlds * N);
    };
    return minimized(weights, loss, [given, array(w.gumbel, worlds * E, 2), snd, rcv], 5e-4);
  },
};
