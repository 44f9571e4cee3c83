/** Recurrences and decoding. */
import { integers, matrix, noises } from "./noise.mjs";

/** `gates` is 3 for a GRU (reset, update, new), 4 for an LSTM (input, forget, cell, output). */
const recurrent = (batch, gates) => ({
  batch,
  steps: 100,
  In: 64,
  H: 128,
  x: noises(batch * 100 * 64, 51, 3),
  W: matrix(64, gates * 128, 52),
  U: matrix(128, gates * 128, 53),
  b: noises(gates * 128, 54, 0.2),
  d: noises(gates * 128, 55, 0.2),
});

/** A source that has been read, and all weights of a decoder that looks at it from within its recurrence. */
function decoder() {
  const [S, E, A, H, words] = [256, 128, 128, 256, 2431];
  return {
    source: 30,
    target: 30,
    S,
    E,
    A,
    H,
    words,
    h: noises(30 * S, 61, 2),
    table: noises(words * E, 62, 3),
    scoreW: matrix(H, A, 63),
    scoreU: matrix(S, A, 64),
    scoreV: noises(A, 65),
    W: matrix(E + S, 3 * H, 66),
    U: matrix(H, 3 * H, 67),
    b: noises(3 * H, 68, 0.2),
    d: noises(3 * H, 69, 0.2),
    outW: matrix(H + S, words, 70),
    outB: noises(words, 71, 0.2),
  };
}

const cell = (name, gates, batch, target) => ({
  about: `${name}, ${batch === 1 ? "one sequence" : `${batch} sequences`} of 100 steps, 64 in, 128 hidden, all outputs`,
  target,
  flops: 2 * batch * 100 * gates * 128 * (64 + 128),
  inputs: () => recurrent(batch, gates),
});

/** Texts of the char-lm example: 12 of 64 characters, each to be followed by the next. */
export function texts() {
  const [batch, context, V] = [12, 64, 65];
  const token = integers(batch * context, V, 81);
  const next = token.map((t, i) => (7 * t + i) % V);
  return { batch, context, V, token, next };
}

export const sequence = {
  gru_b1: cell("GRU", 3, 1, 1.3),
  gru_b32: cell("GRU", 3, 32, 1.5),
  lstm_b1: cell("LSTM", 4, 1, 1.3),
  lstm_b32: cell("LSTM", 4, 32, 1.5),
  bahdanau: {
    about:
      "greedy decoding with additive attention inside a GRU: 30 words from 30, 256 hidden, 2431 words",
    inputs: decoder,
  },
};
