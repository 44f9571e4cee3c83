import * as tf from "@tensorflow/tfjs-core";
import { densify } from "../../workloads/graphs.mjs";
import { adjoint, array, crossEntropy, keep, minimized } from "./ops.mjs";

/** Sum over edges sorted by receiver, the only fast sum here; rows after the last receiver are cut off, so they are padded. */
function segmentSum(x, { indices, segments, nodes }) {
  const y = tf.sparse.sparseSegmentSum(x, indices, segments);
  const missing = nodes - y.shape[0];
  return missing ? tf.pad(y, [[0, missing], ...y.shape.slice(1).map(() => [0, 0])]) : y;
}
const prepared = ({ senders, receivers, nodes }) => ({
  indices: tf.tensor1d(senders, "int32"),
  segments: tf.tensor1d(receivers, "int32"),
  nodes,
});
/** The same sum with one segment per edge is the fastest row gather here; tf.gather takes 36 ns an element. */
const rowsAt = (x, indices, own) => tf.sparse.sparseSegmentSum(x, indices, own);

/** Weights that are a product of both ends' scale the nodes before and after; others are multiplied in along the edges. */
const scaled = {
  plain: ({ graph, d, x, width }) => {
    const g = prepared(graph);
    const scale = d && array(d, graph.nodes, 1);
    const X = array(x, graph.nodes, width);
    return keep(() => (scale ? tf.mul(segmentSum(tf.mul(X, scale), g), scale) : segmentSum(X, g)));
  },
};
const weighted = {
  plain: ({ graph, weight, x, width }) => {
    const own = tf.range(0, graph.edges, 1, "int32");
    const { indices, segments, nodes } = prepared(graph);
    const w = array(weight, graph.edges, 1);
    const X = array(x, nodes, width);
    return keep(() => segmentSum(tf.mul(rowsAt(X, indices, own), w), { indices: own, segments, nodes }));
  },
};

/** A softmax with the largest logit of a head over all edges: there is no maximum over segments. */
const attention = {
  plain: ({ graph, heads, width, z, from, to }) => {
    const { edges, nodes } = graph;
    const own = tf.range(0, edges, 1, "int32");
    const { indices: snd, segments: rcv } = prepared(graph);
    const Z = array(z, nodes, heads, width);
    const flat = Z.reshape([nodes, heads * width]);
    const [F, T] = [array(from, 1, heads, width), array(to, 1, heads, width)];
    const sum = (x) => segmentSum(x, { indices: own, segments: rcv, nodes });
    return keep(() => {
      const [s, r] = [Z.mul(F).sum(2), Z.mul(T).sum(2)];
      const l = tf.leakyRelu(rowsAt(s, snd, own).add(rowsAt(r, rcv, own)), 0.2);
      const e = l.sub(l.max(0, true)).exp();
      const a = e.div(rowsAt(sum(e), rcv, own));
      const m = rowsAt(flat, snd, own).reshape([edges, heads, width]).mul(a.reshape([edges, heads, 1]));
      return sum(m.reshape([edges, heads * width]));
    });
  },
};

/** The edges the other way round, sorted by sender: the adjoint of a segment sum is one over these. */
function turned({ senders, receivers }, nodes) {
  const order = [...senders.keys()].sort((a, b) => senders[a] - senders[b]);
  const of = (ends) => Int32Array.from(order, (e) => ends[e]);
  return prepared({ senders: of(receivers), receivers: of(senders), nodes });
}

/**
 * W -> x W. `plain` leaves the gradient to tfjs, whose product with a transposed side is slow; `hand` multiplies with a
 * transposed copy instead; `sparse` sums rows of W, which serves here because all values of a row of x are equal.
 */
const projections = {
  plain: (x) => {
    const X = array(densify(x), x.nodes, x.columns);
    return (W) => tf.matMul(X, W);
  },
  hand: (x) => {
    const X = array(densify(x), x.nodes, x.columns);
    const T = X.transpose();
    return adjoint((W) => tf.matMul(X, W), (dy) => tf.matMul(T, dy));
  },
  sparse: (x) => {
    const receivers = Int32Array.from(x.indices);
    for (let v = 0; v < x.nodes; v++) receivers.fill(v, x.indptr[v], x.indptr[v + 1]);
    const nonzeros = { senders: x.indices, receivers, nodes: x.nodes };
    const [g, back] = [prepared(nonzeros), turned(nonzeros, x.columns)];
    const value = array(Float32Array.from({ length: x.nodes }, (_, v) => x.values[x.indptr[v]]), x.nodes, 1);
    return adjoint((W) => tf.mul(segmentSum(W, g), value), (dy) => segmentSum(tf.mul(dy, value), back));
  },
};

function gcn({ graph, d, x, W1, b1, W2, b2 }, variant) {
  const [g, back] = [prepared(graph), turned(graph, graph.nodes)];
  const scale = array(d, graph.nodes, 1);
  const spread = adjoint((v) => segmentSum(v, g), (dy) => segmentSum(dy, back));
  const project = projections[variant](x);
  const convolve = (z, b) => tf.mul(spread(tf.mul(z, scale)), scale).add(b);
  return {
    logits: (A, a, B, b) => convolve(tf.matMul(tf.relu(convolve(project(A), a)), B), b),
    weights: [array(W1, 1433, 16), array(b1, 16), array(W2, 16, 7), array(b2, 7)],
  };
}
const infer = (variant) => (inputs) => {
  const { logits, weights } = gcn(inputs, variant);
  return keep(() => logits(...weights));
};
const train = (variant) => (inputs) => {
  const { logits, weights } = gcn(inputs, variant);
  const n = inputs.labelled;
  const onehot = tf.oneHot(array(inputs.y.slice(0, n), n), 7).toFloat();
  return minimized(weights, (...w) => crossEntropy(tf.slice(logits(...w), [0, 0], [n, 7]), onehot), 0.01);
};

export const graph = {
  gcn_agg_16: scaled,
  gcn_agg_64: scaled,
  big_agg_64: scaled,
  edge_agg_16: weighted,
  edge_agg_64: weighted,
  big_edge_agg_16: weighted,
  big_edge_agg_64: weighted,
  gat_8x8: attention,
  gat_4x32_uniform: attention,
  gat_4x32_power: attention,
  gcn_infer: { plain: infer("plain"), sparse: infer("sparse") },
  gcn_train: { plain: train("plain"), hand: train("hand"), sparse: train("sparse") },
};
