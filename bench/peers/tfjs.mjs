/** tfjs on its WebAssembly back end: the fastest formulation known for each workload. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { densify, main, trained } from "./workloads.mjs";

setWasmPaths(process.env.TFJS_WASM ?? new URL("./node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname);
setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();

const rows = (x, n, d) => tf.tensor2d(x, [n, d]);
/** Sum over edges sorted by receiver; every node has an edge here (empty ones get 0). */
const segmentSum = (x, g) => tf.sparse.sparseSegmentSum(x, g.indices, g.segments);
const prepared = (graph) => ({ indices: tf.tensor1d(graph.senders, "int32"), segments: tf.tensor1d(graph.receivers, "int32"), n: graph.nodes });
const keep = (make) => ({ run: () => { const y = make(); y.dataSync(); y.dispose(); }, result: () => { const y = make(); const d = y.dataSync().slice(); y.dispose(); return d; } });

function aggregation({ graph, d, x, width }) {
  const g = prepared(graph);
  const scale = d && tf.tensor2d(d, [graph.nodes, 1]);
  const X = rows(x, graph.nodes, width);
  return keep(() => tf.tidy(() => (scale ? tf.mul(segmentSum(tf.mul(X, scale), g), scale) : segmentSum(X, g))));
}

/** sparseSegmentSum with one segment per edge is the fastest row gather here; tf.gather takes 36 ns an element. */
function gat({ graph, z, from, to }) {
  const E = graph.edges;
  const n = graph.nodes;
  const own = tf.range(0, E, 1, "int32");
  const snd = tf.tensor1d(graph.senders, "int32");
  const rcv = tf.tensor1d(graph.receivers, "int32");
  const gather = (x, ix) => tf.sparse.sparseSegmentSum(x, ix, own);
  const Z = tf.tensor3d(z, [n, 8, 8]);
  const Z2 = Z.reshape([n, 64]);
  const F = tf.tensor3d(from, [1, 8, 8]);
  const T = tf.tensor3d(to, [1, 8, 8]);
  const sum = (x) => tf.sparse.sparseSegmentSum(x, own, rcv);
  return keep(() => tf.tidy(() => {
    const s = Z.mul(F).sum(2);
    const r = Z.mul(T).sum(2);
    const l = tf.leakyRelu(gather(s, snd).add(gather(r, rcv)), 0.2);
    const e = l.sub(l.max(0, true)).exp();
    const total = sum(e);
    const a = e.div(gather(total, rcv));
    return sum(gather(Z2, snd).reshape([E, 8, 8]).mul(a.reshape([E, 8, 1])).reshape([E, 64]));
  }));
}

/** The edges the other way round, sorted by sender: the adjoint of a segment sum is one over these. */
function turned({ senders, receivers }) {
  const order = [...senders.keys()].sort((a, b) => senders[a] - senders[b]);
  return { indices: tf.tensor1d(Int32Array.from(order, (e) => receivers[e]), "int32"), segments: tf.tensor1d(Int32Array.from(order, (e) => senders[e]), "int32") };
}

const adjoint = (value, gradFunc) => tf.customGrad((v) => ({ value: value(v), gradFunc }));

/**
 * W -> x W. `dense` leaves the gradient to tfjs, whose product with a transposed side is slow; `hand` multiplies with a
 * transposed copy instead; `sparse` sums rows of W, which serves here because all values of a row of x are equal.
 */
const projections = {
  dense: (x) => { const X = rows(densify(x), x.nodes, x.columns); return (W) => tf.matMul(X, W); },
  hand: (x) => {
    const X = rows(densify(x), x.nodes, x.columns);
    const T = X.transpose();
    return adjoint((W) => tf.matMul(X, W), (dy) => tf.matMul(T, dy));
  },
  sparse: (x) => {
    const receivers = Int32Array.from(x.indices);
    for (let v = 0; v < x.nodes; v++) receivers.fill(v, x.indptr[v], x.indptr[v + 1]);
    const nonzeros = { senders: x.indices, receivers, nodes: x.nodes };
    const [g, back] = [prepared(nonzeros), turned(nonzeros)];
    const value = tf.tensor2d(Float32Array.from({ length: x.nodes }, (_, v) => x.values[x.indptr[v]]), [x.nodes, 1]);
    return adjoint((W) => tf.mul(segmentSum(W, g), value), (dy) => segmentSum(tf.mul(dy, value), back));
  },
};

function gcnParts({ graph, d, x, W1, b1, W2, b2 }) {
  const [g, back] = [prepared(graph), turned(graph)];
  const scale = tf.tensor2d(d, [graph.nodes, 1]);
  const spread = adjoint((v) => segmentSum(v, g), (dy) => segmentSum(dy, back));
  const project = projections[process.argv[3] ?? "dense"](x);
  const convolve = (z, b) => tf.mul(spread(tf.mul(z, scale)), scale).add(b);
  const logits = (W1, b1, W2, b2) => convolve(tf.matMul(tf.relu(convolve(project(W1), b1)), W2), b2);
  return { logits, weights: [rows(W1, 1433, 16), tf.tensor1d(b1), rows(W2, 16, 7), tf.tensor1d(b2)] };
}

function infer(inputs) {
  const { logits, weights } = gcnParts(inputs);
  return keep(() => tf.tidy(() => logits(...weights)));
}

function train(inputs) {
  const { logits, weights } = gcnParts(inputs);
  const vars = weights.map((w) => tf.variable(w));
  const onehot = tf.oneHot(tf.tensor1d(inputs.y.slice(0, 140), "int32"), 7).toFloat();
  const optimizer = new tf.AdamOptimizer(0.01, 0.9, 0.999, 1e-8);
  const loss = () => tf.neg(tf.mean(tf.sum(tf.mul(onehot, tf.logSoftmax(tf.slice(logits(...vars), [0, 0], [140, 7]))), 1)));
  return trained(() => { const l = optimizer.minimize(loss, true, vars); l.dataSync(); l.dispose(); }, () => tf.tidy(() => logits(...vars).dataSync().slice()));
}

await main("tfjs-wasm", {
  linear: ({ rows: n, inner, columns, x, W }) => { const X = rows(x, n, inner); const M = rows(W, inner, columns); return keep(() => tf.matMul(X, M)); },
  gcn_agg_16: aggregation, gcn_agg_64: aggregation, big_agg_64: aggregation, gat_8x8: gat, gcn_infer: infer, gcn_train: train,
});
process.exit(0);
