import { layerWeights } from "./dense.mjs";
import { inference, parts, setAll, training as train } from "./jobs.mjs";

/** `{ path.W, path.b }` of linear layers. */
const linear = (paths, layers) =>
  Object.fromEntries(paths.flatMap((path, i) => [[`${path}.W`, layers[i].W], [`${path}.b`, layers[i].b]]));

const interaction = (make) => ({
  plain: {
    file: "training",
    model: "Interaction",
    make: (loaded, w) => {
      setAll(loaded, linear(["phi_R.x.0", "phi_R.x.1", "phi_R.out"], w.edge));
      setAll(loaded, linear(["phi_O.x.0", "phi_O.out"], w.node));
      const goals = parts(w.goal, w.graphs);
      return make(loaded, parts(w.x, w.graphs).map((x, i) => ({ body: { x, goal: goals[i] } })));
    },
  },
});

const cnn = {
  plain: {
    file: "training",
    model: "Digits",
    make: (loaded, w) => {
      setAll(loaded, { "a.2.W": w.W1, "a.2.b": w.b1, "b.2.W": w.W2, "b.2.b": w.b2, "logits.W": w.W3, "logits.b": w.b3 });
      return train(loaded, parts(w.x, w.images).map((ink, i) => ({ pixel: { ink }, global: { digit: [w.y[i]] } })));
    },
  },
};

const texts = ({ token, next, batch }) => {
  const following = parts(next, batch);
  return parts(token, batch).map((t, i) => ({ char: { token: t, next: following[i] } }));
};
const lstm = {
  plain: {
    file: "training",
    model: "CharLSTM",
    make: (loaded, w) => {
      setAll(loaded, { "x.E": w.E, "h.cell.W": w.W, "h.cell.U": w.U, "h.cell.b": w.b, "logits.W": w.outW, "logits.b": w.outB });
      return train(loaded, texts(w));
    },
  },
};
const names = (i) => ({
  attention: `x.${i}.y`,
  norm1: `x.${i}.n`,
  norm2: `x.${i}.out.2`,
  first: `x.${i}.out.out.2`,
  second: `x.${i}.out.out`,
});
const transformer = {
  plain: {
    file: "training",
    model: "CharTransformer",
    make: (loaded, w) => {
      setAll(loaded, { E: w.E, P: w.P, "h.gain": w.gain, "h.shift": w.shift });
      for (const [i, layer] of w.layers.entries()) setAll(loaded, layerWeights(layer, names(i), w));
      return train(loaded, texts(w));
    },
  },
};

const normed = (path, w) => ({
  ...linear([`${path}.out.3`, `${path}.out.2`], [{ W: w.W1, b: w.b1 }, { W: w.W2, b: w.b2 }]),
  [`${path}.out.gain`]: w.gain,
  [`${path}.out.shift`]: w.shift,
});
const nri = {
  plain: {
    file: "nri",
    model: "Springs",
    make: (loaded, w) => {
      for (const part of ["a", "b", "c", "d"]) setAll(loaded, normed(`logits.${part}`, w[part]));
      setAll(loaded, linear(["logits.logits"], [w.out]));
      setAll(loaded, linear(["decode.message.out.2", "decode.message.out"], w.message));
      setAll(loaded, linear(["decode.change.out.3", "decode.change.out.2", "decode.change.out"], w.change));
      const noise = parts(w.gumbel, w.worlds);
      return train(loaded, parts(w.x, w.worlds).map((x, i) => ({ body: { x }, pair: { gumbel: noise[i] } })));
    },
  },
};

export const training = {
  in_step: interaction((loaded, graphs) => inference(loaded, graphs, (out) => out.body.y)),
  in_train: interaction(train),
  cnn_train: cnn,
  lstm_train: lstm,
  transformer_train: transformer,
  nri_train: nri,
};
