import { f32, i64, matrix, scalar, turned, vector } from "./tensors.mjs";

const product = {
  plain: ({ rows, inner, columns, x, W }) => ({
    model: {
      nodes: [["MatMul", ["x", "W"], ["y"]]],
      constants: { W: matrix(W, columns) },
      inputs: { x: [rows, inner] },
      outputs: { y: [rows, columns] },
    },
    feeds: { x: f32(x, rows, inner) },
  }),
};

/** Channels first: [rows, channels] of each image turned. */
const perImage = (data, images, columns) => {
  const size = data.length / images;
  const out = new Float32Array(data.length);
  for (let i = 0; i < images; i++) out.set(turned(data.subarray(i * size, (i + 1) * size), columns), i * size);
  return out;
};
const convolution = {
  plain: ({ images, side, inputs, outputs, window, x, W }) => {
    const flat = turned(W, outputs);
    return {
      model: {
        nodes: [["Conv", ["x", "W"], ["y"], { pads: Array(4).fill((window - 1) / 2), kernel_shape: [window, window] }]],
        constants: { W: f32(perImage(flat, outputs, inputs), outputs, inputs, window, window) },
        inputs: { x: [images, inputs, side, side] },
        outputs: { y: [images, outputs, side, side] },
      },
      feeds: { x: f32(perImage(x, images, inputs), images, inputs, side, side) },
      read: (data) => perImage(data, images, side * side),
    };
  },
};

/** softmax(q k^T / sqrt d) v of rows [tokens, heads * width]. */
const attend = (q, k, v, y) => [
  ["Reshape", [q, "heads"], ["q0"]],
  ["Transpose", ["q0"], ["q1"], { perm: [1, 0, 2] }],
  ["Reshape", [k, "heads"], ["k0"]],
  ["Transpose", ["k0"], ["k1"], { perm: [1, 2, 0] }],
  ["Reshape", [v, "heads"], ["v0"]],
  ["Transpose", ["v0"], ["v1"], { perm: [1, 0, 2] }],
  ["Mul", ["q1", "scale"], ["q2"]],
  ["MatMul", ["q2", "k1"], ["s"]],
  ["Softmax", ["s"], ["a"], { axis: -1 }],
  ["MatMul", ["a", "v1"], ["h"]],
  ["Transpose", ["h"], ["h1"], { perm: [1, 0, 2] }],
  ["Reshape", ["h1", "flat"], [y]],
];
const attentionConstants = ({ tokens, heads, width }) => ({
  heads: i64([tokens, heads, width], 3),
  flat: i64([tokens, heads * width], 2),
  scale: scalar(1 / Math.sqrt(width)),
});
const attention = {
  plain: (w) => {
    const dims = [w.tokens, w.heads * w.width];
    return {
      model: {
        nodes: attend("q", "k", "v", "y"),
        constants: attentionConstants(w),
        inputs: { q: dims, k: dims, v: dims },
        outputs: { y: dims },
      },
      feeds: { q: f32(w.q, ...dims), k: f32(w.k, ...dims), v: f32(w.v, ...dims) },
    };
  },
};

const layer = {
  plain: (w) => {
    const { tokens, D, F, heads } = w;
    const norm = (x, i, y) => ["LayerNormalization", [x, `gain${i}`, `shift${i}`], [y], { axis: -1, epsilon: 1e-5 }];
    const constants = attentionConstants({ tokens, heads, width: D / heads });
    for (const name of ["Wq", "Wk", "Wv", "Wo", "W2"]) constants[name] = matrix(w[name], D);
    constants.W1 = matrix(w.W1, F);
    for (const name of ["gain1", "shift1", "gain2", "shift2", "b1", "b2"]) constants[name] = vector(w[name]);
    return {
      model: {
        nodes: [
          ["MatMul", ["x", "Wq"], ["q"]],
          ["MatMul", ["x", "Wk"], ["k"]],
          ["MatMul", ["x", "Wv"], ["v"]],
          ...attend("q", "k", "v", "seen"),
          ["MatMul", ["seen", "Wo"], ["o"]],
          ["Add", ["x", "o"], ["x1"]],
          norm("x1", 1, "n1"),
          ["MatMul", ["n1", "W1"], ["f0"]],
          ["Add", ["f0", "b1"], ["f1"]],
          ["Relu", ["f1"], ["f2"]],
          ["MatMul", ["f2", "W2"], ["f3"]],
          ["Add", ["f3", "b2"], ["f4"]],
          ["Add", ["n1", "f4"], ["x2"]],
          norm("x2", 2, "y"),
        ],
        constants,
        inputs: { x: [tokens, D] },
        outputs: { y: [tokens, D] },
      },
      feeds: { x: f32(w.x, tokens, D) },
    };
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
