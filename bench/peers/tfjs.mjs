/** tfjs on its WebAssembly back end: the fastest formulation known for each workload. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { densify, main } from "./workloads.mjs";

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

function gcnParts({ graph, d, x, W1, b1, W2, b2 }) {
  const g = prepared(graph);
  const scale = tf.tensor2d(d, [graph.nodes, 1]);
  const back = (() => {
    const order = [...graph.senders.keys()].sort((a, b) => graph.senders[a] - graph.senders[b]);
    return { indices: tf.tensor1d(Int32Array.from(order, (e) => graph.receivers[e]), "int32"), segments: tf.tensor1d(Int32Array.from(order, (e) => graph.senders[e]), "int32") };
  })();
  const spread = tf.customGrad((v) => ({ value: segmentSum(v, g), gradFunc: (dy) => segmentSum(dy, back) }));
  const X = rows(densify(x), graph.nodes, 1433);
  const layer = (h, W, b) => tf.mul(spread(tf.mul(tf.matMul(h, W), scale)), scale).add(b);
  return { X, layer, weights: [rows(W1, 1433, 16), tf.tensor1d(b1), rows(W2, 16, 7), tf.tensor1d(b2)] };
}

function infer(inputs) {
  const { X, layer, weights: [W1, b1, W2, b2] } = gcnParts(inputs);
  return keep(() => tf.tidy(() => layer(tf.relu(layer(X, W1, b1)), W2, b2)));
}

function train(inputs) {
  const { X, layer, weights } = gcnParts(inputs);
  const vars = weights.map((w) => tf.variable(w));
  const onehot = tf.oneHot(tf.tensor1d(inputs.y.slice(0, 140), "int32"), 7).toFloat();
  const optimizer = tf.train ? tf.train.adam(0.01) : new tf.AdamOptimizer(0.01, 0.9, 0.999, 1e-8);
  const logits = () => layer(tf.relu(layer(X, vars[0], vars[1])), vars[2], vars[3]);
  const step = () => optimizer.minimize(() => tf.neg(tf.mean(tf.sum(tf.mul(onehot, tf.logSoftmax(tf.slice(logits(), [0, 0], [140, 7]))), 1))), true, vars);
  const first = tf.tidy(() => logits().dataSync().slice());
  return { result: () => first, run: () => { const l = step(); l.dataSync(); l.dispose(); } };
}

await main("tfjs-wasm", {
  linear: ({ rows: n, inner, columns, x, W }) => { const X = rows(x, n, inner); const M = rows(W, inner, columns); return keep(() => tf.matMul(X, M)); },
  gcn_agg_16: aggregation, gcn_agg_64: aggregation, big_agg_64: aggregation, gat_8x8: gat, gcn_infer: infer, gcn_train: train,
});
process.exit(0);
