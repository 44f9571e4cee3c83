/** Message passing with cells: gated graphs, NNConv, relational GCN, GN blocks, readouts and graph-level norms. */
import { call, type Table, type Vector, type VectorCase } from "../support/case.js";
import { constant, joined, tensor, type View } from "../support/view.js";
import { endsOf, linear, onGraph, perceptron } from "./graph-text.js";

const [x, y] = [tensor("in/x"), tensor("out/y")];
const edgeWeight = { w: tensor("in/edge_weight") };
const edgeFeatures = { e: tensor("in/edge_attr") };

/** PyTorch's GRU cell as ours, with the suffix of its layer. */
export const gru = (path: string, name: string, layer = ""): Record<string, View> => ({
  [`${path}.W`]: tensor(`w/${name}weight_ih${layer}`).T,
  [`${path}.U`]: tensor(`w/${name}weight_hh${layer}`).T,
  [`${path}.b`]: tensor(`w/${name}bias_ih${layer}`),
  [`${path}.d`]: tensor(`w/${name}bias_hh${layer}`),
});

/** PyTorch's LSTM cell as ours, whose two biases are one. */
export const lstm = (path: string, name: string, layer = ""): Record<string, View> => ({
  [`${path}.W`]: tensor(`w/${name}weight_ih${layer}`).T,
  [`${path}.U`]: tensor(`w/${name}weight_hh${layer}`).T,
  [`${path}.b`]: joined(tensor(`w/${name}bias_ih${layer}`), tensor(`w/${name}bias_hh${layer}`)),
});

const gated = (steps: number, reducer: string): VectorCase =>
  onGraph({
    std: { recurrent: "GRUCell" },
    inputs: `input w: link f32; param W: f32[${steps}, 7, 7]`,
    text: `let cell = GRUCell
  node atom { h = [x, 0.0, 0.0] }
  for t < ${steps} {
    node atom { m = h @ W[t] }
    node atom { h = cell(${reducer}(w * sender.m), h) }
  }
  y = 1.0 * h`,
    link: edgeWeight,
    weights: { W: tensor("w/weight"), ...gru("cell", "rnn.") },
  });

/** A network gives each edge its matrix; the root has one of its own. */
const nnconv = (reducer: string, root: boolean): VectorCase =>
  onGraph({
    std: { core: "Linear" },
    inputs: `input e: link f32[3]
  param K: f32[6, 5, 4]
  param k: f32[5, 4]
  ${root ? "param W: f32[5, 4]" : ""}
  param b: f32[4]`,
    text: `let hidden = Linear<6>
  edge link { a = relu(hidden(e)); A = a @ K + k; m = sender.x @ A }
  node atom { y = ${reducer}(m)${root ? " + x @ W" : ""} + b }`,
    link: edgeFeatures,
    weights: {
      ...linear("hidden", "nn.0"),
      K: tensor("w/nn.2.weight").T.reshape(6, 5, 4),
      k: tensor("w/nn.2.bias").reshape(5, 4),
      ...(root ? { W: tensor("w/lin.weight").T } : {}),
      b: tensor("w/bias"),
    },
  });

/** The network of Gilmer et al. as PyG's example writes it: NNConv, a GRU cell, Set2Set. */
export const gilmerText = (width: number, hidden: number): string => `
  let first = Linear<${width}>
  let hidden = Linear<${hidden}>
  let cell = GRUCell
  param K: f32[${hidden}, ${width}, ${width}]
  param k, W: f32[${width}, ${width}]
  param b: f32[${width}]
  node atom { h = relu(first(x)) }
  edge link { a = relu(hidden(e)); A = a @ K + k }
  for t < 3 {
    edge link { m = sender.h @ A }
    node atom { h = cell(relu(sum(m) / max(count(edge), 1) + h @ W + b), h) }
  }
  q = Set2Set<3>(h)`;

const mpnn: Table = {
  "mpnn/gatedgraphconv_l2": () => gated(2, "sum"),
  "mpnn/gatedgraphconv_l3_mean": () => gated(3, "mean"),
  "mpnn/nnconv_add": () => nnconv("sum", true),
  "mpnn/nnconv_mean": () => nnconv("mean", true),
  "mpnn/nnconv_max_noroot": () => nnconv("max", false),
  "mpnn/mpnn_gru_set2set": () =>
    onGraph({
      std: { core: "Linear", recurrent: "GRUCell", graph: "Set2Set" },
      inputs: "input e: link f32[3]",
      text: `${gilmerText(6, 8)}
  let last = Linear<6>
  let read = Linear<1>
  global { [y: f32] = read(relu(last(q))) }`,
      link: edgeFeatures,
      graphOf: tensor("in/batch"),
      weights: {
        ...linear("first", "lin0"),
        ...linear("hidden", "conv.nn.0"),
        K: tensor("w/conv.nn.2.weight").T.reshape(8, 6, 6),
        k: tensor("w/conv.nn.2.bias").reshape(6, 6),
        W: tensor("w/conv.lin.weight").T,
        b: tensor("w/conv.bias"),
        ...gru("cell", "gru.", "_l0"),
        ...lstm("q.cell", "set2set.lstm.", "_l0"),
        ...linear("last", "lin1"),
        ...linear("read", "lin2"),
      },
      outputs: { "global.y": y },
    }),
};

const relational: Table = {
  "gnn_misc/rgcn": () =>
    onGraph({
      std: { graph: "RGCN" },
      inputs: "input kind: link index[3]; param b: f32[4]",
      text: "h = RGCN<3, 4>(x, kind)\n  y = h + b",
      link: { kind: tensor("in/edge_type") },
      weights: { "h.W": tensor("w/weight"), "h.W0": tensor("w/root"), b: tensor("w/bias") },
    }),
  "gnn_misc/rgcn_basis": () =>
    onGraph({
      inputs: `input kind: link index[3]
  param B: f32[2, 5, 4]
  param c: f32[3, 2]
  param W0: f32[5, 4]
  param b: f32[4]`,
      text: `edge link { one = one_hot(kind) }
  node atom { n = sum(one); z[i] = x @ B[i] }
  edge link { m = c[kind] @ sender.z / receiver.n[kind] }
  node atom { y = x @ W0 + sum(m) + b }`,
      link: { kind: tensor("in/edge_type") },
      weights: {
        B: tensor("w/weight"),
        c: tensor("w/comp"),
        W0: tensor("w/root"),
        b: tensor("w/bias"),
      },
    }),
};

/** Battaglia's block as PyG writes it: a network on messages before their mean. */
const metalayer = (): VectorCase =>
  call({
    model: `import { MLP } from "std/core"
model M {
  nodes atom
  edges link: atom -> atom
  input x: atom f32[4]
  input e: link f32[3]
  input u: global f32[2]
  let phi_e = MLP<9, 5>
  let message = MLP<9, 7>
  let phi_v = MLP<9, 6>
  let phi_u = MLP<9, 3>
  edge link { e' = phi_e([sender.x, receiver.x, e, global.u]); m = message([sender.x, e']) }
  node atom { x' = phi_v([x, mean(m), global.u]) }
  global { u' = phi_u([u, mean(x')]) }
  xs = 1.0 * x'
  es = 1.0 * e'
  us = 1.0 * u'
  output xs, es, us
}`,
    graph: {
      atom: { x },
      link: { ...endsOf("in/edge_index"), ...edgeFeatures },
      global: { u: tensor("in/u") },
    },
    graphOf: { atom: tensor("in/batch") },
    weights: {
      ...perceptron("phi_e", "edge_model.mlp"),
      ...perceptron("message", "node_model.mlp1"),
      ...perceptron("phi_v", "node_model.mlp2"),
      ...perceptron("phi_u", "global_model.mlp"),
    },
    outputs: {
      "atom.xs": tensor("out/x"),
      "link.es": tensor("out/edge_attr"),
      "global.us": tensor("out/u"),
    },
  });

const blocks: Table = {
  "gn_block/metalayer_0": metalayer,
  "gn_block/metalayer_1": metalayer,
  "gn_block/metalayer_edge_only": () =>
    onGraph({
      std: { core: "MLP" },
      width: 4,
      inputs: "input e: link f32[3]; input u: global f32[2]; let phi_e = MLP<9, 5>",
      text: "edge link { y = phi_e([sender.x, receiver.x, e, global.u]) }",
      link: edgeFeatures,
      global: { u: tensor("in/u") },
      graphOf: tensor("in/batch"),
      weights: perceptron("phi_e", "edge_model.mlp"),
      outputs: { "link.y": y },
    }),
};

interface Pooled {
  readonly std?: string;
  readonly ids?: View;
  readonly graphs?: number;
  readonly weights?: Readonly<Record<string, View>>;
  readonly outputs?: Readonly<Record<string, View>>;
}

/** Nodes without edges, in graphs; some graphs may be empty. */
const pooled =
  (text: string, said: Pooled = {}): ((vector: Vector) => VectorCase) =>
  ({ attrs }) =>
    call({
      model: `${said.std ?? ""}
model M {
  nodes atom
  input x: atom f32[4]
  ${text}
  output y
}`,
      graph: { atom: { x } },
      graphOf: { atom: said.ids ?? tensor("in/index") },
      ...(attrs.dim_size ? { graphs: attrs.dim_size as number } : {}),
      weights: said.weights ?? {},
      outputs: said.outputs ?? { "global.y": y },
    });

/** Of a module of the library. */
const from = (module: string, names: string): { readonly std: string } => ({
  std: `import { ${names} } from "std/${module}"`,
});

const inBatch = { ids: tensor("in/batch") };
const deviation = (of: string) => `s = sqrt(max(var(${of}), 1e-5))`;

/** Values with an index each, as edges to their slots. */
const scattered = (reducer: string): VectorCase =>
  call({
    model: `model M {
  nodes item, slot
  edges goes: item -> slot
  input x: item f32[4]
  node slot { y = ${reducer}(sender.x) }
  output y
}`,
    graph: {
      item: { x },
      slot: { count: constant([1], 7) },
      goes: {
        senders: constant(
          [19],
          Array.from({ length: 19 }, (_, i) => i),
        ),
        receivers: tensor("in/index"),
      },
    },
    outputs: { "slot.y": y },
  });

const aggregations: Table = {
  "aggregation/sum": pooled("y = SumReadout(x)", from("readout", "SumReadout")),
  "aggregation/mean": pooled("y = MeanReadout(x)", from("readout", "MeanReadout")),
  "aggregation/max": pooled("y = MaxReadout(x)", from("readout", "MaxReadout")),
  "aggregation/min": pooled("global { y = min(x) }"),
  "aggregation/var": pooled("global { y = var(x) }"),
  "aggregation/std": pooled(`global { ${deviation("x")}; y = 1.0 * s }`),
  "aggregation/softmax": pooled(
    "node atom { a = softmax(0.5 * x) by graph }\n  global { y = sum(a * x) }",
  ),
  "aggregation/softmax_learn": pooled(
    "param t: f32\n  node atom { a = softmax(t * x) by graph }\n  global { y = sum(a * x) }",
    { weights: { t: tensor("w/t").reshape() } },
  ),
  "aggregation/powermean": pooled(
    "node atom { c = clip(x, 0, 100) }\n  global { y = sqrt(mean(c * c)) }",
  ),
  "aggregation/set2set": pooled("y = Set2Set<2>(x)", {
    ...from("graph", "Set2Set"),
    weights: lstm("y.cell", "lstm.", "_l0"),
  }),
  "aggregation/attentional": pooled(
    `let gate = Linear<1>
  let value = Linear<3>
  node atom { [s: f32] = gate(x); a = softmax(s) by graph }
  global { y = sum(a * value(x)) }`,
    {
      ...from("core", "Linear"),
      weights: { ...linear("gate", "gate_nn"), ...linear("value", "nn") },
    },
  ),
  "aggregation/multi": pooled(`global { ${deviation("x")}; y = [mean(x), max(x), s] }`),
  "aggregation/segment_softmax": pooled("y = softmax(x) by graph", {
    outputs: { "atom.y": y },
  }),
  "aggregation/scatter_sum": () => scattered("sum"),
  "aggregation/scatter_mean": () => scattered("mean"),
  "aggregation/scatter_max": () => scattered("max"),
  "aggregation/scatter_min": () => scattered("min"),
  "pool_graph/global_add_pool": pooled("y = SumReadout(x)", {
    ...from("readout", "SumReadout"),
    ...inBatch,
  }),
  "pool_graph/global_mean_pool": pooled("y = MeanReadout(x)", {
    ...from("readout", "MeanReadout"),
    ...inBatch,
  }),
  "pool_graph/global_max_pool": pooled("y = MaxReadout(x)", {
    ...from("readout", "MaxReadout"),
    ...inBatch,
  }),
  "pool_graph/set2set": pooled("y = Set2Set<3>(x)", {
    ...from("graph", "Set2Set"),
    ...inBatch,
    weights: lstm("y.cell", "lstm.", "_l0"),
  }),
  "gnn_misc/graphnorm": pooled("y = GraphNorm(x)", {
    ...from("core", "GraphNorm"),
    ...inBatch,
    weights: {
      "y.gain": tensor("w/weight"),
      "y.shift": tensor("w/bias"),
      "y.keep": tensor("w/mean_scale"),
    },
    outputs: { "atom.y": y },
  }),
  "gnn_misc/pairnorm": pooled(
    `global { m = mean(x) }
  node atom { c = x - global.m; s = sum[i](c[i] * c[i]) }
  global { v = mean(s) }
  node atom { y = c * rsqrt(global.v + 1e-5) }`,
    { ...inBatch, outputs: { "atom.y": y } },
  ),
};

export const messages: Table = { ...mpnn, ...relational, ...blocks, ...aggregations };
