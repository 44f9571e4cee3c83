import { inference, parts, perHead, setAll } from "./jobs.mjs";

const product = (model, weight) => ({
  plain: {
    file: "dense",
    model,
    make: (loaded, { x, W }) => {
      loaded.weights.set(weight, W);
      return inference(loaded, { row: { x } }, (out) => out.row.y);
    },
  },
});
const convolution = (model, name) => ({
  plain: {
    file: "dense",
    model,
    make: (loaded, { images, x, W }) => {
      loaded.weights.set(`${name}.W`, W);
      return inference(loaded, parts(x, images).map((image) => ({ pixel: { x: image } })), (out) => out.pixel[name]);
    },
  },
});
const attention = {
  plain: {
    file: "attention",
    model: "Tokens",
    make: (loaded, { q, k, v }) => inference(loaded, { token: { q, k, v } }, (out) => out.token.y),
  },
};

/** Weights of a layer as the model names them. */
export const layerWeights = (w, { attention: a, norm1, norm2, first, second }, { D, heads }) => ({
  [`${a}.Wq`]: perHead(w.Wq, D, heads),
  [`${a}.Wk`]: perHead(w.Wk, D, heads),
  [`${a}.Wv`]: perHead(w.Wv, D, heads),
  [`${a}.Wo`]: w.Wo,
  [`${norm1}.gain`]: w.gain1,
  [`${norm1}.shift`]: w.shift1,
  [`${first}.W`]: w.W1,
  [`${first}.b`]: w.b1,
  [`${second}.W`]: w.W2,
  [`${second}.b`]: w.b2,
  [`${norm2}.gain`]: w.gain2,
  [`${norm2}.shift`]: w.shift2,
});

const names = { attention: "y.y.2", norm1: "y.y", norm2: "y.out", first: "y.out.2.out.2", second: "y.out.2.out" };
const layer = {
  plain: {
    file: "attention",
    model: "Layer",
    make: (loaded, inputs) => {
      setAll(loaded, layerWeights(inputs, names, inputs));
      return inference(loaded, { token: { x: inputs.x } }, (out) => out.token.y);
    },
  },
};

export const dense = {
  gemm_64: product("Gemm64", "W64"),
  gemm_256: product("Gemm256", "W256"),
  gemm_512: product("Gemm512", "W512"),
  gemm_1024: product("Gemm1024", "W1024"),
  linear: product("Linear1433", "W"),
  conv_32x32x64_3x3: convolution("Conv64", "wide"),
  conv_b8_28x28x1x32_5x5: convolution("Conv1", "thin"),
  attention_256: attention,
  attention_1024: attention,
  attention_4096: attention,
  tfm_128: layer,
  tfm_512: layer,
};
