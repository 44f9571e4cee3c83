/** Recurrent networks: the library's layers along a chain, one sequence a graph, ragged where lengths are given. */
import {
  call,
  extentOf,
  shapeOf,
  type Table,
  type Vector,
  type VectorCase,
} from "../support/case.js";
import { constant, joined, tensor, type View } from "../support/view.js";
import { imports } from "./graph-text.js";
import { gru, lstm } from "./messages.js";

type Kind = "RNN" | "GRU" | "LSTM";

/** PyTorch's Elman cell as ours, whose two biases are one. */
const rnn = (path: string, layer: string, width: number, bias: boolean): Record<string, View> => ({
  [`${path}.W`]: tensor(`w/weight_ih${layer}`).T,
  [`${path}.U`]: tensor(`w/weight_hh${layer}`).T,
  [`${path}.b`]: bias
    ? joined(tensor(`w/bias_ih${layer}`), tensor(`w/bias_hh${layer}`))
    : constant([width], 0),
});

/** The library's `RNN` with another activation. */
const rectified = `block Rectified<H>(x: node f32[In], start: global f32[H] = 0) -> node f32[H] {
  param W: f32[In, H]
  param U: f32[H, H]
  param b: f32[H]
  node { h' = relu(x @ W + sum(sender.h', empty: global.start) @ U + b) }
  return h'
}
`;

/** One direction of one layer: its number among all states, its equations and its weights. */
function direction(
  vector: Vector,
  at: number,
  of: string,
  way: string,
): { readonly text: string; readonly weights: Record<string, View> } {
  const kind = vector.op as Kind;
  const hidden = vector.attrs.hidden_size as number;
  const two = vector.attrs.bidirectional === true;
  const suffix = `_l${two ? Math.floor(at / 2) : at}${two && at % 2 === 1 ? "_reverse" : ""}`;
  const starts = ["in/h0", "in/c0"].flatMap((name, k) =>
    vector.tensors[name] ? [`, ${"hc"[k]}${at}`] : [],
  );
  const block = vector.attrs.nonlinearity === "relu" ? "Rectified" : kind;
  const result = kind === "LSTM" ? `s${at}, m${at}` : `s${at}`;
  return {
    text: `${result} = ${block}<${hidden}>(${of}${starts.join("")}) over ${way}`,
    weights:
      kind === "RNN"
        ? rnn(`s${at}`, suffix, hidden, vector.attrs.bias !== false)
        : kind === "GRU"
          ? gru(`s${at}.cell`, "", suffix)
          : lstm(`s${at}.cell`, "", suffix),
  };
}

/** Rows of sequences, one after the other without padding, and the sequence of each row. */
function sequencesOf(vector: Vector) {
  const shape = shapeOf(vector, "in/x");
  const first = vector.attrs.batch_first === true;
  const [batch, steps] = (first ? shape : [shape[1], shape[0]]) as [number, number];
  const given = vector.attrs.lengths as readonly number[] | null;
  const lengths = given ?? Array.from({ length: batch }, () => steps);
  const places = lengths.flatMap((n, b) => Array.from({ length: n }, (_, t) => b * steps + t));
  const graphOf = lengths.flatMap((n, b) => Array.from({ length: n }, () => b));
  return {
    graphOf: constant([graphOf.length], graphOf),
    rows: (name: string) =>
      (first ? tensor(name) : tensor(name).permute(1, 0, 2))
        .reshape(batch * steps, extentOf(vector, name, -1))
        .pick(0, places),
  };
}

/** Layers in both directions or one, from `x` to `y`; states are numbered over layers, then directions. */
function stackOf(vector: Vector) {
  const { attrs } = vector;
  const [layers, ways] = [(attrs.num_layers as number) ?? 1, attrs.bidirectional ? 2 : 1];
  const states = Array.from({ length: layers * ways }, (_, k) => k);
  const of = (layer: number) => (layer === 0 ? "x" : `z${layer - 1}`);
  const parts = states.map((k) =>
    direction(vector, k, of(Math.floor(k / ways)), k % ways ? "chain(reverse)" : "chain"),
  );
  const joins = Array.from({ length: layers }, (_, layer) => {
    const [a, b] = [layer * ways, layer * ways + 1];
    return `z${layer} = ${ways === 2 ? `[s${a}, s${b}]` : `1.0 * s${a}`}`;
  });
  const letters = vector.op === "LSTM" ? ["h", "c"] : ["h"];
  const ends = letters.flatMap((letter) =>
    states.map((k) => {
      const end = k % ways ? "First" : "Last";
      return `${letter}n${k} = ${end}(${letter === "h" ? "s" : "m"}${k})`;
    }),
  );
  return {
    states,
    letters,
    lines: [...parts.map((p) => p.text), ...joins, `y = 1.0 * ${of(layers)}`, ...ends],
    weights: Object.assign({}, ...parts.map((p) => p.weights)) as Record<string, View>,
  };
}

/** Any of PyTorch's recurrent layers. */
function recurrent(vector: Vector): VectorCase {
  const { attrs, op } = vector;
  const { states, letters, lines, weights } = stackOf(vector);
  const { rows, graphOf } = sequencesOf(vector);
  const starts = letters.filter((letter) => vector.tensors[`in/${letter}0`]);
  const eachState = (names: readonly string[], of: (letter: string, k: number) => [string, View]) =>
    Object.fromEntries(names.flatMap((letter) => states.map((k) => of(letter, k))));
  const own = attrs.nonlinearity === "relu";
  const names = [...(own ? [] : [op]), ...(attrs.bidirectional ? ["First"] : []), "Last"];
  const inputs = starts.map((letter) => states.map((k) => `${letter}${k}`).join(", "));
  const outputs = letters.flatMap((letter) => states.map((k) => `${letter}n${k}`));
  return call({
    model: `${imports({ recurrent: names.join(", ") })}${own ? rectified : ""}
model M {
  nodes token: seq
  input x: token f32[${attrs.input_size}]
  ${inputs.map((list) => `input ${list}: global f32[${attrs.hidden_size}]`).join("\n  ")}
  ${lines.join("\n  ")}
  output y, ${outputs.join(", ")}
}`,
    graph: {
      token: { x: rows("in/x") },
      global: eachState(starts, (letter, k) => [`${letter}${k}`, tensor(`in/${letter}0`).at(0, k)]),
    },
    graphOf: { token: graphOf },
    weights,
    outputs: {
      "token.y": rows("out/y"),
      ...eachState(letters, (letter, k) => [
        `global.${letter}n${k}`,
        tensor(`out/${letter}_n`).at(0, k),
      ]),
    },
  });
}

/** One step of a cell on rows. */
const cell =
  (
    names: string,
    inputs: string,
    text: string,
    outputs: readonly string[],
    fields: readonly string[],
    weights: Record<string, View>,
  ): (() => VectorCase) =>
  () =>
    call({
      model: `${imports({ recurrent: names })}
model M {
  nodes row
  input x: row f32[4]
  input ${inputs}: row f32[5]
  ${text}
  output ${outputs.join(", ")}
}`,
      graph: { row: Object.fromEntries(fields.map((name) => [name, tensor(`in/${name}`)])) },
      weights,
      outputs: Object.fromEntries(
        outputs.map((name) => [`row.${name}`, tensor(`out/${name === "y" ? "y" : name[0]}`)]),
      ),
    });

const ids = [
  ..."rnn_0 rnn_1_nonlrelu_num_2 rnn_2_bidi_bias gru_3 gru_4_num_2 gru_5_bidi_batc gru_6_batc_packed".split(
    " ",
  ),
  ..."lstm_7 lstm_8_num_2 lstm_9_bidi_num_2 lstm_10_batc_bidi_packed".split(" "),
];

export const recurrences: Table = {
  ...Object.fromEntries(ids.map((id) => [`rnn/${id}`, recurrent])),
  "rnn/grucell": cell("GRUCell", "h", "y = GRUCell(x, h)", ["y"], ["x", "h"], gru("y", "")),
  "rnn/lstmcell": cell(
    "LSTMCell",
    "h, c",
    "h', c' = LSTMCell(x, h, c)\n  hn = 1.0 * h'\n  cn = 1.0 * c'",
    ["hn", "cn"],
    ["x", "h", "c"],
    lstm("h", ""),
  ),
  "rnn/rnncell": () =>
    call({
      model: `model M {
  nodes row
  input x: row f32[4]
  input h: row f32[5]
  param W: f32[4, 5]
  param U: f32[5, 5]
  param b: f32[5]
  y = tanh(x @ W + h @ U + b)
  output y
}`,
      graph: { row: { x: tensor("in/x"), h: tensor("in/h") } },
      weights: {
        W: tensor("w/weight_ih").T,
        U: tensor("w/weight_hh").T,
        b: joined(tensor("w/bias_ih"), tensor("w/bias_hh")),
      },
      outputs: { "row.y": tensor("out/y") },
    }),
};
