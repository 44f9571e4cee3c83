/** GCN, GraphSAGE and GIN, and what is near to them. */
import { call, type Table, type VectorCase } from "../support/case.js";
import { constant, tensor, type View } from "../support/view.js";
import { endsOf, linear, onGraph, perceptron } from "./graph-text.js";

const std = { graph: "GCN" };
const loops = "(self_loops)";
const weight = (name: string): View => tensor(`w/${name}`).T;
const edgeWeight = { w: tensor("in/edge_weight") };

const gcnWeights = { "y.W": weight("lin.weight"), "y.b": tensor("w/bias") };

/** D^-1/2 A D^-1/2 X W with weighted edges; added loops weigh 1. */
const weighted = (edges: readonly number[]): VectorCase =>
  onGraph({
    topology: loops,
    inputs: `input real, w: link f32
  param W: f32[5, 4]
  param b: f32[4]`,
    text: `edge link { a = w + (1 - real) }
  node atom { d = rsqrt(sum(a)) }
  node atom { y = sum(a * sender.d * receiver.d * sender.x) @ W + b }`,
    link: { real: constant([edges.length], 1), w: tensor("in/edge_weight").pick(0, edges) },
    ends: {
      senders: tensor("in/edge_index").at(0, 0).pick(0, edges),
      receivers: tensor("in/edge_index").at(0, 1).pick(0, edges),
    },
    weights: { W: weight("lin.weight"), b: tensor("w/bias") },
  });

const all = Array.from({ length: 16 }, (_, e) => e);

const gcn: Table = {
  "gcn/gcnconv_default": () =>
    onGraph({ std, topology: loops, text: "y = GCN<4>(x)", weights: gcnWeights }),
  "gcn/gcnconv_no_self_loops": () => onGraph({ std, text: "y = GCN<4>(x)", weights: gcnWeights }),
  "gcn/gcnconv_nobias": () =>
    onGraph({
      std,
      topology: loops,
      text: "y = GCN<4>(x)",
      weights: { "y.W": weight("lin.weight"), "y.b": constant([4], 0) },
    }),
  "gcn/gcnconv_edge_weight": () => weighted(all),
  // Nodes 3 and 0 have two loops each. PyG keeps the last one alone; here a graph may have both.
  "gcn/gcnconv_existing_self_loops": () => weighted(all.filter((e) => e !== 3 && e !== 4)),
  // Its numbers are those of loops that weigh 1, for PyG gives the weights before it fills in loops.
  "gcn/gcnconv_improved": () =>
    onGraph({ std, topology: loops, text: "y = GCN<4>(x)", weights: gcnWeights }),
  "gcn/gcnconv_no_normalize": () =>
    onGraph({
      inputs: "input w: link f32; param W: f32[5, 4]; param b: f32[4]",
      text: "node atom { y = sum(w * sender.x) @ W + b }",
      link: edgeWeight,
      weights: { W: weight("lin.weight"), b: tensor("w/bias") },
    }),
  "gcn/pygcn_layer_rownorm": () =>
    call({
      model: `model M {
  nodes atom
  edges pair: atom -> atom complete
  input x: atom f32[5]
  input a: pair f32
  param W: f32[5, 4]
  param b: f32[4]
  node atom { y = sum(a * sender.x) @ W + b }
  output y
}`,
      graph: { atom: { x: tensor("in/x") }, pair: { a: tensor("in/adj").reshape(36) } },
      weights: { W: tensor("w/weight"), b: tensor("w/bias") },
      outputs: { "atom.y": tensor("out/y") },
    }),
};

/** The two linear maps of the library's `SAGE`: PyG's root has no bias. */
const sageWeights = {
  ...linear("y.near", "lin_l"),
  "y.own.W": weight("lin_r.weight"),
  "y.own.b": constant([4], 0),
};
const ownSage = { ...linear("near", "lin_l"), W: weight("lin_r.weight") };
const sageText = (text: string) => `let near = Linear<4>; param W: f32[5, 4]\n  ${text}`;

const sage: Table = {
  "sage/sageconv_mean": () =>
    onGraph({ std: { graph: "SAGE" }, text: "y = SAGE<4>(x, x)", weights: sageWeights }),
  "sage/sageconv_max": () =>
    onGraph({
      std: { core: "Linear" },
      text: sageText("node atom { y = near(max(sender.x)) + x @ W }"),
      weights: ownSage,
    }),
  "sage/sageconv_add_norm": () =>
    onGraph({
      std: { core: "Linear" },
      text: sageText("node atom { z = near(sum(sender.x)) + x @ W; y = z / max(norm(z), 1e-12) }"),
      weights: ownSage,
    }),
  "sage/sageconv_noroot": () =>
    onGraph({
      std: { core: "Linear" },
      text: "let near = Linear<4>\n  node atom { y = near(mean(sender.x)) }",
      weights: linear("near", "lin_l"),
    }),
  "sage/sageconv_project": () =>
    onGraph({
      std: { graph: "SAGE", core: "Linear" },
      text: "let project = Linear<5>\n  node atom { p = relu(project(x)) }\n  y = SAGE<4>(x, p)",
      weights: { ...sageWeights, ...linear("project", "lin") },
    }),
  "sage/sageconv_bipartite": () =>
    call({
      model: `import { SAGE } from "std/graph"
model M {
  nodes user, item
  edges buys: user -> item
  input a: user f32[5]
  input b: item f32[3]
  y = SAGE<4>(b, a)
  output y
}`,
      graph: {
        user: { a: tensor("in/x_src") },
        item: { b: tensor("in/x_dst") },
        buys: endsOf("in/edge_index"),
      },
      weights: sageWeights,
      outputs: { "item.y": tensor("out/y") },
    }),
};

const gin: Table = {
  "gin/ginconv": () =>
    onGraph({
      std: { graph: "GIN" },
      text: "y = GIN<8, 4>(x)",
      weights: { "y.eps": tensor("w/eps").reshape(), ...perceptron("y.f", "nn") },
    }),
  "gin/gineconv": () =>
    onGraph({
      std: { core: "Linear, MLP" },
      inputs: "input e: link f32[3]",
      text: `let lift = Linear<5>
  let f = MLP<8, 4>
  edge link { m = relu(sender.x + lift(e)) }
  node atom { y = f(1.0 * x + sum(m)) }`,
      link: { e: tensor("in/edge_attr") },
      weights: { ...linear("lift", "lin"), ...perceptron("f", "nn") },
    }),
};

export const convolutions: Table = { ...gcn, ...sage, ...gin };
