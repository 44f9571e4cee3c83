/** Interaction networks and training steps: forward, backward, Adam. */
import { layer } from "./dense.mjs";
import { gains, integers, matrix, noise, noises } from "./noise.mjs";
import { texts } from "./sequence.mjs";

/** 1000 complete graphs of 5 nodes: edge network 8-128-128-64, sum, node network 68-128-2. */
const interaction = () => ({
  graphs: 1000,
  nodes: 5,
  x: noises(5000 * 4, 91, 3),
  goal: noises(5000 * 2, 92),
  edge: [
    { W: matrix(8, 128, 93), b: noises(128, 94, 0.2) },
    { W: matrix(128, 128, 95), b: noises(128, 96, 0.2) },
    { W: matrix(128, 64, 97), b: noises(64, 98, 0.2) },
  ],
  node: [
    { W: matrix(68, 128, 99), b: noises(128, 100, 0.2) },
    { W: matrix(128, 2, 101), b: noises(2, 102, 0.2) },
  ],
});

/** 32 images of 28 x 28: 3 x 3 to 16 channels, halved, 3 x 3 to 32, halved, linear; weights [height, width, in, out]. */
const cnn = () => ({
  images: 32,
  x: noises(32 * 784, 111, 2),
  y: integers(32, 10, 112),
  W1: noises(9 * 16, 113, Math.sqrt(24 / 9)),
  b1: noises(16, 114, 0.2),
  W2: noises(9 * 16 * 32, 115, Math.sqrt(24 / 144)),
  b2: noises(32, 116, 0.2),
  W3: matrix(49 * 32, 10, 117),
  b3: noises(10, 118, 0.2),
});

const charLSTM = () => ({
  ...texts(),
  D: 128,
  H: 256,
  E: noises(65 * 128, 121, 2),
  W: matrix(128, 1024, 122),
  U: matrix(256, 1024, 123),
  b: noises(1024, 124, 0.2),
  outW: matrix(256, 65, 125),
  outB: noises(65, 126, 0.2),
});

const charTransformer = () => ({
  ...texts(),
  D: 128,
  heads: 4,
  F: 512,
  E: noises(65 * 128, 131, 0.3),
  P: noises(64 * 128, 132, 0.3),
  layers: [0, 1, 2, 3].map((i) => layer(128, 512, 140 + 20 * i)),
  gain: gains(128, 133),
  shift: noises(128, 134, 0.2),
});

/** Linear, ELU, linear, ELU, batch norm. */
const normed = (inputs, H, salt) => ({
  W1: matrix(inputs, H, salt),
  b1: noises(H, salt + 1, 0.2),
  W2: matrix(H, H, salt + 2),
  b2: noises(H, salt + 3, 0.2),
  gain: gains(H, salt + 4),
  shift: noises(H, salt + 5, 0.2),
});

/** Kipf et al. 2018 on 128 worlds of 5 particles, 49 frames of 4 numbers; the noise of the draw is given. */
function nri() {
  const [worlds, N, frames, D, H] = [128, 5, 49, 4, 64];
  return {
    worlds,
    N,
    frames,
    D,
    H,
    x: noises(worlds * N * frames * D, 161, 2),
    gumbel: Float32Array.from(
      { length: worlds * N * (N - 1) * 2 },
      (_, i) => -Math.log(-Math.log(noise(i, 162) * 0.999 + 0.5)),
    ),
    a: normed(frames * D, H, 170),
    b: normed(2 * H, H, 180),
    c: normed(H, H, 190),
    d: normed(3 * H, H, 200),
    out: { W: matrix(H, 2, 210), b: noises(2, 211, 0.2) },
    message: [
      { W: matrix(2 * D, H, 212), b: noises(H, 213, 0.2) },
      { W: matrix(H, H, 214), b: noises(H, 215, 0.2) },
    ],
    change: [
      { W: noises((D + H) * H, 216, 0.2), b: noises(H, 217, 0.1) },
      { W: noises(H * H, 218, 0.2), b: noises(H, 219, 0.1) },
      { W: noises(H * D, 220, 0.2), b: noises(D, 221, 0.1) },
    ],
  };
}

const trains = (about, inputs, rest = {}) => ({ about, losses: true, inputs, ...rest });

export const training = {
  in_step: {
    about:
      "Interaction Network on 1000 graphs of 5 nodes and 20 edges: 8-128-128-64, sum, 68-128-2",
    target: 2.2,
    flops: 2 * (20_000 * (8 * 128 + 128 * 128 + 128 * 64) + 5000 * (68 * 128 + 256)),
    inputs: interaction,
  },
  in_train: trains(
    "training step of the Interaction Network on all 1000 graphs: squared error, Adam",
    interaction,
    {
      target: 3,
      native: { pytorch: 1 / 1.3 },
    },
  ),
  cnn_train: trains(
    "training step of a CNN on 32 images of 28 x 28: two convolutions 3 x 3 (16, 32), each halved, linear",
    cnn,
  ),
  lstm_train: trains(
    "training step of the LSTM of char-lm (256 hidden) on 12 texts of 64 characters",
    charLSTM,
  ),
  transformer_train: trains(
    "training step of the Transformer of char-lm (4 layers, width 128, 4 heads) on the same texts",
    charTransformer,
  ),
  nri_train: trains(
    "training step of neural relational inference: 128 worlds of 5 particles, 49 frames",
    nri,
  ),
};
