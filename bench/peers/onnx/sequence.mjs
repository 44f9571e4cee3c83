/** Recurrences by the GRU and LSTM ops; decoding unrolled, for the guess stays in the model. */
import { f32, i64, matrix, turned, vector, zeros } from "./tensors.mjs";

/** Gates of [rows, gates * H] in another order, each turned: what the ops want. */
function gates(data, H, order) {
  const columns = H * order.length;
  const rows = data.length / columns;
  const flat = turned(data, columns);
  const out = new Float32Array(data.length);
  for (const [i, gate] of order.entries()) out.set(flat.subarray(gate * H * rows, (gate + 1) * H * rows), i * H * rows);
  return out;
}

const recurrent = (op, order, attributes, both) => ({
  plain: ({ batch, steps, In, H, x, W, U, b, d }) => {
    const G = order.length * H;
    const bias = new Float32Array(2 * G);
    bias.set(gates(b, H, order));
    if (both) bias.set(gates(d, H, order), G);
    const first = new Float32Array(x.length);
    for (let i = 0; i < batch; i++)
      for (let t = 0; t < steps; t++) first.set(x.subarray((i * steps + t) * In, (i * steps + t + 1) * In), (t * batch + i) * In);
    return {
      model: {
        nodes: [[op, ["x", "W", "R", "B"], ["y"], { hidden_size: H, ...attributes }]],
        constants: { W: f32(gates(W, H, order), 1, G, In), R: f32(gates(U, H, order), 1, G, H), B: f32(bias, 1, 2 * G) },
        inputs: { x: [steps, batch, In] },
        outputs: { y: [steps, 1, batch, H] },
      },
      feeds: { x: f32(first, steps, batch, In) },
      read: (data) => {
        const out = new Float32Array(data.length);
        for (let t = 0; t < steps; t++)
          for (let i = 0; i < batch; i++) out.set(data.subarray((t * batch + i) * H, (t * batch + i + 1) * H), (i * steps + t) * H);
        return out;
      },
    };
  },
});
/** Given reset, update, new; wanted update, reset, new. */
const gru = recurrent("GRU", [1, 0, 2], { linear_before_reset: 1 }, true);
/** Given input, forget, cell, output; wanted input, output, forget, cell. */
const lstm = recurrent("LSTM", [0, 3, 1, 2], {}, false);

const word = (t, { H }) => [
  ["MatMul", [`s_${t}`, "scoreW"], [`q_${t}`]],
  ["Add", ["keys", `q_${t}`], [`u_${t}`]],
  ["Tanh", [`u_${t}`], [`v_${t}`]],
  ["MatMul", [`v_${t}`, "scoreV"], [`l_${t}`]],
  ["Reshape", [`l_${t}`, "row"], [`m_${t}`]],
  ["Softmax", [`m_${t}`], [`a_${t}`], { axis: -1 }],
  ["MatMul", [`a_${t}`, "h"], [`c_${t}`]],
  ["Concat", [`y_${t}`, `c_${t}`], [`in_${t}`], { axis: 1 }],
  ["Reshape", [`in_${t}`, "step"], [`in1_${t}`]],
  ["Reshape", [`s_${t}`, "state"], [`s1_${t}`]],
  ["GRU", [`in1_${t}`, "W", "R", "B", "", `s1_${t}`], ["", `s2_${t}`], { hidden_size: H, linear_before_reset: 1 }],
  ["Reshape", [`s2_${t}`, "flat"], [`s_${t + 1}`]],
  ["Concat", [`s_${t + 1}`, `c_${t}`], [`o_${t}`], { axis: 1 }],
  ["MatMul", [`o_${t}`, "outW"], [`p_${t}`]],
  ["Add", [`p_${t}`, "outB"], [`logits_${t}`]],
  ["ArgMax", [`logits_${t}`], [`word_${t}`], { axis: 1, keepdims: 0 }],
  ["Gather", ["table", `word_${t}`], [`y_${t + 1}`]],
];
const decoder = {
  plain: (w) => {
    const { source, target, S, E, H, A, words } = w;
    const [G, order] = [3 * H, [1, 0, 2]];
    const bias = new Float32Array(2 * G);
    bias.set(gates(w.b, H, order));
    bias.set(gates(w.d, H, order), G);
    const steps = Array.from({ length: target }, (_, t) => t);
    return {
      model: {
        nodes: [
          ["MatMul", ["h", "scoreU"], ["keys"]],
          ...steps.flatMap((t) => word(t, w)),
          ["Concat", steps.map((t) => `logits_${t}`), ["y"], { axis: 0 }],
        ],
        constants: {
          s_0: zeros(1, H),
          y_0: zeros(1, E),
          scoreW: matrix(w.scoreW, A),
          scoreU: matrix(w.scoreU, A),
          scoreV: matrix(w.scoreV, 1),
          row: i64([1, source], 2),
          step: i64([1, 1, E + S], 3),
          state: i64([1, 1, H], 3),
          flat: i64([1, H], 2),
          W: f32(gates(w.W, H, order), 1, G, E + S),
          R: f32(gates(w.U, H, order), 1, G, H),
          B: f32(bias, 1, 2 * G),
          outW: matrix(w.outW, words),
          outB: vector(w.outB),
          table: matrix(w.table, E),
        },
        inputs: { h: [source, S] },
        outputs: { y: [target, words] },
      },
      feeds: { h: f32(w.h, source, S) },
    };
  },
};

export const sequence = { gru_b1: gru, gru_b32: gru, lstm_b1: lstm, lstm_b32: lstm, bahdanau: decoder };
