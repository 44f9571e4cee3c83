/** Layers that the library does not hold, each in a line or two: the language is wide enough for them. */
import { call, type Table } from "../support/case.js";
import { constant, stacked, tensor, type View } from "../support/view.js";
import { endsOf, linear, onGraph, perceptron } from "./graph-text.js";
import { lstm } from "./messages.js";

const weight = (name: string): View => tensor(`w/${name}.weight`).T;
const edgeWeight = { w: tensor("in/edge_weight") };
const loops = "(self_loops)";

const graphconv = (reducer: string) => () =>
  onGraph({
    std: { core: "Linear" },
    inputs: "input w: link f32; let near = Linear<4>; param W: f32[5, 4]",
    text: `node atom { y = near(${reducer}(w * sender.x)) + x @ W }`,
    link: edgeWeight,
    weights: { ...linear("near", "lin_rel"), W: weight("lin_root") },
  });

const edgeconv = (reducer: string) => () =>
  onGraph({
    std: { core: "MLP" },
    inputs: "let f = MLP<8, 4>",
    text: `edge link { m = f([receiver.x, sender.x - receiver.x]) }
  node atom { y = ${reducer}(m) }`,
    weights: perceptron("f", "nn"),
  });

/** D^-1/2 A D^-1/2 once, as text; 0 where nothing arrives. */
const degree = "node atom { n = count(edge); d = select(n > 0, rsqrt(max(n, 1)), 0) }";
const step = (of: string) => `sum(sender.d * receiver.d * sender.${of})`;

export const zoo: Table = {
  "gnn_misc/graphconv_add": graphconv("sum"),
  "gnn_misc/graphconv_mean": graphconv("mean"),
  "gnn_misc/graphconv_max": graphconv("max"),
  "gnn_misc/edgeconv_max": edgeconv("max"),
  "gnn_misc/edgeconv_mean": edgeconv("mean"),
  "gnn_misc/chebconv": () =>
    onGraph({
      inputs: "param W: f32[3, 5, 4]; param b: f32[4]",
      text: `node atom { n = count(edge) by sender; d = select(n > 0, rsqrt(max(n, 1)), 0) }
  node atom { t1 = -${step("x")} }
  node atom { t2 = -2 * ${step("t1")} - x }
  node atom { y = x @ W[0] + t1 @ W[1] + t2 @ W[2] + b }`,
      weights: {
        W: stacked(0, weight("lins.0"), weight("lins.1"), weight("lins.2")),
        b: tensor("w/bias"),
      },
    }),
  "gnn_misc/sgconv": () =>
    onGraph({
      std: { core: "Linear" },
      topology: loops,
      text: `let f = Linear<4>
  ${degree}
  node atom { p = ${step("x")} }
  node atom { y = f(${step("p")}) }`,
      weights: linear("f", "lin"),
    }),
  "gnn_misc/appnp": () =>
    onGraph({
      topology: loops,
      text: `${degree}
  h = x
  for t < 3 { node atom { h = 0.9 * ${step("h")} + 0.1 * x } }
  y = 1.0 * h`,
    }),
  "gnn_misc/tagconv": () =>
    onGraph({
      inputs: "param W0, W1, W2: f32[5, 4]; param b: f32[4]",
      text: `${degree}
  node atom { p = ${step("x")} }
  node atom { q = ${step("p")} }
  node atom { y = x @ W0 + p @ W1 + q @ W2 + b }`,
      weights: {
        W0: weight("lins.0"),
        W1: weight("lins.1"),
        W2: weight("lins.2"),
        b: tensor("w/bias"),
      },
    }),
  "gnn_misc/resgated": () =>
    onGraph({
      std: { core: "Linear" },
      inputs: "param W: f32[5, 4]; param b: f32[4]",
      text: `let key = Linear<4>
  let query = Linear<4>
  let value = Linear<4>
  node atom { k = key(x); q = query(x); v = value(x) }
  edge link { m = sigmoid(receiver.k + sender.q) * sender.v }
  node atom { y = sum(m) + x @ W + b }`,
      weights: {
        ...linear("key", "lin_key"),
        ...linear("query", "lin_query"),
        ...linear("value", "lin_value"),
        W: weight("lin_skip"),
        b: tensor("w/bias"),
      },
    }),
  "gnn_misc/cgconv": () =>
    onGraph({
      std: { core: "Linear, softplus" },
      inputs: "input e: link f32[3]; let f = Linear<5>; let s = Linear<5>",
      text: `edge link { z = [receiver.x, sender.x, e]; m = sigmoid(f(z)) * softplus(s(z)) }
  node atom { y = x + sum(m) }`,
      link: { e: tensor("in/edge_attr") },
      weights: { ...linear("f", "lin_f"), ...linear("s", "lin_s") },
    }),
  "gnn_misc/leconv": () =>
    onGraph({
      std: { core: "Linear" },
      inputs: "input w: link f32; let near = Linear<4>; let own = Linear<4>; param W: f32[5, 4]",
      text: `node atom { a = near(x); b = x @ W }
  node atom { y = sum(w * (sender.a - receiver.b)) + own(x) }`,
      link: edgeWeight,
      weights: { ...linear("near", "lin1"), ...linear("own", "lin3"), W: weight("lin2") },
    }),
  "gnn_misc/genconv_softmax": () =>
    onGraph({
      inputs: "param S, D: f32[5, 4]; param M: f32[4, 4]; param t: f32",
      text: `node atom { s = x @ S }
  edge link { m = relu(sender.s) + 1e-7; a = softmax(t * m) by receiver }
  node atom { y = (sum(a * m) + x @ D) @ M }`,
      weights: {
        S: weight("lin_src"),
        D: weight("lin_dst"),
        M: weight("mlp.0"),
        t: tensor("w/aggr_module.t").reshape(),
      },
    }),
  "gnn_misc/film": () =>
    onGraph({
      std: { core: "Linear" },
      inputs: "param W, S: f32[5, 4]; param F: f32[5, 8]; let film = Linear<8>",
      text: `node atom {
    [beta, gamma] = film(x)
    [b0, g0] = x @ F
    z = x @ W
    own = relu(g0 * (x @ S) + b0)
  }
  edge link { m = relu(receiver.gamma * sender.z + receiver.beta) }
  node atom { y = own + mean(m) }`,
      weights: {
        W: weight("lins.0"),
        S: weight("lin_skip"),
        F: weight("film_skip"),
        ...linear("film", "films.0"),
      },
    }),
  "gnn_misc/arma": () =>
    onGraph({
      inputs: `param I: f32[2, 5, 4]
  param W: f32[2, 4, 4]
  param R0, R1: f32[2, 5, 4]
  param b0, b1: f32[2, 4]`,
      text: `${degree}
  node atom { z[k] = x @ I[k] }
  node atom { p[k] = relu(sum(sender.d * receiver.d * sender.z[k]) + x @ R0[k] + b0[k]) }
  node atom { q[k] = p[k] @ W[k] }
  node atom { r[k] = relu(sum(sender.d * receiver.d * sender.q[k]) + x @ R1[k] + b1[k]) }
  node atom { y = sum[k](r[k]) / 2 }`,
      weights: {
        I: tensor("w/init_weight"),
        W: tensor("w/weight").at(0, 0),
        R0: tensor("w/root_weight").at(0, 0),
        R1: tensor("w/root_weight").at(0, 1),
        b0: tensor("w/bias").at(0, 0).reshape(2, 4),
        b1: tensor("w/bias").at(0, 1).reshape(2, 4),
      },
    }),
  "gnn_misc/gcn2": () =>
    onGraph({
      topology: loops,
      inputs: "input x0: atom f32[5]; param W: f32[5, 5]",
      text: `${degree}
  node atom { h = 0.8 * ${step("x")} + 0.2 * x0 }
  node atom { y = 0.7768564487 * h + 0.2231435513 * (h @ W) }`,
      node: { x0: tensor("in/x_0") },
      weights: { W: tensor("w/weight1") },
    }),
  "gnn_misc/jk_lstm": () =>
    call({
      model: `import { LSTM } from "std/recurrent"
import { Linear } from "std/core"
model M {
  nodes layer: seq
  input x: layer f32[4]
  let look = Linear<1>
  f, _ = LSTM<6>(x) over chain
  g, _ = LSTM<6>(x) over chain(reverse)
  node layer { [s: f32] = look([f, g]); a = softmax(s) by graph }
  global { y = sum(a * x) }
  output y
}`,
      graph: {
        layer: {
          x: stacked(1, tensor("in/a"), tensor("in/b"), tensor("in/c")).reshape(15, 4),
        },
      },
      graphOf: {
        layer: constant(
          [15],
          Array.from({ length: 15 }, (_, i) => Math.floor(i / 3)),
        ),
      },
      weights: {
        ...lstm("f.cell", "lstm.", "_l0"),
        ...lstm("g.cell", "lstm.", "_l0_reverse"),
        ...linear("look", "att"),
      },
      outputs: { "global.y": tensor("out/y") },
    }),
  "graph_utils/degree": () =>
    call({
      model: `model M {
  nodes atom
  edges link: atom -> atom
  node atom { y = count(edge) }
  output y
}`,
      graph: { atom: { count: constant([1], 7) }, link: endsOf("in/edge_index") },
      outputs: { "atom.y": tensor("out/y") },
    }),
  "positional/sinusoidal_interleaved": () =>
    call({
      model: `import { Sinusoid } from "std/core"
model M {
  nodes token: seq
  input x: token f32[8]
  node token { y = x + Sinusoid<8>(index) }
  output y
}`,
      graph: { token: { x: tensor("in/x").reshape(12, 8) } },
      outputs: { "token.y": tensor("out/y").reshape(12, 8) },
    }),
  "positional/pyg_positional_encoding": () =>
    call({
      model: `model M {
  nodes token
  input x: token f32
  input f: global f32[4]
  node token { y = [sin(x * global.f), cos(x * global.f)] }
  output y
}`,
      graph: {
        token: { x: tensor("in/x") },
        global: { f: tensor("buf/frequency").reshape(1, 4) },
      },
      outputs: { "token.y": tensor("out/y") },
    }),
};
