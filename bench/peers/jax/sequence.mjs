/** No control flow: steps are unrolled. */
import { jit, nn, numpy as np } from "@jax-js/jax";
import { array, keep, refs } from "./ops.mjs";

/** Columns of a matrix, in equal parts. */
const split = (x, n) => np.split(x, n, 1);

/** One step of a GRU whose input product is given: gates reset, update, new. */
export function gru(xW, h, U, d) {
  const [xr, xz, xn] = split(xW, 3);
  const [hr, hz, hn] = split(np.matmul(h.ref, U).add(d), 3);
  const r = nn.sigmoid(xr.add(hr));
  const z = nn.sigmoid(xz.add(hz));
  const n = np.tanh(xn.add(r.mul(hn)));
  return n.ref.add(z.mul(h.sub(n)));
}
/** One step of an LSTM: gates input, forget, cell, output. */
export function lstm(xW, h, c, U) {
  const [i, f, g, o] = split(xW.add(np.matmul(h, U)), 4);
  const next = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)));
  return [nn.sigmoid(o).mul(np.tanh(next.ref)), next];
}
/** [steps * batch, C] as one array for each step. */
export const bySteps = (x, steps) => np.split(x, steps, 0);

const recurrent = (gates, step, begin) => ({
  plain: ({ batch, steps, In, H, x, W, U, b, d }) => {
    const G = gates * H;
    const run = (X, A, B, bias, other) => {
      const flat = X.transpose([1, 0, 2]).reshape([steps * batch, In]);
      const inputs = bySteps(np.matmul(flat, A).add(bias), steps);
      let state = begin(batch, H);
      const all = inputs.map((xW) => {
        state = step(xW, state, B.ref, other.ref);
        return state[0].ref;
      });
      for (const one of [...state, B, other]) one.dispose();
      return np.stack(all, 1);
    };
    return keep(run, array(x, batch, steps, In), array(W, In, G), array(U, H, G), array(b, G), array(d, G));
  },
});
const grus = recurrent(
  3,
  (xW, [h], U, d) => [gru(xW, h, U, d)],
  (batch, H) => [np.zeros([batch, H])],
);
const lstms = recurrent(
  4,
  (xW, [h, c], U, d) => {
    d.dispose();
    return lstm(xW, h, c, U);
  },
  (batch, H) => [np.zeros([batch, H]), np.zeros([batch, H])],
);

/** One compiled step, called word after word: the guess is read back, and its row looked up outside. */
const decoder = {
  plain: (w) => {
    const { source, target, S, E, A, H, words } = w;
    const known = [array(w.h, source, S), array(w.scoreW, H, A), array(w.scoreU, S, A), array(w.scoreV, A, 1)];
    const cell = [array(w.W, E + S, 3 * H), array(w.U, H, 3 * H), array(w.b, 3 * H), array(w.d, 3 * H)];
    const out = [array(w.outW, H + S, words), array(w.outB, words)];
    const prepare = jit((h, U) => np.matmul(h, U));
    const step = jit((keys, s, y, h, sW, v, W, U, b, d, oW, oB) => {
      const scores = np.matmul(np.tanh(keys.add(np.matmul(s.ref, sW))), v).reshape([1, source]);
      const c = np.matmul(nn.softmax(scores, 1), h);
      const xW = np.matmul(np.concatenate([y, c.ref], 1), W).add(b);
      const next = gru(xW, s, U, d);
      return [next.ref, np.matmul(np.concatenate([next, c], 1), oW).add(oB)];
    });
    const run = async () => {
      const keys = prepare(known[0].ref, known[2].ref);
      let [s, y] = [np.zeros([1, H]), np.zeros([1, E])];
      const all = new Float32Array(target * words);
      for (let t = 0; t < target; t++) {
        const [next, logits] = step(keys.ref, s, y, known[0].ref, known[1].ref, known[3].ref, ...refs(cell), ...refs(out));
        s = next;
        const row = await logits.data();
        all.set(row, t * words);
        const word = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
        y = array(w.table.slice(word * E, (word + 1) * E), 1, E);
      }
      for (const one of [keys, s, y]) one.dispose();
      return all;
    };
    return { run, result: run };
  },
};

export const sequence = { gru_b1: grus, gru_b32: grus, lstm_b1: lstms, lstm_b32: lstms, bahdanau: decoder };
