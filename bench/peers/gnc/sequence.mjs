import { inference, parts, setAll } from "./jobs.mjs";

const recurrent = (model, names) => ({
  plain: {
    file: "sequence",
    model,
    make: (loaded, inputs) => {
      for (const name of names) loaded.weights.set(`y.cell.${name}`, inputs[name]);
      const graphs = parts(inputs.x, inputs.batch).map((x) => ({ t: { x } }));
      return inference(loaded, inputs.batch === 1 ? graphs[0] : graphs, (out) => out.t.y);
    },
  },
});
const gru = recurrent("Gated", ["W", "U", "b", "d"]);
const lstm = recurrent("Memory", ["W", "U", "b"]);

const decoder = {
  plain: {
    file: "sequence",
    model: "Decoder",
    make: (loaded, w) => {
      setAll(loaded, {
        "write.E": w.table,
        "s.score.W": w.scoreW,
        "s.score.U": w.scoreU,
        "s.score.v": w.scoreV,
        "s.cell.W": w.W,
        "s.cell.U": w.U,
        "s.cell.b": w.b,
        "s.cell.d": w.d,
        "logits.W": w.outW,
        "logits.b": w.outB,
      });
      return inference(loaded, { src: { h: w.h }, tgt: { count: w.target } }, (out) => out.tgt.logits);
    },
  },
};

export const sequence = { gru_b1: gru, gru_b32: gru, lstm_b1: lstm, lstm_b32: lstm, bahdanau: decoder };
