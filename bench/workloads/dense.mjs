/** Products, convolutions and attention: no graph from outside. */
import { gains, matrix, noises } from "./noise.mjs";

const product = (rows, inner, columns) => ({
  rows,
  inner,
  columns,
  x: noises(rows * inner, 2),
  W: noises(inner * columns, 3),
});

/** Images channels last; the weights [height, width, in, out]. */
const convolution = ({ images, side, inputs, outputs, window }) => ({
  images,
  side,
  inputs,
  outputs,
  window,
  x: noises(images * side * side * inputs, 31),
  W: noises(window * window * inputs * outputs, 32, Math.sqrt(12 / (window * window * inputs))),
});

/** Queries, keys and values [tokens, heads, width]. */
const attention = (tokens, heads, width) => ({
  tokens,
  heads,
  width,
  q: noises(tokens * heads * width, 33, 3),
  k: noises(tokens * heads * width, 34, 3),
  v: noises(tokens * heads * width, 35),
});

/** The weights of a layer: those of attention join all heads side by side. */
export const layer = (D, F, salt) => ({
  Wq: matrix(D, D, salt),
  Wk: matrix(D, D, salt + 1),
  Wv: matrix(D, D, salt + 2),
  Wo: matrix(D, D, salt + 3),
  gain1: gains(D, salt + 4),
  shift1: noises(D, salt + 5, 0.2),
  W1: matrix(D, F, salt + 6),
  b1: noises(F, salt + 7, 0.2),
  W2: matrix(F, D, salt + 8),
  b2: noises(D, salt + 9, 0.2),
  gain2: gains(D, salt + 10),
  shift2: noises(D, salt + 11, 0.2),
});

const transformer = (tokens) => ({
  tokens,
  D: 256,
  heads: 8,
  F: 1024,
  x: noises(tokens * 256, 36, 3),
  ...layer(256, 1024, 40),
});

const gemm = (n, target) => ({
  about: `dense product ${n} x ${n} x ${n}, one side being weights`,
  target,
  flops: 2 * n ** 3,
  inputs: () => product(n, n, n),
});

export const dense = {
  gemm_64: gemm(64),
  gemm_256: gemm(256, 1.35),
  gemm_512: gemm(512, 1.35),
  gemm_1024: gemm(1024, 1.35),
  linear: {
    about: "dense product 2708 x 1433 x 16",
    target: 1.35,
    flops: 2 * 2708 * 1433 * 16,
    inputs: () => product(2708, 1433, 16),
  },
  conv_32x32x64_3x3: {
    about: "convolution of a 32 x 32 image, 64 channels to 64, 3 x 3",
    target: 1.35,
    flops: 2 * 32 * 32 * 64 * 64 * 9,
    inputs: () => convolution({ images: 1, side: 32, inputs: 64, outputs: 64, window: 3 }),
  },
  conv_b8_28x28x1x32_5x5: {
    about: "convolution of eight 28 x 28 images, 1 channel to 32, 5 x 5",
    target: 1.35,
    flops: 2 * 8 * 28 * 28 * 32 * 25,
    inputs: () => convolution({ images: 8, side: 28, inputs: 1, outputs: 32, window: 5 }),
  },
  ...Object.fromEntries(
    [256, 1024, 4096].map((tokens) => [
      `attention_${tokens}`,
      {
        about: `attention of 8 heads of 64 over ${tokens} tokens on given queries, keys and values`,
        flops: 4 * tokens * tokens * 512,
        inputs: () => attention(tokens, 8, 64),
      },
    ]),
  ),
  ...Object.fromEntries(
    [128, 512].map((tokens) => [
      `tfm_${tokens}`,
      {
        about: `Transformer layer over ${tokens} tokens: norms behind the sums, width 256, 8 heads, 1024 hidden, ReLU`,
        target: 1.6,
        flops: 2 * tokens * 256 * (4 * 256 + 2 * 1024) + 4 * tokens * tokens * 256,
        inputs: () => transformer(tokens),
      },
    ]),
  ),
};
