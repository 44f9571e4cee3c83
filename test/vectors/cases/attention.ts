/** Attention over neighbours: GAT, GATv2 and the graph transformer, weights of the edges included. */
import { call, type Table, type Vector, type VectorCase } from "../support/case.js";
import { concat, tensor, type View } from "../support/view.js";
import { endsOf, headed, linear, onGraph } from "./graph-text.js";

const used = endsOf("out/edge_index_used");
const isInput = { "out/edge_index_used": "the edges are given, added loops included" };

/** The weights of the library's GAT once more, for the vectors look at them as well. */
const gatWeights = `block Weights<Heads, Out>(x: node f32[In], slope: f32) -> edge f32[Heads] {
  param W: f32[Heads, In, Out]
  param from_, to: f32[Heads, Out]
  node { z[h] = x @ W[h]; s[h] = dot(z[h], from_[h]); r[h] = dot(z[h], to[h]) }
  edge { alpha = softmax(leaky_relu(sender.s + receiver.r, slope)) by receiver }
  return alpha
}`;

/** Heads side by side, or their mean, then the bias. */
const merge = (concat_: boolean, heads: number, bias: boolean): string =>
  `${concat_ ? "m = flatten(h)" : `node atom { m = sum[i](h[i]) / ${heads} }`}
  ${bias ? `param b: f32[${concat_ ? 4 * heads : 4}]\n  y = m + b` : "y = 1.0 * m"}`;

function gat(vector: Vector): VectorCase {
  const heads = vector.attrs.heads as number;
  const slope = (vector.attrs.negative_slope as number | undefined) ?? 0.2;
  const bias = vector.attrs.bias !== false;
  if (slope !== 0.2) return gatOfSlope(heads, slope);
  return onGraph({
    std: { graph: "GAT", core: "dot, leaky_relu" },
    before: gatWeights,
    text: `h = GAT<${heads}, 4>(x)
  alpha = Weights<${heads}, 4>(x, 0.2)
  ${merge(vector.attrs.concat !== false, heads, bias)}`,
    output: "y, alpha",
    ends: used,
    weights: {
      "h.W": headed(tensor("w/lin_src.weight"), heads),
      "h.from_": tensor("w/att_src").at(0, 0),
      "h.to": tensor("w/att_dst").at(0, 0),
      ...(bias ? { b: tensor("w/bias") } : {}),
    },
    twins: { "alpha.W": "h.W", "alpha.from_": "h.from_", "alpha.to": "h.to" },
    unread: isInput,
    outputs: { "atom.y": tensor("out/y"), "link.alpha": tensor("out/alpha") },
  });
}

/** The same with another slope, which the library fixes. */
const gatOfSlope = (heads: number, slope: number): VectorCase =>
  onGraph({
    std: { core: "dot, leaky_relu" },
    text: `param W: f32[${heads}, 5, 4]
  param from_, to: f32[${heads}, 4]
  node atom { z[h] = x @ W[h]; s[h] = dot(z[h], from_[h]); r[h] = dot(z[h], to[h]) }
  edge link { alpha = softmax(leaky_relu(sender.s + receiver.r, ${slope})) by receiver }
  node atom { m[h] = sum(alpha[h] * sender.z[h]) }
  y = flatten(m)`,
    output: "y, alpha",
    ends: used,
    weights: {
      W: headed(tensor("w/lin_src.weight"), heads),
      from_: tensor("w/att_src").at(0, 0),
      to: tensor("w/att_dst").at(0, 0),
    },
    unread: isInput,
    outputs: { "atom.y": tensor("out/y"), "link.alpha": tensor("out/alpha") },
  });

/**
 * With features of edges. A loop has the mean (or maximum) of those that arrive; as it is no given edge, it is a term of
 * its own in the softmax.
 */
function withEdges(
  vector: Vector,
  said: {
    readonly parameters: string;
    readonly node: string;
    readonly score: (ends: readonly [string, string, string]) => string;
  },
  weights: Readonly<Record<string, View>>,
): VectorCase {
  const heads = vector.attrs.heads as number;
  const fill = vector.attrs.fill_value === "max" ? "max" : "mean";
  return onGraph({
    std: { core: "dot, leaky_relu" },
    inputs: `input e: link f32[${vector.attrs.edge_dim}]`,
    text: `${said.parameters}
  param b: f32[${4 * heads}]
  edge link { E[h] = e @ We[h] }
  node atom {
    ${said.node}
    f = ${fill}(e)
    F[h] = f @ We[h]
    t[h] = ${said.score(["", "", "F"])}
  }
  edge link { score[h] = ${said.score(["sender.", "receiver.", "E"])} }
  node atom { top[h] = stop(max(max(score[h], empty: t[h]), t[h])); n[h] = sum(exp(score[h] - receiver.top[h])) + exp(t[h] - top[h]) }
  edge link { alpha[h] = exp(score[h] - receiver.top[h]) / receiver.n[h] }
  node atom {
    own[h] = exp(t[h] - top[h]) / n[h]
    m[h] = sum(alpha[h] * sender.z[h]) + own[h] * z[h]
    y = flatten(m) + b
  }`,
    output: "y, alpha, own",
    link: { e: tensor("in/edge_attr") },
    weights: { ...weights, b: tensor("w/bias") },
    unread: isInput,
    outputs: {
      "atom.y": tensor("out/y"),
      "link.alpha": tensor("out/alpha").slice(0, 0, 16),
      "atom.own": tensor("out/alpha").slice(0, 16, 23),
    },
  });
}

function gatWithEdges(vector: Vector): VectorCase {
  const heads = vector.attrs.heads as number;
  const dim = vector.attrs.edge_dim as number;
  const att = (name: string) => tensor(`w/att_${name}`).at(0, 0);
  return withEdges(
    vector,
    {
      parameters: `param W: f32[${heads}, 5, 4]\n  param We: f32[${heads}, ${dim}, 4]\n  param from_, to, along: f32[${heads}, 4]`,
      node: "z[h] = x @ W[h]; s[h] = dot(z[h], from_[h]); r[h] = dot(z[h], to[h])",
      score: ([s, r, e]) => `leaky_relu(${s}s[h] + ${r}r[h] + dot(${e}[h], along[h]), 0.2)`,
    },
    {
      W: headed(tensor("w/lin_src.weight"), heads),
      We: tensor("w/lin_edge.weight").reshape(heads, 4, dim).permute(0, 2, 1),
      from_: att("src"),
      to: att("dst"),
      along: att("edge"),
    },
  );
}

/** `[x, 1] @ [W; b]`: a linear map with its bias as one more row. */
const withBias = (name: string, heads: number): View =>
  concat(
    1,
    headed(tensor(`w/${name}.weight`), heads),
    tensor(`w/${name}.bias`).reshape(heads, 1, 4),
  );

const gatv2Weights = `block Weights<Heads, Out>(x: node f32[In]) -> edge f32[Heads] {
  param Ws, Wr: f32[Heads, In, Out]
  param v: f32[Heads, Out]
  node { s[h] = x @ Ws[h]; r[h] = x @ Wr[h] }
  edge { alpha[h] = softmax(dot(v[h], leaky_relu(sender.s[h] + receiver.r[h], 0.2))) by receiver }
  return alpha
}`;

function gatv2(vector: Vector): VectorCase {
  const heads = vector.attrs.heads as number;
  const shared = vector.attrs.share_weights === true;
  return onGraph({
    std: { graph: "GATv2", core: "dot, leaky_relu" },
    before: gatv2Weights,
    text: `node atom { x1 = [x, 1.0] }
  h = GATv2<${heads}, 4>(x1)
  alpha = Weights<${heads}, 4>(x1)
  ${merge(vector.attrs.concat !== false, heads, true)}`,
    output: "y, alpha",
    ends: used,
    weights: {
      "h.Ws": withBias("lin_l", heads),
      ...(shared ? {} : { "h.Wr": withBias("lin_r", heads) }),
      "h.v": tensor("w/att").at(0, 0),
      b: tensor("w/bias"),
    },
    twins: {
      "alpha.Ws": "h.Ws",
      ...(shared ? { "h.Wr": "h.Ws", "alpha.Wr": "h.Ws" } : { "alpha.Wr": "h.Wr" }),
      "alpha.v": "h.v",
    },
    unread: isInput,
    outputs: { "atom.y": tensor("out/y"), "link.alpha": tensor("out/alpha") },
  });
}

function gatv2WithEdges(vector: Vector): VectorCase {
  const heads = vector.attrs.heads as number;
  const rows = (name: string) => tensor(`w/${name}.bias`).reshape(heads, 4);
  return withEdges(
    vector,
    {
      parameters: `param Ws, Wr: f32[${heads}, 5, 4]\n  param We: f32[${heads}, 3, 4]\n  param bs, br, v: f32[${heads}, 4]`,
      node: "z[h] = x @ Ws[h] + bs[h]; r[h] = x @ Wr[h] + br[h]",
      score: ([s, r, e]) => `dot(v[h], leaky_relu(${s}z[h] + ${r}r[h] + ${e}[h], 0.2))`,
    },
    {
      Ws: headed(tensor("w/lin_l.weight"), heads),
      Wr: headed(tensor("w/lin_r.weight"), heads),
      We: tensor("w/lin_edge.weight").reshape(heads, 4, 3).permute(0, 2, 1),
      bs: rows("lin_l"),
      br: rows("lin_r"),
      v: tensor("w/att").at(0, 0),
    },
  );
}

/** Shi et al. 2021: keys, queries and values of neighbours, and a skip connection, perhaps gated. */
function transformer(vector: Vector): VectorCase {
  const heads = (vector.attrs.heads as number | undefined) ?? 1;
  const edges = vector.attrs.edge_dim !== undefined;
  const [root, beta] = [vector.attrs.root_weight !== false, vector.attrs.beta === true];
  const wide = vector.attrs.concat !== false;
  const width = wide ? 4 * heads : 4;
  const plus = edges ? " + e2[h]" : "";
  const skip = beta
    ? "g = sigmoid(dot(wb, [m, r, m - r])); y = g * r + (1 - g) * m"
    : root
      ? "y = m + r"
      : "y = 1.0 * m";
  const parts = (name: string) => ({
    [`W${name[0]}`]: headed(tensor(`w/lin_${name}.weight`), heads),
    [`b${name[0]}`]: tensor(`w/lin_${name}.bias`).reshape(heads, 4),
  });
  return onGraph({
    std: { core: root ? "scaled, dot, Linear" : "scaled" },
    inputs: edges ? "input e: link f32[3]" : "",
    text: `param Wk, Wq, Wv: f32[${heads}, 5, 4]
  param bk, bq, bv: f32[${heads}, 4]
  ${edges ? `param We: f32[${heads}, 3, 4]` : ""}
  ${root ? `let skip = Linear<${width}>` : ""}
  ${beta ? `param wb: f32[${3 * width}]` : ""}
  node atom { k[h] = x @ Wk[h] + bk[h]; q[h] = x @ Wq[h] + bq[h]; v[h] = x @ Wv[h] + bv[h] }
  edge link { ${edges ? "e2[h] = e @ We[h]; " : ""}alpha[h] = softmax(scaled(receiver.q[h], sender.k[h]${plus})) by receiver }
  node atom {
    a[h] = sum(alpha[h] * (sender.v[h]${plus}))
    m = ${wide ? "flatten(a)" : `sum[h](a[h]) / ${heads}`}
    ${root ? "r = skip(x)" : ""}
    ${skip}
  }`,
    output: "y, alpha",
    ends: used,
    link: edges ? { e: tensor("in/edge_attr") } : {},
    weights: {
      ...parts("key"),
      ...parts("query"),
      ...parts("value"),
      ...(edges ? { We: tensor("w/lin_edge.weight").reshape(heads, 4, 3).permute(0, 2, 1) } : {}),
      ...(root ? linear("skip", "lin_skip") : {}),
      ...(beta ? { wb: tensor("w/lin_beta.weight").at(0, 0) } : {}),
    },
    unread: {
      ...isInput,
      ...(root
        ? {}
        : {
            "grad/w/lin_skip.weight": "not in the model",
            "grad/w/lin_skip.bias": "not in the model",
          }),
    },
    outputs: { "atom.y": tensor("out/y"), "link.alpha": tensor("out/alpha") },
  });
}

export const attention: Table = {
  "gat/gatconv_h1": gat,
  "gat/gatconv_h3_concat": gat,
  "gat/gatconv_h2_mean": gat,
  "gat/gatconv_h2_noself": gat,
  "gat/gatconv_slope": gat,
  "gat/gatconv_h2_edge": gatWithEdges,
  "gat/gatconv_edge_fillmax": gatWithEdges,
  "gat/gatv2conv_h2_concat": gatv2,
  "gat/gatv2conv_h2_share_mean": gatv2,
  "gat/gatv2conv_h3_edge": gatv2WithEdges,
  "gat/pygat_dense_layer": () =>
    call({
      model: `import { elu, dot, leaky_relu } from "std/core"
model M {
  nodes atom
  edges pair: atom -> atom complete
  input x: atom f32[5]
  input a: pair f32
  param W: f32[5, 4]
  param from_, to: f32[4]
  node atom { z = x @ W; s = dot(z, from_); r = dot(z, to) }
  edge pair { alpha = softmax(leaky_relu(sender.s + receiver.r, 0.2) where a > 0) by receiver }
  node atom { y = elu(sum(alpha * sender.z)) }
  output y
}`,
      graph: { atom: { x: tensor("in/h") }, pair: { a: tensor("in/adj").reshape(36) } },
      weights: {
        W: tensor("w/W"),
        to: tensor("w/a").slice(0, 0, 4).reshape(4),
        from_: tensor("w/a").slice(0, 4, 8).reshape(4),
      },
      outputs: { "atom.y": tensor("out/y") },
    }),
  "graph_transformer/transformerconv_h2": transformer,
  "graph_transformer/transformerconv_h2_edge": transformer,
  "graph_transformer/transformerconv_h3_mean_beta": transformer,
  "graph_transformer/transformerconv_noroot": transformer,
};
