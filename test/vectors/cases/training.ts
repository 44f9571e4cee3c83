/** Optimizers and schedules on one small model, then whole models on graphs, step by step. */
import { type Table, type TrainingCase, training, type VectorCase } from "../support/case.js";
import { fromData, tensor, View } from "../support/view.js";
import { imports, linear, perceptron } from "./graph-text.js";
import { gilmerText, gru } from "./messages.js";

/** Linear, tanh, Linear, with any optimizer. */
const optimized =
  (optimizer: string): (() => VectorCase) =>
  () =>
    training({
      model: `import { Linear, mse } from "std/core"
const Pi = 3.141592653589793
model M {
  nodes row
  input x: row f32[3]
  input t: row f32[1]
  h = tanh(Linear<4>(x))
  y = Linear<1>(h)
  output y
  loss mse(y, t)
  optimizer ${optimizer}
}`,
      graph: { row: { x: tensor("in/x"), t: tensor("in/y") } },
      weights: { ...linear("h", "0"), ...linear("y", "2") },
      outputs: {},
      unread: {
        grad_norm_before_clip: "the runtime does not report it; the clipped steps show it",
      },
    });

const optimizers: Table = {
  "optim/sgd": optimized("sgd(lr: 0.1)"),
  "optim/sgd_momentum": optimized("sgd(lr: 0.05, momentum: 0.9)"),
  "optim/sgd_nesterov_wd": optimized(
    "sgd(lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01)",
  ),
  "optim/sgd_clipnorm": optimized("sgd(lr: 0.1, clip: 0.5)"),
  "optim/adam": optimized("adam(lr: 0.01)"),
  "optim/adam_wd": optimized("adam(lr: 0.01, weight_decay: 0.1)"),
  "optim/adam_betas": optimized("adam(lr: 0.02, beta1: 0.8, beta2: 0.95, eps: 1e-6)"),
  "optim/adam_clipnorm": optimized("adam(lr: 0.01, clip: 0.3)"),
  "optim/adamw": optimized("adamw(lr: 0.01, weight_decay: 0.1)"),
  "optim/sgd_steplr": optimized("sgd(lr: 0.1 * pow(0.5, floor(step / 3)))"),
  "optim/sgd_exponential": optimized("sgd(lr: 0.1 * pow(0.8, step))"),
  "optim/sgd_linear_warmup": optimized("sgd(lr: 0.1 * min(1, 0.1 + 0.9 * step / 5))"),
  "optim/adam_cosine": optimized("adam(lr: 0.001 + 0.0095 * (1 + cos(Pi * step / 10)))"),
  "optim/adam_noam": optimized(
    "adam(lr: 0.25 * min(pow(step + 1, -0.5), (step + 1) * pow(4, -1.5)), beta2: 0.98, eps: 1e-9)",
  ),
  "optim/sgd_onecycle": optimized(`sgd(
    lr: select(step < 2, 0.104 - 0.096 * cos(Pi * step / 2), 8e-7 + 0.0999996 * (1 + cos(Pi * (step - 2) / 7))),
    momentum: select(step < 2, 0.9 + 0.05 * cos(Pi * step / 2), 0.9 - 0.05 * cos(Pi * (step - 2) / 7)))`),
};

interface OnGraphs {
  readonly before?: string;
  readonly std: Readonly<Record<string, string>>;
  readonly topology?: string;
  /** Inputs, equations, loss and optimizer. */
  readonly text: string;
  readonly graph: TrainingCase["graph"];
  readonly graphOf?: View;
  readonly weights: TrainingCase["weights"];
  readonly outputs: TrainingCase["outputs"];
}

const trained = (said: OnGraphs): VectorCase =>
  training({
    model: `${imports(said.std)}${said.before ?? ""}
model M {
  nodes atom
  edges link: atom -> atom sparse${said.topology ?? ""}
  ${said.text}
}`,
    graph: said.graph,
    ...(said.graphOf ? { graphOf: { atom: said.graphOf } } : {}),
    weights: said.weights ?? {},
    outputs: said.outputs,
  });

const ends = (name: string) => ({
  senders: tensor(name).at(0, 0),
  receivers: tensor(name).at(0, 1),
});

/** True at the places that a list of indices names. */
const marked = (list: View, length: number): View =>
  list.map(({ data }) => {
    const named = new Set(Array.from(data));
    return { shape: [length], data: Array.from({ length }, (_, i) => Number(named.has(i))) };
  });

const karate = {
  graph: {
    atom: {
      x: tensor("in/x"),
      y: tensor("in/y"),
      train: marked(tensor("in/train_index"), 34),
    },
    link: ends("in/edge_index"),
  },
  outputs: { "atom.logits": tensor("out/logits") },
} as const;

const karateText = (layers: string): string => `input x: atom f32[34]
  input y: atom index[4]
  input train: atom bool
  ${layers}
  output logits
  loss cross_entropy(logits, y) where train
  optimizer adam(lr: 0.02, weight_decay: 5e-4)`;

/** Features of Cora divided by their number, as non-zeros. */
const coraRows = new View((from) => {
  const indptr = fromData("cora", "x_indptr").read(from);
  if (!indptr) return null;
  const data = Array.from(
    { length: indptr.shape[0] as number },
    (_, i) => indptr.data[i] as number,
  );
  const values = data.slice(1).flatMap((end, row) => {
    const count = end - (data[row] as number);
    return Array.from({ length: count }, () => 1 / count);
  });
  return { shape: [values.length], data: values };
});

const cora = {
  graph: {
    atom: {
      "x.indptr": fromData("cora", "x_indptr"),
      "x.indices": fromData("cora", "x_indices"),
      "x.values": coraRows,
      y: fromData("cora", "y"),
      train: marked(fromData("cora", "train_index"), 2708),
    },
    link: { senders: fromData("cora", "senders"), receivers: fromData("cora", "receivers") },
  },
  outputs: { "atom.logits": tensor("out/logits") },
} as const;

const coraText = (layers: string): string => `input x: atom f32[1433] sparse
  input y: atom index[7]
  input train: atom bool
  ${layers}
  output logits
  loss cross_entropy(logits, y) where train
  optimizer adam(lr: 0.01, weight_decay: 5e-4)`;

const gcnWeights = {
  "h.W": tensor("w/c1.lin.weight").T,
  "h.b": tensor("w/c1.bias"),
  "logits.W": tensor("w/c2.lin.weight").T,
  "logits.b": tensor("w/c2.bias"),
};

/** Two layers of the library's GAT with PyG's biases: two heads side by side, then one. */
const gatText = (classes: number): string => `param b1: f32[8]
  param b2: f32[${classes}]
  first = GAT<2, 4>(x)
  h = elu(flatten(first) + b1)
  last = GAT<1, ${classes}>(h)
  logits = last[0] + b2`;

const gatWeights = (features: number, classes: number): Record<string, View> => ({
  "first.W": tensor("w/c1.lin_src.weight").reshape(2, 4, features).permute(0, 2, 1),
  "first.from_": tensor("w/c1.att_src").at(0, 0),
  "first.to": tensor("w/c1.att_dst").at(0, 0),
  b1: tensor("w/c1.bias"),
  "last.W": tensor("w/c2.lin_src.weight").reshape(1, classes, 8).permute(0, 2, 1),
  "last.from_": tensor("w/c2.att_src").at(0, 0),
  "last.to": tensor("w/c2.att_dst").at(0, 0),
  b2: tensor("w/c2.bias"),
});

/** GraphSAGE as PyG has it: the root without a bias, which training would tell from the library's. */
const sageText = `let near = Linear<8>
  let last = Linear<4>
  param R1: f32[34, 8]
  param R2: f32[8, 4]
  node atom { h = relu(near(mean(sender.x)) + x @ R1) }
  node atom { logits = last(mean(sender.h)) + h @ R2 }`;

/** Set2Set with the two biases that PyTorch's LSTM trains, each by its own step of Adam. */
const twoBiases = `block TwoBiases<Steps>(x: node f32[D]) -> global f32[2 * D] {
  param W: f32[2 * D, 4 * D]
  param U: f32[D, 4 * D]
  param b, d: f32[4 * D]
  global { q: f32[D] = 0; c: f32[D] = 0; r: f32[D] = 0 }
  for t < Steps {
    global {
      [i, f, g, o] = [q, r] @ W + q @ U + b + d
      c = sigmoid(f) * c + sigmoid(i) * tanh(g)
      q = sigmoid(o) * tanh(c)
    }
    node   { a = softmax(dot(x, global.q)) by graph }
    global { r = sum(a * x) }
  }
  return [q, r]
}
`;

const graphs: Table = {
  "train_graph/karate_gcn": () =>
    trained({
      std: { graph: "GCN", core: "cross_entropy" },
      topology: "(self_loops)",
      text: karateText("h = relu(GCN<8>(x))\n  logits = GCN<4>(h)"),
      ...karate,
      weights: gcnWeights,
    }),
  "train_graph/karate_gat": () =>
    trained({
      std: { graph: "GAT", core: "elu, cross_entropy" },
      topology: "(self_loops)",
      text: karateText(gatText(4)),
      ...karate,
      weights: gatWeights(34, 4),
    }),
  "train_graph/karate_sage": () =>
    trained({
      std: { core: "Linear, cross_entropy" },
      text: karateText(sageText),
      ...karate,
      weights: {
        ...linear("near", "c1.lin_l"),
        ...linear("last", "c2.lin_l"),
        R1: tensor("w/c1.lin_r.weight").T,
        R2: tensor("w/c2.lin_r.weight").T,
      },
    }),
  "train_graph/cora_gcn16": () =>
    trained({
      std: { graph: "GCN", core: "cross_entropy" },
      topology: "(self_loops)",
      text: coraText("h = relu(GCN<16>(x))\n  logits = GCN<7>(h)"),
      ...cora,
      weights: gcnWeights,
    }),
  "train_graph/cora_gat4x2": () =>
    trained({
      std: { graph: "GAT", core: "elu, cross_entropy" },
      topology: "(self_loops)",
      text: coraText(gatText(7)),
      ...cora,
      weights: gatWeights(1433, 7),
    }),
  "train_graph/mutag_gin": () =>
    trained({
      std: { graph: "GIN", core: "Linear, cross_entropy" },
      text: `input x: atom f32[7]
  input y: global index[2]
  a = relu(GIN<8, 8>(x))
  c = relu(GIN<8, 8>(a))
  let read = Linear<2>
  global { logits = read(sum(c)) }
  output logits
  loss cross_entropy(logits, y)
  optimizer adam(lr: 0.01)`,
      graph: { atom: { x: tensor("in/x") }, link: ends("in/ei"), global: { y: tensor("in/y") } },
      graphOf: tensor("in/b"),
      weights: {
        "a.eps": tensor("w/a.eps").reshape(),
        ...perceptron("a.f", "a.nn"),
        "c.eps": tensor("w/b.eps").reshape(),
        ...perceptron("c.f", "b.nn"),
        ...linear("read", "o"),
      },
      outputs: { "global.logits": tensor("out/logits") },
    }),
  "train_graph/esol_mpnn_gru_set2set": () =>
    trained({
      std: { core: "Linear, dot, sq", recurrent: "GRUCell" },
      before: twoBiases,
      text: `input x: atom f32[9]
  input e: link f32[3]
  input y: global f32${gilmerText(8, 6).replace("Set2Set", "TwoBiases")}
  let near = Linear<8>
  let read = Linear<1>
  global { [pred: f32] = read(relu(near(q))) }
  output pred
  loss sq(pred - y)
  optimizer adam(lr: 0.005)`,
      graph: {
        atom: { x: tensor("in/x") },
        link: { ...ends("in/ei"), e: tensor("in/ea") },
        global: { y: tensor("in/y") },
      },
      graphOf: tensor("in/b"),
      weights: {
        ...linear("first", "lin0"),
        ...linear("hidden", "conv.nn.0"),
        K: tensor("w/conv.nn.2.weight").T.reshape(6, 8, 8),
        k: tensor("w/conv.nn.2.bias").reshape(8, 8),
        W: tensor("w/conv.lin.weight").T,
        b: tensor("w/conv.bias"),
        ...gru("cell", "gru.", "_l0"),
        "q.W": tensor("w/s2s.lstm.weight_ih_l0").T,
        "q.U": tensor("w/s2s.lstm.weight_hh_l0").T,
        "q.b": tensor("w/s2s.lstm.bias_ih_l0"),
        "q.d": tensor("w/s2s.lstm.bias_hh_l0"),
        ...linear("near", "l1"),
        ...linear("read", "l2"),
      },
      outputs: { "global.pred": tensor("out/pred") },
    }),
};

export const trajectories: Table = { ...optimizers, ...graphs };
