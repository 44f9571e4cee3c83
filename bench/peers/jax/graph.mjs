/** Padded neighbours (ELL), gather, multiply and sum fused by jit: there are no segment ops. */
import { nn, numpy as np, valueAndGrad, vjp } from "@jax-js/jax";
import { densify } from "../../workloads/graphs.mjs";
import { array, descend, keep, minimized } from "./ops.mjs";

/** Neighbours of every node, padded to the largest in-degree with a weight of 0; `other` walks the edges backwards. */
function ell({ nodes, senders, receivers }, weight, other = false) {
  const [from, to] = other ? [receivers, senders] : [senders, receivers];
  const degree = new Int32Array(nodes);
  for (const r of to) degree[r]++;
  const K = degree.reduce((a, b) => Math.max(a, b));
  const index = new Int32Array(nodes * K);
  const w = new Float32Array(nodes * K);
  degree.fill(0);
  to.forEach((r, e) => {
    index[r * K + degree[r]] = from[e];
    w[r * K + degree[r]++] = weight ? weight[e] : 1;
  });
  return { K, index: array(index, nodes, K), w: array(w, nodes, K) };
}

/** Weighted sum over neighbours. */
const spread = (n, K) => (h, ix, w) => h.slice(ix).mul(w.reshape([n, K, 1])).sum(1);

const aggregation = {
  plain: ({ graph, weight, x, width }) => {
    const { K, index, w } = ell(graph, weight);
    return keep(spread(graph.nodes, K), array(x, graph.nodes, width), index, w);
  },
};

const attention = {
  plain: ({ graph, heads, width, z, from, to }) => {
    const n = graph.nodes;
    const { K, index, w } = ell(graph);
    const run = (Z, f, t, ix, ws) => {
      const s = Z.ref.mul(f).sum(2);
      const r = Z.ref.mul(t).sum(2);
      const far = ws.reshape([n, K, 1]).sub(1).mul(1e9);
      const l = nn.leakyRelu(s.slice(ix.ref).add(r.reshape([n, 1, heads])), 0.2).add(far);
      return Z.slice(ix).mul(nn.softmax(l, 1).reshape([n, K, heads, 1])).sum(1);
    };
    return keep(run, array(z, n, heads, width), array(from, 1, heads, width), array(to, 1, heads, width), index, w);
  },
};
const powerLaw = "its only fast sum over edges pads all nodes to the largest degree, here 3182";

const weightsOf = ({ W1, b1, W2, b2 }) => [array(W1, 1433, 16), array(b1, 16), array(W2, 16, 7), array(b2, 7)];
const layer = (n, K) => {
  const sum = spread(n, K);
  return (h, W, b, ix, w) => sum(np.matmul(h, W), ix, w).add(b);
};
function infer(inputs) {
  const { graph, weight, x } = inputs;
  const { K, index, w } = ell(graph, weight);
  const f = layer(graph.nodes, K);
  const run = (X, A, a, B, b, ix, ws) => f(nn.relu(f(X, A, a, ix.ref, ws.ref)), B, b, ix, ws);
  return keep(run, array(densify(x), graph.nodes, 1433), ...weightsOf(inputs), index, w);
}

const lossOf = (labelled) => (sums, b, labels) =>
  nn.logSoftmax(sums.slice([0, labelled]).add(b), 1).mul(labels).sum().mul(-1 / labelled);

/**
 * `hand`: the library's gradients but for the sums over neighbours and the product with the features, where it would
 * scatter one and walk the other against the grain: here the adjoint of the sum gathers along the edges turned round,
 * and that of the product multiplies with a transposed copy.
 */
async function byHand(inputs) {
  const { graph, weight, x, y, labelled } = inputs;
  const n = graph.nodes;
  const [forth, back] = [ell(graph, weight), ell(graph, weight, true)];
  const [sum, backward] = [spread(n, forth.K), spread(n, back.K)];
  const X = array(densify(x), n, 1433);
  const turned = array(await X.ref.transpose().data(), 1433, n);
  const labels = nn.oneHot(array(y.slice(0, labelled), labelled), 7);
  const loss = lossOf(labelled);
  const gradients = ([W1, b1, W2, b2], X, Xt, ix, w, ends, v, labels) => {
    const first = sum(np.matmul(X, W1), ix.ref, w.ref);
    const [projected, pull] = vjp((s, b, W) => np.matmul(nn.relu(s.add(b)), W), [first, b1, W2]);
    const [value, [dSecond, db2]] = valueAndGrad(loss, { argnums: [0, 1] })(sum(projected, ix, w), b2, labels);
    const [dFirst, db1, dW2] = pull(backward(dSecond, ends.ref, v.ref));
    pull.dispose();
    return [value, [np.matmul(Xt, backward(dFirst, ends, v)), db1, dW2, db2]];
  };
  return descend(weightsOf(inputs), gradients, [X, turned, forth.index, forth.w, back.index, back.w, labels], 0.01);
}

function own(inputs) {
  const { graph, weight, x, y, labelled } = inputs;
  const { K, index, w } = ell(graph, weight);
  const f = layer(graph.nodes, K);
  const sum = spread(graph.nodes, K);
  const labels = nn.oneHot(array(y.slice(0, labelled), labelled), 7);
  const last = lossOf(labelled);
  const loss = ([A, a, B, b], X, ix, ws, labels) =>
    last(sum(np.matmul(nn.relu(f(X, A, a, ix.ref, ws.ref)), B), ix, ws), b, labels);
  return minimized(weightsOf(inputs), loss, [array(densify(x), graph.nodes, 1433), index, w, labels], 0.01);
}

export const graph = {
  gcn_agg_16: aggregation,
  gcn_agg_64: aggregation,
  edge_agg_16: aggregation,
  edge_agg_64: aggregation,
  big_agg_64: aggregation,
  big_edge_agg_16: aggregation,
  big_edge_agg_64: aggregation,
  gat_8x8: attention,
  gat_4x32_uniform: attention,
  gat_4x32_power: powerLaw,
  gcn_infer: { plain: infer },
  gcn_train: { plain: own, hand: byHand },
};
